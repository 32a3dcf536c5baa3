"""What each command is given when it is broken: a store, files, and what to do.

A case is built with the commands themselves, unbroken, in an empty directory.
"""
import os
import subprocess

NOW = "2026-01-31T09:30:00.123456Z"
REQUESTS = [f"5e8a4c1d-2b7f-4d3e-9c60-{n:012d}" for n in range(1, 9)]
GOODS = [f"0b1c2d3e-4f50-4617-8293-{n:012d}" for n in range(1, 5)]
TOPICS = {"evtask": "purchase.requested", "evcheck": "stockcheck.requested", "evorder": "stock.available",
          "evfail": "stock.unavailable", "evcreate": "order.requested"}
FLOW = list(TOPICS)
LONG = b"x" * 70000 + b"\n"
HUGE = b"y" * 600000 + b"\n"            # as a letter it does not fit a chunk


class Case:
    """A command at its work."""

    def __init__(self, argv, stdin=None, pipe=False, once=False, exact=False, looks=False, sums=False, repairs=False, renews=False,
                 reader=None, feeds=False):
        self.argv, self.stdin, self.pipe = argv, stdin, pipe
        self.once = once            # letters are put aside once, however often it is run
        self.exact = exact          # ... and so are messages published
        self.looks = looks          # it only prints, a line for each thing that it could read
        self.sums = sums            # it prints what it found in all, which depends on what it could do
        self.repairs = repairs      # what is unsound before it
        self.renews = renews        # packs that are sound
        self.reader = reader        # a service that then reads what was published
        self.feeds = feeds          # another program, in which calls that are about no file here would be broken too

    @property
    def command(self):
        return self.argv[0]


class Shop:
    """A directory in which a case is prepared."""

    def __init__(self, bin_directory, place):
        self.bin, self.place = bin_directory, place
        self.environment = {"PATH": f"{bin_directory}:{os.environ['PATH']}", "EV_NOW": NOW, "LC_ALL": "C",
                            "TMPDIR": os.path.dirname(place),
                            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}

    def run(self, *argv, stdin=b"", codes=(0,)):
        """What the command prints."""
        done = subprocess.run(argv, cwd=self.place, env=self.environment, input=stdin, capture_output=True,
                              timeout=300, check=False)
        if done.returncode not in codes:
            raise RuntimeError(f"{argv}: {done.returncode}: {done.stderr}")
        return done.stdout

    def stock(self, product, quantity, request):
        self.run("evstock", "add", "-u", request, product, str(quantity))

    def file(self, name, content):
        with open(os.path.join(self.place, name), "wb") as file:
            file.write(content)

    def sold_before(self):
        """Two products, one of them with a sale and its order, and a refusal of an unknown one."""
        self.stock("85123A", 10, GOODS[0])
        self.stock("71053", 1, GOODS[1])
        for product, quantity, request in (("85123A", 1, REQUESTS[0]), ("nothing", 1, REQUESTS[4])):
            text = self.run("evbuy", "-u", request, product, str(quantity))
            for service in FLOW:
                text = self.run(service, stdin=text)

    def wishes(self):
        """One that is sold already, one refused already, and of every kind a new one."""
        return b"".join(self.run("evbuy", "-u", REQUESTS[i], product, str(quantity)) for i, product, quantity in
                        ((0, "85123A", 1), (1, "85123A", 6), (2, "71053", 2), (3, "unknown", 1), (4, "nothing", 1)))

    def messages(self):
        """service -> what it reads in the course of a flow that is done elsewhere."""
        kept, self.place = self.place, self.place + ".elsewhere"
        subprocess.run(["cp", "-r", kept, self.place], check=True)
        text, read = self.wishes(), {}
        for service in FLOW:
            read[service] = text
            text = self.run(service, stdin=text)
        subprocess.run(["rm", "-r", self.place], check=True)
        self.place = kept
        return read


def changes(*wanted):
    return "".join('{"action":"%s","product":"%s","quantity":%d,"request":"%s"}\n' % change
                   for change in wanted).encode()


