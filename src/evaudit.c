/* evaudit.c -- does the store keep its promises?  And make again what is derived. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "service/cli.h"
#include "service/display.h"
#include "store/audit.h"

enum { OPTION_STRICT = 256, OPTION_REPAIR, OPTION_MARK };

enum { JOBS_MAX = 256 };

static const struct cli_option options[] = {
    { OPTION_STRICT, "strict", NULL, "what is unfinished is a violation, too" },
    { OPTION_REPAIR, "repair", NULL, "make again what is derived: results, offsets" },
    { 'n', "dry-run", NULL, "with --repair: only say what would be made again" },
    { OPTION_MARK, "mark", "FILE", "read only what is new since FILE, and keep there how far all is well" },
    { 'j', "jobs", "N", "threads; by default one for each processor" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evaudit",
    .usage = "[--strict] [--repair [-n]] [--mark FILE] [-j N] [-d DIR]",
    .purpose = "Check each promise of a store, and print for each whether it holds.",
    .options = options,
};

static void
tell(void *context, const char *text)
{
    display_erase(context);
    (void)fprintf(stderr, "evaudit: %s\n", text);
}

static void
tell_violation(void *context, enum promise promise, const char *text)
{
    (void)promise;
    tell(context, text);
}

static void
tell_progress(void *context, const char *what, uint64_t done, uint64_t all)
{
    display_show(context, "evaudit: %s: %llu of %llu", what, (unsigned long long)done, (unsigned long long)all);
}

/* -- the lines ------------------------------------------------------------------ */

static void
begin_line(const struct audit_counts *counts, enum promise promise, const char *name)
{
    (void)printf("%s: %s: ", name, counts->broken[promise] == 0 ? "holds" : "broken");
    if (counts->broken[promise] > 0)
        (void)printf("%llu violation%s; ", (unsigned long long)counts->broken[promise],
                     counts->broken[promise] == 1 ? "" : "s");
}

/* The numbers and what they count, up to a NULL, as "3 journals, 17 events". */
struct count {
    const char *what;
    uint64_t number;
};

static void
end_line(const struct count *list)
{
    for (const struct count *count = list; count->what != NULL; count++)
        (void)printf("%s%llu %s", count == list ? "" : ", ", (unsigned long long)count->number, count->what);
    (void)putchar('\n');
}

static int
print_promises(const struct audit_counts *counts)
{
    uint64_t broken = 0;

    begin_line(counts, PROMISE_NOT_OVERSOLD, "never oversold");
    end_line((const struct count[]){ { "journals", counts->journals }, { "events", counts->events }, { NULL, 0 } });
    begin_line(counts, PROMISE_ONE_OUTCOME, "one outcome");
    end_line((const struct count[]){ { "sold", counts->sold }, { "refused", counts->refused },
                                     { "taken back", counts->taken_back }, { "results", counts->results },
                                     { "unfinished", counts->unfinished }, { NULL, 0 } });
    begin_line(counts, PROMISE_DURABLE, "durable before visible");
    end_line((const struct count[]){ { "orders", counts->orders }, { "results", counts->results }, { NULL, 0 } });
    begin_line(counts, PROMISE_NOT_SILENT, "nothing silent");
    end_line((const struct count[]){ { "topics", counts->topics }, { "lanes", counts->lanes },
                                     { "messages", counts->messages }, { "offsets", counts->offsets },
                                     { "dead letters", counts->dead }, { NULL, 0 } });
    begin_line(counts, PROMISE_ONE_PURCHASE, "a UUID means one purchase");
    end_line((const struct count[]){ { "requests", counts->requests }, { NULL, 0 } });
    for (int i = 0; i < PROMISES; i++)
        broken += counts->broken[i];
    return broken > 0 ? STATUS_DATA : STATUS_DONE;
}

/* -- the work ------------------------------------------------------------------- */

/* One reading: what it found, or NULL after a report. */
static struct audit *
read_store(struct store *store, const struct audit_setting *setting, int *status)
{
    struct audit *audit = NULL;
    struct fault why;
    int result = audit_run(&audit, store, setting, &why);

    display_erase(setting->context);
    if (result != 0)
        *status = cli_report("evaudit", &why);
    return audit;
}

