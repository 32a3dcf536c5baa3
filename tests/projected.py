#!/usr/bin/env python3
"""projected.py HOW STEP THEN OPTION...: evproject broken at each STEP-th call that changes a file.

In a directory with before.db and after.db, the database before and after a run. Each time the
database must be one of the two, whole, and then what `evproject THEN` makes of it (THEN may be
empty) the second. Prints how many calls were broken; exits 1 and says what is wrong.
"""
import os
import shutil
import signal
import sqlite3
import subprocess
import sys

CALLS = "write,pwrite,pwrite64,fsync,fdatasync,ftruncate,ftruncate64,rename,unlink,fchmod"
SHIMS = ":".join(filter(None, (os.path.join(os.path.dirname(os.path.abspath(__file__)), "../build/shim"), os.environ.get("LD_LIBRARY_PATH"))))
FILES = {"shop.db", "shop.db-journal"}


def whole(name):
    """All that is in a database, or what SQLite thinks is wrong with it. Who may write undoes what is half done."""
    database = sqlite3.connect(f"file:{name}?mode=rw", uri=True, isolation_level=None)
    wrong = database.execute("PRAGMA integrity_check").fetchall()
    text = list(database.iterdump())
    database.close()
    return text if wrong == [("ok",)] else wrong


def run(options, environment):
    return subprocess.run(["evproject", *filter(None, options), "--db", "shop.db"], env=environment, timeout=300,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)


def judge(done, how, then, states):
    """What is wrong after a broken run."""
    wrong = []
    if how.startswith("kill"):
        if done.returncode != -signal.SIGKILL:
            wrong.append(f"exit {done.returncode}, not killed")
    elif done.returncode not in (0, 73, 74):
        wrong.append(f"exit {done.returncode}")
    elif done.returncode != 0 and not done.stderr.startswith(b"evproject: shop.db"):
        wrong.append(f"says {done.stderr!r}")
    if then == "":
        found = whole("shop.db")
        if found not in states:
            wrong.append(f"neither as before nor as after: {found[:3]}")
        if done.returncode == 0 and found != states[1]:
            wrong.append("exit 0, but not done")
    again = run([then], os.environ)
    if again.returncode != 0 or whole("shop.db") != states[1]:
        wrong.append(f"not completed by the next run: exit {again.returncode}, {again.stderr!r}")
    left = {name for name in os.listdir(".") if name.startswith("shop.db")} - FILES
    return wrong + [f"left: {name}" for name in left]


def main():
    how, step, then, *options = sys.argv[1:]
    states = [whole("before.db"), whole("after.db")]
    assert states[0] != states[1]
    broken = 0
    for at in range(1, 200, int(step)):
        for name in ("shop.db", "shop.db-journal", "shop.db.new-evproject", "broken"):
            if os.path.exists(name):
                os.remove(name)
        shutil.copy("before.db", "shop.db")
        done = run(options, {**os.environ, "FAIL_CALLS": CALLS, "FAIL_PATH": "shop.db", "FAIL_AT": str(at), "FAIL_HOW": how,
                             "FAIL_LOG": "broken", "LD_LIBRARY_PATH": SHIMS, "LD_PRELOAD": "fail.so",
                             "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0:detect_leaks=0"})
        with open("broken", encoding="utf-8") as log:
            call = log.read().strip()
        if not call:                    # there was no such call any more
            break
        if "-whole " in call:           # what cannot be done in part is done
            continue
        broken += 1
        wrong = judge(done, how, then, states)
        if wrong:
            sys.exit(f"{how} at {call}: {'; '.join(wrong)}")
    print(broken)


if __name__ == "__main__":
    main()
