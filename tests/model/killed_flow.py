"""Whole flows that are killed at random instants, and run to their end all the same.

A round has a store, goods and requests of its own. In each life some processes of the
flow are killed; what was said until then has to rest on what is there. At last the flow
is run to its end undisturbed, and the store compared with the model, which handled one
request after the other. Instants are chosen from how long the flow takes undisturbed,
measured at the beginning of each round.
"""
import base64
import fcntl
import json
import os
import re
import shutil
import time

import store as ev
from audit import audit
from flow import READS, Model
from store import Wrong, canonical, parse
from victims import PATIENCE, Victims

PORTIONS_FED = 5                        # at most, of the whole input
NOW = "2026-01-31T09:30:00.000000Z"
BASIS = {"order.requested": "stock.sold", "order.failed": "purchase.refused",
         "order.created": "order.created"}
ID = re.compile(rb'"id":"([0-9a-f-]{36}/[a-z.]+)"')
REQUEST = re.compile(rb'^{"request":"([0-9a-f-]{36})"', re.MULTILINE)
BEGINNING = b'{"specversion":"1.0","id":"'


def pipe_ends():
    """To read from, and to write to."""
    return [os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"))]


def uuid(random):
    return "%08x-0000-4000-8000-%012x" % (random.getrandbits(32), random.getrandbits(48))


class Plan:
    """What is bought in a round, and what comes of it in turn."""

    def __init__(self, random, count, quantities, portions):
        products = [f"product {n}" for n in range(random.choice((1, 3, 8)))]
        self.wishes = [{"product": random.choice(products), "request": uuid(random),
                        "quantity": random.choice(quantities)} for _ in range(count)]
        self.goods = [{"action": "add", "product": product, "request": uuid(random), "quantity":
                       1 + int(self.asked(product) * random.uniform(0.2, 0.9)) // portions}
                      for _ in range(portions) for product in products]
        self.requests = {wish["request"] for wish in self.wishes}
        self.model = Model()
        self.model.now = NOW
        for change in self.goods:
            self.model.evstock(canonical(change))
        self.answers = {wish["request"]: self.through(wish) for wish in self.wishes}

    def asked(self, product):
        return sum(wish["quantity"] for wish in self.wishes if wish["product"] == product)

    def through(self, wish):
        line = self.model.evbuy(canonical(wish))
        for service in READS:
            line = self.model.handle(service, line).line
        return line


class Round:
    """One store. A kind of flow says how it is run: measure(), life() and finish()."""
    REQUESTS = 1000
    LIVES = 20
    QUANTITIES = (1, 1, 2, 3, 6)
    PORTIONS = 2                        # in which the goods of a product come
    IN_TURN = True                      # each product's requests are decided in their order
    GLUED = False                       # a line that is cut off may be followed by another's

    def __init__(self, random, folder):
        self.random, self.folder = random, folder
        self.store = os.path.join(folder, "evstore")
        self.victims = Victims(self.store, NOW)
        self.plan = Plan(random, self.REQUESTS, self.QUANTITIES, self.PORTIONS)
        self.letters = self.messages = 0    # in dead/; and those that are not ends of journals
        self.span = 0                   # of the work of one life, undisturbed

    def play(self):
        try:
            with self.saved("goods", self.plan.goods) as source, self.new("stocked") as output:
                self.victims.run(["evstock"], source=source, output=output)
            shutil.copytree(self.store, self.path("fresh"))
            self.span = self.measure()
            for number in range(self.LIVES):
                self.life(number)
                self.check_letters()
            self.finish()
            self.compare()
        finally:
            self.victims.end()

    def timed(self, run, *arguments):
        """How long it takes on a copy of the store."""
        shutil.copytree(self.path("fresh"), self.path("measured"))
        self.victims.environment["EV_STORE"] = self.path("measured")
        begun = time.monotonic()
        run(*arguments)
        self.victims.environment["EV_STORE"] = self.store
        return time.monotonic() - begun

    def begin_anew(self):
        """Nothing was bought yet."""
        shutil.rmtree(self.store)
        shutil.copytree(self.path("fresh"), self.store)

    # files

    def path(self, name):
        return os.path.join(self.folder, name)

    def new(self, name):
        return open(self.path(name), "wb")

    def saved(self, name, entries):
        with self.new(name) as file:
            file.writelines(canonical(entry) + b"\n" for entry in entries)
        return open(self.path(name), "rb")

    def instant(self, begun):
        """Some time from now to when the work that has begun then would be done."""
        return self.random.uniform(time.monotonic(), begun + self.span)

    def feed(self, pipe, lines, output):
        """Write some of these lines in portions. Each but the last is waited for until it is
        answered, which tells how long the last will take at most; when some of that time has
        passed, it is returned how many were written. The pipe stays open, so no reader comes to
        its end."""
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)      # it takes them all
        size = len(lines) // PORTIONS_FED
        for count in range(size, size * self.random.randint(2, PORTIONS_FED) + 1, size):
            if count > size:
                self.answered(output, count - size)
                took = time.monotonic() - begun
            begun = time.monotonic()
            pipe.write(b"".join(lines[count - size:count]))
            pipe.flush()
        time.sleep(self.random.uniform(0, took / 2))
        return count

    @staticmethod
    def answered(output, count):
        """Wait until so many lines are there."""
        end = time.monotonic() + PATIENCE
        while len(whole_lines(output)) < count:
            if time.monotonic() > end:
                raise Wrong(f"{output}: no {count} lines after {PATIENCE} seconds")
            time.sleep(0.0003)

    # looking

    def check_said(self, lines):
        """What these messages say is so: there is the event, and the result, that they tell of."""
        events, orders = ids_in(ev.journal_files(self.store).values()), \
            ids_in([os.path.join(self.store, "orders.ndjson")])
        results = self.results_there()
        for name in ID.findall(b"".join(lines)):
            request, kind = name.decode().split("/")
            if kind not in BASIS:
                continue
            there = orders if kind == "order.created" else events
            if f"{request}/{BASIS[kind]}".encode() not in there \
                    or kind != "order.requested" and request not in results:
                raise Wrong(f"{name.decode()}: said, and what it rests on is not there")

    def results_there(self):
        """The requests that have a result, packs read last: from files results only move there."""
        folder = os.path.join(self.store, "results")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        packed = [line for name in sorted(os.listdir(folder) if names else [])
                  if ev.PACK_FORM.match(name) for line in whole_lines(os.path.join(folder, name))]
        return {name[:-5] for name in names if ev.UUID_FORM.match(name[:-5])} \
            | {found.decode() for found in REQUEST.findall(b"".join(packed))}

    def check_letters(self):
        """Nothing is put aside but what was cut off: the beginnings of messages, and the ends
        of journals and orders."""
        folder, letters = os.path.join(self.store, "dead"), []
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            letters += whole_lines(os.path.join(folder, name))
        for letter in map(json.loads, letters):
            text = base64.b64decode(letter["base64"]) if "base64" in letter \
                else letter["line"].encode()
            if letter["kind"] == "message" and not self.is_cut_off(text):
                raise Wrong(f"put aside: {letter}")
        self.letters = len(letters)
        self.messages = sum(b'"kind":"message"' in letter for letter in letters)

    def is_cut_off(self, text):
        """Begins like a message, as far as it goes, or as far as another writer's line follows."""
        rest = text[len(os.path.commonprefix([text, BEGINNING])):]
        return not is_json(text) and (self.GLUED or BEGINNING not in rest) \
            and (not rest or text.startswith(BEGINNING) or rest.startswith(BEGINNING))

    def check_no_more_letters(self):
        """But for ends of journals, which who runs next puts aside."""
        before = self.messages
        self.check_letters()
        if self.messages != before:
            raise Wrong(f"{self.messages - before} messages put aside without a kill")

    def compare(self):
        """The promises are kept, and all is as in turn."""
        journals, model = ev.read_journals(self.store), self.plan.model
        audit(journals, ev.read_orders(self.store), ev.read_results(self.store, leftovers=True),
              self.plan.requests)
        self.victims.run(["evaudit", "--strict"])
        if journals.keys() != model.journals.keys():
            raise Wrong(f"journals {journals.keys() ^ model.journals.keys()}")
        for product, journal in journals.items():
            wanted = model.journals[product]
            if goods(journal) != goods(wanted):
                raise Wrong(f"{product}: goods differ")
            if self.IN_TURN and sales(journal) != sales(wanted):
                raise Wrong(f"{product}: sold other than in turn")
            # Goods came first, so what is left only fell: what was refused is more than that.
            if any(event.quantity <= journal.state.available for event in journal.events
                   if event.kind == "purchase.refused"):
                raise Wrong(f"{product}: refused, and was there")


def goods(journal):
    return [event.line for event in journal.events if event.kind == "stock.added"]


def sales(journal):
    return [(event.request, event.quantity) for event in journal.events
            if event.kind == "stock.sold"]


def whole_lines(path):
    """The lines of a file that may be missing, or end in the midst of one."""
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        return [line for line in file if line.endswith(b"\n")]


def ids_in(paths):
    return {name for path in paths for name in ID.findall(b"".join(whole_lines(path)))}


def is_json(text):
    try:
        parse(text)
    except ValueError:
        return False
    return True
