"""Is what clients saw of each product what one product, used by one client after the other,
would have shown them? And the figures of a history."""
import dataclasses
from collections import Counter

from operations import Broken, steps_of
from search import Undecided, guided, pure
from shelf import prove

FEASIBLE = (150, 60)                    # calls, for the pure search: so many, or else so many
TRIES = 200_000


def check(calls, search=guided):
    """The calls on one product: nothing if they are linearizable, else Broken or Undecided."""
    steps = steps_of(calls)
    order, deepest = search(steps)
    if order is None:
        done = set(deepest)
        waiting = sorted((step for step in steps if step not in done and step.certain),
                         key=lambda step: step.end)
        raise Broken(f"no order is possible beyond {len(deepest)} of {len(steps)} steps; "
                     f"the last: {deepest[-3:]}; then none of: {waiting[:3]}")
    prove(order, steps)


def first_part(calls, count):
    """The history as it was when so many calls had begun: what had not ended was not known."""
    calls = sorted(calls, key=lambda call: call.start)
    if len(calls) <= count:
        return calls
    now = calls[count].start
    return [call if call.end < now else dataclasses.replace(call, answer=None)
            for call in calls[:count]]


def is_linearizable(calls, search=guided):
    try:
        check(calls, search)
    except Broken:
        return False
    return True


def is_decided(calls):
    """By the pure search: they are linearizable, or it was too much; else Broken."""
    try:
        check(calls, lambda steps: pure(steps, TRIES))
    except Undecided:
        return False
    return True


class Verdict:
    """Of all products of a history."""

    def __init__(self, calls):
        self.right, self.both, self.wrong, self.undecided, self.products = 0, 0, [], [], {}
        for call in sorted(calls, key=lambda call: (call.product, call.start)):
            self.products.setdefault(call.product, []).append(call)
        for product, part in self.products.items():
            self.judge(product, part)

    def judge(self, product, calls):
        """All of it, and the first part without any guidance, if it can be done."""
        try:
            check(calls)
            self.right += 1
        except Broken as broken:
            self.wrong.append(f"{product}: {broken}")
        except Undecided:
            self.undecided.append(product)
        try:
            self.both += any(is_decided(first_part(calls, count)) for count in FEASIBLE)
        except Broken as broken:
            self.wrong.append(f"{product}, its first part, by the pure search: {broken}")

    @staticmethod
    def operations(calls):
        """What came of each operation: (action, answer or "unknown")."""
        answers = {}
        for number, call in enumerate(calls):
            key = call.request or number
            if call.answer or key not in answers:
                answers[key] = (call.action, call.answer["is"] if call.answer else "unknown")
        return answers.values()

    def report(self):
        total, lines = 0, []
        for product, part in self.products.items():
            operations = self.operations(part)
            total += len(operations)
            lines.append(f"operations on {product}: {len(operations):,}; " + "; ".join(
                f"{action} {answer}: {count:,}"
                for (action, answer), count in sorted(Counter(operations).items())))
        lines += [f"history: {text}" for text in self.wrong]
        lines += [f"history: {product}: undecided" for product in self.undecided]
        lines.append(f"linearizable by the pure search: {self.both:,} products, the first "
                     f"{FEASIBLE[0]} or {FEASIBLE[1]} calls on each")
        lines.append(f"linearizable: {self.right:,} products, {total:,} operations; "
                     f"undecided: {len(self.undecided)}; wrong: {len(self.wrong)}")
        return lines
