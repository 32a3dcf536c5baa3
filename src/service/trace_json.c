/* trace_json.c -- a request as an object on a line: all that is known of it. */
#include "service/trace_print.h"

/* ,"NAME": */
static void
add_name(struct buffer *out, const char *name)
{
    buffer_text(out, ",\"");
    buffer_text(out, name);
    buffer_text(out, "\":");
}

/* A string of any bytes. */
static void
add_text(struct buffer *out, const char *name, struct slice text)
{
    add_name(out, name);
    buffer_text(out, "\"");
    buffer_escaped(out, text);
    buffer_text(out, "\"");
}

/* A string that came escaped, perhaps not well: what people would see of it. */
static void
add_escaped(struct buffer *out, const char *name, struct slice text)
{
    struct buffer plain = { 0 };

    buffer_plain(&plain, text, true);
    add_text(out, name, (struct slice){ plain.at, plain.length });
    buffer_free(&plain);
}

static void
add_number(struct buffer *out, const char *name, uint64_t number)
{
    add_name(out, name);
    buffer_number(out, number);
}

/* -- steps ----------------------------------------------------------------------------- */

static const char *
kind_name(const struct step *step)
{
    switch (step->kind) {
    case STEP_RESULT: return "result";
    case STEP_LETTER: return "dead";
    case STEP_OTHER: return "other";
    default: return step->missing ? "pipe" : step->recorded ? "event" : "message";
    }
}

static void
add_data(struct buffer *out, const struct message *message, bool missing)
{
    const unsigned seen = TYPE_BIT(STOCK_AVAILABLE) | TYPE_BIT(STOCK_UNAVAILABLE) | TYPE_BIT(PURCHASE_REFUSED);
    const unsigned bit = TYPE_BIT(message->type);

    if (message->product.length == 0)
        return;
    add_text(out, "product", message->product);
    add_number(out, "quantity", message->quantity);
    if (!missing && (bit & seen) != 0) {
        add_number(out, "available", message->available);
        add_number(out, "seen", message->sequence);
    }
    if (message->code != REFUSAL_NONE) {
        add_text(out, "code", message_code_name(message->code));
        add_escaped(out, "reason", message->reason);
    }
    if (message->order.length > 0)
        add_text(out, "order", message->order);
    if (message->number > 0)
        add_number(out, "sequence", message->number);
}

static void
add_places(struct buffer *out, const struct step *step)
{
    add_name(out, "places");
    buffer_text(out, "[");
    for (size_t i = 0; i < step->place_count; i++) {
        buffer_text(out, i > 0 ? ",\"" : "\"");
        buffer_escaped(out, step->places[i].text);
        buffer_text(out, "\"");
    }
    buffer_text(out, "]");
}

/* Its cause by its number among the steps, and the time since. */
static void
add_cause(struct buffer *out, const struct trace *trace, const struct step *step)
{
    int64_t delay = 0;

    add_name(out, "cause");
    for (size_t i = 0; i < trace->count && step->parent != NO_STEP; i++)
        if (trace->tree[i].step == step->parent)
            buffer_number(out, i);
    if (step->parent == NO_STEP)
        buffer_text(out, "null");
    add_name(out, "microseconds");
    if (!trace_delay(trace, step, &delay)) {
        buffer_text(out, "null");
        return;
    }
    buffer_signed(out, delay);
}

static void
add_step(struct buffer *out, const struct trace *trace, const struct step *step)
{
    buffer_text(out, "{\"kind\":\"");
    buffer_text(out, kind_name(step));
    buffer_text(out, "\"");
    add_text(out, "type", step->type);
    if (step->source.length > 0)
        add_text(out, "source", step->source);
    if (step->time.length > 0)
        add_text(out, "time", step->time);
    add_data(out, &step->message, step->missing);
    if (step->reason.length > 0)
        add_escaped(out, "why", step->reason);
    if (step->kind == STEP_LETTER)
        buffer_text(out, step->redriven ? ",\"redriven\":true" : ",\"redriven\":false");
    add_places(out, step);
    add_cause(out, trace, step);
    buffer_text(out, "}");
}

