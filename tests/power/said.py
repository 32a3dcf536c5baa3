"""What was said before a cut, and whether a store bears it out.

A claim is a tuple, its first word what has to be there:

  line PRODUCT LINE            this line, in the product's journal
  sold PRODUCT REQUEST N       the sale, with this sequence (None: any)
  refused PRODUCT REQUEST CODE the refusal, with this code
  known PRODUCT N              at least so many events of the product
  ordered PRODUCT REQUEST      the order
  published TOPIC LINE         this line, in a lane of the topic
  requested REQUEST            the purchase.requested, in its topic
  file PATH BYTES              the file begins with these bytes
  lanes TOPIC N                the topic's newest generation has so many lanes
  offset PATH N                the group's record tells this offset
"""
import functools
import json
import re

STORE = "evstore"
UUID_LINE = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
SEGMENT = re.compile(r"evstore/topics/([^/]+)/(\d+)/(\d{20})\.ndjson\Z")
OFFSET = re.compile(r"evstore/topics/([^/]+)/groups/([^/]+)/(\d+)\.offset\Z")
MAKES = {"evtask": ("stockcheck.requested",),
         "evcheck": ("stock.available", "stock.unavailable"),
         "evorder": ("order.requested", "stock.unavailable"),
         "evfail": ("order.failed", "order.requested"),
         "evcreate": ("order.created",)}
RESULT = re.compile(r"evstore/results/(?:[0-9a-f-]{36}\.json|[0-9a-f]{2}\.ndjson)\Z")


