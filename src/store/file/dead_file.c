/* dead_file.c -- dead letters: dead/<command>.ndjson, synced before anybody goes on. */
#include <stdio.h>

#include "base/append.h"
#include "store/dead.h"
#include "store/file/store_file.h"

int
dead_append(struct store *store, struct slice lines, int spill, struct fault *why)
{
    char name[64];
    int fd, directory = -1, result = 0;

    if (store_make(store, why) != 0)
        return -1;
    (void)snprintf(name, sizeof name, "dead/%s.ndjson", store->setting.command);
    fd = store_open_file(store, name, O_RDWR | O_APPEND | O_CREAT);
    if (fd < 0)
        return store_open_fault(store, name, why);
    directory = io_open(store->directory, "dead", O_RDONLY | O_DIRECTORY, 0);
    if (append_lines(fd, lines, spill) != 0 || io_sync(fd) != 0 || directory < 0 || fsync(directory) != 0)
        result = fault_system(why, STATUS_IO, "%s: cannot write", store_path(store, name));
    io_close(&directory);
    io_close(&fd);
    return result;
}
