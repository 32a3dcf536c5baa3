/* redriven.c -- how far the letters of a command were redriven. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/text.h"
#include "store/dead.h"
#include "store/file/record.h"
#include "store/file/redriven.h"

void
dead_name(const char *command, const char *suffix, char *name)
{
    (void)snprintf(name, DEAD_NAME_BYTES, "dead/%.*s.%s", DEAD_COMMAND_MAX, command, suffix);
}

struct redriven_target *
redriven_add(struct redriven *redriven, struct slice topic)
{
    struct redriven_target *target;

    redriven->targets = memory_room(redriven->targets, redriven->count, &redriven->room, sizeof *redriven->targets);
    target = &redriven->targets[redriven->count++];
    *target = (struct redriven_target){ .lanes = 0 };
    memcpy(target->topic, topic.at, topic.length);
    return target;
}

void
redriven_free(struct redriven *redriven)
{
    free(redriven->targets);
    *redriven = (struct redriven){ 0 };
}

/* -- reading --------------------------------------------------------------------- */

static bool
take_head(const json_t *object, struct redriven *out, uint64_t *targets)
{
    struct slice before;

    return json_number(object, "bytes", 0, &out->bytes) && json_text(object, "before", &before)
        && before.length == 16 && text_hex(before.at, &out->before) && json_number(object, "targets", 0, targets);
}

static bool
take_target(const json_t *object, struct redriven *out)
{
    const json_t *ends = json_object_get(object, "ends");
    struct redriven_target *target;
    struct slice topic;

    if (!json_number(object, "until", 0, &out->until) || !json_text(object, "topic", &topic)
        || !topic_name_valid(topic) || !json_is_array(ends) || json_array_size(ends) > TOPIC_LANES_MAX)
        return false;
    target = redriven_add(out, topic);
    target->lanes = (unsigned)json_array_size(ends);
    for (unsigned lane = 0; lane < target->lanes; lane++) {
        const json_t *end = json_array_get(ends, lane);

        if (!json_is_integer(end) || json_integer_value(end) < 0)
            return false;
        target->ends[lane] = (uint64_t)json_integer_value(end);
    }
    return true;
}

/* The next line, if its sum is right: the caller owns the object. */
static json_t *
take_line(struct slice *text, uint64_t *chain)
{
    const char *newline = text->length > 0 ? memchr(text->at, '\n', text->length) : NULL;
    struct fault ignored;
    json_t *object;
    struct slice line;

    if (newline == NULL)
        return NULL;
    line = (struct slice){ text->at, (size_t)(newline - text->at) };
    *text = (struct slice){ newline + 1, text->length - line.length - 1 };
    return event_check_sum(line, chain) && json_read(line, &object, &ignored) == 0 ? object : NULL;
}

static bool
understand(struct slice text, struct redriven *out)
{
    uint64_t chain = 0, targets = 0;
    json_t *object = take_line(&text, &chain);
    bool good = object != NULL && take_head(object, out, &targets);

    json_decref(object);
    while (good && out->count < targets) {
        object = take_line(&text, &chain);
        good = object != NULL && take_target(object, out);
        json_decref(object);
    }
    return good && text.length == 0 && (targets == 0 || out->until > out->bytes);
}

/* Are they the letters that it tells of?  If they are gone, what follows are new ones. */
static int
check_letters(struct store *store, const char *command, struct redriven *out, struct fault *why)
{
    char name[DEAD_NAME_BYTES];
    uint64_t sum;
    int fd, result;

    dead_name(command, "ndjson", name);
    fd = store_open_file(store, name, O_RDONLY);
    if (fd < 0 && errno == ENOENT) {
        redriven_free(out);
        return 0;
    }
    if (fd < 0)
        return store_open_fault(store, name, why);
    result = record_sum(fd, out->bytes, &sum);
    if (result != 0 && errno != ERANGE)
        (void)fault_system(why, STATUS_IO, "%s", store_path(store, name));
    else if (result != 0 || sum != out->before)
        result = fault_set(why, STATUS_DATA, "%s: not the letters that %s.redriven tells of; "
                           "remove that to have all of them sent again", store_path(store, name), command);
    io_close(&fd);
    return result;
}

