"""Random flows that are cut off, go on and meet again, and what evaudit says of their stores.

    evaudit_flow.py agree SEED STEPS    a whole store or a damaged one: evaudit --strict finds
                                        something wrong just where the model's audit does, and
                                        what is merely unfinished is no violation without it
    evaudit_flow.py mark SEED STEPS     after each step an audit from a mark on prints what one
                                        of the whole store prints, and reads everything only
                                        where a settled request is told of again

The audit it is compared with is tests/model/audit.py, which shares no code with the commands.
"""
import json
import os
import random
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "model"))
import audit  # noqa: E402
import store as ev  # noqa: E402

READS = {"purchase.requested": "evtask", "stockcheck.requested": "evcheck", "stock.available": "evorder",
         "stock.unavailable": "evfail", "order.requested": "evcreate"}
STORE = "evstore"


class Flow:
    """One store; every step is one process at work in it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.products = ["p%d" % number for number in range(4)]
        self.requests = []
        self.waiting = {service: [] for service in READS.values()}
        self.heard = []                     # every message, for those that come again
        self.steps = 0

    def run(self, arguments, lines):
        """What a command prints for these lines; bad ones among them are put aside."""
        self.steps += 1
        minute = self.steps - self.random.choice([0, 0, 0, 2])      # clocks go backwards, too
        now = "2026-01-31T%02d:%02d:00.000000Z" % (9 + minute // 60, minute % 60)
        done = subprocess.run(arguments, input=b"".join(lines), capture_output=True,
                              env={**os.environ, "EV_NOW": now}, check=False)
        if done.returncode not in (0, 65):
            sys.exit(f"{arguments}: exit {done.returncode}: {done.stderr!r}")
        return done.stdout.splitlines(keepends=True)

    def request(self):
        """A new UUID, or now and then one that was used before, by whomever."""
        if not self.requests or self.random.random() < 0.8:
            self.requests.append("%08x-0000-4000-8000-%012d" % (self.random.randrange(2**32), len(self.requests)))
            return self.requests[-1]
        return self.random.choice(self.requests)

    def line(self, **values):
        return json.dumps({**values, "product": self.random.choice(self.products),
                           "quantity": self.random.randint(1, 9), "request": self.request()}).encode() + b"\n"

    def step(self):
        kind = self.random.choice(["stock", "buy", "buy", "again"] + ["serve"] * 8)
        if kind == "stock":
            actions = self.random.choices(["add", "add", "add", "remove", "return"], k=3)
            self.run(["evstock"], [self.line(action=action) for action in actions])
        elif kind == "buy":
            self.hear(self.run(["evbuy"], [self.line() for _ in range(self.random.randint(1, 6))]))
        elif kind == "again" and self.heard:
            self.hear(self.random.choices(self.heard, k=3))
        else:
            self.serve(self.random.choice(list(self.waiting)))

    def hear(self, lines):
        for line in lines:
            kind = json.loads(line)["type"]
            if kind in READS:
                self.heard.append(line)
                self.waiting[READS[kind]].append(line)

    def serve(self, service):
        """A service takes what waits for it, or some of that."""
        lines = self.waiting[service]
        self.random.shuffle(lines)
        count = len(lines) if self.random.random() < 0.6 else self.random.randint(0, len(lines))
        self.waiting[service] = lines[count:]
        if count:
            form = self.random.choice(["files", "packed"]) if service in ("evfail", "evcreate") else None
            self.hear(self.run([service] + (["--results", form] if form else []), lines[:count]))

    def finish(self):
        while any(self.waiting.values()):
            for service in self.waiting:
                self.serve(service)


def evaudit(*options):
    """Exit status, standard output and error."""
    done = subprocess.run(["evaudit", *options], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 65):
        sys.exit(f"evaudit {options}: exit {done.returncode}: {done.stderr}")
    return done.returncode, done.stdout, done.stderr


# -- damage ---------------------------------------------------------------------------

def files(folder):
    return sorted(entry.path for entry in os.scandir(folder)) if os.path.isdir(folder) else []


def damage(rand):
    """Something happens to a file that counts; what it was, for who looks for a fault."""
    truth = files(STORE + "/journal") + [path for path in files(STORE) if path.endswith("orders.ndjson")]
    results = files(STORE + "/results")
    if not truth:
        return "nothing"
    path = rand.choice(rand.choice([truth, results or truth]))
    with open(path, "rb") as file:
        data = file.read()
    lines = data.splitlines(keepends=True)
    kind = rand.choice(["flip", "flip", "flip", "cut", "lose", "swap", "tail", "remove", "copy", "rename"])
    if kind in ("remove", "rename") or not lines:
        os.rename(path, path.replace("0", "1") if kind == "rename" and "0" in path else "gone")
        return f"{kind} {path}"
    at = rand.randrange(len(data))
    one, other = rand.randrange(len(lines)), rand.randrange(len(lines))
    if kind == "flip":
        data = data[:at] + bytes([data[at] ^ rand.choice([1, 2, 64])]) + data[at + 1:]
    elif kind == "cut":
        data = data[:at]
    elif kind == "lose":
        data = b"".join(lines[:one] + lines[one + 1:])
    elif kind == "tail":
        data = b"".join(lines[:one])
    elif kind == "swap":
        lines[one], lines[other] = lines[other], lines[one]
        data = b"".join(lines)
    else:
        with open(rand.choice(truth + results), "rb") as file:
            data = file.read()
    with open(path, "wb") as file:
        file.write(data)
    return f"{kind} {path} at {at}, lines {one} {other}"


def model_says():
    """What the model's audit finds wrong, or None."""
    try:
        audit.audit(ev.read_journals(STORE), ev.read_orders(STORE), ev.read_results(STORE))
    except (ev.Wrong, ValueError, KeyError, TypeError, IndexError) as wrong:
        return repr(wrong)
    return None


def agree(flow, what):
    """Both say the same of the store as it is now: whether anything is wrong."""
    status, output, told = evaudit("--strict")
    wrong = model_says()
    if (status == 65) != (wrong is not None) or (status == 65) != bool(told):
        sys.exit(f"after {what}, step {flow.steps}: the model: {wrong}\nevaudit: {output}{told}")
    return status == 65


def run_agree(seed, steps):
    flow, wrong, damaged = Flow(seed), 0, 0
    for number in range(steps):
        flow.step()
        if not os.path.exists(STORE):
            continue
        status, output, told = evaudit()
        if status or told:
            sys.exit(f"step {flow.steps}: not finished, and so: {output}{told}")
        agree(flow, "a step")
        if number == steps - 1:
            flow.finish()
            if agree(flow, "the end"):
                sys.exit(f"finished, but {model_says()}")
        if number % 3 == 2:
            shutil.copytree(STORE, "kept")
            wrong += agree(flow, damage(flow.random))
            damaged += 1
            shutil.rmtree(STORE)
            os.rename("kept", STORE)
    print(f"damaged: {damaged:,}; found wrong by both: {wrong:,}; disagreed: 0")


# -- the mark -------------------------------------------------------------------------

def run_mark(seed, steps):
    flow, runs = Flow(seed), 0
    for _ in range(steps):
        flow.step()
        if not os.path.exists(STORE):
            continue
        whole = evaudit()
        marked = evaudit("--mark", "mark")
        if whole != marked or whole[0]:
            sys.exit(f"step {flow.steps}:\n{whole}\nfrom the mark on:\n{marked}")
        runs += 1
    print(f"runs: {runs:,}; from a mark on other than of everything: 0")


if __name__ == "__main__":
    {"agree": run_agree, "mark": run_mark}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
