"""Commands that are watched: what they change, sync and say, in the order of the effects."""
import functools
import os
import signal
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BIN = os.environ.get("EV_BIN", os.path.join(TOP, "bin"))
BIN = BIN if os.path.isabs(BIN) else os.path.abspath(BIN)
SHIMS = ":".join(filter(None, (os.path.join(TOP, "build", "shim"), os.environ.get("LD_LIBRARY_PATH"))))
NOW = "2026-01-31T09:30:00.123456Z"
PREVIOUS = object()
BOOT = "00000000-0000-4000-8000-000000000001\n"     # of the run of the system that the cut ends


class Fault(Exception):
    """What is wrong with a state, or with what is done in it."""


class Op:
    """A record: its kind, its words, its bytes; a mark (of a step's end) has the step."""
    __slots__ = ("kind", "words", "data", "step")

    def __init__(self, kind, words, data, step=None):
        self.kind, self.words, self.data, self.step = kind, words, data, step

    def __repr__(self):
        return f"{self.kind} {' '.join(self.words)} {self.data[:200]!r}"


class Step:
    """A command of a scenario, with its whole standard input: bytes, or PREVIOUS, what the
    step before printed. With `kill` it ends at that change or sync."""

    def __init__(self, command, *arguments, feed=b"", kill=0, tear=False, status=(0,)):
        self.command, self.arguments, self.feed = command, arguments, feed
        self.kill, self.tear, self.status = kill, tear, status

    def like(self, **other):
        """The same step but for what is given."""
        kept = {"feed": self.feed, "kill": self.kill, "tear": self.tear, "status": self.status}
        return Step(self.command, *self.arguments, **{**kept, **other})

    def __repr__(self):
        end = f" killed at {self.kill}{' in a write' if self.tear else ''}" if self.kill else ""
        return " ".join((self.command, *self.arguments)) + end


@functools.cache
def is_sanitized():
    """Commands that have to be told that another library is loaded before the sanitizer's."""
    with open(os.path.join(BIN, "evbuy"), "rb") as file:
        return b"__asan_init" in file.read()


def environment(**more):
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TMPDIR")}
    return {**kept, "EV_NOW": NOW, "LC_ALL": "C", **more}


def start(step, root, **more):
    return subprocess.Popen([os.path.join(BIN, step.command), *step.arguments], cwd=root,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=environment(**more))


def end(process, feed):
    """(status, standard output, standard error)"""
    try:
        output, errors = process.communicate(feed, timeout=300)
    finally:
        process.kill()
    return process.returncode, output, errors


def run(step, root, previous=b"", **more):
    """Run a step in a directory: (status, standard output, standard error)."""
    feed = previous if step.feed is PREVIOUS else step.feed
    with start(step, root, **more) as process:
        return end(process, feed)


class Recorder:
    """Runs steps under a root and writes down what happens there."""

    def __init__(self, root, log):
        self.root, self.log = os.path.realpath(root), log
        self.boot = log + ".boot"
        self.steps, self.previous = [], b""
        with open(self.boot, "w", encoding="ascii") as file:
            file.write(BOOT)

    def environment(self, step):
        more = {"LD_LIBRARY_PATH": SHIMS, "LD_PRELOAD": "record.so", "EV_RECORD": self.log, "EV_RECORD_ROOT": self.root,
                "EV_RECORD_BOOT": self.boot}
        if step.kill:
            more["EV_RECORD_KILL"] = str(step.kill)
        if step.tear:
            more["EV_RECORD_TEAR"] = "1"
        if is_sanitized():
            more["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0"
        return more

    def run(self, step):
        """Run it, and mark its end; True if it was killed. What it prints is in the log too."""
        return self.ended(step, *run(step, self.root, self.previous, **self.environment(step)))

    def run_together(self, steps):
        """Run them at once; none of them reads much."""
        processes = [start(step, self.root, **self.environment(step)) for step in steps]
        for step, process in zip(steps, processes):
            with process:
                self.ended(step, *end(process, step.feed))

    def ended(self, step, status, output, errors):
        was_killed = step.kill and status == -signal.SIGKILL
        if not was_killed and status not in step.status:
            raise Fault(f"{step}: exit {status}: {errors.decode(errors='replace')}")
        with open(self.log, "ab") as file:
            file.write(b"mark %d %d 0\n" % (len(self.steps), status))
        self.steps.append(step)
        if not was_killed:
            self.previous = output
        return bool(was_killed)

    def ops(self):
        """Everything that happened, in order."""
        ops = []
        with open(self.log, "rb") as file:
            while head := file.readline():
                *words, length = head.decode().split()
                step = self.steps[int(words[1])] if words[0] == "mark" else None
                ops.append(Op(words[0], words[1:], file.read(int(length)), step))
        return ops
