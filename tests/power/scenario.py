"""Small stories of a store, each told to its end, to be cut off anywhere.

A scenario has steps that come before (done, and durable), the steps that are watched,
and those with which its users go on after a cut: as they would anyway, on the same
input, without a look at what is there.
"""
import json

from record import NOW, PREVIOUS, Step

FLOW = ("evtask", "evcheck", "evorder", "evfail", "evcreate")
TORN = (0, 65)              # a lane's last line that was cut off is put aside by its readers


def uuid(number):
    return f"5e8a4c1d-2b7f-4d3e-9c60-{number:012d}"


def goods(number):
    return f"0b1c2d3e-4f50-4617-8293-{number:012d}"


def add(product, quantity, number):
    return Step("evstock", "-u", goods(number), "add", product, str(quantity))


def lines(*objects):
    return b"".join(json.dumps(each).encode() + b"\n" for each in objects)


def wishes(*purchases):
    """(number, product, quantity)..."""
    return lines(*({"product": product, "quantity": quantity, "request": uuid(number)}
                   for number, product, quantity in purchases))


def pipe(purchases, through=FLOW, results="files", status=(0,)):
    """The flow as one filter after the other."""
    steps = [Step("evbuy", feed=wishes(*purchases))]
    for name in through:
        packed = ("--results", results) if name in ("evfail", "evcreate") else ()
        steps.append(Step(name, *packed, feed=PREVIOUS, status=status))
    return steps


def to_check(*purchases):
    """What evtask makes of them."""
    return lines(*({"specversion": "1.0", "id": f"{uuid(number)}/stockcheck.requested",
                    "source": "/eventdemo/evtask", "type": "stockcheck.requested",
                    "subject": product, "time": NOW, "correlationid": uuid(number),
                    "causationid": f"{uuid(number)}/purchase.requested",
                    "data": {"quantity": quantity}} for number, product, quantity in purchases))


def submit(purchases):
    return Step("evbuy", "-s", feed=wishes(*purchases))


def drain(through=FLOW, status=(0,), results="files"):
    return [Step(name, "--drain", *(("--results", results) if name in ("evfail", "evcreate")
                                    else ()), status=status) for name in through]


class Scenario:
    """`kills` are the indexes of steps that are also killed, and then run again. Of a
    story by chance every request that is in its topic has a result at the end. `copies` is a topic, a
    line, and how often it may be there at the end."""

    def __init__(self, name, before, steps, after, kills=(), by_chance=False, copies=None):
        self.name, self.before, self.steps, self.after = name, before, steps, after
        self.kills, self.by_chance, self.copies = kills, by_chance, copies


STOCKS = [("A", 10, 1), ("B", 5, 2), ("C", 1, 3)]
SOME = [(1, "A", 6), (2, "A", 6), (3, "B", 5), (4, "D", 1)]
MORE = [(5, "A", 4), (6, "B", 1), (7, "C", 1)]


def stocked(stocks=STOCKS):
    return [add(*stock) for stock in stocks]


def scenarios():
    """All of them, by name."""
    found = [*filters(), *services(), *topics()]
    return {scenario.name: scenario for scenario in found}


def filters():
    """Where messages go through pipes and files."""
    through = {name: i + 1 for i, name in enumerate(FLOW)}
    yield Scenario("stock", [], [add("A", 10, 1), add("B", 5, 2)], stocked(STOCKS[:2]), (0, 1))
    changes = lines(*({"action": "add", "product": product, "quantity": 3,
                       "request": goods(10 + i)} for i, product in enumerate("ABCD")))
    batch = Step("evstock", feed=changes)
    yield Scenario("stock-batch", [], [batch], [batch], (0,))
    steps = pipe(SOME)
    for name, kill in (("evorder", True), ("evfail", True), ("evcreate", True)):
        at = through[name]
        yield Scenario(name, stocked() + steps[:at], steps[at:at + 1], steps, (0,) if kill else ())
    packed = pipe(SOME + MORE, results="packed")
    yield Scenario("evcreate-packed", stocked() + packed[:5], packed[5:], packed, (0,))
    yield Scenario("evfail-packed", stocked() + packed[:4], packed[4:5], packed, (0,))
    names = [f"{number}.ndjson" for number in range(6)]
    files = [Step("evbuy", "-o", names[0], feed=wishes(*SOME[:2]))]
    files += [Step(name, "-i", names[i], "-o", names[i + 1]) for i, name in enumerate(FLOW)]
    yield Scenario("files", stocked(), files, pipe(SOME[:2]))
    yield Scenario("flow-again", stocked() + pipe(SOME), pipe(SOME + MORE), pipe(SOME + MORE))
    claims = pipe([(1, "B", 2)]) + pipe([(1, "A", 6)], status=TORN)
    yield Scenario("one-uuid", stocked() + pipe([(1, "A", 6)], FLOW[:3]), claims, claims)


