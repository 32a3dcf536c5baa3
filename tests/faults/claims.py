"""What was said, and whether what it rests on is there.

A message that is in a file or a topic was said, and so was a UUID that was printed.
"""
import json
import re

import world

UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


def said(found, before):
    """The whole lines that others can read, and could not before."""
    for path, content in found.items():
        if not path.endswith("/") and not path.startswith("evstore/"):
            yield from world.lines(content[len(before.get(path, b"")):])[0]
    old = world.lanes(before)
    for key, content in world.lanes(found).items():
        yield from world.lines(content[len(old.get(key, b"")):])[0]


def untrue(found, before):
    """What was said and is not so."""
    events = b"".join(content for path, content in found.items() if world.TRUTH.match(path))
    results = world.results(found)
    submitted = b"".join(content for (topic, _), content in world.lanes(found).items() if topic == "purchase.requested")
    return [f"said, but not so: {line!r}" for line in said(found, before)
            if not is_so(line, events, results, submitted)]


def is_so(line, events, results, submitted):
    if UUID.match(line):
        return b'"id":"%s/purchase.requested"' % line in submitted
    try:
        message = json.loads(line)
        kind, request = message["type"], message["correlationid"]
    except (ValueError, TypeError, KeyError):
        return True                     # no message: it rests on nothing
    if "sum" in message:
        return line in events
    if kind == "order.requested":
        event = b'"id":"%s/stock.sold"' % request.encode()
        return event in events and b'"sequence":"%012d"' % message["data"]["sequence"] in events
    if kind == "order.failed":
        return b'"id":"%s/purchase.refused"' % request.encode() in events and request in results
    if kind == "order.created":
        return b'"id":"%s/order.created"' % request.encode() in events and request in results
    return True