def wish_lines(first, last, products):
    return "".join('{"product":"P%d","quantity":1,"request":"00000000-0000-4000-8000-%012d"}\n' % (n % products, n)
                   for n in range(first, last + 1)).encode()


# -- the cases: each prepares a shop and says what is run in it ------------------------------

def filter_case(service, *options, cut_off=False, pipe=False):
    """A service as a filter; some of what it reads is no message."""
    def prepare(shop):
        shop.sold_before()
        read = shop.messages()
        if service in ("evfail", "evcreate"):
            shop.run("evorder", stdin=read["evorder"])
        if service == "evcreate":
            shop.run("evfail", stdin=read["evfail"])
        if cut_off:
            shop.file("made", b'{"specversion":"1.0","id":"cut o')
        return Case([service, *options], b"bad\n" + read[service] + LONG, pipe=pipe)
    return prepare


def drain_case(service, *options, lanes=1):
    """A service that reads its topic."""
    def prepare(shop):
        shop.sold_before()
        for topic in TOPICS.values():
            if lanes > 1:
                shop.run("evtopic", "lanes", topic, str(lanes))
        shop.run("evtopic", "publish", "purchase.requested", stdin=shop.wishes())
        for before in FLOW[:FLOW.index(service)]:
            shop.run(before, "--drain")
        shop.run("evtopic", "publish", TOPICS[service], stdin=b"bad\n" + LONG)
        return Case([service, "--drain", *options], once=True)
    return prepare


def first_case(command, text):
    """The first that is ever done with a store."""
    def prepare(shop):
        return Case([command], text(shop))
    return prepare


def submit_case(*arguments, rolling=False, stdin=True):
    def prepare(shop):
        if rolling:
            shop.run("evtopic", "lanes", "--segment", "4096", "purchase.requested", "2")
            shop.run("evbuy", "-s", stdin=wish_lines(101, 130, 2))
        return Case(["evbuy", "-s", *arguments], wish_lines(1, 12, 2) if stdin else None, reader="evtask")
    return prepare


def buy_to_file(shop):
    shop.file("made", b'{"cut o')
    return Case(["evbuy", "-o", "made"], wish_lines(1, 5, 2) + b"bad\n")


def stock_one(shop):
    shop.sold_before()
    return Case(["evstock", "remove", "-u", GOODS[2], "85123A", "3"])


def stock_batch(shop):
    shop.sold_before()
    return Case(["evstock"], changes(("add", "85123A", 3, GOODS[2]), ("add", "new", 1, GOODS[2]),
                                     ("remove", "71053", 1, GOODS[2]), ("return", "85123A", 1, GOODS[3]),
                                     ("add", "85123A", 10, GOODS[0])))


def look_case(*argv, drained=False, sums=False):
    """Nothing is changed by who only looks."""
    def prepare(shop):
        shop.sold_before()
        if drained:
            shop.run("evtopic", "publish", "purchase.requested", stdin=shop.wishes() + b"bad\n")
            for service in FLOW:
                shop.run(service, "--drain", codes=(0, 65))
        return Case(list(argv), looks=True, sums=sums)
    return prepare


def events_case(shop):
    shop.sold_before()
    return Case(["evreplay", "-"], shop.run("evreplay", "--events"), looks=True)


def packed_result(shop):
    shop.sold_before()
    text = shop.messages()["evfail"]
    shop.run("evorder", stdin=shop.messages()["evorder"])
    shop.run("evfail", "--results", "packed", stdin=text)
    return Case(["evresult", REQUESTS[0], REQUESTS[2], REQUESTS[3], REQUESTS[7]], looks=True)


def tidy_case(*options):
    """Results that are files, and of the same pack some that are packed."""
    def prepare(shop):
        text = shop.messages()["evfail"]
        shop.run("evorder", stdin=shop.messages()["evorder"])
        half = len(text.splitlines()) // 2
        shop.run("evfail", "--results", "packed", stdin=b"".join(text.splitlines(True)[:half]))
        shop.run("evfail", stdin=b"".join(text.splitlines(True)[half:]))
        return Case(["evresult", *options], sums=True, renews=True)
    return prepare


