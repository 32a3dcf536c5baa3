/*
 * wish.h -- what a peer reads: a line for each wish to buy, as evbuy reads them.
 *
 * The lines are of one form, members in this order and no white space, so a peer spends
 * next to nothing on them.
 */
#ifndef WISH_H
#define WISH_H

#include <stdbool.h>
#include <stdio.h>

struct wish {
    char request[37];               /* the UUID */
    char product[81];
    char quantity[17];              /* as text: every peer takes it so */
};

/* The next wish; false at the end.  A line that is none ends the program (65). */
bool wish_read(FILE *from, struct wish *wish);

/* Up to count of them; how many there were. */
int wish_read_some(FILE *from, struct wish *wishes, int count);

#endif
