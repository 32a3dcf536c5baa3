"""topic_lanes.py TOPIC COMMAND...: a topic's lanes by the letter of the file format.

The commands of the project are not used; the tests hold them against this.
    layout LANES SEGMENT [FROM...]   write evstore/topics/TOPIC/lanes of one generation; with FROM,
                                     the offsets where the lanes of the generation before end, two
    merge [FIRST] [TIME]             print all whole messages as `evtopic cat` has to
"""
import ctypes
import json
import os
import re
import sys

xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
xxhash.XXH3_64bits_withSeed.restype = ctypes.c_uint64
LONGEST = 65536


def layout(topic, lanes, segment, ends):
    generations = [(len(ends), [])] if ends else []
    generations.append((lanes, ends))
    before, text = 0, b""
    for count, start in generations:
        head = b'{"lanes":%d,"segment":%d,"from":[%s]' % (count, segment, ",".join(map(str, start)).encode())
        before = xxhash.XXH3_64bits_withSeed(head, len(head), before)
        text += head + b',"sum":"%016x"}\n' % before
    os.makedirs(topic, exist_ok=True)
    with open(topic + "/.lanes", "wb") as draft:
        draft.write(text + b'{"durable":true}\n')
    os.rename(topic + "/.lanes", topic + "/lanes")


def lane_lines(lane):
    for name in sorted(os.listdir(lane)):
        with open(os.path.join(lane, name), "rb") as segment:
            offset = int(name[:20])
            lines = segment.read().split(b"\n")[:-1]
            for i, line in enumerate(lines):
                yield offset + i, line + b"\n"


def time_of(line):
    if len(line) > LONGEST:
        return None
    try:
        value = json.loads(line)
        time = value["time"] if isinstance(value, dict) and isinstance(value["time"], str) else ""
    except (ValueError, KeyError):
        return None
    return time if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", time) else None


def lane_keys(lane, number, first, start):
    key, begun = "", not start
    for offset, line in lane_lines(lane):
        if offset < first:
            continue
        time = time_of(line)
        begun = begun or (time is not None and time >= start)
        if not begun:
            continue
        key = time or key
        yield key, number, line


def merge(topic, first, start):
    lanes = [iter(lane_keys(os.path.join(topic, name), int(name), first, start))
             for name in sorted(os.listdir(topic)) if name.isdigit()]
    heads = [next(lane, None) for lane in lanes]
    while any(heads):
        head = min(filter(None, heads), key=lambda h: h[:2])
        sys.stdout.buffer.write(head[2])
        at = heads.index(head)
        heads[at] = next(lanes[at], None)


directory = "evstore/topics/" + sys.argv[1]
if sys.argv[2] == "layout":
    layout(directory, int(sys.argv[3]), int(sys.argv[4]), [int(end) for end in sys.argv[5:]])
else:
    merge(directory, int(sys.argv[3]) if len(sys.argv) > 3 else 0, sys.argv[4] if len(sys.argv) > 4 else "")
