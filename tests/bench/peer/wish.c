/* wish.c -- wishes to buy, from standard input. */
#include "wish.h"

#include <stdlib.h>

enum { LINE_SIZE = 256 };

bool
wish_read(FILE *from, struct wish *wish)
{
    char line[LINE_SIZE];

    if (fgets(line, sizeof line, from) == NULL)
        return false;
    if (sscanf(line, "{\"product\":\"%80[^\"]\",\"quantity\":%16[0-9],\"request\":\"%36[^\"]\"}",
               wish->product, wish->quantity, wish->request) != 3) {
        fprintf(stderr, "not a wish: %s", line);
        exit(65);
    }
    return true;
}

int
wish_read_some(FILE *from, struct wish *wishes, int count)
{
    int read = 0;

    while (read < count && wish_read(from, &wishes[read]))
        read++;
    return read;
}
