/* condition.c -- what may be asked of a product's state. */
#include "base/text.h"
#include "domain/condition.h"

const char *const condition_members[MEMBER_COUNT] = {
    "sequence", "available", "added", "removed", "sold", "returned", "refused",
};

int64_t
condition_value(enum condition_member member, const struct product *product)
{
    switch (member) {
    case MEMBER_SEQUENCE: return (int64_t)product->sequence;
    case MEMBER_AVAILABLE: return product_balance(product);
    case MEMBER_ADDED: return (int64_t)product->added;
    case MEMBER_REMOVED: return (int64_t)product->removed;
    case MEMBER_SOLD: return (int64_t)product->sold;
    case MEMBER_RETURNED: return (int64_t)product->returned;
    case MEMBER_REFUSED: return (int64_t)product->refused;
    case MEMBER_COUNT: break;
    }
    return 0;
}

static void
skip(struct slice *text, size_t length)
{
    text->at += length;
    text->length -= length;
}

static void
skip_blanks(struct slice *text)
{
    while (text->length > 0 && (text->at[0] == ' ' || text->at[0] == '\t'))
        skip(text, 1);
}

static bool
take(struct slice *text, const char *word)
{
    size_t length = strlen(word);

    if (text->length < length || memcmp(text->at, word, length) != 0)
        return false;
    skip(text, length);
    return true;
}

static bool
read_member(struct slice *text, enum condition_member *member)
{
    for (int i = 0; i < MEMBER_COUNT; i++) {
        if (take(text, condition_members[i])) {
            *member = (enum condition_member)i;
            return true;
        }
    }
    return false;
}

/* The longer ones first: none is then taken for the beginning of another. */
static bool
read_comparison(struct slice *text, struct condition *out)
{
    static const struct {
        const char *word;
        bool less, equal, greater;
    } comparisons[] = {
        { "<=", true, true, false }, { ">=", false, true, true }, { "==", false, true, false },
        { "!=", true, false, true }, { "<", true, false, false }, { ">", false, false, true },
        { "=", false, true, false },
    };

    for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++) {
        if (!take(text, comparisons[i].word))
            continue;
        out->less = comparisons[i].less;
        out->equal = comparisons[i].equal;
        out->greater = comparisons[i].greater;
        return true;
    }
    return false;
}

bool
condition_read(struct slice text, struct condition *out)
{
    uint64_t number = 0;
    bool negative;

    skip_blanks(&text);
    if (!read_member(&text, &out->member))
        return false;
    skip_blanks(&text);
    if (!read_comparison(&text, out))
        return false;
    skip_blanks(&text);
    while (text.length > 0 && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t'))
        text.length--;
    negative = take(&text, "-");
    if (!negative)
        (void)take(&text, "+");
    if (!text_number(text, 0, NUMBER_MAX, &number))
        return false;
    out->number = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

bool
condition_holds(const struct condition *condition, const struct product *product)
{
    int64_t value = condition_value(condition->member, product);

    if (value == condition->number)
        return condition->equal;
    return value < condition->number ? condition->less : condition->greater;
}
