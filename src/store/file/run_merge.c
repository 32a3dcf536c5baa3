/* run_merge.c -- the entries of several runs, and some that are only in memory, become one run. */
#include <stdlib.h>

#include "store/file/run.h"

/* Where entries come from: a run, or a list that is sorted. */
struct input {
    const struct run *run;      /* or NULL */
    const struct index_entry *list;
    size_t count, step;
    struct index_entry next;
    int more;                   /* 1, 0 at the end, -1 */
};

static void
advance(struct input *input)
{
    if (input->run != NULL) {
        input->more = run_walk(input->run, &input->step, &input->next);
        return;
    }
    input->more = input->step < input->count;
    if (input->more > 0)
        input->next = input->list[input->step++];
}

/* They are few.  As run_merge(). */
static int
add_all(struct run_writer *writer, struct input *inputs, size_t count)
{
    for (;;) {
        struct input *first = NULL;

        for (size_t i = 0; i < count; i++) {
            if (inputs[i].more < 0)
                return 1;
            if (inputs[i].more > 0 && (first == NULL || run_order(&inputs[i].next, &first->next) < 0))
                first = &inputs[i];
        }
        if (first == NULL)
            return 0;
        if (run_add(writer, &first->next) != 0)
            return -1;
        advance(first);
    }
}

/* By insertion: a list of a table is nearly in order. */
static void
sort(struct index_entry *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct index_entry entry = list[i];
        size_t at = i;

        for (; at > 0 && run_order(&list[at - 1], &entry) > 0; at--)
            list[at] = list[at - 1];
        list[at] = entry;
    }
}

int
run_merge(struct run_writer *writer, const struct run *runs, size_t count, struct index_entry *list, size_t length)
{
    struct input *inputs = memory_zeroed(count + 1, sizeof *inputs);
    int result;

    sort(list, length);
    for (size_t i = 0; i < count; i++)
        inputs[i].run = &runs[i];
    inputs[count] = (struct input){ .list = list, .count = length };
    for (size_t i = 0; i <= count; i++)
        advance(&inputs[i]);
    result = add_all(writer, inputs, count + 1);
    free(inputs);
    return result;
}
