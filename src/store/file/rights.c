/* rights.c -- give up what is not needed to use a store. */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/confine.h"
#include "store/file/store_file.h"

/*
 * Where a store that is missing will be made.  If that is missing, too, then not by us, who can
 * only see it come, from the nearest directory that is there.
 */
static struct confine_place
place_of_missing(char *path)
{
    struct confine_place place = { dirname(path), true };

    while (access(place.path, F_OK) != 0 && errno == ENOENT)
        place = (struct confine_place){ dirname(path), false };
    return place;
}

void
store_confine_beside(const struct store *store, const char *const *places, size_t count)
{
    enum { OWN = 3 };
    struct confine_place *all = memory_zeroed(OWN + count, sizeof *all);
    char *copy = strdup(store->setting.name);
    const bool dry = store->setting.dry;
    const bool whole = store->directory >= 0 && !store->unfinished;

    all[0] = whole || copy == NULL ? (struct confine_place){ store->setting.name, true } : place_of_missing(copy);
    all[0].write = all[0].write && store->setting.use != STORE_LOOK && !dry;
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
