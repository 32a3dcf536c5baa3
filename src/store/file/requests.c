/* requests.c -- a set of requests, numbered in the order they came. */
#include <stdlib.h>
#include <xxhash.h>

#include "base/text.h"
#include "store/file/requests.h"

struct request
request_of(struct slice uuid)
{
    struct request request = { { 0 } };

    text_uuid_bytes(uuid.at, request.bytes);
    return request;
}

void
request_text(const struct request *request, char *text)
{
    text_uuid_write(request->bytes, text);
}

uint64_t
request_key(const struct request *request)
{
    return XXH3_64bits(request->bytes, REQUEST_BYTES);
}

static size_t
find_slot(const struct requests *requests, const struct request *request)
{
    size_t mask = requests->slot_count - 1;
    size_t slot = request_key(request) & mask;

    while (requests->slots[slot] != 0
           && memcmp(requests->list[requests->slots[slot] - 1].bytes, request->bytes, REQUEST_BYTES) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

static void
grow(struct requests *requests)
{
    requests->slot_count = requests->slot_count > 0 ? requests->slot_count * 2 : 16;
    free(requests->slots);
    requests->slots = memory_zeroed(requests->slot_count, sizeof *requests->slots);
    for (size_t i = 0; i < requests->count; i++)
        requests->slots[find_slot(requests, &requests->list[i])] = (uint32_t)(i + 1);
}

size_t
requests_number(struct requests *requests, const struct request *request)
{
    size_t slot;

    if ((requests->count + 1) * 2 > requests->slot_count)
        grow(requests);
    slot = find_slot(requests, request);
    if (requests->slots[slot] == 0) {
        requests->list = memory_room(requests->list, requests->count, &requests->room, sizeof *requests->list);
        requests->list[requests->count++] = *request;
        requests->slots[slot] = (uint32_t)requests->count;
    }
    return requests->slots[slot] - 1;
}

bool
requests_find(const struct requests *requests, const struct request *request, size_t *number)
{
    size_t slot = requests->slot_count > 0 ? find_slot(requests, request) : 0;

    if (requests->slot_count == 0 || requests->slots[slot] == 0)
        return false;
    *number = requests->slots[slot] - 1;
    return true;
}

void
requests_free(struct requests *requests)
{
    free(requests->list);
    free(requests->slots);
    *requests = (struct requests){ 0 };
}
