"""A store as the contract describes it: its lines, its sums, its files.

Nothing here shares code with the commands: what they write is read by the
letter of the file format, and anything else is an error (class Wrong).
"""
import ctypes
import json
import os
import re
import uuid

LIMIT = 2**53 - 1
UUID_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
PACK_FORM = re.compile(r"[0-9a-f]{2}\.ndjson\Z")
PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.")

_xxhash = ctypes.CDLL("libxxhash.so.0")
_xxhash.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
_xxhash.XXH3_64bits_withSeed.restype = ctypes.c_uint64


class Wrong(Exception):
    """What was found differs from what has to be."""


def canonical(value):
    """The bytes of a value in canonical form (control characters do not occur here)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def parse(line):
    """The object of one line, duplicate members refused."""
    def once(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("duplicate members")
        return dict(pairs)
    return json.loads(line, object_pairs_hook=once)


def order_uuid(request):
    return str(uuid.uuid5(uuid.UUID(request), "order"))


def file_name(product):
    name = "".join(chr(b) if b in PLAIN else "%%%02X" % b for b in product.encode())
    return ("%2E" + name[1:] if name.startswith(".") else name) + ".ndjson"


def message(kind, request, product, time, service, cause, data):
    """A message in canonical form, without the newline."""
    fields = {"specversion": "1.0", "id": f"{request}/{kind}", "source": f"/eventdemo/{service}",
              "type": kind, "subject": product, "time": time, "correlationid": request}
    if cause:
        fields["causationid"] = f"{request}/{cause}"
    fields["data"] = data
    return canonical(fields)


class Event:
    """One line of a journal."""
    __slots__ = ("sequence", "kind", "request", "product", "time", "data", "line")

    def __init__(self, sequence, kind, request, product, time, data, line):
        self.sequence, self.kind, self.request, self.product = sequence, kind, request, product
        self.time, self.data, self.line = time, data, line

    @property
    def quantity(self):
        return self.data["quantity"]


class State:
    """What a journal comes to."""
    FIELD = {"stock.added": "added", "stock.removed": "removed", "stock.sold": "sold",
             "stock.returned": "returned"}

    def __init__(self):
        self.sequence = self.added = self.removed = self.sold = self.returned = self.refused = 0
        self.time = ""

    @property
    def available(self):
        return self.added + self.returned - self.removed - self.sold

    def fold(self, event):
        self.sequence, self.time = event.sequence, event.time
        if event.kind == "purchase.refused":
            self.refused += 1
        else:
            field = self.FIELD[event.kind]
            setattr(self, field, getattr(self, field) + event.quantity)
        return self

    def line(self, product):
        return canonical({"product": product, "sequence": self.sequence,
                          "available": self.available, "added": self.added,
                          "removed": self.removed, "sold": self.sold, "returned": self.returned,
                          "refused": self.refused, "time": self.time})


def refusal(state, quantity):
    """The code and the reason for which a quantity is refused, or None."""
    if state.added + state.returned == 0:
        return "unknown-product", "nothing was ever added to this product"
    if state.available == 0:
        return "out-of-stock", "nothing is left"
    if state.available < quantity:
        return "insufficient-stock", f"only {state.available} left, {quantity} asked"
    return None


class Journal:
    """Events in a chain, and what they come to. Orders are kept in one too."""

    def __init__(self, product=None):
        self.product = product              # None: the orders, of all products
        self.events = []
        self.by_id = {}
        self.state = State()
        self.sum = 0

    def find(self, request, kind):
        return self.by_id.get(f"{request}/{kind}")

    def bytes(self):
        return b"".join(event.line for event in self.events)

    def append(self, kind, request, product, service, cause, now, data):
        """Append an event as the service writes it."""
        sequence = len(self.events) + 1
        time = max(now, self.events[-1].time) if self.events else now
        fields = {"specversion": "1.0", "id": f"{request}/{kind}",
                  "source": f"/eventdemo/{service}", "type": kind, "subject": product,
                  "time": time, "correlationid": request}
        if cause:
            fields["causationid"] = f"{request}/{cause}"
        fields["sequence"] = "%012d" % sequence
        fields["data"] = data
        head = canonical(fields)[:-1]
        self.sum = _xxhash.XXH3_64bits_withSeed(head, len(head), self.sum)
        line = head + b',"sum":"%016x"}\n' % self.sum
        return self._add(Event(sequence, kind, request, product, time, data, line))

    def _add(self, event):
        name = f"{event.request}/{event.kind}"
        if name in self.by_id:
            raise Wrong(f"{self.product}: {name} occurs twice")
        self.events.append(event)
        self.by_id[name] = event
        if self.product is not None:
            self.state.fold(event)
            if self.state.available < 0:
                raise Wrong(f"{self.product}: available is negative after {event.sequence}")
        return event

    @classmethod
    def read(cls, path, product=None):
        """The journal in a file, every rule of its form checked."""
        with open(path, "rb") as file:
            return cls.of_lines(file, path, product)

    @classmethod
    def of_lines(cls, lines, path, product=None):
        journal = cls(product)
        for number, line in enumerate(lines, 1):
            try:
                journal._take(line, number)
            except (ValueError, KeyError, TypeError, Wrong) as error:
                raise Wrong(f"{path}:{number}: {error!r}: {line[:400]!r}") from error
        return journal

    def _take(self, line, number):
        if not line.endswith(b"\n"):
            raise Wrong("unfinished line")
        fields = parse(line)
        if canonical(fields) + b"\n" != line:
            raise Wrong("not in canonical form")
        names = ["specversion", "id", "source", "type", "subject", "time", "correlationid",
                 "causationid", "sequence", "data", "sum"]
        if [name for name in names if name in fields] != list(fields) \
                or set(names) - set(fields) - {"causationid"}:
            raise Wrong("attributes")
        head = line[:line.rindex(b',"sum":')]
        self.sum = _xxhash.XXH3_64bits_withSeed(head, len(head), self.sum)
        kind, request, product = fields["type"], fields["correlationid"], fields["subject"]
        kinds = {*State.FIELD, "purchase.refused"} if self.product is not None else {"order.created"}
        for what, good in (("sum", fields["sum"] == "%016x" % self.sum),
                           ("sequence", fields["sequence"] == "%012d" % number),
                           ("type", kind in kinds),
                           ("id", fields["id"] == f"{request}/{kind}"),
                           ("UUID", UUID_FORM.match(request)),
                           ("subject", self.product in (None, product)),
                           ("quantity", 1 <= fields["data"]["quantity"] <= LIMIT),
                           ("time", not self.events or self.events[-1].time <= fields["time"])):
            if not good:
                raise Wrong(what)
        self._add(Event(number, kind, request, product, fields["time"], fields["data"], line))


def created_result(sale):
    """The bytes of the result that rests on a sale."""
    return canonical({"request": sale.request, "status": "created", "product": sale.product,
                      "quantity": sale.quantity, "order": order_uuid(sale.request),
                      "time": sale.time}) + b"\n"


def failed_result(refused):
    """The bytes of the result that rests on a refusal."""
    return canonical({"request": refused.request, "status": "failed", "product": refused.product,
                      "quantity": refused.quantity, "code": refused.data["code"],
                      "reason": refused.data["reason"], "time": refused.time}) + b"\n"


def read_results(store, leftovers=False):
    """request -> bytes of its result, from files and packs; nothing else may stand there, but
    for the hidden temporaries that killed writers leave, where leftovers are allowed."""
    results, packed = {}, {}
    folder = os.path.join(store, "results")
    if not os.path.isdir(folder):
        return results
    for entry in os.scandir(folder):
        if leftovers and entry.name.startswith("."):
            continue
        with open(entry.path, "rb") as file:
            if PACK_FORM.match(entry.name):
                packed.update(read_pack(file, entry.name[:2]))
            elif entry.name.endswith(".json") and UUID_FORM.match(entry.name[:-5]):
                results[entry.name[:-5]] = file.read()
            else:
                raise Wrong(f"results/{entry.name}: not a result's name")
    return {**packed, **results}


def read_pack(lines, digits):
    """request -> its line in a pack; each once."""
    results = {}
    for line in lines:
        request = parse(line)["request"]
        if request[:2] != digits or request in results or not line.endswith(b"\n"):
            raise Wrong(f"results/{digits}.ndjson: {line!r}: out of place, twice or unfinished")
        results[request] = line
    return results


def journal_files(store):
    """name -> path of the journals. An empty one, made to be locked, counts as none."""
    folder = os.path.join(store, "journal")
    if not os.path.isdir(folder):
        return {}
    return {entry.name: entry.path for entry in os.scandir(folder) if entry.stat().st_size}


def read_journals(store):
    """product -> Journal, of every file in journal/, its name checked."""
    journals = {}
    for name, path in journal_files(store).items():
        with open(path, "rb") as file:
            product = parse(file.readline())["subject"]
        if file_name(product) != name:
            raise Wrong(f"{name}: holds product {product!r}")
        journals[product] = Journal.read(path, product)
    return journals


def read_orders(store):
    path = os.path.join(store, "orders.ndjson")
    return Journal.read(path) if os.path.exists(path) else Journal()


def check_refusals(journal):
    """Every refusal tells of the journal as it was at the sequence it names."""
    states, state = [State()], State()
    for event in journal.events:
        state.fold(event)
        states.append(State())
        states[-1].__dict__.update(state.__dict__)
    for event in journal.events:
        if event.kind != "purchase.refused":
            continue
        data = event.data
        if not 0 <= data["sequence"] < event.sequence:
            raise Wrong(f"{journal.product}: {event.line!r}: sequence of the future")
        seen = states[data["sequence"]]
        if list(data) != ["quantity", "available", "sequence", "code", "reason"] \
                or data["available"] != seen.available \
                or refusal(seen, event.quantity) != (data["code"], data["reason"]):
            raise Wrong(f"{journal.product}: {event.line!r}: not what was to be seen at "
                        f"{data['sequence']}: {seen.line(journal.product)!r}")
