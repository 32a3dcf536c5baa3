/*
 * worker.pml -- what the workers of protocol.pml have in common: where they are, and how
 * they speak, show a result and settle.
 */
#define WORKERS (CHECKERS + SELLERS + REFUSERS + CREATORS + 1)

#define IS_FIRST(w) ((w) == 0 || (w) == CHECKERS || (w) == CHECKERS + SELLERS || (w) == CHECKERS + SELLERS + REFUSERS)

/* Where a worker is. */
#define IDLE 0
#define WAITING 1               /* holds the orders, waits for the journal; or waits for both */
#define READ 2                  /* has decided, nothing written */
#define WRITTEN 3
#define SYNCED 4
#define SPOKEN 6
#define ALONE 7                 /* evcreate has lost the UUID, and comes again to take the sale back */
#define TAKING_BACK 8           /* holds the orders for it */

/* What a worker is going to say of its wish. */
#define SAYS_NOTHING 0
#define SAYS_AVAILABLE 1
#define SAYS_UNAVAILABLE 2
#define SAYS_SOLD 3
#define SAYS_FAILED 4
#define SAYS_CREATED 5

typedef Worker {
    byte at;
    byte wish;
    byte taken;                 /* the bits of the message it has in hand */
    byte says;
    byte code;
    byte number;                /* of the line that it speaks of; 0: of none */
    bool wrote;
    bool rests;                 /* on a line that it found */
    bool named;                 /* it made the journal's file */
    bool stored;                /* the result is there already */
    bool unsettled;             /* it showed a result, or rests on one */
};

Worker worker[WORKERS];

/* Make the file if it is missing.  Its name is synced before anything is in it, by whoever finds it empty. */
inline begin_journal(w, product)
{
#ifdef NAME_BY_MAKER
    worker[w].named = !journal[product].there;
#else
    journal[product].named = true;
#endif
    journal[product].there = true
}

inline sync_journal(w)
{
    sync(journal[PRODUCT(worker[w].wish)]);
    journal[PRODUCT(worker[w].wish)].named = journal[PRODUCT(worker[w].wish)].named || worker[w].named
}

inline release(file, w)
{
    file.holder = (file.holder == w -> NOBODY : file.holder)
}

#define ON_DISK(product, n) ((n) == 0 || ((n) <= journal[product].synced && journal[product].named))
#define LINE_OF(w) journal[PRODUCT(worker[w].wish)].line[worker[w].number - 1]

/* There is an order; the power cannot take it, but where it comes again from the topic. */
inline find_order(k)
{
    at = 0;
    do
    :: WISH(orders.line[at]) != k || KIND(orders.line[at]) != SOLD -> at++; assert(at < orders.length)
    :: else -> break
    od;
#ifndef TOPICS
    assert(at < orders.synced);
#endif
    at = 0
}

/* A worker's message is out.  Durable before visible: what it tells of is on disk. */
inline say_so(w)
{
    assert(ON_DISK(PRODUCT(worker[w].wish), worker[w].number));
    if
    :: worker[w].says == SAYS_NOTHING -> skip
    :: worker[w].says == SAYS_AVAILABLE -> MESSAGE(AVAILABLE, worker[w].wish).sent = 1
    :: worker[w].says == SAYS_UNAVAILABLE ->
        MESSAGE(UNAVAILABLE, worker[w].wish).sent = MESSAGE(UNAVAILABLE, worker[w].wish).sent | (1 << worker[w].code)
    :: worker[w].says == SAYS_SOLD ->
        assert(LINE_OF(w) == LINE(SOLD, worker[w].wish, 0));
        /* A message produced twice is the same message. */
        assert(MESSAGE(ORDER, worker[w].wish).sent == 0 || MESSAGE(ORDER, worker[w].wish).sent == worker[w].number);
        MESSAGE(ORDER, worker[w].wish).sent = worker[w].number
    :: worker[w].says == SAYS_FAILED -> assert(LINE_OF(w) == LINE(REFUSED, worker[w].wish, worker[w].code))
    :: worker[w].says == SAYS_CREATED ->
        assert(LINE_OF(w) == LINE(SOLD, worker[w].wish, 0));
        find_order(worker[w].wish)
    fi
}

