/* names.c -- a product's file name and back. */
#include <stdio.h>
#include <string.h>

#include "store/file/names.h"

static const char directory[] = "journal/";
static const char suffix[] = ".ndjson";
static const char digits[] = "0123456789ABCDEF";

static bool
plain(char c, bool first)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'
        || (c == '.' && !first);
}

void
name_of_product(struct slice product, char *name)
{
    char *to = name;

    memcpy(to, directory, sizeof directory - 1);
    to += sizeof directory - 1;
    for (size_t i = 0; i < product.length; i++) {
        unsigned char byte = (unsigned char)product.at[i];

        if (plain(product.at[i], i == 0)) {
            *to++ = product.at[i];
            continue;
        }
        *to++ = '%';
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    memcpy(to, suffix, sizeof suffix);
}

bool
name_to_product(const char *file, char *product, size_t *length)
{
    char again[NAME_MAX_BYTES];
    size_t count = 0, end = strlen(file);

    if (end < sizeof suffix || strcmp(file + end - (sizeof suffix - 1), suffix) != 0)
        return false;
    end -= sizeof suffix - 1;
    for (size_t i = 0; i < end && count < PRODUCT_MAX; i++) {
        const char *high = digits, *low = digits;

        if (file[i] != '%') {
            product[count++] = file[i];
            continue;
        }
        if (end - i < 3 || (high = strchr(digits, file[i + 1])) == NULL
            || (low = strchr(digits, file[i + 2])) == NULL)
            return false;
        product[count++] = (char)((high - digits) << 4 | (low - digits));
        i += 2;
    }
    *length = count;
    if (!product_id_valid((struct slice){ product, count }))
        return false;
    name_of_product((struct slice){ product, count }, again);
    return strcmp(again + sizeof directory - 1, file) == 0;
}
