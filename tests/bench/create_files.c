/*
 * create_files.c -- the least that storing each result as a file can cost.
 *
 *     create_files DIRECTORY COUNT
 *
 * Makes COUNT files of 200 bytes in a new DIRECTORY, each whole or not at all: written
 * under a temporary name beside it, then renamed.  Nothing is synced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESULT_SIZE = 200 };

static int
create_file(int directory, unsigned long number)
{
    static const char text[RESULT_SIZE] = "{\"status\":\"created\"}";
    char temporary[64], name[64];
    int file;

    snprintf(temporary, sizeof temporary, ".%lu.tmp", number);
    snprintf(name, sizeof name, "00000000-0000-4000-8000-%012lu.json", number);
    if ((file = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) < 0)
        return -1;
    if (write(file, text, sizeof text) != sizeof text || close(file) != 0)
        return -1;
    return renameat(directory, temporary, directory, name);
}

int
main(int argc, char **argv)
{
    unsigned long count;
    int directory;

    if (argc != 3 || (count = strtoul(argv[2], NULL, 10)) == 0) {
        fprintf(stderr, "usage: create_files DIRECTORY COUNT\n");
        return 64;
    }
    if (mkdir(argv[1], 0777) != 0 || (directory = open(argv[1], O_RDONLY | O_DIRECTORY)) < 0) {
        fprintf(stderr, "create_files: %s: %s\n", argv[1], strerror(errno));
        return 73;
    }
    for (unsigned long number = 1; number <= count; number++) {
        if (create_file(directory, number) != 0) {
            fprintf(stderr, "create_files: %lu: %s\n", number, strerror(errno));
            return 74;
        }
    }
    return 0;
}
