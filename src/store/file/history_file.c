/* history_file.c -- read streams from their beginning. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/file/replay_parts.h"
#include "store/file/store_file.h"
#include "store/history.h"

enum { LONG = 8 * REPLAY_PART_BYTES };      /* a stream that is worth several threads */

const char *
history_name(struct slice product)
{
    static _Thread_local char name[NAME_MAX_BYTES];

    if (product.length == 0)
        memcpy(name, "orders.ndjson", sizeof "orders.ndjson");
    else
        name_of_product(product, name);
    return name;
}

const char *
history_place(const struct store *store, struct slice product)
{
    return store_path(store, history_name(product));
}

int
history_size(const struct store *store, struct slice product, uint64_t *bytes, struct fault *why)
{
    const char *name = history_name(product);
    struct stat status = { .st_mode = 0 };

    if (fstatat(store->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno != ENOENT)
        return fault_system(why, STATUS_IO, "%s", store_path(store, name));
    *bytes = status.st_mode == 0 || S_ISREG(status.st_mode) ? (uint64_t)status.st_size : UINT64_MAX;
    return 0;
}

/* Something else stands where the journals are. */
static int
no_directory(const struct store *store, struct fault *why)
{
    return fault_set(why, STATUS_DATA, "%s: not a directory", store_path(store, "journal"));
}

struct listing {
    const struct store *store;
    struct history_products *out;
};

static int
add_file(void *context, const char *file)
{
    const struct listing *listing = context;
    struct history_products *out = listing->out;
    char product[PRODUCT_MAX + 1];
    size_t length;

    if (strcmp(file, ".") == 0 || strcmp(file, "..") == 0)
        return 0;
    if (!name_to_product(file, product, &length)) {
        buffer_text(&out->strangers, store_path(listing->store, "journal/"));
        for (; *file != '\0'; file++)
            buffer_add(&out->strangers, *file == '\n' ? "?" : file, 1);
        buffer_add(&out->strangers, "\n", 1);
        return 0;
    }
    out->products = memory_room(out->products, out->count, &out->room, sizeof *out->products);
    out->products[out->count++] = (struct slice){ arena_copy(&out->names, product, length), length };
    return 0;
}

int
history_products(const struct store *store, struct history_products *out, struct fault *why)
{
    struct listing listing = { store, out };

    if (io_names(store->directory, "journal", add_file, &listing) != 0 && errno != ENOENT)
        return errno == ENOTDIR ? no_directory(store, why)
                                : fault_system(why, STATUS_IO, "%s", store_path(store, "journal"));
    if (out->count > 1)
        qsort(out->products, out->count, sizeof *out->products, slice_order);
    return 0;
}

void
history_products_free(struct history_products *products)
{
    free(products->products);
    arena_reset(&products->names);
    buffer_free(&products->strangers);
}

struct reading {
    const struct store *store;
    const struct history_reader *reader;
    const char *name;
    bool stopped;               /* by who visits, whose fault it is then */
};

static struct history_state
state_of(const struct replay *replay)
{
    return (struct history_state){ replay->state, replay->time, replay->offset, replay->chain };
}

static int
visit(void *context, const struct replay *replay, struct slice line, const struct message *event,
      struct fault *why)
{
    struct reading *reading = context;
    struct history_state state = state_of(replay);

    state.bytes += line.length + 1;
    reading->stopped = reading->reader->visit(reading->reader->context, line, event, &state, why) != 0;
    return reading->stopped ? -1 : 0;
}

static int
place(const struct reading *reading, const struct replay *replay, struct fault *why)
{
    return fault_at(why, "%s:%llu", store_path(reading->store, reading->name), (unsigned long long)replay->line);
}

static int
tell_damage(void *context, const struct replay *replay, struct fault *why)
{
    const struct reading *reading = context;

    (void)place(reading, replay, why);
    return reading->reader->damage(reading->reader->context, why);
}

/* The file's own size, unless the reader stops before. */
static int
open_stream(const struct reading *reading, int *fd, uint64_t *size, struct fault *why)
{
    struct stat status;

    *fd = io_open(reading->store->directory, reading->name, O_RDONLY | O_NONBLOCK, 0);
    if (*fd < 0 && errno == ENOENT)
        return fault_set(why, STATUS_NO_INPUT, "%s: no such journal", store_path(reading->store, reading->name));
    if (*fd < 0)
        return errno == ENOTDIR ? no_directory(reading->store, why)
                                : store_open_fault(reading->store, reading->name, why);
    if (fstat(*fd, &status) != 0)
        return fault_system(why, STATUS_IO, "%s", store_path(reading->store, reading->name));
    if (!S_ISREG(status.st_mode))
        return fault_set(why, STATUS_DATA, "%s: not a regular file", store_path(reading->store, reading->name));
    *size = (uint64_t)status.st_size;
    if (reading->reader->until_bytes > 0 && reading->reader->until_bytes < *size)
        *size = reading->reader->until_bytes;
    return 0;
}

static int
read_lines(struct reading *reading, struct replay *replay, int fd, uint64_t size, struct fault *why)
{
    const struct history_reader *reader = reading->reader;
    struct replay_reader inner = {
        .visit = reader->visit != NULL ? visit : NULL,
        .damage = reader->damage != NULL ? tell_damage : NULL,
        .context = reading,
    };
    int result;

    if (size >= LONG && reader->threads > 1 && reader->visit == NULL)
        replay_parts(replay, fd, size, reader->threads, REPLAY_PART_BYTES);
    result = replay_file(replay, &inner, fd, size, why);
    if (result != 0 && why->status == STATUS_DATA && reader->damage == NULL)
        (void)place(reading, replay, why);
    else if (result != 0 && why->status == STATUS_IO && !reading->stopped)
        (void)fault_at(why, "%s", store_path(reading->store, reading->name));
    buffer_free(&inner.buffer);
    return result;
}

/* Go to where an earlier reading was, if the file is still what that read: 1, 0, or -1. */
static int
go_on(const struct reading *reading, struct replay *replay, int fd, uint64_t size, struct fault *why)
{
    const struct history_state *from = reading->reader->from;
    uint64_t sum = 0;
    int found = from->bytes <= size ? replay_sum_before(fd, from->bytes, &sum) : 0;

    if (found < 0)
        return fault_system(why, STATUS_IO, "%s: cannot read", store_path(reading->store, reading->name));
    replay->offset = from->bytes;
    replay->line = from->product.sequence;
    replay->chain = from->sum;
    replay->time = from->time;
    replay->state = from->product;
    return found == 1 && sum == from->sum;
}

static int
read_opened(struct reading *reading, struct replay *replay, int fd, uint64_t size, struct history_end *end,
            struct fault *why)
{
    int same = reading->reader->from == NULL ? 1 : go_on(reading, replay, fd, size, why);
    int result = same < 0 ? -1 : 0;

    end->parted = same == 0;
    if (end->parted)
        return fault_set(why, STATUS_DATA, "%s: cut back or replaced since it was read up to byte %llu",
                         store_path(reading->store, reading->name), (unsigned long long)replay->offset);
    end->left = result == 0 && reading->reader->leave_long && size >= LONG;
    if (result == 0 && !end->left) {
        result = read_lines(reading, replay, fd, size, why);
        if (result == 0 && replay->offset == 0)
            result = fault_set(why, STATUS_NO_INPUT, "%s: no event yet", store_path(reading->store, reading->name));
    }
    return result;
}

static int
read_stream(struct reading *reading, struct slice product, struct history_end *end, struct fault *why)
{
    struct replay replay = { .product = product, .read = reading->reader->read };
    uint64_t size = 0;
    int fd, result = open_stream(reading, &fd, &size, why);

    end->left = end->parted = false;
    if (result == 0)
        result = read_opened(reading, &replay, fd, size, end, why);
    end->state = state_of(&replay);
    end->torn = (result == 0 || why->status == STATUS_NO_INPUT) && size > replay.offset ? size - replay.offset : 0;
    io_close(&fd);
    return result;
}

int
history_read(const struct store *store, struct slice product, const struct history_reader *reader,
             struct history_end *end, struct fault *why)
{
    char name[NAME_MAX_BYTES];
    struct reading reading = { .store = store, .reader = reader, .name = name };

    memcpy(name, history_name(product), sizeof name);
    return read_stream(&reading, product, end, why);
}

int
history_read_orders(const struct store *store, const struct history_reader *reader, struct history_end *end,
                    struct fault *why)
{
    return history_read(store, (struct slice){ "", 0 }, reader, end, why);
}