/* -- purchases --------------------------------------------------------------------------- */

static const char *
stand_name(enum stand stand)
{
    static const char *const names[] = {
        "created", "failed", "taken-back", "changed", "put-aside", "waiting", "sold", "lost",
    };

    return names[stand];
}

static void
add_takings(struct buffer *out, const char *name, const struct takings *taken)
{
    add_name(out, name);
    buffer_text(out, "{\"events\":");
    buffer_number(out, taken->events);
    add_number(out, "pieces", taken->pieces);
    buffer_text(out, ",\"last\":[");
    for (size_t i = 0; i < taken->count; i++) {
        const struct taking *taking = &taken->last[i];

        buffer_text(out, i > 0 ? ",{\"sequence\":" : "{\"sequence\":");
        buffer_number(out, taking->number);
        add_text(out, "time", (struct slice){ taking->time.text, MOMENT_LENGTH });
        add_text(out, "type", message_type_name(taking->type));
        add_number(out, "quantity", taking->quantity);
        add_text(out, "request", (struct slice){ taking->request, UUID_LENGTH });
        buffer_text(out, "}");
    }
    buffer_text(out, "]}");
}

static void
add_grounds(struct buffer *out, const struct grounds *grounds)
{
    buffer_text(out, ",\"grounds\":{\"before\":");
    buffer_number(out, product_available(&grounds->before));
    if (grounds->checked) {
        add_number(out, "check_sequence", grounds->check_sequence);
        add_number(out, "check_available", grounds->check_available);
    }
    add_takings(out, "between", &grounds->between);
    add_takings(out, "earlier", &grounds->earlier);
    buffer_text(out, "}");
}

static void
add_waiting(struct buffer *out, const struct purchase *purchase)
{
    buffer_text(out, ",\"waiting\":[");
    for (size_t i = 0; i < purchase->waiting_count; i++) {
        const struct waiting *waiting = &purchase->waiting[i];

        buffer_text(out, i > 0 ? ",{\"topic\":\"" : "{\"topic\":\"");
        buffer_slice(out, waiting->place->topic);
        buffer_text(out, "\"");
        add_number(out, "lane", waiting->place->lane);
        add_number(out, "offset", waiting->place->offset);
        if (waiting->group.length > 0)
            add_text(out, "group", waiting->group);
        add_name(out, "before");
        if (waiting->wait == WAIT_BEHIND)
            buffer_number(out, waiting->before);
        else
            buffer_text(out, "null");
        buffer_text(out, waiting->wait == WAIT_PASSED ? ",\"read\":true}" : ",\"read\":false}");
    }
    buffer_text(out, "]");
}

static void
add_purchase(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    struct buffer text = { 0 };

    buffer_text(out, "{\"status\":\"");
    buffer_text(out, stand_name(purchase->stand));
    buffer_text(out, "\"");
    add_text(out, "product", purchase->product);
    add_number(out, "quantity", purchase->quantity);
    trace_add_outcome(&text, trace, purchase);
    add_text(out, "text", (struct slice){ text.at, text.length });
    if (purchase->waiting_count > 0)
        add_waiting(out, purchase);
    if (purchase->grounds != NULL && purchase->grounds->known)
        add_grounds(out, purchase->grounds);
    buffer_text(out, "}");
    buffer_free(&text);
}

void
trace_print_json(struct buffer *out, const struct trace *trace)
{
    buffer_text(out, "{\"request\":\"");
    buffer_slice(out, trace->request);
    buffer_text(out, "\",\"purchases\":[");
    for (size_t i = 0; i < trace->purchase_count; i++) {
        buffer_text(out, i > 0 ? "," : "");
        add_purchase(out, trace, &trace->purchases[i]);
    }
    buffer_text(out, "],\"steps\":[");
    for (size_t i = 0; i < trace->count; i++) {
        buffer_text(out, i > 0 ? "," : "");
        add_step(out, trace, &trace->steps[trace->tree[i].step]);
    }
    buffer_text(out, "]}\n");
}