def publish_case(shop):
    shop.run("evtopic", "lanes", "--segment", "4096", "any", "2")
    shop.run("evtopic", "publish", "any", stdin=shop.run("evbuy", stdin=wish_lines(101, 130, 3)))
    return Case(["evtopic", "publish", "any"], shop.run("evbuy", stdin=wish_lines(1, 9, 3)) + LONG + b"bad\n")


def late_hint_case(shop):
    """Who made the last segment was killed before it wrote the hint. Messages differ in length."""
    shop.run("evtopic", "lanes", "--segment", "4096", "any", "1")
    shop.run("evtopic", "publish", "any", stdin=shop.run("evbuy", stdin=wish_lines(101, 105, 200)))
    hint = os.path.join(shop.place, "evstore/topics/any/0.end")
    with open(hint, "rb") as file:
        before = file.read()
    shop.run("evtopic", "publish", "any", stdin=shop.run("evbuy", stdin=wish_lines(106, 125, 200)))
    shop.file(hint, before)
    return Case(["evtopic", "publish", "any"], shop.run("evbuy", stdin=wish_lines(1, 3, 200)))


def lanes_case(shop):
    shop.run("evtopic", "publish", "any", stdin=b"one\ntwo\n")
    return Case(["evtopic", "lanes", "any", "3"])


def seek_case(shop):
    shop.run("evtopic", "lanes", "any", "2")
    shop.run("evtopic", "publish", "any", stdin=shop.run("evbuy", stdin=wish_lines(1, 8, 3)))
    shop.run("evtopic", "seek", "group", "any", "last")
    return Case(["evtopic", "seek", "group", "any", "1"])


def trim_case(shop):
    shop.run("evtopic", "lanes", "--segment", "4096", "purchase.requested", "2")
    shop.run("evtopic", "publish", "purchase.requested", stdin=shop.run("evbuy", stdin=wish_lines(1, 60, 3)))
    shop.run("evtask", "--drain")
    return Case(["evtopic", "trim", "purchase.requested"], sums=True)


def redrive_case(shop):
    shop.run("evtopic", "lanes", "--segment", "4096", "purchase.requested", "2")
    shop.run("evtopic", "publish", "purchase.requested", stdin=b"".join(b"bad %d\n" % n for n in range(6)) + LONG)
    shop.run("evtask", "--drain", codes=(65,))
    return Case(["evtopic", "redrive", "evtask"], once=True, exact=True, sums=True)


def redrive_huge_case(shop):
    shop.run("evtopic", "publish", "purchase.requested", stdin=b"bad 1\n" + HUGE + b"bad 2\n")
    shop.run("evtask", "--drain", codes=(65,))
    return Case(["evtopic", "redrive", "evtask"], once=True, exact=True, sums=True)


def run_case(shop):
    """A program that takes each message but one, and keeps it in a file."""
    program = 'read -r line; [ "$line" != bad ] && echo "$line" >>handled'
    shop.run("evtopic", "publish", "any", stdin=b"one\ntwo\nbad\nthree\n")
    return Case(["evtopic", "run", "--drain", "-g", "group", "--batch", "1", "--tries", "1", "any", "--",
                 "env", "-u", "LD_PRELOAD", "sh", "-c", program], once=True, feeds=True)


def repair_case(*options):
    """Results that are missing or wrong, an offset that is damaged and one that is out of range."""
    def prepare(shop):
        shop.sold_before()
        shop.run("evtopic", "lanes", "purchase.requested", "2")
        shop.run("evtopic", "publish", "purchase.requested", stdin=shop.wishes())
        for service in FLOW:
            shop.run(service, *(options if service in ("evfail", "evcreate") else ()), "--drain")
        for lane in "01":
            offset = f"evstore/topics/purchase.requested/groups/evtask/{lane}.offset"
            shop.file(offset, b"{" + b" " * 254 + b"\n")
        shop.file(f"evstore/results/{REQUESTS[0]}.json", b"")
        shop.run("rm", f"evstore/results/{REQUESTS[4]}.json")
        return Case(["evaudit", "--repair"], sums=True, repairs=True)
    return prepare


