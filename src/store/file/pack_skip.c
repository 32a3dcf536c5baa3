/* pack_skip.c -- go to the end of a pack, without reading it. */
#include <errno.h>

#include "store/file/pack_file.h"

/* The end of the last whole line, looked for from behind. */
static int
skip_lines(struct store *store, struct pack *pack, int fd, uint64_t size)
{
    char *bytes = buffer_reserve(&store->chunk, PACK_CHUNK);
    uint64_t start = size;

    while (start > 0) {
        size_t length = start < PACK_CHUNK ? (size_t)start : PACK_CHUNK;
        const char *newline;

        start -= length;
        if (io_pread(fd, bytes, length, (off_t)start) != (ssize_t)length)
            return -1;
        newline = memrchr(bytes, '\n', length);
        if (newline != NULL) {
            size_t used = (size_t)(newline + 1 - bytes);

            pack_go_to(pack, bytes, used, start + used);
            break;
        }
    }
    return 0;
}

int
pack_skip(struct store *store, unsigned number, struct pack *pack, struct fault *why)
{
    const char *name = pack_name(number);
    int fd = store_open_file(store, name, O_RDONLY);
    int result = 0;

    pack_forget(pack);
    pack->follows = true;
    if (fd < 0)
        return errno == ENOENT ? 0 : store_open_fault(store, name, why);
    if (pack_look(fd, "", &pack->seen) != 0)
        result = fault_system(why, STATUS_IO, "%s", store_path(store, name));
    else if (!S_ISREG(pack->seen.stx_mode))
        result = fault_set(why, STATUS_DATA, "%s: not a regular file", store_path(store, name));
    else if (skip_lines(store, pack, fd, pack->seen.stx_size) != 0)
        result = fault_system(why, STATUS_IO, "%s: cannot read", store_path(store, name));
    io_close(&fd);
    return result;
}
