/*
 * protocol.pml -- who sells, who refuses and who makes orders, killed at any step.
 *
 * Workers of evcheck, evorder, evfail and evcreate share the files of one store.  A step
 * of a worker is what nobody can see the middle of; between two steps everything may
 * happen: others go on, the worker is killed, the power fails.  A message that was sent
 * can be taken again and again.  At some instant the last crash is over, and the flow is
 * run to its end; then every request has its one result.  README.md tells which lines of
 * the source each step stands for, what is left out, and how to run it.
 *
 * Sizes: WISHES, STOCK, ARRIVALS, CRASHES, and how many workers of each command there are.
 *
 *   TOPICS        messages are kept in topics, and what was done is not run again
 *   SHARED        one UUID is used for two products
 *   SYNC_FAILS    a crash may be a sync that fails
 *   KILLS_ONLY    the power does not fail
 *
 * Broken on purpose, each of them found out: NO_SECOND_CHECK, SPEAK_EARLY, BLIND_REFUSAL,
 * NO_ORDERS_LOCK, TRUST_UNSYNCED, TRUST_UNSETTLED, TRUST_RETURN, SHOW_EARLY,
 * NO_TAKE_BACK, NAME_BY_MAKER, MOVE_EARLY.
 */
#ifndef WISHES
#define WISHES 2
#endif
#ifndef STOCK
#define STOCK 1                 /* pieces that are there at first, of each product */
#endif
#ifndef FIRST_QUANTITY
#define FIRST_QUANTITY 1        /* what the first wish asks for; the others ask for one piece */
#endif
#ifndef ARRIVALS
#define ARRIVALS 0              /* pieces of the first product that come in the middle */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef CHECKERS
#define CHECKERS 1
#endif
#ifndef SELLERS
#define SELLERS 2
#endif
#ifndef REFUSERS
#define REFUSERS 2
#endif
#ifndef CREATORS
#define CREATORS 1
#endif

/* A wish is a product under a request's UUID. */
#ifdef SHARED
#define PRODUCTS 2
#define PRODUCT(wish) ((wish) == 1)
#define REQUEST(wish) ((wish) == 2)
#else
#define PRODUCTS 1
#define PRODUCT(wish) 0
#define REQUEST(wish) (wish)
#endif
#define QUANTITY(wish) ((wish) == 0 -> FIRST_QUANTITY : 1)

#include "files.pml"
#include "worker.pml"
#include "crash.pml"

/* -- evcheck ------------------------------------------------------------------ */

/* An answer that rests on no outcome may as well be given at once: it is as stale when it is taken. */
inline check(w, k)
{
    look(PRODUCT(k), k);
    worker[w].rests = outcome != 0;
    if
    :: back -> say(w, SAYS_NOTHING, back, 0); worker[w].at = READ
    :: !back && outcome == SOLD -> say(w, SAYS_AVAILABLE, number, 0); worker[w].at = READ
    :: !back && outcome == REFUSED -> say(w, SAYS_UNAVAILABLE, number, code); worker[w].at = READ
    :: outcome == 0 && ENOUGH(k) -> say(w, SAYS_AVAILABLE, 0, 0); speak(w, CHECK)
    :: outcome == 0 && !ENOUGH(k) -> say(w, SAYS_UNAVAILABLE, 0, REFUSAL); speak(w, CHECK)
    fi
}

proctype evcheck(byte w)
{
end:
    do
    :: atomic { TAKES_ANY(w, CHECK, 1) -> choose(w, CHECK, 1); d_step { check(w, worker[w].wish) } }
    :: d_step { worker[w].at == READ ->
        sync_journal(w);
#ifdef SYNC_FAILS
        worker[w].number = 0;       /* it holds no lock, so the line may have been cut off meanwhile */
#endif
        speak(w, CHECK) }
    :: d_step { worker[w].at == SPOKEN -> settle(w, CHECK) }
    :: d_step { CAN_DIE(w) -> die(w) }
    od
}

/* -- evorder ------------------------------------------------------------------ */

#ifdef NO_SECOND_CHECK
#define MAY_SELL(w) true
#else
#define MAY_SELL(w) ENOUGH(w)
#endif

/* Under the journal's lock, caught up: an outcome that is there, or a decision from the events as they are now. */
inline order(w, k)
{
    look(PRODUCT(k), k);
    journal[PRODUCT(k)].holder = (journal[PRODUCT(k)].there -> w : NOBODY);
    worker[w].rests = outcome != 0;
    worker[w].at = WRITTEN;
    if
    :: back -> say(w, SAYS_NOTHING, back, 0)
    :: !back && outcome == SOLD -> say(w, SAYS_SOLD, number, 0)
    :: !back && outcome == REFUSED -> say(w, SAYS_UNAVAILABLE, number, code)
    :: outcome == 0 && journal[PRODUCT(k)].there && MAY_SELL(k) ->
        append(PRODUCT(k), SOLD, k, 0);
        worker[w].wrote = true;
        say(w, SAYS_SOLD, journal[PRODUCT(k)].length, 0)
    :: outcome == 0 && !(journal[PRODUCT(k)].there && MAY_SELL(k)) -> say(w, SAYS_UNAVAILABLE, 0, REFUSAL)
    fi
}

