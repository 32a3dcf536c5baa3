/*
 * files.pml -- the files of a store, and the messages on their way.
 *
 * A line, a file's name, a result or a message is safe when a sync has returned since it
 * was written; the power takes any end of the lines of each file that are not safe, and
 * any of the rest.  Who is killed leaves everything as it is, but its locks.
 */
/* -- what is on disk ---------------------------------------------------------- */

/* A line of a journal, and a result: a kind, whose wish it is, and a code or how many pieces. */
#define ADDED 1
#define SOLD 2
#define REFUSED 3
#define RETURNED 4
#define LINE(kind, wish, more) ((kind) + ((wish) << 3) + ((more) << 5))
#define KIND(line) ((line) & 7)
#define WISH(line) (((line) >> 3) & 3)
#define MORE(line) ((line) >> 5)

/* Why a purchase is refused. */
#define UNKNOWN 1
#define NOTHING_LEFT 2
#define TOO_FEW_LEFT 3

#define LINES (1 + ARRIVALS + WISHES + WISHES)
#define NOBODY 255

typedef Journal {
    byte line[LINES];
    byte length;                /* that everybody sees */
    byte synced;                /* that the power cannot take */
    bool there;                 /* the file */
    bool named;                 /* and that the power cannot take its name */
    byte holder;
};

Journal journal[PRODUCTS];
Journal orders;                 /* its lines are SOLD: the wish whose order it is */
byte result[WISHES];            /* of each request */
bool kept[WISHES];              /* the power cannot take it */
byte seen[WISHES];              /* what somebody may have read */

/* -- what is on its way ------------------------------------------------------- */

#define CHECK 0                 /* stockcheck.requested */
#define AVAILABLE 1
#define UNAVAILABLE 2           /* a bit for each code it was sent with */
#define ORDER 3                 /* order.requested: the number of the sale */
#define ANY_NUMBER 255
#define QUEUES 4
#define MESSAGE(queue, wish) message[(queue) * WISHES + (wish)]

typedef Message {
    byte sent;
    byte safe;                  /* as much of it as the power cannot take */
    byte done;                  /* as much of it as need not be taken again */
};

Message message[QUEUES * WISHES];
bool over;                      /* no more crashes: each message is taken until it is done */
byte crashes = CRASHES;
byte arrivals = ARRIVALS;

#define CAN_TAKE(queue, wish, bits) \
    ((MESSAGE(queue, wish).sent & (bits)) != 0 && !(over && (MESSAGE(queue, wish).done & (bits)) != 0))

/* -- looking and appending ------------------------------------------------------ */

/* What look() and claim_uuid() find; nothing lasts from one step to the next. */
hidden short pieces;
hidden byte n, at, line, outcome, number, code, owner;
hidden byte known, back, stored, ordered, lost;

inline look(product, whose)
{
    pieces = 0; known = false; back = 0; number = 0; outcome = 0; code = 0;
    at = 0;
    do
    :: at < journal[product].length ->
        line = journal[product].line[at];
        at++;
        if
        :: KIND(line) == ADDED -> pieces = pieces + MORE(line); known = true
        :: KIND(line) == SOLD -> pieces = pieces - QUANTITY(WISH(line))
        :: KIND(line) == RETURNED -> pieces = pieces + QUANTITY(WISH(line)); back = (WISH(line) == whose -> at : back)
        :: KIND(line) == REFUSED -> skip
        fi;
        if
        :: WISH(line) == whose && (KIND(line) == SOLD || KIND(line) == REFUSED) ->
            outcome = KIND(line); number = at; code = (KIND(line) == REFUSED -> MORE(line) : 0)
        :: else
        fi
    :: else -> break
    od;
    line = 0; at = 0
}

/* Never oversold, and one outcome: true of every prefix, because it is true after each append. */
inline check_journal(product, whose)
{
    pieces = 0; number = 0;
    at = 0;
    do
    :: at < journal[product].length ->
        line = journal[product].line[at];
        at++;
        if
        :: KIND(line) == ADDED -> pieces = pieces + MORE(line)
        :: KIND(line) == SOLD -> pieces = pieces - QUANTITY(WISH(line)); number = number + (WISH(line) == whose)
        :: KIND(line) == REFUSED -> number = number + (WISH(line) == whose)
        :: KIND(line) == RETURNED -> pieces = pieces + QUANTITY(WISH(line)); number = number + 8 * (WISH(line) == whose)
        fi
    :: else -> break
    od;
    assert(pieces >= 0);
    assert((number & 7) <= 1 && number <= 9);
    line = 0; at = 0
}

inline append(product, kind, whose, more)
{
    assert(journal[product].holder != NOBODY);
    journal[product].line[journal[product].length] = LINE(kind, whose, more);
    journal[product].length++;
    check_journal(product, whose)
}

/* Who has the UUID, among orders and results; `wanted` is the result this purchase would have. */
inline claim_uuid(whose, creating, wanted)
{
    ordered = false; lost = false; stored = false;
    at = 0;
    do
    :: at < orders.length ->
        owner = WISH(orders.line[at]);
        at++;
        if
        :: REQUEST(owner) == REQUEST(whose) ->
            ordered = creating && owner == whose;
            lost = !ordered
        :: else
        fi
    :: else -> break
    od;
    if
    :: result[REQUEST(whose)] == 0 -> skip
    :: else ->
        stored = KIND(result[REQUEST(whose)]) == KIND(wanted) && WISH(result[REQUEST(whose)]) == whose;
        lost = lost || (!stored && !ordered)
    fi;
    owner = 0; at = 0
}

inline sync(file)
{
    file.synced = file.length
}

inline sync_everything()
{
    at = 0;
    do
    :: at < PRODUCTS -> sync(journal[at]); journal[at].named = journal[at].there; at++
    :: else -> break
    od;
    sync(orders);
    at = 0;
    do
    :: at < WISHES -> kept[at] = result[at] != 0; at++
    :: else -> break
    od;
    at = 0;
    do
    :: at < QUEUES * WISHES -> message[at].safe = message[at].sent; at++
    :: else -> break
    od;
    at = 0
}
