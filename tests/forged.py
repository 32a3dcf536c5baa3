#!/usr/bin/env python3
"""forged.py HEAD how: an index that is wrong, with sums that are right.

HEAD is index/<digits>.head of a stream. `offsets`: the lines of events begin far behind the stream's
end; `sequence`: the stream has had one event more than its runs tell of.
"""
import ctypes
import struct
import sys

XXHASH = ctypes.CDLL("libxxhash.so.0")
XXHASH.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
XXHASH.XXH3_64bits_withSeed.restype = ctypes.c_uint64
RUNS, NUMBERS = 24, 6           # of a head; of a state
LINE, LINE_ENTRIES, BLOCK, ENTRY = 64, 37, 512, 11


def xxh3(data, seed=0):
    return XXHASH.XXH3_64bits_withSeed(bytes(data), len(data), seed)


def place_of(head):
    """Where in the head its state begins; then come the number of runs, they, the note's sum, its own."""
    return len(head) - 8 * (NUMBERS + 1 + 4 * RUNS + 2)


def forge_sequence(path):
    with open(path, "r+b") as file:
        head = bytearray(file.read())
        at = place_of(head)
        head[at:at + 8] = struct.pack("<Q", struct.unpack_from("<Q", head, at)[0] + 1)
        head[-8:] = struct.pack("<Q", xxh3(head[:-8]))
        file.seek(0)
        file.write(head)


def forge_offsets(path):
    with open(path, "rb") as file:
        head = file.read()
    at = place_of(head) + 8 * NUMBERS
    for i in range(struct.unpack_from("<Q", head, at)[0]):
        key = struct.unpack_from("<4Q", head, at + 8 + 32 * i)
        with open(f"{path[:-len('.head')]}.{key[1]}-{key[2]}", "r+b") as file:
            run = bytearray(file.read())
            start = (key[2] // (LINE_ENTRIES * 8) + 1) * 8 * LINE
            for number, block in enumerate(range(start, len(run), BLOCK)):
                for entry in range(struct.unpack_from("<H", run, block + 8)[0]):
                    run[block + 10 + ENTRY * entry + ENTRY - 1] |= 0x40
                seed = xxh3(struct.pack("<5Q", *key, number))
                run[block:block + 8] = struct.pack("<Q", xxh3(run[block + 8:block + BLOCK], seed))
            file.seek(0)
            file.write(run)


{"sequence": forge_sequence, "offsets": forge_offsets}[sys.argv[2]](sys.argv[1])
