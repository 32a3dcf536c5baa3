/* rights.c -- give up what is not needed to use a store. */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/confine.h"
#include "store/file/store_file.h"

/* The directory nearest to a path that is there; in place. */
static const char *
nearest(char *path)
{
    char *up = dirname(path);

    while (access(up, F_OK) != 0 && errno == ENOENT)
        up = dirname(up);
    return up;
}

void
store_confine_beside(const struct store *store, const char *const *places, size_t count)
{
    enum { OWN = 3 };
    struct confine_place *all = memory_zeroed(OWN + count, sizeof *all);
    char *copy = strdup(store->setting.name);
    const bool dry = store->setting.dry;
    const bool whole = store->directory >= 0 && !store->unfinished;

    all[0].path = whole || copy == NULL ? store->setting.name : nearest(copy);
    all[0].write = store->setting.use != STORE_LOOK && !dry;
    all[1].path = "/proc/sys/kernel/random/boot_id";
    all[2].path = "/proc/self";
    for (size_t i = 0; i < count; i++)
        all[OWN + i] = (struct confine_place){ places[i], !dry };
    (void)confine_to(all, OWN + count);
    free(copy);
    free(all);
}

void
store_confine(const struct store *store, const char *also)
{
    store_confine_beside(store, &also, also != NULL);
}

bool
store_is_dry(const struct store *store)
{
    return store->setting.dry;
}
