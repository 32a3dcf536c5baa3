/*
 * crash.pml -- a worker is killed, a sync fails, the power fails; and the end of it all.
 */
#define CAN_CRASH (crashes > 0 && !over)
#ifdef KILLS_ONLY
#define POWER_CAN_FAIL false
#else
#define POWER_CAN_FAIL CAN_CRASH
#endif
#define CAN_DIE(w) (CAN_CRASH && worker[w].at != IDLE)

/* Killed: what it wrote stays, its locks are free. */
inline die(w)
{
    crashes--;
    release_both(w);
    forget(w)
}

/* A sync fails: the line is cut off again, and the process ends. */
#ifdef SYNC_FAILS
#define SYNC_CAN_FAIL(w) (CAN_CRASH && worker[w].at == WRITTEN && worker[w].wrote)
#else
#define SYNC_CAN_FAIL(w) false
#endif

inline fail_to_sync(w)
{
    journal[PRODUCT(worker[w].wish)].length--;
    journal[PRODUCT(worker[w].wish)].line[journal[PRODUCT(worker[w].wish)].length] = 0;
    die(w)
}

/* Any end of the lines that are not safe. */
inline cut(file)
{
    do
    :: file.length > file.synced -> file.length--; file.line[file.length] = 0
    :: break
    od;
    file.synced = file.length
}

inline lose_name(file)
{
    if
    :: file.there && !file.named -> file.synced = 0; file.there = false;
        do
        :: file.length > 0 -> file.length--; file.line[file.length] = 0
        :: else -> break
        od
    :: true
    fi;
    file.named = file.there
}

inline lose_results()
{
    n = 0;
    do
    :: n < WISHES ->
        if
        :: result[n] != 0 && !kept[n] -> result[n] = 0
        :: true
        fi;
        kept[n] = result[n] != 0;
        n++
    :: else -> break
    od;
    n = 0
}

/* Of what stands in a topic, any message that is not safe; a pipe's are never taken again, or they are. */
inline lose_messages()
{
    n = 0;
#ifdef TOPICS
    do
    :: n < QUEUES * WISHES ->
        if
        :: message[n].sent != message[n].safe -> message[n].sent = message[n].safe
        :: true
        fi;
        message[n].safe = message[n].sent;
        n++
    :: else -> break
    od;
#endif
    n = 0
}

inline forget_all()
{
    n = 0;
    do
    :: n < WORKERS -> forget(n); n++
    :: else -> break
    od;
    n = 0;
    do
    :: n < PRODUCTS -> journal[n].holder = NOBODY; n++
    :: else -> break
    od;
    orders.holder = NOBODY;
    n = 0
}

proctype power()
{
end:
    do
    :: atomic {
        POWER_CAN_FAIL ->
        crashes--;
        forget_all();
        cut(journal[0]);
        lose_name(journal[0]);
#ifdef SHARED
        cut(journal[1]);
        lose_name(journal[1]);
#endif
        cut(orders);
        lose_results();
        lose_messages()
    }
    od
}

/* -- the end -------------------------------------------------------------------- */

/*
 * Everybody is killed for the last time.  In pipes all that was on its way is gone, and
 * the flow is run again on its input; from topics it goes on with what is there.
 */
inline begin_last_run()
{
    over = true;
    forget_all();
#ifndef TOPICS
    n = WISHES;
    do
    :: n < QUEUES * WISHES -> message[n].sent = 0; n++
    :: else -> break
    od;
#endif
    n = 0
}

/* Only the first worker of each command is at work then. */
#define IS_QUIET(first) (worker[first].at == IDLE)
#define ALL_QUIET \
    (IS_QUIET(0) && IS_QUIET(CHECKERS) && IS_QUIET(CHECKERS + SELLERS) && IS_QUIET(CHECKERS + SELLERS + REFUSERS))
#define IS_DONE(queue, k) ((MESSAGE(queue, (k) % WISHES).sent & ~MESSAGE(queue, (k) % WISHES).done) == 0)
#define ARE_DONE(queue) (IS_DONE(queue, 0) && IS_DONE(queue, 1) && IS_DONE(queue, 2))
#define ALL_DONE (ARE_DONE(CHECK) && ARE_DONE(AVAILABLE) && ARE_DONE(UNAVAILABLE) && ARE_DONE(ORDER))

/* What a request's result says is so, all of it on disk, and there is no second order. */
inline judge_request(r)
{
    assert(result[r] != 0 && kept[r]);
    owner = WISH(result[r]);
    assert(REQUEST(owner) == r);
    number = 0;
    at = 0;
    do
    :: at < orders.length ->
        line = orders.line[at];
        number = number + (REQUEST(WISH(line)) == r) + 8 * (WISH(line) == owner);
        at++
    :: else -> break
    od;
    line = 0; at = 0;
    assert(orders.synced == orders.length);
    assert(number == (KIND(result[r]) == SOLD -> 9 : 0))
}

/* A sale stands only if it is what the result says. */
inline judge_wish(k)
{
    look(PRODUCT(k), k);
    if
    :: WISH(result[REQUEST(k)]) == k ->
        assert(outcome == KIND(result[REQUEST(k)]) && back == 0);
        assert(outcome == SOLD || code == MORE(result[REQUEST(k)]))
    :: else -> assert(outcome != SOLD || back != 0)
    fi;
    assert(ON_DISK(PRODUCT(k), number) && ON_DISK(PRODUCT(k), back))
}

proctype verdict()
{
    d_step { true -> begin_last_run() }
    d_step {
        ALL_QUIET && ALL_DONE ->
        n = 0;
        do
        :: n < WISHES -> judge_request(REQUEST(n)); judge_wish(n); n++
        :: else -> break
        od;
        n = 0
    }
}
