#!/usr/bin/env python3
"""faults.py [--all] [--kinds KIND,...] [CASE...]: commands broken at every call they make.

Proves that a command that is killed, or one of whose calls fails, has said nothing that is not so,
says what went wrong, leaves a store that only got on, and that a second run completes the work: the
same content as if nothing had happened. A call that is cut short or interrupted is no fault at all.

For each case, kind of calls and way to break them: the first such call, the second, and so on until
the command is done before its turn comes. Prints how many calls were broken in each case; exits 1 if
anything was wrong. With --all every error at every call, else some calls of each kind, and the errors in
turn.
"""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import zlib

import cases
import claims
import kinds
import world

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import diagnostics

MANUAL = diagnostics.patterns(os.path.join(HERE, "../.."))
SHIMS = ":".join(filter(None, (os.path.join(HERE, "../../build/shim"), os.environ.get("LD_LIBRARY_PATH"))))
MOST = 10000                    # calls of a run, far beyond any
TOLD = 20                       # of what is wrong in a case


class Run:
    """What a command did."""

    def __init__(self, code, stderr, found, broken=None):
        self.code, self.stderr, self.found = code, stderr, found
        self.out = found["out"]
        self.broken = broken            # the call that was: [n, name, path], or None

    @property
    def spoken(self):
        """All that it wrote for others: standard output and other files."""
        return {path: content for path, content in self.found.items() if not path.startswith("evstore/")}


