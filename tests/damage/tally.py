"""What was tried and what came of it, by the kind of file and of damage."""
import sys


class Wrong(Exception):
    """Something is not as it has to be after a damage."""


class Tally:
    def __init__(self):
        self.counts = {}                    # (files, kind of damage) -> what came of it -> how often
        self.wrong = 0

    def count(self, files, kind, outcome, times=1):
        outcomes = self.counts.setdefault((files, kind), {})
        outcomes[outcome] = outcomes.get(outcome, 0) + times

    def complain(self, place, damage, wrong):
        self.wrong += 1
        print(f"damage: {place}: {damage}: {wrong}", file=sys.stderr, flush=True)

    def report(self):
        """A line for each kind, then the sum."""
        tried = 0
        for (files, kind), outcomes in sorted(self.counts.items()):
            number = sum(outcomes.values())
            tried += number
            print(f"{files} {kind}: {number:,}",
                  *(f"{outcome}: {count:,}" for outcome, count in sorted(outcomes.items())), sep="; ")
        print(f"damages: {tried + self.wrong:,}; wrong: {self.wrong:,}")


def need(condition, what, *answers):
    """Raise Wrong, with what the commands said, unless it is so."""
    if not condition:
        raise Wrong(" ".join([what, *map(repr, answers)]))
