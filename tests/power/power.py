#!/usr/bin/env python3
"""power.py [--judge N] [--kills K] [--most N] [--seed S] [--chance N] [--keep DIR] [SCENARIO...]

Plays each scenario under watch, builds every state of the disk that a power cut could have
left at any instant of it, and judges each: what was said before is there, what users do
anyway completes the rest, and the end is that of a store which never lost its power.

With --judge N users go on from about so many states of each play only, evenly spread. With
--kills K each scenario is also played with a kill -9 of a step at each Kth of its changes
and syncs, and once more in the middle of each write there, the same step run again behind
it. A cut that could leave more than --most combinations is taken for so many by chance.
--chance N plays so many stories made up by chance, in place of those that have a name.
"""
import argparse
import itertools
import os
import random
import shutil
import sys
import tempfile

import check
import disk as model
import record
import said
from scenario import by_chance, scenarios, with_kill


class Figures:
    def __init__(self):
        self.plays = self.cuts = self.sampled = self.states = self.judged = self.wrong = 0

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def __str__(self):
        return (f"plays: {self.plays:,}; cuts: {self.cuts:,}; cuts with states by chance: "
                f"{self.sampled:,}; states: {self.states:,}; gone on from: {self.judged:,}; "
                f"wrong: {self.wrong:,}")


class Play:
    """A scenario that is played in `work`: what happens, and from what disk on."""

    def __init__(self, scenario, steps, work, killed=None):
        self.root = os.path.join(work, "root")
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(self.root)
        _, previous = check.go_on(scenario.before, self.root)
        self.disk = model.Disk(self.root)
        recorder = record.Recorder(self.root, os.path.join(work, "log"))
        recorder.previous = previous
        killings = [recorder.run_together(step) if isinstance(step, list) else recorder.run(step)
                    for step in steps]
        self.was_killed = killings[killed or 0]
        self.ops = recorder.ops()

    def states(self, most, dice, figures):
        """state -> what was said when it could last have been left."""
        found, claims = {}, []
        for op in self.ops:
            changed = self.disk.apply(op)
            before = len(claims)
            claims += said.of_op(op, self.disk)
            if not changed and len(claims) == before:
                continue
            figures.cuts += 1
            figures.sampled += model.count(self.disk.root) > most
            for state in model.states(self.disk, most, dice):
                found[state] = len(claims)
        return {state: claims[:count] for state, count in found.items()}

    def followed(self):
        """What the model says is there is what is there."""
        there = model.Disk(self.root).now()
        return there == self.disk.now()


class Trial:
    """One scenario and all that is asked of it."""

    def __init__(self, scenario, work, options):
        self.scenario, self.options, self.work = scenario, options, work
        self.figures, self.fine = Figures(), set()
        self.faults = {}

    def run(self):
        play = Play(self.scenario, self.scenario.steps, self.work)
        reference = os.path.join(self.work, "reference")
        shutil.copytree(play.root, reference)
        aside, _ = check.go_on(self.scenario.after, reference)
        self.judge = check.Judge(os.path.join(self.work, "state"), self.scenario,
                                 check.outcome(reference), aside)
        self.judge_play(play, self.scenario.name)
        if self.options.kills:
            for index, tear in itertools.product(self.scenario.kills, (False, True)):
                self.run_killed(index, tear)

    def run_killed(self, index, tear):
        """At one change after the other, until there are no more."""
        for kill in itertools.count((self.options.kills + 1) // 2, self.options.kills):
            name, steps = with_kill(self.scenario, index, kill, tear)
            try:
                play = Play(self.scenario, steps, self.work, index)
            except record.Fault as fault:
                self.blame(name, str(fault), ())
                continue
            if not play.was_killed:
                return
            self.judge_play(play, name)

    def judge_play(self, play, name):
        dice = random.Random(self.options.seed)
        states = play.states(self.options.most, dice, self.figures)
        self.figures.plays += 1
        self.figures.states += len(states)
        if not play.followed():
            self.blame(name, "the model of the disk is not what is there", ())
        every = max(1, len(states) // self.options.judge) if self.options.judge else 1
        for number, (state, claims) in enumerate(states.items()):
            try:
                self.judge.judge_now(state, claims)
                if number % every == 0:
                    self.judge_end(state)
            except record.Fault as fault:
                self.blame(name, str(fault), state)

    def judge_end(self, state):
        self.figures.judged += 1
        if state not in self.fine:
            self.judge.judge_end(state)
            self.fine.add(state)

    def blame(self, name, fault, state):
        """The first of a kind is told, and kept if that is wanted."""
        self.figures.wrong += 1
        kind = fault[:60]
        self.faults[kind] = self.faults.get(kind, 0) + 1
        if self.faults[kind] > 1:
            return
        print(f"{name}: {fault}", file=sys.stderr)
        if self.options.keep:
            number = self.figures.wrong
            place = os.path.join(self.options.keep, f"{self.scenario.name}-{number}")
            check.build(state, place)


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--judge", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--most", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chance", type=int, default=0)
    parser.add_argument("--keep")
    parser.add_argument("scenarios", nargs="*")
    return parser.parse_args()


def chosen(options):
    """The scenarios that are asked for, one after the other."""
    all_of_them, dice = scenarios(), random.Random(options.seed)
    for name in options.scenarios or ([] if options.chance else all_of_them):
        yield all_of_them[name]
    for number in range(options.chance):
        yield by_chance(dice, number)


def main():
    options = read_options()
    shm = "/dev/shm" if os.path.isdir("/dev/shm") else None
    total = Figures()
    with tempfile.TemporaryDirectory(dir=shm) as work:
        for scenario in chosen(options):
            trial = Trial(scenario, os.path.join(work, "play"), options)
            trial.run()
            total.add(trial.figures)
            print(f"{scenario.name}: {trial.figures}", flush=True)
    print(total)
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