class Bench:
    """Where one case is broken, again and again."""

    def __init__(self, name, bin_directory, scratch):
        self.name, self.bin = name, bin_directory
        self.place, self.log = os.path.join(scratch, "work"), os.path.join(scratch, "log")
        world.write(self.place, {})
        self.shop = cases.Shop(bin_directory, self.place)
        self.case = cases.CASES[name](self.shop)
        self.before = {**world.read(self.place), "out": b""}
        self.wrong, self.broken, self.met = [], 0, 0
        world.write(self.place, self.before)
        self.first = self.run()
        self.second = self.run()
        self.meaning = self.mean(self.second.found)
        world.write(self.place, self.before)
        self.order = self.run(calls=kinds.counted("altering"), path=self.path("altering")).broken or []
        if self.mean(self.first.found) != self.meaning:
            raise RuntimeError(f"{name}: a second run changes more than the first")
        self.read = self.read_on() if self.case.reader else None

    def run(self, **fail):
        """The case's command, its output in a file behind what it said before; with the fault that is described."""
        environment = dict(self.shop.environment)
        if fail:
            environment.update({f"FAIL_{key.upper()}": str(value) for key, value in fail.items()},
                               LD_LIBRARY_PATH=SHIMS, LD_PRELOAD="fail.so", FAIL_LOG=self.log)
            environment["ASAN_OPTIONS"] += ":verify_asan_link_order=0:detect_leaks=0"
        with open(os.path.join(self.place, "out"), "wb") as out, tempfile.TemporaryFile() as stdin:
            stdin.write(self.case.stdin or b"")
            stdin.seek(0)
            feed = {"input": self.case.stdin} if self.case.pipe else {"stdin": stdin}
            done = subprocess.run(self.case.argv, cwd=self.place, env=environment, stdout=out,
                                  executable=os.path.join(self.bin, self.case.command),
                                  stderr=subprocess.PIPE, timeout=300, check=False, **feed)
        return Run(done.returncode, done.stderr.decode(), world.read(self.place), self.read_log() if fail else None)

    def read_log(self):
        try:
            with open(self.log, encoding="utf-8") as log:
                text = log.read().splitlines()
            os.remove(self.log)
        except FileNotFoundError:
            return None
        return [line.split(" ", 2) for line in text] or None

    def path(self, kind):
        """Only calls on files here count, where a call is about a file at all: not on what the system tells."""
        return "" if kind in ("looking", "memory") or self.case.pipe else self.place

    def calls(self, kind):
        """The names of the calls of a run that goes well."""
        world.write(self.place, self.before)
        run = self.run(calls=kinds.counted(kind), path=self.path(kind))
        return [call[1] for call in run.broken or []]

    def mean(self, found, cut_off=frozenset()):
        return world.meaning(found, cut_off, self.case.once, self.case.exact)

    # -- judging -----------------------------------------------------------------------------

    def judge(self, kind, how, run):
        """What is wrong after a broken run."""
        if kind in kinds.KILLED:
            wrong = [] if run.code == -signal.SIGKILL else [f"exit {run.code}, not killed"]
        elif kind in kinds.HARMLESS:
            wrong = self.judge_whole(run)
        else:
            wrong = self.judge_failed(kinds.then(kind) or how, run)
        wrong += world.grown(self.before, run.found, self.first.found, self.case.repairs or self.case.renews)
        wrong += self.judge_out(run) + self.judge_results(run)
        wrong += world.wrong_hints(run.found)
        wrong += self.judge_silence(run) if kind in ("killed", "altering") else []
        wrong += world.unfinished(self.before, run.found) if kind in kinds.CUT_BACK else []
        return wrong + claims.untrue(run.found, self.before) + self.audit(kind, run)

    def judge_out(self, run):
        """It says no more than it would have said; who only looks may leave out what it cannot read."""
        said, lines = world.lines(run.out)[0], self.first.out.split(b"\n")
        good = set(said) <= set(lines) if self.case.looks else self.first.out.startswith(run.out)
        return [] if good or self.case.sums else [f"says {run.out[-200:]!r}"]

    def judge_results(self, run):
        """At no time one is missing that was there before and is there in the end."""
        then, now, last = (world.results(found) for found in (self.before, run.found, self.first.found))
        return [f"{request}: another result, or none: {now.get(request)!r}" for request, line in then.items()
                if self.case.renews and line == last.get(request) and now.get(request) != line]

    def judge_silence(self, run):
        """What comes before the first word, and fails, leaves no word."""
        words = [os.path.join(self.place, path) for path in run.spoken if not path.startswith("mark")]
        first = next((n for n, call, path in self.order if call in kinds.WRITES and path in words), None)
        if first is None or int(run.broken[0][0]) > int(first) or run.code == self.first.code or self.case.pipe:
            return []                   # from a pipe there may be a batch before
        return [f"{path}: told before {' '.join(run.broken[0])}" for path, content in run.spoken.items()
                if content != self.before.get(path, b"") and path != "mark"]

    def judge_whole(self, run):
        """As if nothing had happened."""
        wrong = []
        if (run.code, run.out, run.stderr) != (self.first.code, self.first.out, self.first.stderr):
            wrong.append(f"exit {run.code}, not {self.first.code}, or another output")
        if self.mean(run.found) != self.mean(self.first.found):
            wrong.append(f"another content: {difference(self.mean(run.found), self.mean(self.first.found))}")
        return wrong

    def judge_failed(self, error, run):
        """It says what failed, or it did without. A sync that failed is final."""
        call = run.broken[0][1]
        if call not in kinds.SYNCS and run.code == self.first.code:
            if run.stderr.startswith(self.first.stderr) or call in kinds.LOOKING:
                run.stderr = self.first.stderr          # it may have said how it did without
            return self.judge_whole(run)
        wrong = []
        if run.code != 74 and (run.code != 73 or call in (*kinds.PARTS, *kinds.SYNCS)):
            wrong.append(f"exit {run.code}")
        last = run.stderr.splitlines()[-1] if run.stderr else ""
        why = ": " if call in kinds.MEMORY else f": {kinds.reason(error)}"
        if not (last.startswith(f"{self.case.command}: ") and why in last) and last != "eventdemo: out of memory":
            wrong.append(f"says {last!r}")
        said = [line.partition(": ")[2] for line in run.stderr.splitlines() if line not in self.first.stderr]
        return wrong + [f"says what is in no manual: {line!r}" for line in said if not diagnostics.is_told(MANUAL, line)]

    def audit(self, kind, run):
        """The store is sound, whatever is unfinished in it."""
        if run.found.get("evstore/format") != world.FORMAT or self.case.repairs:
            return []                   # not made, or not sound before
        if run.broken[0][2].endswith(".offset") and kind in ("killed-halfway", "half-full"):
            return []                   # a record in part: nobody but this test writes it so
        evaudit = os.path.join(self.bin, "evaudit")
        argv = [evaudit] if os.path.exists(evaudit) else [os.path.join(self.bin, "evreplay"), "--verify"]
        done = subprocess.run(argv, cwd=self.place, env=self.shop.environment, capture_output=True, timeout=300,
                              check=False)
        return [] if done.returncode == 0 else [f"{os.path.basename(argv[0])}: {done.returncode}: "
                                                f"{(done.stdout + done.stderr).decode()}"]

    def complete(self, torn):
        """Run it again: what is missing is completed."""
        run = self.run()
        cut_off = world.fragments(run.found, self.second.found) if torn else frozenset()
        found, wrong = self.mean(run.found, cut_off), []
        if run.code not in (self.first.code, self.second.code):
            wrong.append(f"run again: exit {run.code}: {run.stderr}")
        if run.out not in (self.first.out, self.second.out) and not self.case.sums:
            wrong.append(f"run again: another output: {run.out[-300:]!r}")
        if found != self.meaning:
            wrong.append(f"run again: another content: {difference(found, self.meaning)}")
        if self.case.reader and self.read_on() != self.read:
            wrong.append(f"{self.case.reader} finds other messages")
        return wrong

    def read_on(self):
        """What the next service makes of the messages; lines that were cut off are bad input to it."""
        self.shop.run(self.case.reader, "--drain", codes=(0, 65))
        made = world.lanes(world.read(self.place))
        return {key: world.distinct(content, ()) for key, content in made.items()
                if key[0] != cases.TOPICS[self.case.reader]}

    # -- breaking ----------------------------------------------------------------------------

    def break_call(self, kind, n, how):
        """False if the command was done before call n."""
        then = kinds.then(kind)
        world.write(self.place, self.before)
        run = self.run(calls=kinds.counted(kind), path=self.path(kind), at=n, how=how, then=then)
        if run.broken is None:
            wrong = self.judge_whole(run)
            run.broken = [[str(n), "none", "-"]]
        elif run.broken[0][1].endswith("-whole"):
            self.met += 1               # but it was too short to be cut
            return True
        else:
            self.broken += 1
            self.met += 1
            wrong = self.judge(kind, how, run) + self.complete(kind in kinds.KILLED or kind == "gone")
        for what in wrong:
            self.wrong.append(f"{self.name}: {how}{then and ' and then ' + then} at {' '.join(run.broken[0])}: "
                              f"{what[:900]}\n    exit {run.code}, {run.stderr[-300:]!r}")
        return run.broken[0][1] != "none"

    def break_ways(self, kind, n, calls, everything):
        """Call n in each way, or in one of them; as break_call()."""
        how = kinds.ways(kind, calls[n - 1] if n <= len(calls) else "")
        if kind == "opening" and (self.case.looks or self.case.sums):
            how = [error for error in how if error != "ENOSPC"]         # what is only read is there
        if not everything:
            how = [how[n % len(how)]]
        return [self.break_call(kind, n, one) for one in how][-1]

    def break_all(self, kind, everything):
        """Calls in turn, until the command is done before: all, or some that are evenly spread."""
        calls, before = self.calls(kind), self.met
        step = 1 if everything else max(1, len(calls) // kinds.SOME)
        for n in range(1 + zlib.crc32(f"{self.name}: {kind}".encode()) % step, MOST, step):
            if not self.break_ways(kind, n, calls, everything):
                break
        else:
            self.wrong.append(f"{self.name}: {kind}: more than {MOST} calls")
        if self.met == before and calls:        # what comes through a pipe may be one batch now, with fewer calls
            self.break_ways(kind, 1, calls, everything)
        if self.met == before and (calls or kind in ("altering", "opening") and not self.case.looks):
            self.wrong.append(f"{self.name}: {kind}: no call was met")


def difference(found, expected):
    """Where two meanings differ, in short."""
    told = []
    for key in sorted(found.keys() | expected.keys(), key=str):
        one, other = found.get(key), expected.get(key)
        if one == other:
            continue
        if isinstance(one, list) and isinstance(other, list):
            one, other = [x for x in one if x not in other] or one, [x for x in other if x not in one] or other
        told.append(f"{key}: {str(one)[:300]}, not {str(other)[:300]}")
    return "; ".join(told)


def bin_directory():
    return os.path.abspath(os.environ.get("EV_BIN", os.path.join(HERE, "../../bin")))


def is_sanitized():
    """Built with a sanitizer: then memory that runs out is not left to the command."""
    with open(os.path.join(bin_directory(), "evbuy"), "rb") as file:
        return b"__asan_init" in file.read()


def break_case(name, which, everything):
    """How many calls were broken in a case, and what was wrong."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="eventdemo.", dir=memory) as scratch:
        bench = Bench(name, bin_directory(), scratch)
        spared = ("looking", "memory") if bench.case.feeds else ("memory",) if is_sanitized() else ()
        for kind in which:
            if kind not in spared:
                bench.break_all(kind, everything)
    return bench.broken, bench.wrong


def tell(name, broken, wrong):
    print(f"{name}: {broken:,} calls broken, {len(wrong)} wrong")
    print("".join(f"  {what}\n" for what in wrong[:TOLD]), end="", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--kinds", default=",".join(kinds.KINDS))
    parser.add_argument("case", nargs="*")
    options = parser.parse_args()
    total, wrong = 0, 0
    for name in options.case or cases.CASES:
        broken, found = break_case(name, options.kinds.split(","), options.all)
        tell(name, broken, found)
        total, wrong = total + broken, wrong + len(found)
    print(f"calls broken: {total:,}; wrong: {wrong}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
