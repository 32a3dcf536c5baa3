/*
 * append_files.c -- the least that a line in each of many files can cost.
 *
 *     append_files DIRECTORY FILES             makes DIRECTORY and so many files of a line
 *     append_files DIRECTORY FILES COUNT LOT   appends COUNT lines to files drawn by lot, others for each LOT
 *
 * A line has 330 bytes, as an event has.  To append, a file is opened, written and closed;
 * after each 16,384 files, and at the end, all is synced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_SIZE = 330, BATCH = 16384 };

static int
append(int directory, unsigned long number, int flags)
{
    static char line[LINE_SIZE];
    char name[64];
    int file;

    memset(line, ' ', sizeof line - 1);
    line[sizeof line - 1] = '\n';
    snprintf(name, sizeof name, "P%06lu.ndjson", number);
    if ((file = openat(directory, name, O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0666)) < 0)
        return -1;
    if (write(file, line, sizeof line) != sizeof line)
        return -1;
    return close(file);
}

/* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
static uint64_t
draw(uint64_t *state)
{
    uint64_t value = *state += UINT64_C(0x9e3779b97f4a7c15);

    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static int
append_all(int directory, unsigned long files, unsigned long count, uint64_t state)
{
    for (unsigned long done = 1; done <= count; done++) {
        if (append(directory, draw(&state) % files, 0) != 0)
            return -1;
        if ((done % BATCH == 0 || done == count) && syncfs(directory) != 0)
            return -1;
    }
    return 0;
}

static int
make_all(int directory, unsigned long files)
{
    for (unsigned long number = 0; number < files; number++)
        if (append(directory, number, O_CREAT | O_EXCL) != 0)
            return -1;
    return syncfs(directory);
}

int
main(int argc, char **argv)
{
    unsigned long files, count;
    int directory, result;

    if ((argc != 3 && argc != 5) || (files = strtoul(argv[2], NULL, 10)) == 0
        || (count = argc == 5 ? strtoul(argv[3], NULL, 10) : 1) == 0) {
        fprintf(stderr, "usage: append_files DIRECTORY FILES [COUNT LOT]\n");
        return 64;
    }
    if ((argc == 3 && mkdir(argv[1], 0777) != 0) || (directory = open(argv[1], O_RDONLY | O_DIRECTORY)) < 0) {
        fprintf(stderr, "append_files: %s: %s\n", argv[1], strerror(errno));
        return 73;
    }
    result = argc == 3 ? make_all(directory, files) : append_all(directory, files, count, strtoul(argv[4], NULL, 10));
    if (result != 0)
        fprintf(stderr, "append_files: %s\n", strerror(errno));
    return result == 0 ? 0 : 74;
}
