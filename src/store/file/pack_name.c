/* pack_name.c -- which pack a result is in, and what that is called. */
#include <stdio.h>

#include "store/file/pack_file.h"

static unsigned
value_of(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

unsigned
pack_of(struct slice request)
{
    return value_of(request.at[0]) << 4 | value_of(request.at[1]);
}

unsigned
pack_named(const char *name)
{
    static const char hex[] = "0123456789abcdef";

    if (strspn(name, hex) != 2 || strcmp(name + 2, ".ndjson") != 0)
        return PACK_COUNT;
    return pack_of((struct slice){ name, 2 });
}

const char *
pack_name(unsigned number)
{
    static _Thread_local char name[32];

    (void)snprintf(name, sizeof name, "results/%02x.ndjson", number);
    return name;
}
