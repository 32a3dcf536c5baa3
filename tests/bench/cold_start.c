/* cold_start.c -- the least that starting a command costs: its libraries, and nothing done. */
#include <jansson.h>
#include <uuid/uuid.h>
#include <xxhash.h>

/* One thing of each library, or the linker might leave it out. */
int
main(void)
{
    uuid_t uuid;

    uuid_clear(uuid);
    return jansson_version_str() == NULL || !uuid_is_null(uuid) || XXH_versionNumber() == 0;
}