/* A result never changes once somebody may have read it, and rests on what is on disk. */
inline show_result(w, new)
{
    assert(ON_DISK(PRODUCT(worker[w].wish), worker[w].number));
    assert(seen[REQUEST(worker[w].wish)] == 0 || seen[REQUEST(worker[w].wish)] == new);
    seen[REQUEST(worker[w].wish)] = new;
    result[REQUEST(worker[w].wish)] = new;
    worker[w].unsettled = true
}

inline forget(w)
{
    worker[w].at = IDLE; worker[w].wish = 0; worker[w].taken = 0; worker[w].says = 0;
    worker[w].code = 0; worker[w].number = 0; worker[w].wrote = false; worker[w].rests = false;
    worker[w].named = false; worker[w].stored = false; worker[w].unsettled = false
}

/* Everything that was done is on disk; then the message counts as done. */
inline settle(w, queue)
{
#ifdef TOPICS
#ifndef MOVE_EARLY
    sync_everything();
#endif
    MESSAGE(queue, worker[w].wish).done = MESSAGE(queue, worker[w].wish).done | worker[w].taken;
#else
    if
    :: worker[w].unsettled -> sync_everything()
    :: else
    fi;
    MESSAGE(queue, worker[w].wish).done = MESSAGE(queue, worker[w].wish).done | (over -> worker[w].taken : 0);
#endif
    forget(w)
}

inline say(w, what, of_line, why)
{
    worker[w].says = what; worker[w].number = of_line; worker[w].code = why
}

/* Decide as the events are now: `pieces` and `known` are those of look(). */
#define ENOUGH(w) (pieces >= QUANTITY(w))
#define REFUSAL (!known -> UNKNOWN : (pieces == 0 -> NOTHING_LEFT : TOO_FEW_LEFT))

/*
 * Say it.  In pipes nothing is left to do then, but for results to be synced; what comes
 * from a topic counts as done when it is settled.
 */
inline speak(w, queue)
{
    say_so(w);
#ifdef TOPICS
    worker[w].at = SPOKEN
#else
    if
    :: worker[w].unsettled -> worker[w].at = SPOKEN
    :: else -> settle(w, queue)
    fi
#endif
}

/*
 * A worker may begin with such a message, evorder when the journal is free; the last run
 * is that of the first worker of each command.
 */
#define FREE(k) (journal[PRODUCT(k)].holder == NOBODY)
#define TAKES(queue, k, bits) \
    ((k) < WISHES && CAN_TAKE(queue, (k) % WISHES, bits) && ((queue) != AVAILABLE || FREE(k)))
#define TAKES_ANY(w, queue, bits) \
    (worker[w].at == IDLE && (!over || IS_FIRST(w)) && \
    (TAKES(queue, 0, bits) || TAKES(queue, 1, bits) || TAKES(queue, 2, bits)))

inline choose(w, queue, bits)
{
    if
    :: TAKES(queue, 0, bits) -> worker[w].wish = 0
    :: TAKES(queue, 1, bits) -> worker[w].wish = 1
    :: TAKES(queue, 2, bits) -> worker[w].wish = 2
    fi;
    worker[w].taken = MESSAGE(queue, worker[w].wish).sent & (bits)
}


/* What was found counts as what was written. */
inline sync_if_needed(w)
{
    if
#ifdef TRUST_UNSYNCED
    :: worker[w].wrote -> sync_journal(w)
#else
    :: worker[w].wrote || worker[w].rests -> sync_journal(w)
#endif
    :: else
    fi
}

/* A result that was found is to be settled as one that was shown: who showed it may have been killed. */
inline show_if_needed(w, what, new)
{
    if
    :: worker[w].says == what && !worker[w].stored -> show_result(w, new)
#ifndef TRUST_UNSETTLED
    :: worker[w].says == what && worker[w].stored -> worker[w].unsettled = true
#endif
    :: else
    fi
}

inline release_both(w)
{
    release(orders, w);
    release(journal[PRODUCT(worker[w].wish)], w)
}