/* Make again what can be, and say what that was, or would be. */
static int
repair_store(struct audit *audit, bool dry)
{
    struct audit_repaired done;
    struct fault why;
    int result = audit_repair(audit, &done, &why);

    (void)fprintf(stderr, dry ? "evaudit: would make again: %llu results, %llu offsets; would clean %llu packs\n"
                              : "evaudit: made again: %llu results, %llu offsets; %llu packs cleaned\n",
                  (unsigned long long)done.results, (unsigned long long)done.offsets, (unsigned long long)done.packs);
    return result == 0 ? STATUS_DONE : cli_report("evaudit", &why);
}

/* What is to be done, and how it went. */
struct work {
    struct store *store;
    const struct audit_setting *setting;
    bool repair;
    struct audit *audit;        /* when all is read */
    int status;
};

/* In a thread of its own, which gives up all but the store: where a mark is kept, this one cannot write. */
static void *
audit_store(void *context)
{
    struct work *work = context;
    const bool dry = store_is_dry(work->store);

    store_confine(work->store, NULL);
    work->audit = read_store(work->store, work->setting, &work->status);
    if (work->repair && work->audit != NULL && audit_counted(work->audit)->repairable > 0) {
        work->status = repair_store(work->audit, dry);
        if (!dry || work->status != STATUS_DONE) {
            audit_free(work->audit);
            work->audit = work->status == STATUS_DONE ? read_store(work->store, work->setting, &work->status) : NULL;
        }
    }
    if (work->audit != NULL)
        work->status = print_promises(audit_counted(work->audit));
    return NULL;
}

static int
run(struct work *work)
{
    pthread_t thread;
    struct fault why;

    if (work->setting->mark == NULL) {
        (void)audit_store(work);
    } else if ((errno = pthread_create(&thread, NULL, audit_store, work)) == 0) {
        (void)pthread_join(thread, NULL);
    } else {
        (void)fault_system(&why, STATUS_IO, "cannot start a thread");
        work->status = cli_report("evaudit", &why);
    }
    if (work->status == STATUS_DONE && work->setting->mark != NULL && audit_mark(work->audit, &why) != 0)
        work->status = cli_report("evaudit", &why);
    audit_free(work->audit);
    return work->status;
}

/* A mark within the store would be a stranger there, and lost with it. */
static int
open_mark(const struct cli *cli, const char *mark)
{
    struct fault why;
    int fd;

    if (mark[0] == '\0')
        cli_misuse(cli, "%s: needs a value", "--mark");
    cli_outside(cli, "--mark", mark);
    fd = io_open(AT_FDCWD, mark, O_RDONLY | O_NONBLOCK | IO_FOLLOW, 0);
    if (fd < 0 && errno != ENOENT) {
        (void)fault_system(&why, STATUS_IO, "%s", mark);
        exit(cli_report("evaudit", &why));
    }
    return fd;
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    struct display display = display_begin();
    struct audit_setting setting = {
        .jobs = pool_processors(), .mark_file = -1, .violation = tell_violation, .tell = tell, .progress = tell_progress,
        .context = &display,
    };
    struct work work = { .setting = &setting };
    int letter, status;

    while ((letter = cli_next(&cli)) != 0) {
        switch (letter) {
        case OPTION_STRICT: setting.strict = true; break;
        case OPTION_REPAIR: work.repair = true; break;
        case 'n': cli.dry = true; break;
        case OPTION_MARK: setting.mark = cli.value; break;
        case 'j': setting.jobs = (size_t)cli_number(&cli, "--jobs", cli.value, 1, JOBS_MAX); break;
        }
    }
    if (cli.operand_count > 0)
        cli_misuse(&cli, "%s: no operands are taken", cli.operands[0]);
    if (cli.dry && (!work.repair || setting.mark != NULL))
        cli_misuse(&cli, "--dry-run: only with --repair, and without --mark");
    if (setting.mark != NULL)
        setting.mark_file = open_mark(&cli, setting.mark);
    work.store = cli_store_first(&cli, work.repair ? STORE_CHANGE : STORE_LOOK);
    status = run(&work);
    io_close(&setting.mark_file);
    store_close(work.store);
    cli_end(&cli);
    return cli_finish(program.name, status);
}
