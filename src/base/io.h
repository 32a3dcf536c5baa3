/*
 * io.h -- the one place that reads, writes, syncs and locks file descriptors.
 *
 * EINTR and short counts are dealt with here.  Every function returns 0 (or a
 * count) and -1 with errno set.  close() is never tried again, and neither is
 * a sync that failed: what the disk then holds is not known.
 */
#ifndef IO_H
#define IO_H

#include <fcntl.h>
#include <stddef.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * openat(2) with O_CLOEXEC and, unless flags has IO_FOLLOW, O_NOFOLLOW and, where the file is
 * ours, O_NOATIME: else each look at what was just written would write the file's times, too.
 */
#define IO_FOLLOW 0x40000000
int io_open(int directory, const char *path, int flags, mode_t mode);

/* The directory that a path stands in; -1 with errno. */
int io_open_parent(const char *path);

/*
 * Call visit() with each name in a directory, "." and ".." among them, in no certain order.
 * 0 when all were seen; what visit() returned, if not 0, which ends it; -1 with errno.
 */
typedef int io_visit(void *context, const char *name);
int io_names(int directory, const char *path, io_visit *visit, void *context);

/* What one read(2) gives, 0 at the end. */
ssize_t io_read(int fd, void *bytes, size_t length);

/* Up to length bytes from offset: fewer only at the end of the file. */
ssize_t io_pread(int fd, void *bytes, size_t length, off_t offset);

/* All of it, behind what was written or from offset on; or -1 after an unknown part. */
int io_write(int fd, const void *bytes, size_t length);
int io_pwrite(int fd, const void *bytes, size_t length, off_t offset);

int io_sync(int fd);                    /* fdatasync(2) */
int io_sync_all(int fd);                /* syncfs(2): the file system fd is on */
int io_truncate(int fd, off_t length);

/* flock(2), waiting: LOCK_EX, LOCK_SH or LOCK_UN; or -1 at once with LOCK_NB. */
int io_lock(int fd, int operation);

void io_close(int *fd);                 /* and set it to -1; -1 is allowed */

#endif