int
redriven_load(struct store *store, const char *command, struct redriven *out, struct fault *why)
{
    char name[DEAD_NAME_BYTES];
    struct buffer text = { 0 };
    struct stat status;
    int fd, result = -1;

    redriven_free(out);
    dead_name(command, "redriven", name);
    fd = store_open_file(store, name, O_RDONLY);
    if (fd < 0)
        return errno == ENOENT ? 0 : store_open_fault(store, name, why);
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        errno = ENXIO;
        (void)store_open_fault(store, name, why);
    } else if (io_pread(fd, buffer_reserve(&text, (size_t)status.st_size + 1), (size_t)status.st_size, 0)
               != status.st_size) {
        (void)fault_system(why, STATUS_IO, "%s", store_path(store, name));
    } else if (!understand((struct slice){ text.at, (size_t)status.st_size }, out)) {
        (void)fault_set(why, STATUS_DATA, "%s: damaged", store_path(store, name));
    } else {
        result = check_letters(store, command, out, why);
    }
    buffer_free(&text);
    io_close(&fd);
    return result;
}

static void
lower(uint64_t *ends, const struct redriven_target *target)
{
    for (unsigned lane = 0; lane < TOPIC_LANES_MAX; lane++) {
        uint64_t end = lane < target->lanes ? target->ends[lane] : 0;

        ends[lane] = end < ends[lane] ? end : ends[lane];
    }
}

int
redriven_noted(struct store *store, struct slice topic, uint64_t *ends, struct fault *why)
{
    struct dead_commands commands = { 0 };
    struct redriven redriven = { 0 };
    int result = dead_commands(store, &commands, why);

    for (unsigned lane = 0; lane < TOPIC_LANES_MAX; lane++)
        ends[lane] = UINT64_MAX;
    for (size_t i = 0; result == 0 && i < commands.count; i++) {
        result = redriven_load(store, commands.list[i], &redriven, why);
        for (size_t j = 0; result == 0 && j < redriven.count; j++) {
            const struct redriven_target *target = &redriven.targets[j];

            if (slice_equal((struct slice){ target->topic, strlen(target->topic) }, topic))
                lower(ends, target);
        }
    }
    redriven_free(&redriven);
    dead_commands_free(&commands);
    return result;
}

/* -- writing --------------------------------------------------------------------- */

static void
put_sum(struct buffer *out, size_t start, uint64_t *chain)
{
    event_write_sum(out, start, chain);
    buffer_text(out, "\n");
}

static void
put_target(struct buffer *out, uint64_t until, const struct redriven_target *target)
{
    buffer_text(out, "{\"until\":");
    buffer_number(out, until);
    buffer_text(out, ",\"topic\":\"");
    buffer_text(out, target->topic);
    buffer_text(out, "\",\"ends\":[");
    for (unsigned lane = 0; lane < target->lanes; lane++) {
        buffer_text(out, lane > 0 ? "," : "");
        buffer_number(out, target->ends[lane]);
    }
    buffer_text(out, "]");
}

static void
put_all(struct buffer *out, const struct redriven *redriven, const struct moment *now)
{
    uint64_t chain = 0;

    buffer_text(out, "{\"bytes\":");
    buffer_number(out, redriven->bytes);
    buffer_text(out, ",\"before\":\"");
    buffer_hex(out, redriven->before);
    buffer_text(out, "\",\"time\":\"");
    buffer_text(out, now->text);
    buffer_text(out, "\",\"targets\":");
    buffer_number(out, redriven->count);
    put_sum(out, 0, &chain);
    for (size_t i = 0; i < redriven->count; i++) {
        size_t start = out->length;

        put_target(out, redriven->until, &redriven->targets[i]);
        put_sum(out, start, &chain);
    }
}

static int
replace(struct store *store, const char *name, const struct buffer *text)
{
    int directory = io_open(store->directory, "dead", O_RDONLY | O_DIRECTORY, 0);
    int fd = io_open(store->directory, "dead/.redriven", O_WRONLY | O_CREAT | O_TRUNC, STORE_FILE_MODE);
    int result = directory < 0 || fd < 0 || io_write(fd, text->at, text->length) != 0 || fsync(fd) != 0
        || renameat(store->directory, "dead/.redriven", store->directory, name) != 0 || fsync(directory) != 0 ? -1 : 0;

    io_close(&fd);
    io_close(&directory);
    return result;
}

int
redriven_store(struct store *store, const char *command, struct redriven *redriven, struct fault *why)
{
    char name[DEAD_NAME_BYTES];
    struct buffer text = { 0 };
    struct moment now = store_now(store);
    int fd, result = -1;

    dead_name(command, "ndjson", name);
    fd = store_open_file(store, name, O_RDONLY);
    if (fd >= 0)
        result = record_sum(fd, redriven->bytes, &redriven->before);
    io_close(&fd);
    dead_name(command, "redriven", name);
    if (result == 0) {
        put_all(&text, redriven, &now);
        result = replace(store, name, &text);
    }
    buffer_free(&text);
    return result == 0 ? 0 : fault_system(why, STATUS_IO, "%s: cannot write", store_path(store, name));
}
