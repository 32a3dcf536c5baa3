#!/usr/bin/env python3
"""Kill the commands at random instants of their work, by the hundred, and see that nothing
is lost and nothing done twice.

    kills.py [--kills N] [--lives N] [--seed S] [--kind KIND [--round N]]

Five kinds of rounds take turns: single commands, pipes, FIFOs, served topics, and served
topics under which all that is derived is deleted. What a round does depends on seed, kind
and number alone, on which instants the machine makes of it, and on --lives: how often, at
most, its flow is killed. When something is wrong the seed is printed, and the round's
directory kept.
"""
import argparse
import os
import random
import shutil
import sys
import tempfile
import time

from killed_pipes import Fifos, Pipes
from killed_stages import Stages
from killed_topics import Derived, Topics
from store import Wrong

KINDS = {"stages": Stages, "pipes": Pipes, "fifos": Fifos, "topics": Topics, "derived": Derived}
SHARES = {"stages": 1, "pipes": 2, "fifos": 3, "topics": 3, "derived": 3}


class Tally:
    """What was done in all rounds of a kind."""

    def __init__(self):
        self.kills = self.others = self.rounds = self.lives = self.letters = 0
        self.deleted = {}

    def add(self, played):
        self.kills += played.victims.kills
        self.others += played.victims.others
        self.rounds += 1
        self.lives += played.LIVES
        self.letters += played.letters
        for kind, count in getattr(played, "deleted", {}).items():
            self.deleted[kind] = self.deleted.get(kind, 0) + count


def play(kind, number, seed, folder, tally):
    """One round. Says what was wrong and keeps it, if anything was."""
    home = os.path.join(folder, f"{kind}{number}")
    os.makedirs(home)
    played = KINDS[kind](random.Random(f"kills/{seed}/{kind}/{number}"), home)
    try:
        played.play()
    except Wrong as wrong:
        sys.exit(f"kills: --seed {seed} --kind {kind} --round {number}, in {home}: {wrong}\n"
                 f"kills: {sum(one.kills for one in tally.values()):,}; wrong: 1")
    shutil.rmtree(home)
    tally[kind].add(played)


def figures(tally, seconds):
    total = Tally()
    for kind, one in tally.items():
        if one.rounds:
            print(f"kills in {kind}: {one.kills:,}; others before or after the work: "
                  f"{one.others:,}; rounds: {one.rounds:,}")
        if one.deleted:
            print(f"derived files deleted: {sum(one.deleted.values()):,}; " + "; ".join(
                f"{what}: {count:,}" for what, count in one.deleted.items() if count))
        total.kills += one.kills
        total.rounds += one.rounds
        total.letters += one.letters
    print(f"lines cut off and put aside: {total.letters:,}; "
          f"kills a second: {total.kills / seconds:.0f}")
    print(f"kills: {total.kills:,}; rounds compared with the model: {total.rounds:,}; wrong: 0")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--lives", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--round", type=int)
    options = parser.parse_args()
    kinds = [options.kind] if options.kind else list(KINDS)
    for kind in KINDS.values():
        kind.LIVES = min(kind.LIVES, options.lives or kind.LIVES)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="kills.", dir=memory)
    tally, begun = {kind: Tally() for kind in kinds}, time.monotonic()
    number = options.round or 0
    while sum(one.kills for one in tally.values()) < options.kills \
            or any(one.rounds == 0 for one in tally.values()):
        # The kind that is farthest behind its share.
        kind = min(kinds, key=lambda name: tally[name].kills / SHARES[name])
        play(kind, number + tally[kind].rounds, options.seed, folder, tally)
        if options.round is not None:
            break
    os.rmdir(folder)
    figures(tally, time.monotonic() - begun)


if __name__ == "__main__":
    main()
