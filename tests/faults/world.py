"""A directory with a store and files in it: put back as it was, and read for what it means.

What a store means is what it promises to keep: events, orders, results, messages in their
order, letters, how far groups are. Hints, locks and drafts are left out, and so is how often
a message stands in a topic.
"""
import json
import os
import re
import shutil

DERIVED = re.compile(r"out$|mark(\.[^/]+)?$|evstore/(index/|topics/[^/]+/(\d+\.end|\.lanes|groups/[^/]+/\d+\.lock)$"
                     r"|dead/\.redriven$|results/\.[^/]+$|\.[^/]+$)")
LANE = re.compile(r"evstore/topics/([^/]+)/(\d+)/\d{20}\.ndjson$")
HINT = re.compile(r"(evstore/topics/[^/]+/\d+)\.end$")
OFFSET = re.compile(r"evstore/topics/[^/]+/groups/[^/]+/\d+\.offset$")
RESULT = re.compile(r"evstore/results/[^./]+\.json$")
PACK = re.compile(r"evstore/results/[0-9a-f]{2}\.ndjson$")
LETTERS = re.compile(r"evstore/dead/[^/]+\.ndjson$")
TRUTH = re.compile(r"evstore/(journal/[^/]+\.ndjson|orders\.ndjson)$")
REPLACED = re.compile(r"evstore/(topics/[^/]+/lanes|dead/[^/]+\.redriven)$")
FORMAT = b"eventdemo 1\n"
DURABLE = b'{"durable":true}\n'


def read(place):
    """path -> bytes of all files under a directory; what is a directory, with a / behind it, has b""."""
    found = {}
    for folder, folders, names in os.walk(place):
        for name in folders:
            found[os.path.relpath(os.path.join(folder, name), place) + "/"] = b""
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, place)] = file.read()
    return found


def write(place, world):
    """Make the directory hold this and nothing else."""
    shutil.rmtree(place, ignore_errors=True)
    os.mkdir(place)
    for path in sorted(world):
        if path.endswith("/"):
            os.mkdir(os.path.join(place, path))
    for path, content in world.items():
        if not path.endswith("/"):
            with open(os.path.join(place, path), "wb") as file:
                file.write(content)


def lines(content):
    """The whole lines, and what is behind them."""
    *whole, rest = content.split(b"\n")
    return whole, rest


def lanes(world):
    """(topic, lane) -> bytes of all its segments."""
    found = {}
    for path in sorted(path for path in world if LANE.match(path)):
        key = LANE.match(path).groups()
        found[key] = found.get(key, b"") + world[path]
    return found


def results(world):
    """request -> the line of its result; one that is empty or cut off counts as none."""
    found = {}
    for path in sorted(world, key=lambda path: bool(RESULT.match(path))):
        if RESULT.match(path) or PACK.match(path):
            for line in lines(world[path])[0]:
                found[json.loads(line)["request"]] = line
    return found


def whole(content, cut_off):
    """The lines, without such as were cut off."""
    return [line for line in content.split(b"\n") if line and line not in cut_off]


def distinct(content, cut_off):
    """The lines, each once, in the order in which they came first."""
    return list(dict.fromkeys(whole(content, cut_off)))


def letters(content, cut_off):
    """The letters that are whole, sorted; the cut-off ends of journals are none."""
    return sorted(line for line in whole(content, cut_off) if b'"kind":"torn"' not in line)


def offset(content):
    """The offset that a record tells, if it is whole."""
    try:
        return json.loads(content)["offset"] if content else 0
    except ValueError:
        return "damaged"


def meaning(world, cut_off=frozenset(), once=False, exact=False):
    """What is kept; with `once` letters count as often as they stand there, if `exact` messages as well."""
    kept = {"results": results(world)}
    for key, content in lanes(world).items():
        kept[key] = whole(content, cut_off) if exact else distinct(content, cut_off)
    for path, content in world.items():
        if TRUTH.match(path) or path == "evstore/format":
            kept[path] = content
        elif REPLACED.match(path):
            kept[path] = content.replace(DURABLE, b"")
        elif OFFSET.match(path):
            kept[path] = offset(content)
        elif LETTERS.match(path):
            found = letters(content, cut_off)
            kept[path] = found if once else sorted(set(found))
        elif not DERIVED.match(path) and not path.startswith("evstore/"):
            kept[path] = distinct(content, cut_off)
    return {key: value for key, value in kept.items() if value}


def fragments(world, full):
    """Lines that are the beginning of a line in the full world, and none themselves: cut off, then ended."""
    known = {line for content in full.values() for line in content.split(b"\n")}
    return {line for path, content in world.items() if not path.endswith("/") and not DERIVED.match(path)
            for line in content.split(b"\n")
            if line and line not in known and any(other.startswith(line) for other in known)}


def grown(before, found, full, repaired):
    """What is not on the way from one world to another: files only grow, or are replaced whole.

    Results may stand in files or in a pack, whichever could be told."""
    wrong = []
    known = set(results(before).values()) | set(results(full).values())
    for path in sorted(before.keys() | found.keys()):
        now, then, last = found.get(path), before.get(path, b""), full.get(path)
        if path.endswith("/") or DERIVED.match(path) or OFFSET.match(path):
            continue
        if now is None:
            if last is not None:
                wrong.append(f"{path} is gone")
        elif REPLACED.match(path):
            if not is_version(now, then) and not is_version(now, last or b"") and not path.endswith(".redriven"):
                wrong.append(f"{path} is neither the old one nor the new one")
        elif RESULT.match(path):
            if now != then and now[:-1] not in known:
                wrong.append(f"{path} is no result: {now!r}")
        elif PACK.match(path):
            if set(lines(now)[0]) - known or not (repaired or now.startswith(then)):
                wrong.append(f"{path} has other lines: {now!r}")
        elif not now.startswith(then) or not (last or then).startswith(now):
            good = os.path.commonprefix([now, last or then])
            wrong.append(f"{path} has what it never was to have: {now[len(good):][:200]!r}")
    return wrong


def unfinished(before, found):
    """Files with a part of a line at their end that was not there before."""
    return [f"{path}: ends in a part of a line" for path, content in found.items()
            if (TRUTH.match(path) or LETTERS.match(path) or LANE.match(path) or PACK.match(path)
                or not path.startswith("evstore/")) and not content.endswith(b"\n") and content
            and content != before.get(path)]


def wrong_hints(found):
    """Hints that are whole, and not so: that a lane's end is at some offset and byte of its last segment."""
    wrong = []
    for path in found:
        hint = HINT.match(path)
        try:
            place = json.loads(found[path]) if hint and found[path] else None
        except ValueError:
            continue                    # cut off: nobody believes it
        if place:
            segment = found.get("%s/%020d.ndjson" % (hint.group(1), place["segment"]), b"")[:place["bytes"]]
            if len(segment) != place["bytes"] or segment.count(b"\n") != place["offset"] - place["segment"]:
                wrong.append(f"{path} is not so: {place}")
    return wrong


def is_version(content, version):
    """Is it this, perhaps without all of the line that says it is on disk?"""
    table = version.replace(DURABLE, b"")
    return content.startswith(table) and DURABLE.startswith(content[len(table):])