proctype evorder(byte w)
{
end:
    do
    :: atomic { TAKES_ANY(w, AVAILABLE, 1) -> choose(w, AVAILABLE, 1); d_step { order(w, worker[w].wish) } }
    :: d_step { worker[w].at == WRITTEN ->
#ifdef SPEAK_EARLY
        say_so(w);
#endif
        sync_if_needed(w);
        worker[w].at = SYNCED }
    :: d_step { worker[w].at == SYNCED -> release_both(w); speak(w, AVAILABLE) }
    :: d_step { worker[w].at == SPOKEN -> settle(w, AVAILABLE) }
    :: d_step { CAN_DIE(w) -> die(w) }
    :: d_step { SYNC_CAN_FAIL(w) -> fail_to_sync(w) }
    od
}

/* -- evfail ------------------------------------------------------------------- */

#ifdef BLIND_REFUSAL
#define OUTCOME_SEEN 0
#else
#define OUTCOME_SEEN outcome
#endif

/* Under both locks: only an outcome is looked for, never the stock. */
inline refuse(w, k)
{
    journal[PRODUCT(k)].holder = w;
    begin_journal(w, PRODUCT(k));
    look(PRODUCT(k), k);
    claim_uuid(k, false, LINE(REFUSED, k, 0));
    worker[w].rests = OUTCOME_SEEN != 0;
    worker[w].stored = stored;
    worker[w].at = WRITTEN;
    if
    :: back -> say(w, SAYS_NOTHING, back, 0)
    :: !back && OUTCOME_SEEN != SOLD && lost -> skip
    :: !back && OUTCOME_SEEN == SOLD -> say(w, SAYS_SOLD, number, 0)
    :: !back && OUTCOME_SEEN == REFUSED && !lost -> say(w, SAYS_FAILED, number, code)
    :: !back && OUTCOME_SEEN == 0 && !lost ->
        append(PRODUCT(k), REFUSED, k, worker[w].code);
        worker[w].wrote = true;
        say(w, SAYS_FAILED, journal[PRODUCT(k)].length, worker[w].code)
    fi
}

inline hold_orders(w, why)
{
    orders.holder = w;
    worker[w].code = why;
    worker[w].at = WAITING
}

proctype evfail(byte w)
{
end:
    do
    :: atomic { orders.holder == NOBODY && TAKES_ANY(w, UNAVAILABLE, 1 << UNKNOWN) ->
        choose(w, UNAVAILABLE, 1 << UNKNOWN); hold_orders(w, UNKNOWN) }
    :: atomic { orders.holder == NOBODY && TAKES_ANY(w, UNAVAILABLE, 1 << NOTHING_LEFT) ->
        choose(w, UNAVAILABLE, 1 << NOTHING_LEFT); hold_orders(w, NOTHING_LEFT) }
    :: atomic { orders.holder == NOBODY && TAKES_ANY(w, UNAVAILABLE, 1 << TOO_FEW_LEFT) ->
        choose(w, UNAVAILABLE, 1 << TOO_FEW_LEFT); hold_orders(w, TOO_FEW_LEFT) }
    :: d_step { worker[w].at == WAITING && FREE(worker[w].wish) -> refuse(w, worker[w].wish) }
    :: d_step { worker[w].at == WRITTEN ->
#ifdef SHOW_EARLY
        show_if_needed(w, SAYS_FAILED, LINE(REFUSED, worker[w].wish, worker[w].code));
#endif
        sync_if_needed(w);
        worker[w].at = SYNCED }
    :: d_step { worker[w].at == SYNCED ->
        show_if_needed(w, SAYS_FAILED, LINE(REFUSED, worker[w].wish, worker[w].code));
        release_both(w);
        speak(w, UNAVAILABLE) }
    :: d_step { worker[w].at == SPOKEN -> settle(w, UNAVAILABLE) }
    :: d_step { CAN_DIE(w) -> die(w) }
    :: d_step { SYNC_CAN_FAIL(w) -> fail_to_sync(w) }
    od
}

/* -- evcreate ----------------------------------------------------------------- */

#ifdef NO_ORDERS_LOCK
#define ORDERS_FREE true
#define HOLD_ORDERS(w)
#else
#define ORDERS_FREE (orders.holder == NOBODY)
#define HOLD_ORDERS(w) orders.holder = w
#endif

/* Under the orders' lock; the journal is only read. */
inline create(w, k)
{
    claim_uuid(k, true, LINE(SOLD, k, 0));
    look(PRODUCT(k), k);
    worker[w].stored = stored;
    if
    :: lost -> worker[w].at = ALONE
    :: !lost && back -> settle(w, ORDER)
    :: !lost && !back ->
        HOLD_ORDERS(w);
        assert(outcome == SOLD);
        worker[w].rests = number != worker[w].taken;
        worker[w].wrote = !ordered;
        say(w, SAYS_CREATED, number, 0);
        worker[w].at = READ
    fi
}

