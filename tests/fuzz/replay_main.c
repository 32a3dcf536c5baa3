/*
 * replay_main.c -- a fuzz target without a fuzzer: TARGET ROUNDS FILE|DIRECTORY...
 *
 * Tries the files, in the order of their names, and ROUNDS inputs that are made of
 * them by chance, the same ones in every run.  Where a promise is broken the process
 * is ended by SIGABRT, and the input is left in the file `broken`.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>

#include "../unit/dice.h"
#include "base/io.h"
#include "base/text.h"
#include "fuzz.h"

enum { INPUT_MAX = 8192, PIECE_MAX = 64 };

static struct inputs {
    struct slice *list;
    size_t count, room;
    struct arena kept;
} inputs;

static struct slice current;

static void
leave_input(int number)
{
    int fd = open("broken", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    (void)!write(fd, current.at, current.length);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* Each input ends where its memory ends, so that a byte read behind it is found. */
static void
try_input(struct slice input)
{
    uint8_t *bytes = memory_new(input.length);

    if (input.length > 0)
        memcpy(bytes, input.at, input.length);
    current = (struct slice){ (const char *)bytes, input.length };
    (void)LLVMFuzzerTestOneInput(bytes, input.length);
    free(bytes);
}

static void
give_up(const char *path)
{
    perror(path);
    exit(STATUS_NO_INPUT);
}

static void
add_file(const char *path)
{
    int fd = io_open(AT_FDCWD, path, O_RDONLY | IO_FOLLOW, 0);
    struct stat status;
    char *bytes;

    if (fd < 0 || fstat(fd, &status) != 0)
        give_up(path);
    bytes = memory_new((size_t)status.st_size);
    if (io_pread(fd, bytes, (size_t)status.st_size, 0) != status.st_size)
        give_up(path);
    io_close(&fd);
    inputs.list = memory_room(inputs.list, inputs.count, &inputs.room, sizeof *inputs.list);
    inputs.list[inputs.count++] = (struct slice){ arena_copy(&inputs.kept, bytes, (size_t)status.st_size),
                                                  (size_t)status.st_size };
    free(bytes);
}

static void
add_path(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    char name[4096];

    if (count < 0) {
        add_file(path);
        return;
    }
    for (int i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            add_file(name);
        free(entries[i]);
    }
    free(entries);
}

static struct slice
any_input(struct dice *dice)
{
    return inputs.list[dice_roll(dice, inputs.count)];
}

/* A few bytes of any input, or of none. */
static struct slice
any_piece(struct dice *dice, char *room)
{
    static const char odd[] = "\0\x01\x1f \"\\,:{}[]0123456789-+.eEu\x7f\x80\xbf\xc0\xc2\xe2\xed\xf0\xf4\xff\n\r\t$@";
    struct slice from = any_input(dice);
    size_t length = 1 + dice_roll(dice, PIECE_MAX), start;

    if (from.length > 0 && dice_roll(dice, 3) > 0) {
        start = dice_roll(dice, from.length);
        return (struct slice){ from.at + start, length < from.length - start ? length : from.length - start };
    }
    room[0] = odd[dice_roll(dice, sizeof odd - 1)];
    if (dice_roll(dice, 4) == 0)
        room[0] = (char)dice_next(dice);
    return (struct slice){ room, 1 };
}

/* One thing done to the bytes of *from, to *to: a piece put in, put over others or taken out. */
static void
change(struct dice *dice, const struct buffer *from, struct buffer *to)
{
    char room[1];
    struct slice piece = any_piece(dice, room);
    size_t at = dice_roll(dice, from->length + 1), gone = 0;

    switch (dice_roll(dice, 4)) {
    case 0: gone = 1 + dice_roll(dice, PIECE_MAX); piece.length = 0; break;
    case 1: gone = piece.length; break;
    case 2: gone = dice_roll(dice, PIECE_MAX); break;
    default: break;
    }
    if (gone > from->length - at)
        gone = from->length - at;
    to->length = 0;
    buffer_add(to, from->at, at);
    buffer_slice(to, piece);
    buffer_add(to, from->at + at + gone, from->length - at - gone);
}

static void
try_changed(struct dice *dice, struct buffer room[2])
{
    size_t changes = 1 + dice_roll(dice, 4), now = 0;

    room[0].length = 0;
    buffer_slice(&room[0], any_input(dice));
    if (room[0].length > INPUT_MAX)
        room[0].length = INPUT_MAX;
    for (size_t i = 0; i < changes; i++, now = 1 - now)
        change(dice, &room[now], &room[1 - now]);
    try_input((struct slice){ room[now].at, room[now].length });
}

int
main(int argc, char **argv)
{
    struct buffer room[2] = { { 0 }, { 0 } };
    struct dice dice = { 1 };
    uint64_t rounds = 0;

    if (argc < 3 || !text_number((struct slice){ argv[1], strlen(argv[1]) }, 0, NUMBER_MAX, &rounds)) {
        (void)fprintf(stderr, "usage: %s ROUNDS FILE|DIRECTORY...\n", argv[0]);
        return STATUS_USAGE;
    }
    (void)signal(SIGABRT, leave_input);
    for (int i = 2; i < argc; i++)
        add_path(argv[i]);
    try_input((struct slice){ "", 0 });
    for (size_t i = 0; i < inputs.count; i++)
        try_input(inputs.list[i]);
    for (uint64_t i = 0; inputs.count > 0 && i < rounds; i++)
        try_changed(&dice, room);
    (void)dprintf(STDOUT_FILENO, "inputs: %zu\n", 1 + inputs.count + (inputs.count > 0 ? (size_t)rounds : 0));
    arena_reset(&inputs.kept);
    free(inputs.list);
    buffer_free(&room[0]);
    buffer_free(&room[1]);
    return 0;
}
