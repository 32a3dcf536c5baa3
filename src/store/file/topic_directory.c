/* topic_directory.c -- the directories of a topic: named, made, opened. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "store/file/topic_file.h"

void
topic_path(struct slice topic, char *path)
{
    (void)snprintf(path, TOPIC_PATH_BYTES, "topics/%.*s", (int)topic.length, topic.at);
}

static int
make_directory(int parent, const char *name)
{
    return mkdirat(parent, name, STORE_DIRECTORY_MODE) != 0 && errno != EEXIST ? -1 : 0;
}

int
topic_open_directory(struct store *store, struct slice topic, bool create, struct fault *why)
{
    char path[TOPIC_PATH_BYTES];
    int fd;

    topic_path(topic, path);
    if (create && store_make(store, why) != 0)
        return -1;
    fd = store_open_file(store, path, O_RDONLY | O_DIRECTORY);
    if (fd >= 0)
        return fd;
    if (errno == ENOENT && !create)
        return fault_set(why, STATUS_NO_INPUT, "@%.*s: no such topic", (int)topic.length, topic.at);
    if (errno == ENOENT && make_directory(store->directory, "topics") == 0
        && make_directory(store->directory, path) == 0)
        fd = store_open_file(store, path, O_RDONLY | O_DIRECTORY);
    if (fd < 0 && errno == ENOTDIR)
        return fault_set(why, STATUS_DATA, "%s: not a directory", store_path(store, path));
    return fd >= 0 ? fd : store_open_fault(store, path, why);
}

int
topics_lock(struct store *store, struct fault *why)
{
    int fd = store_open_file(store, "topics", O_RDONLY | O_DIRECTORY);

    if (fd >= 0 && io_lock(fd, LOCK_EX) == 0)
        return fd;
    (void)fault_system(why, STATUS_IO, "%s: cannot lock", store_path(store, "topics"));
    io_close(&fd);
    return -1;
}

int
topic_open_lane(int topic, unsigned lane, bool create)
{
    char name[16];
    int fd;

    (void)snprintf(name, sizeof name, "%u", lane);
    fd = io_open(topic, name, O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0 || errno != ENOENT || !create || make_directory(topic, name) != 0)
        return fd;
    return io_open(topic, name, O_RDONLY | O_DIRECTORY, 0);
}

int
topic_open_end(int topic, unsigned lane, int flags)
{
    char name[16];

    (void)snprintf(name, sizeof name, "%u.end", lane);
    return io_open(topic, name, flags | O_NONBLOCK, STORE_FILE_MODE);
}

int
topic_check(struct store *store, struct slice name, struct fault *why)
{
    int fd = topic_open_directory(store, name, false, why);
    int result = fd < 0 ? -1 : 0;

    io_close(&fd);
    return result;
}
