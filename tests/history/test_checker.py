#!/usr/bin/env python3
"""The checker tells histories that one product could have shown from those it could not.

Each case is a history; both searches have to say what a person says. Then random small
histories: the two searches agree with trying every order there is, and what was recorded
of a simulated product is always found possible, until one answer in it is changed.
"""
import itertools
import random
import unittest

from checker import is_linearizable
from operations import Broken, Call, steps_of
from search import guided, pure
from shelf import Shelf, prove


numbers = itertools.count()


def call(action, start, end, answer=None, quantity=0, request=None, expect=None):
    if request is None:
        request = "" if action == "read" else f"another {next(numbers)}"
    return Call(action, "P", start, end, answer, request, quantity, expect)


def done(sequence):
    return {"is": "done", "sequence": sequence}


def short(available):
    return {"is": "short", "available": available}


def failed(code, left=0):
    return {"is": "failed", "seen": (code, left)}


def state(sequence, added=0, removed=0, sold=0, returned=0, refused=0):
    return {"is": "state", "state": (sequence, added, removed, sold, returned, refused)}


CREATED = {"is": "created"}
GOODS = call("add", 0, 1, done(1), 5)


class Cases(unittest.TestCase):
    def holds(self, *calls):
        for search in (pure, guided):
            self.assertTrue(is_linearizable(calls, search), search.__name__)

    def broken(self, *calls):
        for search in (pure, guided):
            self.assertFalse(is_linearizable(calls, search), search.__name__)

    def test_one_after_the_other(self):
        self.holds(GOODS, call("buy", 2, 3, CREATED, 2), call("remove", 4, 5, done(3), 3),
                   call("buy", 6, 7, failed("out-of-stock"), 1), call("return", 8, 9, done(5), 1),
                   call("read", 10, 11, state(5, 5, 3, 2, 1, 1)))

    def test_a_read_at_the_same_time_may_see_either(self):
        self.holds(GOODS, call("buy", 2, 9, CREATED, 2), call("read", 3, 4, state(1, 5)),
                   call("read", 5, 6, state(2, 5, sold=2)))
        self.broken(GOODS, call("buy", 2, 9, CREATED, 2), call("read", 3, 4, state(2, 5, sold=2)),
                    call("read", 5, 6, state(1, 5)))

    def test_stale_read(self):
        self.broken(GOODS, call("buy", 2, 3, CREATED, 2), call("read", 4, 5, state(1, 5)))

    def test_read_of_the_future(self):
        self.broken(GOODS, call("read", 2, 3, state(2, 5, sold=2)), call("buy", 4, 5, CREATED, 2))

    def test_oversold(self):
        self.holds(GOODS, call("buy", 2, 9, CREATED, 3), call("buy", 2, 9, CREATED, 2))
        self.broken(GOODS, call("buy", 2, 9, CREATED, 3), call("buy", 2, 9, CREATED, 3))
        self.holds(GOODS, call("buy", 2, 9, CREATED, 3), call("buy", 2, 9, CREATED, 3),
                   call("return", 2, 9, quantity=1))
        self.broken(GOODS, call("remove", 2, 9, done(2), 3), call("buy", 3, 9, CREATED, 3))

    def test_sold_before_it_was_there(self):
        self.broken(call("buy", 0, 1, CREATED, 1), call("add", 2, 3, done(1), 5))

    def test_lost_update(self):
        self.broken(GOODS, call("add", 2, 3, done(2), 2), call("add", 2, 3, done(2), 3))
        self.broken(GOODS, call("add", 2, 3, done(2), 2), call("add", 2, 3, done(3), 3),
                    call("read", 4, 5, state(3, 8)))

    def test_refused_although_it_was_there_all_the_time(self):
        self.broken(GOODS, call("buy", 2, 3, failed("insufficient-stock", 4), 5))
        self.broken(GOODS, call("buy", 2, 3, failed("out-of-stock"), 5))
        self.broken(GOODS, call("buy", 2, 3, failed("unknown-product"), 5))
        self.broken(GOODS, call("remove", 2, 3, short(2), 4))

    def test_refused_by_what_the_check_saw_though_more_came_before_it_was_recorded(self):
        self.holds(GOODS, call("buy", 2, 9, failed("insufficient-stock", 5), 6),
                   call("add", 3, 4, done(2), 7), call("read", 5, 6, state(2, 12)),
                   call("read", 7, 8, state(3, 12, refused=1)))
        self.broken(GOODS, call("add", 2, 3, done(2), 7),
                    call("buy", 4, 9, failed("insufficient-stock", 5), 6))

    def test_a_refusal_is_recorded_behind_its_check(self):
        self.broken(GOODS, call("add", 2, 3, done(3), 1), call("remove", 4, 5, done(4), 6),
                    call("buy", 0, 9, failed("out-of-stock"), 1))

    def test_a_retry_that_counted_twice(self):
        twice = (call("add", 2, 3, None, 2, "r"), call("add", 4, 5, done(2), 2, "r"))
        self.holds(GOODS, *twice, call("read", 6, 7, state(2, 7)))
        self.broken(GOODS, *twice, call("read", 6, 7, state(3, 9)))
        self.broken(GOODS, call("buy", 2, 3, None, 2, "r"), call("buy", 4, 5, CREATED, 2, "r"),
                    call("read", 6, 7, state(3, 5, sold=4)))

    def test_answered_in_two_ways(self):
        self.broken(GOODS, call("add", 2, 3, done(2), 2, "r"), call("add", 4, 5, done(3), 2, "r"),
                    call("remove", 4, 5, done(3), 1))
        self.broken(GOODS, call("buy", 2, 3, CREATED, 2, "r"),
                    call("buy", 4, 5, failed("out-of-stock"), 2, "r"))

    def test_unknown_happens_later_or_never(self):
        unknown = call("remove", 2, 3, None, 5)
        self.holds(GOODS, unknown, call("read", 4, 5, state(1, 5)))
        self.holds(GOODS, unknown, call("read", 4, 5, state(1, 5)),
                   call("buy", 6, 7, failed("out-of-stock"), 1))
        self.broken(GOODS, unknown, call("read", 4, 5, state(2, 5, 5)),
                    call("read", 6, 7, state(1, 5)))
        self.broken(GOODS, call("read", 2, 3, state(2, 5, 5)), call("remove", 4, 5, None, 5))

    def test_an_unknown_purchase_is_sold_or_refused_or_nothing(self):
        unknown = call("buy", 2, 3, None, 5)
        self.holds(GOODS, unknown, call("read", 4, 5, state(2, 5, sold=5)))
        self.holds(GOODS, unknown, call("remove", 4, 5, done(2), 1),
                   call("read", 6, 7, state(3, 5, 1, refused=1)))
        self.broken(GOODS, unknown, call("read", 6, 7, state(2, 5, refused=1)))
        self.broken(GOODS, unknown, call("return", 4, 5, done(3), 5),
                    call("read", 6, 7, state(4, 5, 0, 5, 5, 1)))

    def test_expectations(self):
        self.holds(GOODS, call("add", 2, 3, done(2), 1, expect=1))
        self.broken(GOODS, call("add", 2, 3, done(2), 1, expect=0))
        moved = {"is": "moved", "sequence": 1}
        self.holds(GOODS, call("add", 2, 3, moved, 1, expect=7))
        self.broken(GOODS, call("add", 2, 3, moved, 1, expect=1))
        self.broken(GOODS, call("add", 2, 3, done(2), 1), call("add", 4, 5, moved, 1, expect=7))
        self.broken(GOODS, call("read", 2, 3, state(1, 5)), call("add", 4, 5, None, 1, expect=0),
                    call("read", 6, 7, state(2, 6)))

    def test_real_time(self):
        self.broken(call("add", 0, 1, done(2), 1), call("add", 2, 3, done(1), 1))
        self.holds(call("add", 0, 2, done(2), 1), call("add", 1, 3, done(1), 1))

    def test_times_never_run_backwards(self):
        def sold(start, end, time):
            return call("buy", start, end, {"is": "created", "time": time}, 1)
        self.holds(GOODS, sold(2, 3, "1"), sold(4, 5, "1"), sold(6, 7, "2"))
        self.broken(GOODS, sold(2, 3, "2"), sold(4, 5, "1"))

    def test_prove_believes_nobody(self):
        steps = steps_of([GOODS, call("buy", 2, 9, CREATED, 3), call("buy", 3, 4, CREATED, 2)])
        prove(steps, steps)
        for order in (steps[:2], steps + steps[2:], [steps[1], steps[0], steps[2]], steps * 2):
            self.assertRaises(Broken, prove, order, steps)


