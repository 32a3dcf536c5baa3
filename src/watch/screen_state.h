/* screen_state.h -- what a screen remembers, between its files. */
#ifndef SCREEN_STATE_H
#define SCREEN_STATE_H

#include "service/watch_sheet.h"
#include "watch/screen.h"
#include "watch/tracer.h"

enum mode { MODE_WATCH, MODE_FILTER, MODE_TRACE, MODE_HELP };

struct screen {
    const struct screen_setting *setting;
    struct watch watch;
    struct watch_layout layout;
    enum mode mode;
    struct watch_message chosen;        /* stays the same, whatever comes */
    bool is_chosen;
    struct tracer tracer;
    char request[UUID_LENGTH + 1];      /* that is traced */
    size_t top, side;           /* of the trace, or of the help */
    char typed[PRODUCT_MAX + 1];
    const char *wrong;          /* with the last key, or NULL */
    struct fault trouble;       /* of this look, the first */
    bool troubled;
    struct sheet sheet, foot;
    int64_t next;               /* when to look again, steady_milliseconds() */
    int signals;                /* descriptor */
    int done;                   /* below 0: go on; 0: it was quit; else by this signal */
};

/* screen.c: look now; a struct screen is told of what cannot be read. */
void screen_look(struct screen *screen);
void screen_tell(void *context, const struct fault *why);

/* screen_keys.c: do what the keys that wait ask for. */
void screen_take_keys(struct screen *screen);

#endif
