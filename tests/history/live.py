#!/usr/bin/env python3
"""Clients at their work on a handful of products, while the services that serve them are
killed and started again; then the checker looks at what the clients saw.

    live.py [--clients N] [--seconds S | --operations N] [--products N] [--seed S]

--operations counts those of each client. Afterwards the store is held against what was
told as well: each request that was submitted has its result, each event is of a request
that somebody made, and each that was told is there, as it was told. When something is
wrong, the store and the records are kept.
"""
import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "model"))

import store as ev                      # noqa: E402
from audit import audit                 # noqa: E402
from checker import Verdict             # noqa: E402
from client import Client, load         # noqa: E402
from operations import EVENTS, Broken   # noqa: E402
from world import BIN                   # noqa: E402

SERVICES = ("evtask", "evcheck", "evorder", "evfail", "evcreate")
TOPICS = ("purchase.requested", "stockcheck.requested", "stock.available", "stock.unavailable",
          "order.requested")
WORKERS, LANES = 2, 3


class Live:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.random = random.Random(f"live/{options.seed}")
        self.store = os.path.join(folder, "evstore")
        self.products = [f"product {n}" for n in range(options.products)]
        self.environment = {**os.environ, "PATH": BIN + ":" + os.environ["PATH"],
                            "EV_STORE": self.store}
        self.environment.pop("EV_NOW", None)
        self.workers, self.clients, self.kills = [], {}, 0

    def run(self):
        try:
            for topic in TOPICS:
                self.finish(self.start(["evtopic", "lanes", topic, str(LANES)]))
            self.workers = [self.start([service, "--serve"]) for service in SERVICES * WORKERS]
            for number in range(self.options.clients):
                self.fork(number)
            self.kill_while_they_work()
            for worker in self.workers:
                worker.terminate()      # some do not heed signals yet
                self.finish(worker, (0, -signal.SIGTERM))
            for service in SERVICES:
                # A line that a killed evbuy left cut off is put aside.
                self.finish(self.start([service, "--drain"]), (0, 65))
        finally:
            self.end()
        Client(self.random, self.products, self.environment, self.path("last")).read_all()

    def path(self, name):
        return os.path.join(self.folder, f"client-{name}.ndjson")

    def start(self, words):
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, env=self.environment)

    @staticmethod
    def finish(process, good=(0,)):
        if process.wait(60) not in good:
            raise Broken(f"{process.args}: exit {process.returncode}")

    def fork(self, number):
        """A client is a process of its own; what goes wrong in it is its exit status."""
        child = os.fork()
        if child:
            self.clients[child] = number
            return
        status = 1
        try:
            dice = random.Random(f"live/{self.options.seed}/{number}")
            Client(dice, self.products, self.environment, self.path(number)).run(self.goes_on())
            status = 0
        except Broken as broken:
            print(f"history: client {number}: {broken}", file=sys.stderr)
        except BaseException:           # a child of fork must not go on as its parent
            traceback.print_exc()
        finally:
            os._exit(status)

    def goes_on(self):
        if self.options.operations:
            return lambda number: number < self.options.operations
        end = time.monotonic() + self.options.seconds
        return lambda _: time.monotonic() < end

    def kill_while_they_work(self):
        """Some worker every few instants; another takes its place at once."""
        while self.clients:
            time.sleep(self.random.uniform(0, 0.1))
            at = self.random.randrange(len(self.workers))
            words = self.workers[at].args
            self.workers[at].kill()
            self.kills += self.workers[at].wait() == -signal.SIGKILL
            self.workers[at] = self.start(words)
            self.reap()

    def reap(self):
        for child in list(self.clients):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                number = self.clients.pop(child)
                if status:
                    raise Broken(f"client {number} has come to grief")

    def end(self):
        for child in self.clients:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def calls(self):
        names = [name for name in os.listdir(self.folder) if name.startswith("client-")]
        return [call for name in sorted(names) for call in load(os.path.join(self.folder, name))]


def compare(store, calls):
    """The journals and what was told: the one knows nothing that the other does not."""
    journals, requested = ev.read_journals(store), {call.request: call for call in calls}
    results = ev.read_results(store, leftovers=True)
    audit(journals, ev.read_orders(store), results)
    lost = {call.request for call in calls if call.submitted} - results.keys()
    if lost:
        raise Broken(f"{len(lost)} submitted requests have no result, {min(lost)} among them")
    for journal in journals.values():
        for event in journal.events:
            call = requested.get(event.request)
            if call is None or (call.product, call.quantity) != (event.product, event.quantity):
                raise Broken(f"{event.line!r}: nobody asked for this")
    for call in calls:
        told = call.answer["is"] if call.answer and call.request else None
        kind = {"done": f"stock.{EVENTS.get(call.action)}", "created": "stock.sold",
                "failed": "purchase.refused"}.get(told)
        event = kind and journals[call.product].find(call.request, kind)
        if kind and (not event or event.time != call.answer["time"]
                     or call.answer.get("sequence", event.sequence) != event.sequence):
            raise Broken(f"{call}: was told and is not there")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--operations", type=int)
    parser.add_argument("--products", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="histories.", dir=memory)
    live = Live(options, folder)
    try:
        live.run()
        calls = live.calls()
        compare(live.store, calls)
    except (Broken, ev.Wrong) as wrong:
        sys.exit(f"histories: --seed {options.seed}, in {folder}: {wrong}")
    verdict = Verdict(calls)
    print(f"clients: {options.clients:,}; calls: {len(calls):,}; calls without an answer: "
          f"{sum(call.answer is None for call in calls):,}; kills of services: {live.kills:,}")
    print(*verdict.report(), sep="\n")
    if verdict.wrong or verdict.undecided:
        sys.exit(f"histories: --seed {options.seed}, in {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
