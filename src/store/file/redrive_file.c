/*
 * redrive_file.c -- what dead letters there are to be sent again.
 *
 * The letters are those that were there, and on disk, when it was begun; while it sends
 * them new ones may come, of those that fail again.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/file/redrive_file.h"
#include "store/file/topic_file.h"

/* -- letters ---------------------------------------------------------------------- */

enum fate
redrive_judge(const struct redrive *redrive, const struct letter_view *letter, struct slice *topic)
{
    if (!letter->whole)
        return FATE_BROKEN;
    if (slice_equal(letter->kind, SLICE("torn")))
        return FATE_TORN;
    *topic = letter->topic.length > 0 ? letter->topic : redrive->setting.topic;
    if (topic->length == 0)
        return FATE_HOMELESS;
    return slice_equal(letter->kind, SLICE("message")) && topic_name_valid(*topic) ? FATE_SENT : FATE_BROKEN;
}

int
redrive_next(struct redrive *redrive, uint64_t end, struct dead_line *line, struct fault *why)
{
    int got;

    if (redrive->reached >= end)
        return 0;
    got = dead_next(redrive->reader, line, why);
    if (got <= 0)
        return got;
    if (line->offset + line->length >= end)
        return 0;
    redrive->reached = line->offset + line->length + 1;
    return 1;
}

/* -- the plan --------------------------------------------------------------------- */

static void
count_letter(struct redrive_plan *plan, struct slice topic)
{
    struct redrive_target *target;
    size_t i = 0;

    while (i < plan->count && !slice_equal((struct slice){ plan->targets[i].topic, strlen(plan->targets[i].topic) }, topic))
        i++;
    if (i == plan->count) {
        plan->targets = memory_room(plan->targets, plan->count, &plan->room, sizeof *plan->targets);
        target = &plan->targets[plan->count++];
        *target = (struct redrive_target){ .letters = 0 };
        memcpy(target->topic, topic.at, topic.length);
    }
    plan->targets[i].letters++;
}

/* Count it.  That the bytes of a long one are in their form is seen when it is sent. */
static void
add_letter(struct redrive *redrive, const struct dead_line *line, const struct letter_view *letter,
           struct buffer *bytes)
{
    struct redrive_plan *plan = &redrive->plan;
    struct slice topic;
    enum fate fate = redrive_judge(redrive, letter, &topic);

    bytes->length = 0;
    if (fate == FATE_SENT && line->length == line->text.length && !letter_bytes(letter, bytes))
        fate = FATE_BROKEN;
    switch (fate) {
    case FATE_SENT: count_letter(plan, topic); break;
    case FATE_HOMELESS: plan->homeless++; break;
    case FATE_TORN: plan->torn++; break;
    case FATE_BROKEN: plan->broken++; break;
    }
}

static int
make_plan(struct redrive *redrive, struct fault *why)
{
    struct buffer bytes = { 0 };
    struct letter_view letter;
    struct dead_line line;
    int got;

    while ((got = redrive_next(redrive, redrive->end, &line, why)) > 0) {
        if (dead_letter(redrive->reader, &line, &letter, why) != 0) {
            got = -1;
            break;
        }
        add_letter(redrive, &line, &letter, &bytes);
    }
    buffer_free(&bytes);
    return got;
}

/*
 * Where the letters end that this is about.  Who appends may take lines back until it
 * gives its lock back, and has not synced them before: a place in them must not get
 * ahead of the disk.
 */
static int
find_end(struct redrive *redrive, struct fault *why)
{
    struct store *store = redrive->store;
    char name[DEAD_NAME_BYTES];
    struct stat status = { 0 };
    int fd, result = 0;

    dead_name(redrive->setting.command, "ndjson", name);
    fd = store_open_file(store, name, O_RDONLY);
    if (fd < 0)
        return errno == ENOENT ? 0 : store_open_fault(store, name, why);
    if (redrive->setting.look)
        result = fstat(fd, &status);
    else if (io_lock(fd, LOCK_SH) != 0 || fstat(fd, &status) != 0 || io_lock(fd, LOCK_UN) != 0 || io_sync(fd) != 0)
        result = -1;
    if (result != 0)
        (void)fault_system(why, STATUS_IO, "%s", store_path(store, name));
    io_close(&fd);
    redrive->end = (uint64_t)status.st_size;
    return result;
}

/* One at a time, and the topics stay as they are: a store that had none gets their directory. */
static int
lock_topics(struct redrive *redrive, struct fault *why)
{
    struct store *store = redrive->store;

    if (mkdirat(store->directory, "topics", STORE_DIRECTORY_MODE) != 0 && errno != EEXIST)
        return fault_system(why, STATUS_CANNOT_CREATE, "%s: cannot create", store_path(store, "topics"));
    redrive->lock = topics_lock(store, why);
    return redrive->lock < 0 ? -1 : 0;
}

static int
look_at_letters(struct redrive *redrive, struct fault *why)
{
    const char *command = redrive->setting.command;
    struct redriven *redriven = &redrive->redriven;
    char name[DEAD_NAME_BYTES];

    if (redriven_load(redrive->store, command, redriven, why) != 0 || find_end(redrive, why) != 0)
        return -1;
    dead_name(command, "ndjson", name);
    if (redriven->count > 0 && redriven->until > redrive->end)
        return fault_set(why, STATUS_DATA, "%s: ends before what %s.redriven tells of",
                         store_path(redrive->store, name), command);
    redrive->plan.resumed = redriven->count > 0;
    redrive->reached = redriven->bytes;
    if (dead_open(&redrive->reader, redrive->store, command, redriven->bytes, why) != 0
        || make_plan(redrive, why) != 0)
        return -1;
    dead_close(redrive->reader);
    redrive->reader = NULL;
    return 0;
}

int
redrive_open(struct redrive **out, struct store *store, const struct redrive_setting *setting, struct fault *why)
{
    struct redrive *redrive = memory_zeroed(1, sizeof *redrive);
    char name[DEAD_NAME_BYTES];
    int there;

    redrive->store = store;
    redrive->setting = *setting;
    redrive->lock = -1;
    redrive->parcel.spill = -1;
    dead_name(setting->command, "ndjson", name);
    there = store_open_file(store, name, O_RDONLY);
    if ((there < 0 && errno != ENOENT && store_open_fault(store, name, why) != 0)
        || (there >= 0 && !setting->look && lock_topics(redrive, why) != 0)
        || (there >= 0 && look_at_letters(redrive, why) != 0)) {
        io_close(&there);
        redrive_close(redrive);
        return -1;
    }
    io_close(&there);
    *out = redrive;
    return 0;
}

const struct redrive_plan *
redrive_plan(const struct redrive *redrive)
{
    return &redrive->plan;
}

void
redrive_close(struct redrive *redrive)
{
    if (redrive == NULL)
        return;
    free(redrive->plan.targets);
    redriven_free(&redrive->redriven);
    parcel_free(&redrive->parcel);
    dead_close(redrive->reader);
    io_close(&redrive->lock);
    free(redrive);
}
