"""Commands that are started to be killed, and the kills that were of any use.

A kill counts if it hit a process at its work: it was alive, which its exit status tells,
had written something by then, so it was past its start, and its flow was not at its end.
All others are counted for themselves.
"""
import os
import select
import signal
import subprocess
import time

from store import Wrong
from world import BIN

PATIENCE = 300                          # seconds after which a command hangs


class Victims:
    def __init__(self, store, now):
        self.environment = {**os.environ, "PATH": BIN + ":" + os.environ["PATH"],
                            "EV_STORE": store, "EV_NOW": now}
        self.kills = self.others = 0
        self.running = set()

    def start(self, arguments, source=subprocess.DEVNULL, output=subprocess.DEVNULL,
              errors=subprocess.DEVNULL):
        """Descriptors of ours are closed by exec, so nothing is handed on but these three."""
        process = subprocess.Popen(arguments, stdin=source, stdout=output, stderr=errors,
                                   env=self.environment, close_fds=False)
        self.running.add(process)
        return process

    def kill(self, processes, busy):
        """All at one instant. `busy` tells whether their flow has anything left to do."""
        at_work = [busy and bytes_written(process.pid) > 0 for process in processes]
        for process in processes:
            process.kill()
        for process, was in zip(processes, at_work):
            was = self.wait(process) == -signal.SIGKILL and was
            self.kills += was
            self.others += not was

    def wait(self, process):
        """Its exit status."""
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired as expired:
            raise Wrong(f"{process.args}: has not ended after {PATIENCE} seconds") from expired
        self.running.discard(process)
        return status

    @staticmethod
    def ended_by(process, instant):
        """Whether it ends before this instant; not longer than that is waited."""
        descriptor = os.pidfd_open(process.pid)
        try:
            return bool(select.select([descriptor], [], [], max(0, instant - time.monotonic()))[0])
        finally:
            os.close(descriptor)

    def run(self, arguments, good=(0,), **ends):
        """Start it and wait until it has ended well."""
        process = self.start(arguments, errors=subprocess.PIPE, **ends)
        said = process.stderr.read()
        process.stderr.close()
        if self.wait(process) not in good:
            raise Wrong(f"{arguments}: exit {process.returncode}, not {good}: {said!r}")
        return process.returncode

    def end(self):
        """None is left, whatever happened."""
        for process in list(self.running):
            process.kill()
            process.wait()
        self.running.clear()


def bytes_written(pid):
    """What a process has written so far; nothing if it is gone."""
    try:
        with open(f"/proc/{pid}/io", "rb") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith(b"wchar:"))
    except (OSError, StopIteration):
        return 0


def do_at(timeline):
    """Do each of (instant, action) at its instant, or at once if that has passed."""
    for instant, action in sorted(timeline, key=lambda entry: entry[0]):
        time.sleep(max(0, instant - time.monotonic()))
        action()