@functools.lru_cache(maxsize=None)
def parsed(line):
    """The object of a line, or None; the same line is met again and again."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def whole_lines(content):
    """Without what is behind the last newline."""
    return content[:content.rfind(b"\n") + 1].split(b"\n")[:-1]


def of_line(line, by_topic):
    """Claims of a line that somebody could read. What is said in a topic about an order
    rests on its sale: the order follows from that."""
    if UUID_LINE.match(line):
        return [("requested", line.decode())]
    told = parsed(line)
    if told is None:
        return []
    if "sum" in told and "sequence" in told:
        return [("line", told["subject"], line)]
    if "status" in told:
        return of_result(told)
    if "correlationid" in told:
        return of_message(told, by_topic)
    return []


def of_result(told):
    if told["status"] == "created":
        return [("sold", told["product"], told["request"], None)]
    return [("refused", told["product"], told["request"], told["code"])]


def of_message(told, by_topic):
    product, request, data = told["subject"], told["correlationid"], told["data"]
    kind = told["type"]
    if kind in ("stock.available", "stock.unavailable"):
        return [("known", product, data["sequence"])]
    if kind == "order.requested":
        return [("sold", product, request, data["sequence"])]
    if kind == "order.failed":
        return [("refused", product, request, data["code"])]
    if kind == "order.created":
        sold = [("sold", product, request, None)]
        return sold if by_topic else [*sold, ("ordered", product, request)]
    return []


def of_end(step, status, disk):
    """Claims of an exit status."""
    if status != 0:
        return []
    arguments, claims = step.arguments, []
    for i, word in enumerate(arguments[:-1]):
        if word == "-o" and not arguments[i + 1].startswith("@"):
            claims.append(("file", arguments[i + 1], disk.now()[arguments[i + 1]]))
    if step.command == "evtopic":
        claims += of_evtopic(arguments, step.feed)
    return claims


def of_evtopic(arguments, feed):
    if arguments[0] == "publish":
        return [("published", arguments[1], line) for line in feed.splitlines()]
    if arguments[0] == "lanes":
        return [("lanes", arguments[-2], int(arguments[-1]))]
    if arguments[0] == "seek" and arguments[3].isdigit():
        path = f"{STORE}/topics/{arguments[2]}/groups/{arguments[1]}/0.offset"
        return [("offset", path, int(arguments[3]))]
    return []


def of_op(op, disk):
    """Claims that this record makes; the disk has followed it."""
    if op.kind == "say" and op.words[0] == "1":
        return [claim for line in whole_lines(op.data) for claim in of_line(line, False)]
    if op.kind == "mark":
        return of_end(op.step, int(op.words[1]), disk)
    if op.kind == "write":
        path = disk.nodes[int(op.words[0])].path or ""
        by_topic, content = SEGMENT.match(path), op.data
        if not by_topic and not RESULT.match(path) and path.startswith(STORE + "/"):
            return []
    elif op.kind in ("link", "rename"):
        node = disk.nodes[int(op.words[0])].now()[op.words[-2] if op.kind == "link"
                                                  else op.words[-1]]
        if not RESULT.match(node.path):
            return []
        by_topic, content = None, node.now()
    else:
        return []
    return [claim for line in whole_lines(content) for claim in of_line(line, bool(by_topic))]


# -- what a store tells ----------------------------------------------------------------


class View:
    """A store, as bytes by path, with what its whole lines tell."""

    def __init__(self, files):
        self.files = files

    @functools.cached_property
    def journals(self):
        """product -> lines"""
        found = {}
        for path, content in self.files.items():
            if content and path.startswith(f"{STORE}/journal/"):
                lines = whole_lines(content)
                first = parsed(lines[0]) if lines else None
                if first is not None:
                    found[first["subject"]] = lines
        return found

    @functools.cached_property
    def events(self):
        """(product, id) -> event, of journals and orders"""
        lines = [line for journal in self.journals.values() for line in journal]
        lines += whole_lines(self.files.get(f"{STORE}/orders.ndjson") or b"")
        return {(told["subject"], told["id"]): told
                for told in map(parsed, lines) if told is not None}

    @functools.cached_property
    def lanes(self):
        """(topic, lane) -> (its first offset, its lines)"""
        found = {}
        for path, content in sorted(self.files.items()):
            match = SEGMENT.match(path)
            if match:
                key = match[1], int(match[2])
                first, lines = found.get(key, (int(match[3]), []))
                found[key] = first, lines + whole_lines(content)
        return found

    def published(self, topic):
        return {line for (name, _), (_, lines) in self.lanes.items() if name == topic
                for line in lines}

    def end(self, topic, lane):
        first, lines = self.lanes.get((topic, lane), (0, []))
        return first + len(lines)


def holds(claim, view):
    what, rest = claim[0], claim[1:]
    return CHECKS[what](view, *rest)


def has_sale(view, product, request, sequence):
    event = view.events.get((product, f"{request}/stock.sold"))
    return event is not None and sequence in (None, int(event["sequence"]))


def has_refusal(view, product, request, code):
    event = view.events.get((product, f"{request}/purchase.refused"))
    return event is not None and event["data"]["code"] == code


def has_lanes(view, topic, lanes):
    content = view.files.get(f"{STORE}/topics/{topic}/lanes")
    told = [parsed(line) for line in whole_lines(content or b"")]
    counts = [object["lanes"] for object in told if object is not None and "lanes" in object]
    return (counts or [1])[-1] == lanes


def has_offset(view, path, offset):
    told = parsed(view.files.get(path) or b"")
    return told is not None and told["offset"] == offset


CHECKS = {
    "line": lambda view, product, line: line in view.journals.get(product, []),
    "sold": has_sale,
    "refused": has_refusal,
    "known": lambda view, product, count: len(view.journals.get(product, [])) >= count,
    "ordered": lambda view, product, request: (product, f"{request}/order.created") in view.events,
    "published": lambda view, topic, line: line in view.published(topic),
    "requested": lambda view, request: any(
        (parsed(line) or {}).get("id") == f"{request}/purchase.requested"
        for line in view.published("purchase.requested")),
    "file": lambda view, path, content: (view.files.get(path) or b"").startswith(content),
    "lanes": has_lanes,
    "offset": has_offset,
}


def skipped(view):
    """Messages before a service's offset that nothing was made of."""
    found = []
    for path, content in view.files.items():
        match = OFFSET.match(path)
        told = parsed(content.rstrip(b"\0")) if match and content else None
        if told is None or "sum" not in told or match[2] not in MAKES:
            continue
        first, lines = view.lanes.get((match[1], int(match[3])), (0, []))
        made = {message.get("correlationid") for topic in MAKES[match[2]]
                for message in map(parsed, view.published(topic)) if message is not None}
        found += [f"{path}: {line[:120]!r}" for line in lines[:max(0, told["offset"] - first)]
                  if (parsed(line) or {}).get("correlationid") not in {None, *made}]
    return found


def trimmed(view):
    """Lanes that begin behind what a group has read, by what it knows after the cut."""
    found = []
    for path, content in view.files.items():
        words = path.split("/")
        if content is not None or len(words) != 5 or words[3] != "groups":
            continue
        for (topic, lane), (first, _) in view.lanes.items():
            told = parsed(view.files.get(f"{path}/{lane}.offset") or b"") or {"offset": 0}
            if topic == words[2] and told["offset"] < first:
                found.append(f"{path}: {told['offset']}, the lane begins at {first}")
    return found


def ahead(view):
    """Offsets of groups, and beginnings of generations, that lie behind the end of their lane."""
    found = []
    for path, content in view.files.items():
        match = OFFSET.match(path)
        told = parsed(content.rstrip(b"\0")) if match and content else None
        if told is not None and "sum" in told \
                and told["offset"] > view.end(match[1], int(match[3])):
            found.append(f"{path}: {told['offset']}, the lane ends at "
                         f"{view.end(match[1], int(match[3]))}")
        if path.endswith("/lanes") and content and path.count("/") == 3:
            topic = path.split("/")[2]
            for object in filter(None, map(parsed, whole_lines(content))):
                found += [f"{path}: lane {lane} goes over at {offset}"
                          for lane, offset in enumerate(object.get("from", []))
                          if offset > view.end(topic, lane)]
    return found

