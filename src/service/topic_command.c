/* topic_command.c -- what the subcommands of evtopic share. */
#include "service/topic_command.h"

void
topic_tell(void *context, const char *text)
{
    (void)context;
    (void)fprintf(stderr, "evtopic: %s\n", text);
}
