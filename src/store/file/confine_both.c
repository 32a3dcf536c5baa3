/* confine_both.c -- give up all but to look at two stores. */
#include "base/confine.h"
#include "store/file/store_file.h"

void
store_confine_both(const struct store *store, const struct store *other)
{
    const struct confine_place places[] = {
        { store->setting.name, false },
        { "/proc/sys/kernel/random/boot_id", false },
        { "/proc/self", false },
        { other != NULL ? other->setting.name : "", false },
    };

    (void)confine_to(places, other != NULL ? 4 : 3);
}
