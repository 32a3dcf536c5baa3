/* pack_write.c -- write a pack anew. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>

#include "store/file/pack_file.h"

/* An attribute of the file, in decimal; see xattr(7). */
static const char moved_name[] = "user.eventdemo.moved";

bool
pack_moved(int fd, uint64_t *moved)
{
    char text[24] = "";
    bool known = fgetxattr(fd, moved_name, text, sizeof text - 1) > 0;

    *moved = known ? strtoull(text, NULL, 10) : 0;
    return known;
}

/* What a crash left under the hidden name is overwritten, its attribute too. */
int
pack_replace(struct store *store, unsigned number, struct slice lines, uint64_t moved, struct fault *why)
{
    const char *name = pack_name(number);
    int directory = store_open_file(store, "results", O_RDONLY | O_DIRECTORY);
    char hidden[32], text[24];
    int fd, result = -1;

    (void)snprintf(hidden, sizeof hidden, "results/.%02x.ndjson", number);
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)moved);
    fd = store_open_file(store, hidden, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd >= 0)
        (void)fsetxattr(fd, moved_name, text, strlen(text), 0);
    if (fd < 0 || directory < 0)
        (void)store_open_fault(store, hidden, why);
    else if (io_write(fd, lines.at, lines.length) != 0 || io_sync(fd) != 0
             || renameat(store->directory, hidden, store->directory, name) != 0 || fsync(directory) != 0)
        (void)fault_system(why, STATUS_IO, "%s: cannot replace", store_path(store, name));
    else
        result = 0;
    io_close(&fd);
    io_close(&directory);
    return result;
}