def simulate(dice, count, timed=False):
    """A history of a product that keeps the promises: each step at an instant of its call. The
    times of events are told or not."""
    shelf, calls, at = Shelf(), [], 0
    for number in range(count):
        at += 10
        start, end = at - dice.randrange(1, 30), at + dice.randrange(1, 30)
        action = dice.choice(("add", "remove", "return", "buy", "buy", "read"))
        quantity = dice.randint(1, 4)
        calls.append(Call(action, "P", start, end, answer(shelf, action, quantity), f"r{number}",
                          quantity))
        told = calls[-1].answer
        if timed and told["is"] in ("done", "created", "failed"):
            shelf.time = f"{at:09}"
        if timed and told["is"] != "short":
            calls[-1].answer = {**told, "time": shelf.time}
        if action != "read" and dice.random() < 0.1:
            calls[-1].answer = None
    return calls


def answer(shelf, action, quantity):
    if action == "read":
        return {"is": "state", "state": shelf.state()}
    if action == "buy":
        no = shelf.code(quantity)
        shelf.sequence += 1
        if no:
            shelf.refused += 1
            return failed(*no)
        shelf.sold += quantity
        return CREATED
    if action == "remove" and quantity > shelf.available:
        return short(shelf.available)
    shelf.sequence += 1
    field = {"add": "added", "remove": "removed", "return": "returned"}[action]
    setattr(shelf, field, getattr(shelf, field) + quantity)
    return done(shelf.sequence)