def mark_case(before):
    """The first mark, or one that goes on from another."""
    def prepare(shop):
        shop.sold_before()
        if before:
            shop.run("evaudit", "--mark", "mark")
        shop.run("evtopic", "publish", "purchase.requested", stdin=shop.wishes())
        for service in FLOW:
            shop.run(service, "--drain")
        return Case(["evaudit", "--mark", "mark"], sums=True)
    return prepare


CASES = {
    "evbuy": lambda shop: Case(["evbuy"], wish_lines(1, 5, 2) + b"bad\n"),
    "evbuy to a file": buy_to_file,
    "evbuy -s": submit_case(),
    "evbuy -s of one": submit_case("-u", REQUESTS[0], "85123A", "1", stdin=False),
    "evbuy -s, segments full": submit_case(rolling=True),
    **{service: filter_case(service) for service in FLOW},
    **{f"{service} to a file": filter_case(service, "-o", "made", cut_off=True) for service in FLOW},
    "evorder from a pipe": filter_case("evorder", pipe=True),
    "evcheck to two files": filter_case("evcheck", "-o", "made", "-r", "refused", "--dead", "aside"),
    "evorder to two files": filter_case("evorder", "-o", "made", "-r", "refused", "--dead", "aside"),
    "evfail, results packed": filter_case("evfail", "--results", "packed"),
    "evcreate, results packed": filter_case("evcreate", "--results", "packed"),
    **{f"{service} --drain": drain_case(service) for service in FLOW},
    "evorder --drain, two lanes": drain_case("evorder", lanes=2),
    "evfail --drain, results packed": drain_case("evfail", "--results", "packed"),
    "evfail in a new store": first_case("evfail", lambda shop: shop.messages()["evfail"]),
    "evstock in a new store": first_case("evstock", lambda shop: changes(("add", "85123A", 3, GOODS[2]),
                                                                        ("add", "new", 1, GOODS[2]))),
    "evstock": stock_batch,
    "evstock of one": stock_one,
    "evreplay": look_case("evreplay"),
    "evreplay --verify": look_case("evreplay", "--verify", sums=True),
    "evreplay --events": look_case("evreplay", "--events"),
    "evreplay -": events_case,
    "evresult": packed_result,
    "evresult --pack": tidy_case("--pack"),
    "evresult --expire": tidy_case("--expire", "0"),
    "evtopic publish": publish_case,
    "evtopic publish, hint late": late_hint_case,
    "evtopic lanes": lanes_case,
    "evtopic seek": seek_case,
    "evtopic trim": trim_case,
    "evtopic redrive": redrive_case,
    "evtopic redrive, a long letter": redrive_huge_case,
    "evtopic run": run_case,
    "evtopic list": look_case("evtopic", "list", drained=True, sums=True),
    "evtopic lag": look_case("evtopic", "lag", "--json", drained=True),
    "evtopic cat": look_case("evtopic", "cat", "purchase.requested", drained=True),
    "evtrace": look_case("evtrace", REQUESTS[1], drained=True, sums=True),
    "evtrace --product": look_case("evtrace", "--product", "85123A", "--json", drained=True, sums=True),
    "evwatch --once": look_case("evwatch", "--once", drained=True, sums=True),
    "evaudit": look_case("evaudit", drained=True, sums=True),
    "evaudit --repair": repair_case(),
    "evaudit --repair, results packed": repair_case("--results", "packed"),
    "evaudit --mark": mark_case(False),
    "evaudit --mark, again": mark_case(True),
    "evtopic dead": look_case("evtopic", "dead", drained=True),
}
