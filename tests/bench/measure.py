"""Run commands and say what they took: wall time, processor time and memory of each."""
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TOOLS = os.path.join(ROOT, "build", "plain", "bench")
MODEL = os.path.join(ROOT, "tests", "model")
PATIENCE = 300                  # seconds until a run that does not end has failed


class Failed(Exception):
    """A command failed or gave a wrong answer: no time is reported then."""


class Usage:
    """What one process took; times in seconds, memory in bytes."""

    def __init__(self, name, usage):
        self.name, self.user, self.system = name, usage.ru_utime, usage.ru_stime
        self.memory = usage.ru_maxrss * 1024


def pipe(commands, source=os.devnull, target=os.devnull, **environment):
    """Run commands in a pipe; the wall time and each one's Usage."""
    reader = os.open(source, os.O_RDONLY)
    pids = []
    start = time.monotonic()
    for number, command in enumerate(commands):
        if number + 1 < len(commands):
            following, writer = os.pipe()
        else:
            following, writer = -1, os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        pids.append(os.posix_spawnp(
            command[0], command, {**os.environ, **environment},
            file_actions=[(os.POSIX_SPAWN_DUP2, reader, 0), (os.POSIX_SPAWN_DUP2, writer, 1)]))
        os.close(reader)
        os.close(writer)
        reader = following
    usages = []
    for pid, command in zip(pids, commands):
        _, status, usage = os.wait4(pid, 0)
        if status:
            raise Failed(f"{' '.join(command)}: wait status {status}")
        usages.append(Usage(os.path.basename(command[0]), usage))
    return time.monotonic() - start, usages


def peak_anonymous(command, target, **environment):
    """Run a command; the most memory of its own (not mapped from files) that it was seen
    to hold, and its Usage."""
    writer = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    pid = os.posix_spawnp(command[0], command, {**os.environ, **environment},
                          file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)])
    os.close(writer)
    peak = 0
    with open(f"/proc/{pid}/status", "rb", buffering=0) as status:
        while True:
            status.seek(0)
            at = (text := status.read()).find(b"RssAnon:")
            if at < 0:                      # a process that has ended has no memory
                break
            peak = max(peak, int(text[at:].split()[1]) * 1024)
    _, code, usage = os.wait4(pid, 0)
    if code:
        raise Failed(f"{' '.join(command)}: wait status {code}")
    return peak, Usage(command[0], usage)


def tool(name):
    return os.path.join(TOOLS, name)


def model(name, *arguments):
    """Run a script of the model; what it prints."""
    done = subprocess.run([sys.executable, "-B", os.path.join(MODEL, name), *arguments],
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"{name} {' '.join(arguments)}")
    return done.stdout.strip()


def picture(name):
    """Where a picture of that name goes: it stays when the rest of a run is removed."""
    folder = os.path.join(ROOT, "build", "bench")
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, name)


def settle():
    """Nothing that one run left to be written may burden the next."""
    os.sync()


def median(values):
    return statistics.median(values)


def have(command):
    return shutil.which(command) is not None


def row(what, value, note="", target=None, good=None):
    """A line of the table."""
    verdict = "" if good is None else "yes" if good else "NO"
    print(f"  {what:<46} {value:>12}  {verdict:<4}{'(' + target + ')' if target else '':<14} {note}"
          .rstrip(), flush=True)


def seconds(value):
    return f"{value:.3f} s" if value < 10 else f"{value:.1f} s"


def mebibytes(value):
    return f"{value / 2**20:.1f} MiB"


class Running:
    """Processes that run side by side until they are told to stop."""

    def __init__(self, commands, **environment):
        """`commands` by their names."""
        self.names = {}
        quiet = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
        for name, command in commands.items():
            pid = os.posix_spawnp(command[0], command, {**os.environ, **environment},
                                  file_actions=quiet)
            self.names[pid] = name

    def check(self):
        """None may have ended by itself."""
        for pid, name in self.names.items():
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                raise Failed(f"{name} ended by itself")

    def stop(self, ends=(0,)):
        """SIGTERM to all; what they took until they ended, and each one's Usage."""
        start, usages, wrong = time.monotonic(), [], []
        names, self.names = self.names, {}
        for pid in names:
            os.kill(pid, signal.SIGTERM)
        for pid, name in names.items():
            _, status, usage = os.wait4(pid, 0)
            usages.append(Usage(name, usage))
            if status not in ends:
                wrong.append(f"{name}: wait status {status}")
        if wrong:
            raise Failed("; ".join(wrong))
        return time.monotonic() - start, usages