def services():
    """Where messages go through topics."""
    after = [submit(SOME), *drain(status=TORN)]
    yield Scenario("submit", stocked(), [submit(SOME)], after, (0,))
    first = [Step("evbuy", "-s", "-u", uuid(1), "A", "6")]
    yield Scenario("submit-first", [], first, [*stocked(), *first, *drain(status=TORN)], (0,))
    # Who was told that a request is on disk does not submit it again.
    left = drain(status=TORN)
    yield Scenario("drain", [*stocked(), submit(SOME)], drain(), left, (0, 2, 3, 4))
    more = [submit(MORE), *drain(status=TORN, results="packed")]
    yield Scenario("drain-again", [*stocked(), submit(SOME), *drain()],
                   [submit(MORE), *drain(results="packed")], more)
    look = [Step("evresult", *(uuid(number) for number in (1, 2, 3, 4)), status=(0, 1, 75))]
    yield Scenario("results", [*stocked(), submit(SOME)], drain() + look, left)


def topics():
    """What evtopic changes."""
    after = [submit(MORE), *drain(status=TORN)]
    topic = "purchase.requested"
    free = b"".join(b"line %d\n" % number for number in range(3))
    yield Scenario("publish", stocked(), [Step("evtopic", "publish", "notes", feed=free)],
                   [Step("evtopic", "publish", "notes", feed=free)], (0,))
    widen = Step("evtopic", "lanes", topic, "3")
    yield Scenario("lanes", [*stocked(), submit(SOME)], [widen, submit(MORE), *drain(FLOW[:1])],
                   after, (0,))
    small = Step("evtopic", "lanes", "--segment", "4096", topic, "1")
    many = [(number, "B", 1) for number in range(10, 32)]
    yield Scenario("segments", [*stocked(), small, submit(many[:15])], [submit(many[15:])],
                   [submit(many[15:]), *drain(status=TORN)], (0,))
    yield Scenario("trim", [*stocked(), small, submit(many)],
                   [*drain(FLOW[:1]), Step("evtopic", "trim", topic)],
                   after, (1,))
    yield Scenario("seek", [*stocked(), submit(SOME), *drain()],
                   [Step("evtopic", "seek", "evtask", topic, "1")], after, (0,))
    bad = Step("evtopic", "publish", topic, feed=b"not a message\n" * 2)
    put_aside = [bad, *drain(FLOW[:1], status=(65,))]
    yield Scenario("dead", stocked(), put_aside, [bad, *after], (1,))
    redrive = Step("evtopic", "redrive", "evtask")
    yield Scenario("redrive", [*stocked(), *put_aside], [redrive],
                   [redrive, *after], (0,), copies=(topic, b"not a message", 4))


def by_chance(dice, number):
    """A story that nobody thought of. Steps in a list are run at once."""
    products = ["A", "B", "C"]
    stocks = [(product, dice.randint(1, 12), i) for i, product in enumerate(products, 1)]
    count, steps = 0, []
    if dice.random() < 0.5:
        steps.append(Step("evtopic", "lanes", "--segment", "4096",
                          dice.choice(["purchase.requested", "stock.available"]),
                          str(dice.randint(1, 3))))
    for _ in range(dice.randint(1, 3)):
        wishes_now = [(count + i, dice.choice([*products, "D"]), dice.randint(1, 5))
                      for i in range(1, dice.randint(2, 7))]
        count += len(wishes_now)
        steps += a_round(dice, submit(wishes_now))
    return Scenario(f"by chance {number}", stocked(stocks), steps,
                    [*drain(status=TORN), *drain(status=TORN)], by_chance=True)


def a_round(dice, request):
    """Some requests, and services that drain: one by one or at once, some of them killed."""
    results = dice.choice(["files", "packed"])
    services = drain(dice.sample(FLOW, dice.randint(2, 5)), TORN, results)
    if dice.random() < 0.5:
        services = [each.like(kill=dice.randint(1, 30), tear=dice.random() < 0.3)
                    if dice.random() < 0.3 else each for each in services]
    if dice.random() < 0.5:
        return [request, *services, *drain(status=TORN, results=results)]
    return [[request, *services], *drain(status=TORN, results=results)]


def with_kill(scenario, index, kill, tear):
    """A step is killed at its nth change or sync, and run again: (the story's name, its steps).
    What the killed one left of a line is put aside then, or what it put aside is there."""
    step = scenario.steps[index].like(kill=kill, tear=tear)
    rest = [each.like(status=(*each.status, 0, 65)) for each in scenario.steps[index:]]
    return f"{scenario.name}, {step}", [*scenario.steps[:index], step, *rest]