def by_trying_all(calls):
    """Every order of every choice of steps that may never happen."""
    try:
        steps = steps_of(calls)
    except Broken:
        return False
    certain = [step for step in steps if step.certain]
    other = [step for step in steps if not step.certain]
    for count in range(len(other) + 1):
        for chosen in itertools.combinations(other, count):
            for order in itertools.permutations(certain + list(chosen)):
                try:
                    prove(order, steps)
                    return True
                except Broken:
                    continue
    return False


def is_too_long(calls):
    """For trying all orders."""
    try:
        return len(steps_of(calls)) > 6
    except Broken:
        return False


def spoil(dice, calls):
    """Change one answer, or when a call was."""
    victim = dice.choice(calls)
    told = victim.answer or {}
    if "sequence" in told:
        victim.answer = {**told, "sequence": told["sequence"] + dice.choice((-1, 1))}
    elif "state" in told:
        sums = list(told["state"])
        sums[dice.randrange(6)] += dice.choice((-1, 1))
        victim.answer = {**told, "state": tuple(sums)}
    elif "available" in told:
        victim.answer = short(told["available"] + 1)
    elif victim.action == "buy" and dice.random() < 0.7:
        victim.answer = CREATED if "seen" in told else failed("out-of-stock")
    else:
        shift = dice.choice((-60, 60))
        victim.start, victim.end = victim.start + shift, victim.end + shift


class Random(unittest.TestCase):
    def test_all_ways_agree_on_small_histories(self):
        dice, right, wrong = random.Random("small"), 0, 0
        for _ in range(400):
            calls = simulate(dice, dice.randint(2, 4), dice.random() < 0.5)
            if dice.random() < 0.7:
                spoil(dice, calls)
            if is_too_long(calls):
                continue
            expected = by_trying_all(calls)
            self.assertEqual(is_linearizable(calls, pure), expected, calls)
            self.assertEqual(is_linearizable(calls, guided), expected, calls)
            right, wrong = right + expected, wrong + (not expected)
        self.assertGreater(min(right, wrong), 60)

    def test_both_searches_agree_on_longer_ones(self):
        dice, wrong = random.Random("longer"), 0
        for _ in range(150):
            calls = simulate(dice, 40, dice.random() < 0.5)
            self.assertTrue(is_linearizable(calls, guided))
            self.assertTrue(is_linearizable(calls, pure))
            spoil(dice, calls)
            found = is_linearizable(calls, guided)
            self.assertEqual(is_linearizable(calls, pure), found, calls)
            wrong += not found
        self.assertGreater(wrong, 60)

    def test_the_guided_search_needs_few_tries(self):
        steps = steps_of(simulate(random.Random("long"), 2000, True))
        order, _ = guided(steps, 5 * len(steps))
        prove(order, steps)


if __name__ == "__main__":
    unittest.main()
