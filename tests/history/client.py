"""A client: one process that buys, stocks up, removes, returns and reads, one command after
the other, and records each call: when it began, when it ended, what it was told.

Now and then its command is killed, or it does not wait long enough. Then it does not know
what happened; mostly it tries again under the same UUID, and sometimes it lets it be. Now
and then it asks again for what it was told already.
"""
import dataclasses
import json
import re
import signal
import subprocess
import time
import uuid

from operations import EVENTS, Broken, Call

PATIENCE = 300                          # seconds after which a command hangs
MOVED = re.compile(r"expected sequence \d+, but the last is (\d+)")
LEFT = re.compile(r"only (\d+) left")
FIELDS = ("sequence", "added", "removed", "sold", "returned", "refused")


class Client:
    def __init__(self, random, products, environment, path):
        self.random, self.products, self.environment = random, products, environment
        self.record = open(path, "w", encoding="utf-8")
        self.sequences = {}             # product -> the last sequence that it was told
        self.took = {"buy": 0.01}       # action -> seconds the last one took
        self.open = []                  # purchases whose outcome it does not know

    def run(self, goes_on):
        """Act while goes_on(number of operations so far); then ask what became of the rest."""
        number = 0
        while goes_on(number):
            self.act()
            number += 1
        for call in self.open:
            if self.random.random() < 0.7:
                self.call(call, ["evresult", "-w", "1", call.request], self.bought)
        self.record.close()

    def read_all(self):
        """Look at each product once."""
        for product in self.products:
            call = Call("read", product, 0, 0)
            while not self.call(call, ["evreplay", "--", product], self.read):
                pass                    # it was killed
        self.record.close()

    def act(self):
        action = self.random.choices(("buy", "add", "remove", "return", "read"),
                                     (40, 11, 9, 5, 35))[0]
        product = self.random.choice(self.products)
        call = Call(action, product, 0, 0)
        if action == "read":
            self.call(call, ["evreplay", "--", product], self.read)
            return
        call.request = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        call.quantity = self.random.randint(4, 12) if action == "add" else self.random.randint(1, 4)
        if action == "buy":
            self.buy(call)
        else:
            self.change(call)

    def buy(self, call):
        for _ in range(self.random.choice((1, 3, 3))):
            # Mostly it waits long enough.
            patience = self.random.choice((0.002, 0.02, 5, 5, 5, 5))
            told = self.call(call, ["evbuy", "-s", "-w", str(patience), "-u", call.request, "--",
                                    call.product, str(call.quantity)], self.bought)
            if told and self.random.random() < 0.97:
                return
        if not told:
            self.open.append(call)

    def change(self, call):
        words = ["evstock", "-u", call.request]
        if self.random.random() < 0.4:
            call.expect = self.sequences.get(call.product, 0)
            words += ["--expect", str(call.expect)]
        for _ in range(self.random.choice((1, 3, 3))):
            told = self.call(call, words + ["--", call.action, call.product, str(call.quantity)],
                             self.changed)
            # What was refused may be done when it is tried again, so it is not.
            if told and (told["is"] != "done" or self.random.random() < 0.97):
                return

    # one call

    def call(self, call, words, understand):
        """Run the command, record the call; its answer, or None."""
        kill = self.random.uniform(0, 1.2 * self.took.get(call.action, 0.005)) \
            if self.random.random() < 0.05 else None
        call.start = time.monotonic_ns()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment, text=True)
        try:
            out, errors = process.communicate(timeout=PATIENCE if kill is None else kill)
        except subprocess.TimeoutExpired as expired:
            process.kill()
            out, errors = process.communicate()
            if kill is None:
                raise Broken(f"{words}: has not ended after {PATIENCE} seconds") from expired
        call.end = time.monotonic_ns()
        # What was said in a whole line was said.
        lines = out.split("\n")[:-1]
        call.answer = understand(call, lines, errors, process.returncode)
        if call.answer is None and process.returncode not in (75, -signal.SIGKILL):
            raise Broken(f"{words}: exit {process.returncode}: {out!r}, {errors!r}")
        if kill is None and call.answer:
            self.took[call.action] = (call.end - call.start) / 1e9
        self.record.write(json.dumps(dataclasses.asdict(call)) + "\n")
        return call.answer

    def read(self, call, lines, errors, status):
        # The journal may be there before its first event.
        if status == 66 and ("no such journal" in errors or "no event yet" in errors):
            return {"is": "state", "state": (0,) * len(FIELDS)}
        if not lines:
            return None
        state = json.loads(lines[0])
        self.sequences[call.product] = state["sequence"]
        return {"is": "state", "state": [state[field] for field in FIELDS], "time": state["time"]}

    def changed(self, call, lines, errors, _):
        moved, left = MOVED.search(errors), LEFT.search(errors)
        if lines:
            event = json.loads(lines[0])
            if event["id"] != f"{call.request}/stock.{EVENTS[call.action]}" \
                    or event["data"] != {"quantity": call.quantity}:
                raise Broken(f"{call}: answered {lines[0]}")
            self.sequences[call.product] = int(event["sequence"])
            return {"is": "done", "sequence": int(event["sequence"]), "time": event["time"]}
        if moved:
            self.sequences[call.product] = int(moved[1])
            return {"is": "moved", "sequence": int(moved[1])}
        return {"is": "short", "available": int(left[1])} if left else None

    def bought(self, call, lines, *_):
        """evbuy prints the UUID before the result, evresult only that."""
        call.submitted = call.request in lines
        if not lines or not lines[-1].startswith("{"):
            return None
        result = json.loads(lines[-1])
        if (result["request"], result["product"], result["quantity"]) != \
                (call.request, call.product, call.quantity):
            raise Broken(f"{call}: answered {lines[-1]}")
        if result["status"] == "created":
            return {"is": "created", "order": result["order"], "time": result["time"]}
        left = LEFT.search(result["reason"])
        return {"is": "failed", "seen": [result["code"], int(left[1]) if left else 0],
                "time": result["time"]}


def load(path):
    """The calls that a client recorded."""
    calls = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            call = Call(**json.loads(line))
            for name in ("seen", "state"):
                if call.answer and name in call.answer:
                    call.answer[name] = tuple(call.answer[name])
            calls.append(call)
    return calls
