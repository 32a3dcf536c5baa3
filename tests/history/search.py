"""Is there an order of the steps that the sequential object allows?

pure() tries whatever may come next (after Wing and Gong), and remembers the configurations,
a state and what is done, from which there was no way on (after Lowe). It knows nothing but
the object, and is for histories of some hundred steps.

guided() is for long ones. It takes the same steps, and needs no luck: every event raises
the sequence by one, so an event whose sequence was told is the only one at its place, and a
state that was read tells the sums at its own. A look changes nothing, so it is taken as
soon as it fits. The time of an event, where it was told, is that in the journal, and those
never run backwards. What nobody knows of is tried last, and only where there is room for it.
Its answer "yes" is proven by prove() in shelf.py.
"""
from bisect import bisect_left

from operations import FOREVER
from shelf import FIELDS, Shelf


class Undecided(Exception):
    """More was tried than was allowed."""


class Configuration:
    """The steps that are not done, in the order of their starts, as a list that gives back what
    was taken from it; and what the shelf has come to."""

    def __init__(self, steps):
        self.steps = sorted(steps, key=lambda step: (step.start, step.end))
        self.number = {step: n for n, step in enumerate(self.steps)}
        count = len(self.steps)
        self.after = list(range(1, count + 1)) + [0]        # `count` is before and behind all
        self.before = [count] + list(range(count))
        self.done, self.order = 0, []
        self.left = sum(step.certain for step in self.steps)
        self.state = (*Shelf().state(), "")     # and the last time that is known

    def is_done(self, step):
        return self.done >> self.number[step] & 1

    def open_steps(self):
        """Those that may come next: none that is certain ended before they started."""
        count, earliest, found = len(self.steps), FOREVER, []
        at = self.after[count]
        while at != count and self.steps[at].start <= earliest:
            step = self.steps[at]
            if step.certain:
                earliest = min(earliest, step.end)
            if (step.behind is None or self.is_done(step.behind)) \
                    and (step.rival is None or not self.is_done(step.rival)):
                found.append(step)
            at = self.after[at]
        return [step for step in found if step.start <= earliest]

    def next_state(self, step):
        """The state when the step is done now, or None if it does not fit."""
        shelf = Shelf()
        shelf.sequence, *sums, shelf.time = self.state
        shelf.__dict__.update(zip(FIELDS, sums))
        return (*shelf.state(), shelf.time) if shelf.does(step) else None

    def take(self, step, state):
        at = self.number[step]
        self.after[self.before[at]], self.before[self.after[at]] = self.after[at], self.before[at]
        self.done |= 1 << at
        self.left -= step.certain
        self.order.append((step, self.state))
        self.state = state

    def back(self, length):
        """Undo the last steps until so many are left."""
        while len(self.order) > length:
            step, self.state = self.order.pop()
            at = self.number[step]
            self.after[self.before[at]] = self.before[self.after[at]] = at
            self.done &= ~(1 << at)
            self.left += step.certain

    def key(self):
        """What is done, short since all that is old is, and the state."""
        first = min(self.after[len(self.steps)], len(self.steps))
        return first, self.done >> first, self.state


def explore(configuration, choices, budget):
    """Depth first: an order of the steps, or None if there is none; and how far it came."""
    dead, deepest = set(), []
    stack = [(choices(configuration), len(configuration.order))]
    while stack and configuration.left:
        ways, length = stack[-1]
        configuration.back(length)
        if not ways:
            dead.add(configuration.key())
            stack.pop()
            continue
        configuration.take(*ways.pop(0))
        ways, budget = choices(configuration), budget - 1
        if budget < 0:
            raise Undecided
        if len(configuration.order) > len(deepest):
            deepest = [step for step, _ in configuration.order]
        if not configuration.left or not dead or configuration.key() not in dead:
            stack.append((ways, len(configuration.order)))
    order = [step for step, _ in configuration.order]
    return (order if not configuration.left else None), deepest


def fitting(configuration, steps):
    """(step, the state it leads to) of those that fit now."""
    ways = [(step, configuration.next_state(step)) for step in steps]
    return [way for way in ways if way[1] is not None]


def pure(steps, budget=1_000_000):
    return explore(Configuration(steps), lambda configuration: fitting(
        configuration, configuration.open_steps()), budget)


class Guide:
    """What the answers tell of each sequence, and of the order of the events."""

    def __init__(self, steps):
        self.event, self.state, self.looks, self.times = {}, {}, {}, {0: ""}
        for step in steps:
            if step.sequence is not None:
                self.times[step.sequence] = step.time or self.times.get(step.sequence, "")
                if not step.looks:
                    self.event[step.sequence] = step
                    continue
                self.looks.setdefault(step.sequence, []).append(step)
                if step.what == "state":
                    self.state[step.sequence] = step.seen
        self.states = sorted(self.state)
        self.timed = sorted(sequence for sequence, time in self.times.items() if time)
        self.dated = sorted((step for step in steps if step.time and not step.looks),
                             key=lambda step: step.time)
        self.dates = [step.time for step in self.dated]

    def choices(self, configuration):
        ways = fitting(configuration, configuration.open_steps())
        while any(step.looks for step, _ in ways):
            configuration.take(*next(way for way in ways if way[0].looks))
            ways = fitting(configuration, configuration.open_steps())
        here = configuration.state[0]
        if not all(map(configuration.is_done, self.looks.get(here, ()))):
            return []
        if here + 1 in self.event:
            ways = [way for way in ways if way[0] is self.event[here + 1]]
        least, others = self.next_time(configuration)
        ways = [(step, state) for step, state in ways if self.fits_sums(state)
                and (step.time in ("", least) if step.certain else others > 0)]
        return one_of_each(configuration, sorted(
            ways, key=lambda way: (not way[0].certain, way[0].end)))

    def fits_sums(self, state):
        """No sum is beyond what was read next."""
        at = bisect_left(self.states, state[0])
        if at == len(self.states):
            return True
        known = self.state[self.states[at]]
        return all(one <= other for one, other in zip(state, known)) \
            and (known[0] != state[0] or known == state[:-1])

    def next_time(self, configuration):
        """Times never run backwards, so the next event that is certain has the least of those that
        are left. And how many events up to the next whose time is known may be others."""
        latest = next((step.time for step, _ in reversed(configuration.order)
                       if step.time and not step.looks), "")
        at = done = bisect_left(self.dates, latest)
        while at < len(self.dated) and self.dates[at] == latest:
            done += configuration.is_done(self.dated[at])
            at += 1
        least = latest if done < at else self.dates[at] if at < len(self.dates) else None
        here = configuration.state[0]
        known = bisect_left(self.timed, here + 1)
        if known == len(self.timed):
            return least, FOREVER
        there = self.timed[known]
        before = bisect_left(self.dates, self.times[there]) + (there in self.event)
        return least, there - here - max(0, before - done)


def one_of_each(configuration, ways):
    """Of steps that do the same one is enough, the one that has to be done first: if an order
    begins with another, the two may change places."""
    seen, chosen = set(), []
    for step, state in ways:
        kind = (state, step.certain, step.time)
        if not step.certain:
            checked = step.what == "sold" and step.rival \
                and configuration.is_done(step.rival.behind)
            kind += (step.what, step.quantity, step.expect, bool(checked))
        if kind not in seen:
            chosen.append((step, state))
            seen.add(kind)
    return chosen


def guided(steps, budget=5_000_000):
    return explore(Configuration(steps), Guide(steps).choices, budget)
