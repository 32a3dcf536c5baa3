/* test_append.c -- whole lines behind a file that others append to as well. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/append.h"
#include "scratch.h"
#include "tap.h"

struct appended {
    const char *name;
    const char *before, *lines;
    const char *spill;          /* NULL: none */
    const char *after;
};

static const struct appended appendeds[] = {
    { "an empty file", "", "a\nb\n", NULL, "a\nb\n" },
    { "a file of whole lines", "x\n", "a\nb\n", NULL, "x\na\nb\n" },
    { "a last line cut off", "x\nto", "a\nb\n", NULL, "x\nto\na\nb\n" },
    { "an only line cut off", "t", "a\n", NULL, "t\na\n" },
    { "a last line that is empty", "x\n\n", "a\n", NULL, "x\n\na\n" },
    { "lines and what was spilled", "x\n", "a\n", "b\nc\n", "x\na\nb\nc\n" },
    { "only what was spilled", "x", "", "b\nc\n", "x\nb\nc\n" },
    { "nothing spilled", "x\n", "a\n", "", "x\na\n" },
};

static struct slice
slice_of(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

/* The lock is free again: another opening gets it at once. */
static bool
unlocked(int fd)
{
    int other = scratch_again(fd, O_RDONLY);
    bool free_now = other >= 0 && io_lock(other, LOCK_EX | LOCK_NB) == 0;

    io_close(&other);
    return free_now;
}

static void
test_appended(struct tap *tap)
{
    struct buffer bytes = { 0 };
    int fd = scratch_file(), spill = scratch_file();

    for (size_t i = 0; i < COUNT(appendeds); i++) {
        const struct appended *row = &appendeds[i];
        int result;

        scratch_fill(fd, slice_of(row->before));
        scratch_fill(spill, slice_of(row->spill != NULL ? row->spill : "not wanted\n"));
        result = append_lines(fd, fd, slice_of(row->lines), row->spill != NULL ? spill : -1);
        tap_check(tap, result == 0 && unlocked(fd), "appended to %s", row->name);
        tap_same(tap, scratch_read(fd, &bytes), slice_of(row->after), row->name);
    }
    buffer_free(&bytes);
    io_close(&fd);
    io_close(&spill);
}

/* A spill of many buffers' length, read from its start wherever its offset stands. */
static void
test_large_spill(struct tap *tap)
{
    struct buffer large = { 0 }, bytes = { 0 };
    int fd = scratch_file(), spill = scratch_file();
    struct slice got;

    for (uint64_t i = 0; large.length < 300000; i++) {
        buffer_number(&large, i);
        buffer_text(&large, "\n");
    }
    scratch_fill(spill, (struct slice){ large.at, large.length });
    (void)lseek(spill, 1000, SEEK_SET);
    tap_check(tap, append_lines(fd, fd, SLICE("first\n"), spill) == 0, "a spill of 300,000 bytes");
    got = scratch_read(fd, &bytes);
    tap_check(tap, got.length == large.length + 6 && memcmp(got.at, "first\n", 6) == 0
              && memcmp(got.at + 6, large.at, large.length) == 0, "all of it");
    buffer_free(&large);
    buffer_free(&bytes);
    io_close(&fd);
    io_close(&spill);
}

/* append_lines() with files bounded to `limit` bytes; errno is kept. */
static int
append_limited(int fd, struct slice lines, int spill, size_t limit)
{
    struct rlimit old, bounded;
    int result, error;

    if (getrlimit(RLIMIT_FSIZE, &old) != 0)
        return -2;
    bounded = (struct rlimit){ limit, old.rlim_max };
    if (setrlimit(RLIMIT_FSIZE, &bounded) != 0)
        return -2;
    result = append_lines(fd, fd, lines, spill);
    error = errno;
    if (setrlimit(RLIMIT_FSIZE, &old) != 0)
        return -2;
    errno = error;
    return result;
}

/* However far the writing comes, a file is whole before or whole after. */
static void
test_cut_back(struct tap *tap)
{
    static const char *const befores[] = { "", "whole line\n", "whole line\ntorn" };
    struct buffer bytes = { 0 };
    int fd = scratch_file(), spill = scratch_file(), empty = scratch_file();

    scratch_fill(spill, SLICE("spilled\n"));
    for (size_t i = 0; i < COUNT(befores); i++) {
        struct slice before = slice_of(befores[i]), got;
        bool torn = before.length > 0 && before.at[before.length - 1] != '\n';
        size_t whole = before.length + torn + strlen("lines\nspilled\n"), wrong = 0;

        for (size_t limit = before.length; limit < whole; limit++) {
            scratch_fill(fd, before);
            errno = 0;
            wrong += append_limited(fd, SLICE("lines\n"), spill, limit) != -1 || errno != EFBIG || !unlocked(fd);
            got = scratch_read(fd, &bytes);
            wrong += !slice_equal(got, before);
        }
        scratch_fill(fd, before);
        wrong += append_limited(fd, SLICE("lines\n"), empty, before.length + torn + 2) != -1;
        got = scratch_read(fd, &bytes);
        wrong += !slice_equal(got, before);
        tap_check(tap, wrong == 0, "cut back to '%.10s' wherever writing fails", torn ? "torn" : befores[i]);
        tap_check(tap, append_limited(fd, SLICE("lines\n"), spill, whole) == 0
                  && scratch_read(fd, &bytes).length == whole, "and written where there is room");
    }
    buffer_free(&bytes);
    io_close(&fd);
    io_close(&empty);
    io_close(&spill);
}

/* Who shares a file that is not appended to goes on where it was. */
static void
test_place_kept(struct tap *tap)
{
    struct buffer bytes = { 0 };
    int fd = scratch_file(), place = scratch_again(fd, O_WRONLY), own = append_lock(place, true);

    tap_check(tap, own != place && append_lines(place, own, SLICE("a\n"), -1) == 0 && append_limited(place, SLICE("b\nc\n"), -1, 4) == -1
              && append_lines(place, own, SLICE("d\n"), -1) == 0, "written, failed and written again at an offset");
    tap_same(tap, scratch_read(fd, &bytes), SLICE("a\nd\n"), "leaves no hole");
    (void)lseek(place, 1, SEEK_SET);
    tap_check(tap, append_lines(place, own, SLICE("!"), -1) == 0, "a last line that is none");
    tap_same(tap, scratch_read(fd, &bytes), SLICE("a!d\n"), "is not ended where nothing is appended");
    io_close(&own);
    buffer_free(&bytes);
    io_close(&fd);
    io_close(&place);
}

static void
test_failures(struct tap *tap)
{
    struct buffer bytes = { 0 };
    int fd = scratch_file(), directory = io_open(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);
    int full = io_open(AT_FDCWD, "/dev/full", O_WRONLY, 0), blind = scratch_again(fd, O_WRONLY | O_APPEND);
    int own = append_lock(blind, true), place = scratch_again(fd, O_WRONLY);
    int ends[2] = { -1, -1 };
    char got[16];

    scratch_fill(fd, SLICE("x\nto"));
    tap_check(tap, append_lines(fd, fd, SLICE("a\n"), directory) == -1 && errno == EISDIR && unlocked(fd),
              "a spill that cannot be read");
    tap_same(tap, scratch_read(fd, &bytes), SLICE("x\nto"), "leaves the file as it was");
    tap_check(tap, append_lines(blind, blind, SLICE("a\n"), -1) == 0, "a file that may not be read");
    tap_same(tap, scratch_read(fd, &bytes), SLICE("x\ntoa\n"), "is taken to be whole");
    scratch_fill(fd, SLICE("x\nto"));
    tap_check(tap, own != blind && append_lines(blind, own, SLICE("a\n"), -1) == 0, "unless it can be opened anew");
    tap_same(tap, scratch_read(fd, &bytes), SLICE("x\nto\na\n"), "and its last line ended");
    tap_check(tap, append_lock(full, true) == -1 && append_lock(full, false) == -1, "nobody is kept out of a device");
    tap_check(tap, append_lines(full, full, SLICE("a\n"), -1) == -1 && errno == ENOSPC, "a full device");
    tap_check(tap, append_lines(-1, -1, SLICE("a\n"), -1) == -1 && errno == EBADF, "no file at all");
    if (tap_check(tap, pipe(ends) == 0 && append_lines(ends[1], ends[1], SLICE("a\nb\n"), fd) == 0, "a pipe"))
        tap_check(tap, io_read(ends[0], got, sizeof got) == 11 && memcmp(got, "a\nb\nx\nto\na\n", 11) == 0,
                  "has the lines and the spill");
    buffer_free(&bytes);
    io_close(&ends[0]);
    io_close(&ends[1]);
    io_close(&fd);
    io_close(&full);
    io_close(&blind);
    io_close(&own);
    io_close(&place);
    io_close(&directory);
}

enum { WRITERS = 4, BATCHES = 300, LINES = 5 };

/* What a writer appends: LINES lines "<writer>\n" and as many spilled ones. */
static int
write_batches(int fd, int writer)
{
    int own = scratch_again(fd, O_RDWR | O_APPEND), spill = scratch_file();
    char lines[2 * LINES];

    for (size_t i = 0; i < sizeof lines; i++)
        lines[i] = i % 2 == 0 ? (char)('a' + writer) : '\n';
    scratch_fill(spill, (struct slice){ lines, sizeof lines });
    for (int i = 0; i < BATCHES; i++)
        if (append_lines(own, own, (struct slice){ lines, sizeof lines }, spill) != 0)
            return 1;
    return 0;
}

/* Tries as often to append what cannot be read to its end, and is cut back. */
static int
fail_batches(int fd)
{
    int own = scratch_again(fd, O_RDWR | O_APPEND), spill = io_open(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);

    for (int i = 0; i < BATCHES; i++)
        if (append_lines(own, own, SLICE("x\n"), spill) != -1)
            return 1;
    return 0;
}

/* Children that start when all of them are there: `writers` that write and one that fails.  How many went wrong. */
static int
run_writers(int fd, int writers)
{
    int gate[2], status, wrong = 0;
    char opened;

    (void)fflush(stdout);
    if (pipe(gate) != 0)
        return 1;
    for (int writer = 0; writer <= writers; writer++) {
        pid_t child = fork();

        if (child == 0) {
            io_close(&gate[1]);
            (void)io_read(gate[0], &opened, 1);
            _exit(writer < writers ? write_batches(fd, writer) : fail_batches(fd));
        }
        wrong += child < 0;
    }
    io_close(&gate[0]);
    io_close(&gate[1]);
    while (wait(&status) > 0)
        wrong += status != 0;
    return wrong;
}

static void
test_writers(struct tap *tap)
{
    const size_t batch = (size_t)4 * LINES;
    struct buffer bytes = { 0 };
    int fd = scratch_file(), wrong = run_writers(fd, WRITERS);
    struct slice got = scratch_read(fd, &bytes);
    size_t mixed = 0;

    for (size_t i = 0; i < got.length; i++)
        mixed += i % 2 == 1 ? got.at[i] != '\n' : got.at[i] != got.at[i - i % batch];
    tap_check(tap, wrong == 0, "%d writers at once, and one that fails", WRITERS);
    tap_check(tap, got.length == WRITERS * BATCHES * batch, "lose nothing of each other");
    tap_check(tap, mixed == 0, "and never mix their batches");
    buffer_free(&bytes);
    io_close(&fd);
}

enum { LONG = 20000 };          /* more than a pipe takes at once without a lock */

/* A child's lines to what all have inherited: each of one letter, the end of it spilled. */
static int
write_long(int fd, int writer)
{
    static char line[LONG];
    int own = append_lock(fd, true), spill = scratch_file();

    memset(line, 'a' + writer, sizeof line - 1);
    line[sizeof line - 1] = '\n';
    scratch_fill(spill, (struct slice){ line + LONG / 2, LONG / 2 });
    for (int i = 0; i < BATCHES; i++)
        if (append_lines(fd, own, (struct slice){ line, LONG / 2 }, spill) != 0)
            return 1;
    return 0;
}

/* Bytes that stand where another line has begun. */
static size_t
count_mixed(int fd, size_t *length)
{
    static char bytes[LONG];
    size_t mixed = 0;
    ssize_t got = 0;
    char first = '\n';

    for (*length = 0; (got = io_read(fd, bytes, sizeof bytes)) > 0; *length += (size_t)got) {
        for (ssize_t i = 0; i < got; i++) {
            bool ends = (*length + (size_t)i + 1) % LONG == 0;

            first = first == '\n' ? bytes[i] : first;
            mixed += bytes[i] != (ends ? '\n' : first);
            first = ends ? '\n' : first;
        }
    }
    return mixed;
}

/* What writers who share `to` have written can be read from `from`. */
static void
test_inherited(struct tap *tap, int from, int to, const char *what)
{
    int status, wrong = 0;
    size_t length, mixed;

    (void)fflush(stdout);
    for (int writer = 0; writer < WRITERS; writer++)
        if (fork() == 0)
            _exit(write_long(to, writer));
    /* A file has an end before they are done. */
    while (lseek(from, 0, SEEK_CUR) >= 0 && wait(&status) > 0)
        wrong += status != 0;
    io_close(&to);
    mixed = count_mixed(from, &length);
    while (wait(&status) > 0)
        wrong += status != 0;
    tap_check(tap, wrong == 0 && length == (size_t)WRITERS * BATCHES * LONG, "%d who inherited one %s", WRITERS, what);
    tap_check(tap, mixed == 0, "do not mix their lines");
    io_close(&from);
}

static void
test_all_inherited(struct tap *tap)
{
    int ends[2], file = scratch_file();

    if (tap_check(tap, pipe(ends) == 0, "a pipe"))
        test_inherited(tap, ends[0], ends[1], "pipe");
    test_inherited(tap, scratch_again(file, O_RDONLY), scratch_again(file, O_WRONLY | O_APPEND), "file that is appended to");
    test_inherited(tap, scratch_again(file, O_RDONLY), scratch_again(file, O_WRONLY | O_TRUNC), "file");
    io_close(&file);
}

/* Who holds the lock of what it leaves to us is not waited for. */
static void
test_held(struct tap *tap)
{
    int ends[2] = { -1, -1 }, file = scratch_file();

    tap_check(tap, pipe(ends) == 0 && io_lock(ends[1], LOCK_EX) == 0 && append_lock(ends[1], true) == -1
              && append_lines(ends[1], -1, SLICE("a\n"), -1) == 0, "a pipe whose lock the caller has");
    tap_check(tap, io_lock(file, LOCK_EX) == 0 && append_lock(file, true) == -1
              && append_lines(file, -1, SLICE("a\n"), -1) == 0, "a file whose lock the caller has");
    tap_check(tap, !unlocked(file), "which keeps it");
    io_close(&ends[0]);
    io_close(&ends[1]);
    io_close(&file);
}

int
main(void)
{
    struct tap tap = { 0 };

    (void)signal(SIGXFSZ, SIG_IGN);
    (void)alarm(120);                   /* a lock that is not given back would be waited for, for ever */
    test_appended(&tap);
    test_large_spill(&tap);
    test_cut_back(&tap);
    test_place_kept(&tap);
    test_failures(&tap);
    test_writers(&tap);
    test_all_inherited(&tap);
    test_held(&tap);
    return tap_done(&tap);
}
