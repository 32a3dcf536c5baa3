/* topic_check.c -- evtopic check: is a group too far behind, are there too many dead letters? */
#include "service/topic_command.h"
#include "service/topic_walk.h"
#include "store/dead.h"

/* What there is, and the group that is furthest behind. */
struct check {
    const struct topic_wish *wish;
    uint64_t groups, damaged, dead;
    bool behind;                /* a group is: */
    int64_t age;                /* lag_age(); unknown is further than any other */
    char topic[TOPIC_NAME_MAX + 1], group[TOPIC_NAME_MAX + 1];
};

static void
check_group(void *context, const struct lag *lag)
{
    struct check *check = context;

    check->groups += lag->first;
    check->damaged += lag->at.damaged || !lag->at.known;
    if (!lag->at.known || lag->at.behind == 0)
        return;
    if (check->behind && (check->age < 0 || (lag->age >= 0 && lag->age <= check->age)))
        return;
    check->behind = true;
    check->age = lag->age;
    memcpy(check->topic, lag->topic, strlen(lag->topic) + 1);
    memcpy(check->group, lag->group, strlen(lag->group) + 1);
}

/* Who is late is so by these, too, however little. */
static uint64_t
seconds_begun(const struct check *check)
{
    return ((uint64_t)check->age + 999999) / 1000000;
}

static bool
is_late(const struct check *check)
{
    const int64_t limit = check->wish->lag;

    return limit >= 0 && check->behind && (check->age < 0 || seconds_begun(check) > (uint64_t)limit / 1000);
}

static bool
is_dead(const struct check *check)
{
    return check->wish->dead >= 0 && check->dead > (uint64_t)check->wish->dead;
}

/* -- for people ------------------------------------------------------------------- */

static void
add_number(struct buffer *out, const char *before, uint64_t number, const char *behind)
{
    buffer_text(out, before);
    buffer_number(out, number);
    buffer_text(out, behind);
}

/* "3 groups", "1 group" */
static void
add_count(struct buffer *out, const char *before, uint64_t count, const char *what)
{
    add_number(out, before, count, what);
    buffer_text(out, count == 1 ? "" : "s");
}

static void
add_late(struct buffer *out, const struct check *check)
{
    buffer_text(out, "; late: ");
    buffer_text(out, check->group);
    buffer_text(out, " on ");
    buffer_text(out, check->topic);
    if (check->age >= 0)
        add_number(out, " is ", seconds_begun(check), " s behind");
    else
        buffer_text(out, " is behind at a message without a time");
    add_number(out, " (limit ", (uint64_t)check->wish->lag / 1000, " s)");
}

/* Each finding behind "; ", which is left out before the first. */
static void
add_line(struct buffer *out, const struct check *check, int status)
{
    struct buffer line = { 0 };

    if (is_late(check))
        add_late(&line, check);
    if (is_dead(check)) {
        add_count(&line, "; dead: ", check->dead, " dead letter");
        add_number(&line, " (limit ", (uint64_t)check->wish->dead, ")");
    }
    if (check->damaged > 0)
        add_count(&line, "; damaged: ", check->damaged, " offset");
    if (line.length == 0 && status != STATUS_DONE)
        buffer_text(&line, "; unknown: not everything could be looked at");
    if (line.length == 0) {
        buffer_text(&line, "; ok");
        if (check->wish->lag >= 0) {
            add_count(&line, ": ", check->groups, " group");
            add_number(&line, ", at most ", check->behind ? seconds_begun(check) : 0, " s behind");
        }
        if (check->wish->dead >= 0)
            add_count(&line, check->wish->lag >= 0 ? ", " : ": ", check->dead, " dead letter");
    }
    buffer_add(out, line.at + 2, line.length - 2);
    buffer_text(out, "\n");
    buffer_free(&line);
}

/* -- for programs ------------------------------------------------------------------- */

/* Names need no escapes. */
static void
add_object(struct buffer *out, const struct check *check, int status)
{
    const bool named = check->wish->lag >= 0 && check->behind;

    buffer_text(out, status == STATUS_DONE ? "{\"ok\":true" : "{\"ok\":false");
    if (check->wish->lag >= 0)
        add_number(out, ",\"groups\":", check->groups, "");
    if (named && check->age < 0)
        buffer_text(out, ",\"seconds_behind\":null");
    else if (check->wish->lag >= 0)
        add_number(out, ",\"seconds_behind\":", named ? seconds_begun(check) : 0, "");
    if (named) {
        buffer_text(out, ",\"topic\":\"");
        buffer_text(out, check->topic);
        buffer_text(out, "\",\"group\":\"");
        buffer_text(out, check->group);
        buffer_text(out, "\"");
    }
    if (check->wish->dead >= 0)
        add_number(out, ",\"dead\":", check->dead, "");
    add_number(out, ",\"damaged\":", check->damaged, "}\n");
}

int
topic_check_lag(const struct topic_wish *wish)
{
    struct check check = { .wish = wish };
    struct store *store = NULL;
    struct buffer out = { 0 };
    struct fault why;
    int status = STATUS_DONE;

    if (wish->lag < 0 && wish->dead < 0)
        cli_misuse(wish->cli, "check: --lag or --dead is needed");
    store = cli_store(wish->cli, STORE_LOOK);
    if (wish->lag >= 0)
        status = topic_walk(store, check_group, &check);
    if (wish->dead >= 0 && dead_count(store, NULL, &check.dead, &why) != 0)
        status = cli_report("evtopic", &why);
    if (status == STATUS_DONE && (is_late(&check) || is_dead(&check)))
        status = STATUS_NO;
    if (wish->json)
        add_object(&out, &check, status);
    else
        add_line(&out, &check, status);
    cli_print(&out);
    buffer_free(&out);
    store_close(store);
    return cli_finish("evtopic", status);
}
