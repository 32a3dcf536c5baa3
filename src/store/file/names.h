/*
 * names.h -- a product's file name and back.
 *
 * Every byte outside A-Z a-z 0-9 _ - and . stands as %XX, and so does a . at
 * the start; so a name never leaves its directory and no two IDs share one.
 */
#ifndef NAMES_H
#define NAMES_H

#include "domain/message.h"

/* "journal/" + 80 bytes of %XX + ".ndjson" + NUL */
enum { NAME_MAX_BYTES = 8 + 3 * PRODUCT_MAX + 7 + 1 };

/* "journal/<product>.ndjson"; name has room for NAME_MAX_BYTES. */
void name_of_product(struct slice product, char *name);

/*
 * From "<product>.ndjson"; product has room for PRODUCT_MAX.  False if
 * name_of_product() makes no such name.
 */
bool name_to_product(const char *file, char *product, size_t *length);

#endif
