#!/usr/bin/env python3
"""sql.py [-readonly] FILE SQL...: what sqlite3(1) prints, rows or for .dump all, for where that is missing."""
import sqlite3
import sys

arguments = sys.argv[1:]
mode = "ro" if arguments[0] == "-readonly" else "rw"
if mode == "ro":
    arguments.pop(0)
try:
    database = sqlite3.connect(f"file:{arguments[0]}?mode={mode}", uri=True, isolation_level=None)
    for sql in arguments[1:]:
        if sql == ".dump":
            print(*database.iterdump(), sep="\n")
        else:
            for row in database.execute(sql):
                print("|".join("" if value is None else str(value) for value in row))
except sqlite3.Error as error:
    sys.exit(f"Error: {error}")
