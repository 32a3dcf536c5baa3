/* evproject.c -- keep read models of a store in an SQLite database. */
#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>

#include "project/compare.h"
#include "project/place.h"
#include "project/take.h"
#include "service/cli.h"

enum { OPTION_DB = 256, OPTION_REBUILD, OPTION_VERIFY };

static const struct cli_option options[] = {
    { OPTION_DB, "db", "FILE", "the database (required)" },
    { OPTION_REBUILD, "rebuild", NULL, "make it anew, then put that in the place of the old one" },
    { 'n', "dry-run", NULL, "only say how much there is to be taken" },
    { OPTION_VERIFY, "verify", NULL, "only check that it is what the journals make of it" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evproject",
    .usage = "[--rebuild | --verify] [-n] [-d DIR] --db FILE",
    .purpose = "Keep read models of a store in an SQLite database.",
    .options = options,
};

/* What is at work, and how it went. */
struct work {
    struct store *store;
    struct place place;
    struct database database;   /* that is written */
    struct known_list known;
    struct take_setting setting;
    struct take_counts counts;
    const char *writable[2];    /* files that the reading thread can write */
    size_t writable_count;
    uint64_t differences;
    int status;
};

static void
report(struct work *work, const struct fault *why)
{
    int status = cli_report(program.name, why);

    if (work->status != STATUS_IO)      /* which says more than damage does */
        work->status = status;
}

static void
tell(void *context, const struct fault *why)
{
    report(context, why);
}

/*
 * In a thread of its own, which gives up all but the files of the database: neither the store
 * nor a directory can be written by who reads.  What is left to do in the directory does this one.
 */
static void *
take(void *context)
{
    struct work *work = context;
    struct fault why;

    store_confine_beside(work->store, work->writable, work->writable_count);
    if (take_new(&work->database, &work->setting, &work->counts, &why) == 0)
        return work;
    report(work, &why);
    return NULL;
}

/* True if all was taken that could be. */
static bool
take_in_thread(struct work *work)
{
    pthread_t thread;
    struct fault why;
    void *done = NULL;

    work->setting.store = work->store;
    work->setting.tell = tell;
    work->setting.context = work;
    if ((errno = pthread_create(&thread, NULL, take, work)) == 0) {
        (void)pthread_join(thread, &done);
    } else {
        (void)fault_system(&why, STATUS_IO, "cannot start a thread");
        report(work, &why);
    }
    return done != NULL;
}

/* Go on from where it stopped. */
static int
update(struct work *work, struct fault *why)
{
    if (place_lock(&work->place, true, why) != 0
        || database_open(&work->database, work->place.path, work->place.name, DATABASE_UPDATE, why) != 0
        || place_make_journal(&work->place, why) != 0 || tables_known(&work->database, &work->known, why) != 0)
        return -1;
    work->setting.known = &work->known;
    work->writable[0] = work->place.path;
    work->writable[1] = work->place.journal;
    work->writable_count = 2;
    (void)take_in_thread(work);
    return 0;
}

/* Fill a fresh file: 1, or 0 after a report, or -1. */
static int
build(struct work *work, struct fault *why)
{
    if (place_make_fresh(&work->place, why) != 0
        || database_open(&work->database, work->place.fresh, work->place.name, DATABASE_BUILD, why) != 0)
        return -1;
    work->writable[0] = work->place.fresh;
    work->writable_count = 1;
    return take_in_thread(work);
}

/*
 * The old one is opened first, so that what a killed writer left to be undone is: a journal
 * that is left would be taken for one of the new file.
 */
static int
rebuild(struct work *work, struct fault *why)
{
    struct database old = { .name = NULL };
    int result = place_lock(&work->place, true, why);

    if (result == 0)
        result = database_open(&old, work->place.path, work->place.name, DATABASE_REPLACE, why);
    database_close(&old);
    if (result != 0)
        return -1;
    result = build(work, why);
    if (result > 0 && work->status != STATUS_IO) {
        result = database_index(&work->database, why);
        database_close(&work->database);
        return result == 0 ? place_swap(&work->place, why) : -1;
    }
    return result < 0 ? -1 : 0;
}

/* How far the database is; one that is missing, or is made anew, is nowhere. */
static int
peek(struct work *work, bool anew, struct fault *why)
{
    struct database old = { .name = NULL };
    struct stat status;
    const bool there = lstat(work->place.path, &status) == 0;
    bool empty = true;
    int result = 0;

    if (there && !S_ISREG(status.st_mode))
        return fault_set(why, STATUS_CANNOT_CREATE, "%s: not a regular file", work->place.name);
    if (there)
        result = database_peek(&old, work->place.path, work->place.name, anew ? DATABASE_REPLACE : DATABASE_UPDATE,
                               &empty, why);
    if (result == 0 && !empty && !anew)
        result = tables_known(&old, &work->known, why);
    database_close(&old);
    return result;
}

/* With --dry-run: what is new is taken into a database in memory, by who can write no file. */
static int
count(struct work *work, bool anew, struct fault *why)
{
    const char *const readable[] = { work->place.path, work->place.journal };

    store_confine_beside(work->store, readable, 2);
    if (peek(work, anew, why) != 0
        || database_open(&work->database, ":memory:", work->place.name, DATABASE_BUILD, why) != 0)
        return -1;
    work->setting.known = &work->known;
    work->setting.store = work->store;
    work->setting.tell = tell;
    work->setting.context = work;
    if (take_new(&work->database, &work->setting, &work->counts, why) != 0)
        return -1;
    (void)printf("would take %llu events of %llu journals, and %llu orders\n", (unsigned long long)work->counts.events,
                 (unsigned long long)work->counts.journals, (unsigned long long)work->counts.orders);
    return 0;
}

static int
count_new(struct work *work, struct fault *why)
{
    return count(work, false, why);
}

static int
count_all(struct work *work, struct fault *why)
{
    return count(work, true, why);
}

static void
tell_difference(void *context, const char *table, uint64_t rows)
{
    struct work *work = context;
    struct fault why;

    (void)fault_set(&why, STATUS_DATA, "%s: %s: %llu rows are not what the journals make", work->place.name, table,
                    (unsigned long long)rows);
    (void)cli_report("evproject", &why);
    work->differences += rows;
}

/* Make it anew up to where it is, and compare. */
static int
verify(struct work *work, struct fault *why)
{
    struct database old = { .name = NULL };
    int result = place_lock(&work->place, false, why);

    if (result == 0)
        result = database_open(&old, work->place.path, work->place.name, DATABASE_LOOK, why);
    if (result == 0)
        result = tables_known(&old, &work->known, why);
    database_close(&old);
    if (result != 0)
        return -1;
    work->setting.until = &work->known;
    result = build(work, why);
    if (result <= 0)
        return result;
    if (compare_tables(&work->database, work->place.path, tell_difference, work, why) != 0)
        return -1;
    (void)printf("%llu journals, %llu events, %llu orders: %llu differences\n", (unsigned long long)work->counts.journals,
                 (unsigned long long)work->counts.events, (unsigned long long)work->counts.orders,
                 (unsigned long long)work->differences);
    if (work->differences > 0 && work->status == STATUS_DONE)
        work->status = STATUS_DATA;
    return 0;
}

static int
run(const struct cli *cli, const char *name, int (*what)(struct work *work, struct fault *why))
{
    struct work work = { .place.lock = -1 };
    struct fault why;

    work.store = cli_store_first(cli, STORE_LOOK);
    if (place_find(&work.place, name, &why) != 0) {
        report(&work, &why);
    } else {
        cli_outside(cli, "--db", work.place.path);
        if (what(&work, &why) != 0)
            report(&work, &why);
        database_close(&work.database);
        place_discard(&work.place);
    }
    place_close(&work.place);
    known_free(&work.known);
    store_close(work.store);
    return work.status;
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    int (*what)(struct work *work, struct fault *why) = update;
    const char *name = NULL;
    int letter, status;

    while ((letter = cli_next(&cli)) != 0) {
        switch (letter) {
        case 'n': cli.dry = true; break;
        case OPTION_DB: name = cli.value; break;
        case OPTION_REBUILD:
        case OPTION_VERIFY:
            if (what != update)
                cli_misuse(&cli, "--rebuild, --verify: only one of them");
            what = letter == OPTION_REBUILD ? rebuild : verify;
            break;
        }
    }
    if (cli.operand_count > 0)
        cli_misuse(&cli, "%s: no operands are taken", cli.operands[0]);
    if (name == NULL || name[0] == '\0')
        cli_misuse(&cli, "--db is needed");
    if (cli.dry && what == verify)
        cli_misuse(&cli, "--dry-run: --verify changes nothing");
    if (cli.dry)
        what = what == rebuild ? count_all : count_new;
    status = run(&cli, name, what);
    cli_end(&cli);
    return cli_finish(program.name, status);
}
