"""screen.py WORD... -- COMMAND...: run a command on a terminal of its own, and play the user.

The words, in order:
    see TEXT            wait until the screen has this; blanks count as one
    gone TEXT           wait until it has not
    type KEYS           as printf takes them: type '\\033[B\\r'
    size ROWS COLUMNS
    run COMMAND         by a shell
    kill SIGNAL         send it to the command
Then the command has to end, within five minutes.  Prints how it ended, whether the terminal is
as it was, whether its other screen was left, whether any colour was seen, and what it said on
standard error, which is no terminal.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

LOOK = re.compile(rb"\x1b\[[0-9;]*m|\x0f|\x0e")
SEQUENCE = re.compile(rb"\x1b\[[0-9;?>]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>78M]|[\x00-\x1f]")
COLOUR = re.compile(rb"\x1b\[[0-9;]*3[1-7][;m]")
REDRAW = b"\x0c"
PATIENCE = 300          # seconds after which what is waited for does not come


class Terminal:
    def __init__(self, command, rows=24, columns=80):
        self.master, slave = pty.openpty()
        self.slave = slave
        self.size(rows, columns)
        self.before = termios.tcgetattr(slave)
        self.all = b""
        self.errors = tempfile.TemporaryFile()
        self.child = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=self.errors, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def size(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """What comes until nothing has come for so long."""
        got = b""
        while select.select([self.master], [], [], seconds)[0]:
            got += os.read(self.master, 65536)
        self.all += got
        return got

    def screen(self):
        """All of the screen, as it is drawn anew."""
        self.read(0)
        os.write(self.master, REDRAW)
        return b" ".join(SEQUENCE.sub(b" ", LOOK.sub(b"", self.read(0.05))).split()).decode(errors="replace")

    def wait(self, text, there):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            seen = self.screen()
            if seen and (text in seen) == there:
                return
            if self.child.poll() is not None:
                break
        sys.exit(f"{'not seen' if there else 'still there'}: {text}: the screen is: {self.screen()}")

    def finish(self):
        end = time.monotonic() + PATIENCE
        while self.child.poll() is None and time.monotonic() < end:
            self.read(0.02)
        if self.child.poll() is None:
            self.child.kill()
            sys.exit("it does not end")
        self.read(0)
        return self.child.returncode


def play(terminal, words):
    while words:
        word = words.pop(0)
        if word in ("see", "gone"):
            terminal.wait(words.pop(0), word == "see")
        elif word == "type":
            os.write(terminal.master, words.pop(0).encode().decode("unicode_escape").encode("latin-1"))
        elif word == "size":
            terminal.size(int(words.pop(0)), int(words.pop(0)))
        elif word == "run":
            subprocess.run(words.pop(0), shell=True, check=True)
        elif word == "kill":
            terminal.child.send_signal(getattr(signal, "SIG" + words.pop(0)))
        else:
            sys.exit(f"{word}: no such word")


def main():
    cut = sys.argv.index("--")
    terminal = Terminal(sys.argv[cut + 1:])
    play(terminal, sys.argv[1:cut])
    status = terminal.finish()
    print("ended by", signal.Signals(-status).name if status < 0 else status)
    print("terminal", "as it was" if termios.tcgetattr(terminal.slave) == terminal.before else "changed")
    print("screen", "left" if b"\x1b[?1049l" in terminal.all else "not left")
    print("colours", "yes" if COLOUR.search(terminal.all) else "no")
    terminal.errors.seek(0)
    for line in terminal.errors:
        print("said", line.decode(errors="replace"), end="")


main()
