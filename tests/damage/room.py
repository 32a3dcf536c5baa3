"""A room to do damage in: a copy of a store that is put back after each damage.

It is kept in memory where there is a place for that, because every damage is
followed by commands that sync what they write.
"""
import os
import shutil
import signal
import subprocess
import tempfile

import harm
from tally import Wrong

PATIENCE = 300          # seconds; a command that takes longer hangs
HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.path.abspath(os.environ.get("EV_BIN") or os.path.join(HERE, "..", "..", "bin"))


class Answer:
    """What a command said: its exit status, and both its outputs as bytes."""

    def __init__(self, status, out, errors):
        self.status, self.out, self.errors = status, out, errors

    def __repr__(self):
        return f"exit {self.status}, {self.out[:300]!r}, {self.errors[:500]!r}"


class Memory:
    """A file in memory, with some bytes to be read."""

    def __init__(self, data=b""):
        self.number = os.memfd_create("damage")
        if data:
            os.write(self.number, data)
            os.lseek(self.number, 0, os.SEEK_SET)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        os.close(self.number)

    def fileno(self):
        return self.number

    def read(self):
        return os.pread(self.number, os.fstat(self.number).st_size, 0)


def hangs(*_):
    raise Wrong(f"a command takes longer than {PATIENCE} seconds")


signal.signal(signal.SIGALRM, hangs)


class Room:
    """One store, and what it held when it was whole."""

    def __init__(self, *options):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.directory = tempfile.mkdtemp(prefix="damage", dir=memory)
        self.store = os.path.join(self.directory, "evstore")
        self.environment = {**os.environ, "PATH": BIN + ":" + os.environ["PATH"],
                            "EV_NOW": "2026-01-31T10:00:00.000000Z", "LC_ALL": "C",
                            "EV_STORE": "evstore"}
        subprocess.run([os.path.join(HERE, "fill"), "evstore", *options], check=True,
                       cwd=self.directory, env=self.environment)
        self.whole = self.look()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        shutil.rmtree(self.directory)

    def path(self, name):
        return os.path.join(self.store, name)

    def damage(self, name, damage):
        damage.do(self.path(name), os.path.join(self.directory, "aside"))

    def remove(self, name):
        os.remove(self.path(name))

    def run(self, command, *arguments, heard=b""):
        """Run a command on the store, `heard` being its standard input. It is not waited for
        with a time of our own, which costs more than the command: an alarm ends it."""
        with Memory(heard) as heard, Memory() as out, Memory() as errors:
            process = subprocess.Popen([command, *arguments], stdin=heard, stdout=out, stderr=errors,
                                       cwd=self.directory, env=self.environment)
            signal.alarm(PATIENCE)
            try:
                return Answer(process.wait(), out.read(), errors.read())
            finally:
                signal.alarm(0)
                process.kill()
                process.wait()

    def audit(self, *options):
        """evaudit, in one thread: the store is small."""
        return self.run("evaudit", "-j", "1", *options)

    def look(self):
        """name -> content of all that is there: bytes, or what it is instead of a file."""
        found = {}
        look_into(self.store, "", found)
        return found

    def changed(self):
        """name -> content of what is not as it was when the store was whole."""
        found = self.look()
        return {name: found.get(name) for name in {*self.whole, *found}
                if found.get(name) != self.whole.get(name)}

    def restore(self):
        """Make the store whole again."""
        for name in sorted(self.changed(), reverse=True):
            harm.undo(self.path(name))
        for name in sorted(self.changed()):
            self.put_back(name)

    def put_back(self, name):
        """Put back one file or directory, whatever stands there now."""
        harm.undo(self.path(name))
        if self.whole[name] == "directory":
            os.mkdir(self.path(name))
            return
        with open(self.path(name), "wb") as file:
            file.write(self.whole[name])


def look_into(folder, before, found):
    """Add what a directory holds; names begin with what is `before` them."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = before + entry.name
            if entry.is_dir(follow_symlinks=False):
                found[name] = "directory"
                look_into(entry.path, name + "/", found)
            elif entry.is_file(follow_symlinks=False):
                with open(entry.path, "rb", buffering=0) as file:
                    found[name] = file.read()
            else:
                found[name] = "link" if entry.is_symlink() else "other"