inline write_order(w)
{
    if
    :: worker[w].wrote ->
        claim_uuid(worker[w].wish, true, LINE(SOLD, worker[w].wish, 0));
        assert(!ordered && !lost);
        orders.line[orders.length] = LINE(SOLD, worker[w].wish, 0);
        orders.length++
    :: else
    fi
}

/* The UUID is another purchase's: the pieces go back, once. */
inline take_back(w, k)
{
    journal[PRODUCT(k)].holder = w;
    claim_uuid(k, true, LINE(SOLD, k, 0));
    assert(lost);
    look(PRODUCT(k), k);
#ifdef TRUST_RETURN
    worker[w].rests = number != worker[w].taken;
#else
    worker[w].rests = number != worker[w].taken || back;
#endif
    worker[w].at = WRITTEN;
#ifndef NO_TAKE_BACK
    if
    :: outcome == SOLD && !back ->
        append(PRODUCT(k), RETURNED, k, 0);
        worker[w].wrote = true;
        say(w, SAYS_NOTHING, journal[PRODUCT(k)].length, 0)
    :: else -> say(w, SAYS_NOTHING, back, 0)
    fi
#endif
}

inline sync_order(w)
{
    if
    :: worker[w].says == SAYS_CREATED ->
        if
        :: worker[w].rests -> sync_journal(w)
        :: else
        fi;
#ifndef TOPICS
        sync(orders)
#endif
    :: else -> sync_if_needed(w)
    fi
}

proctype evcreate(byte w)
{
end:
    do
    :: atomic { TAKES_ANY(w, ORDER, ANY_NUMBER) && ORDERS_FREE ->
        choose(w, ORDER, ANY_NUMBER);
        d_step { create(w, worker[w].wish) } }
    :: d_step { worker[w].at == READ -> write_order(w); worker[w].at = WRITTEN }
    :: d_step { worker[w].at == WRITTEN -> sync_order(w); worker[w].at = SYNCED }
    :: d_step { worker[w].at == SYNCED ->
        show_if_needed(w, SAYS_CREATED, LINE(SOLD, worker[w].wish, 0));
        release_both(w);
        speak(w, ORDER) }
    :: d_step { worker[w].at == SPOKEN -> settle(w, ORDER) }
    :: d_step { worker[w].at == ALONE && ORDERS_FREE -> HOLD_ORDERS(w); worker[w].at = TAKING_BACK }
    :: d_step { worker[w].at == TAKING_BACK && FREE(worker[w].wish) -> take_back(w, worker[w].wish) }
    :: d_step { CAN_DIE(w) -> die(w) }
    od
}

/* -- evstock ------------------------------------------------------------------ */

inline add_piece(w)
{
    arrivals--;
    journal[0].holder = w;
    begin_journal(w, 0);
    append(0, ADDED, 0, 1);
    worker[w].wrote = true;
    worker[w].at = WRITTEN
}

proctype evstock(byte w)
{
end:
    do
    :: d_step { worker[w].at == IDLE && arrivals > 0 && !over && FREE(0) -> add_piece(w) }
    :: d_step { worker[w].at == WRITTEN -> sync_if_needed(w); release_both(w); forget(w) }
    :: d_step { CAN_DIE(w) -> die(w) }
    :: d_step { SYNC_CAN_FAIL(w) -> fail_to_sync(w) }
    od
}

inline begin_store()
{
    n = 0;
    do
    :: n < PRODUCTS ->
        journal[n].holder = NOBODY;
        if
        :: STOCK > 0 ->
            journal[n].line[0] = LINE(ADDED, 0, STOCK);
            journal[n].length = 1;
            journal[n].synced = 1;
            journal[n].there = true;
            journal[n].named = true
        :: else
        fi;
        n++
    :: else -> break
    od;
    orders.holder = NOBODY;
    n = 0;
    do
    :: n < WISHES -> MESSAGE(CHECK, n).sent = 1; MESSAGE(CHECK, n).safe = 1; n++
    :: else -> break
    od;
    n = 0
}

init {
    byte w;

    atomic {
        begin_store();
        do
        :: w < CHECKERS -> run evcheck(w); w++
        :: w >= CHECKERS && w < CHECKERS + SELLERS -> run evorder(w); w++
        :: w >= CHECKERS + SELLERS && w < CHECKERS + SELLERS + REFUSERS -> run evfail(w); w++
        :: w >= CHECKERS + SELLERS + REFUSERS && w < WORKERS - 1 -> run evcreate(w); w++
        :: w == WORKERS - 1 -> run evstock(w); w++
        :: w == WORKERS -> break
        od;
        run power();
        run verdict()
    }
}
