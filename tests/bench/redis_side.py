"""The served flow on Redis Streams: a server that syncs before it answers, five workers."""
import os
import socket
import time

import measure
import peers
from measure import Failed

SOURCE = os.path.join(measure.HERE, "redis")
STEPS = {                       # and the streams they read
    "task": "purchase.requested",
    "check": "stockcheck.requested",
    "order": "stock.available",
    "fail": "stock.unavailable",
    "create": "order.requested",
}
BATCH = 500                     # messages that a worker asks for at once
CHUNK = 1000                    # commands that this file sends in one write


def absent():
    """Why there is no server, or None."""
    return None if measure.have("redis-server") else "redis-server is not there"


def build(folder):
    """Compile the worker and the client; why there are none, or None."""
    missing = absent()
    for name in ("worker", "client"):
        missing = missing or peers.build(os.path.join(folder, name), [f"redis/{name}.c", "redis/server.c"],
                                         ["hiredis", "uuid"])
    return missing


class Redis:
    """A server of its own in a new folder, and the workers that stand beside it."""

    def __init__(self, folder, tools):
        os.mkdir(folder)
        self.tools, self.workers = tools, None
        self.spent = {"used_cpu_user": 0, "used_cpu_sys": 0}    # before the workers came
        self.socket = os.path.join(folder, "socket")
        self.server = measure.Running({"redis-server": [
            "redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", folder,
            "--logfile", "log", "--save", "", "--appendonly", "yes", "--appendfsync", "always",
            "--auto-aof-rewrite-percentage", "0"]})
        self.connection = self.connect()
        self.replies = self.connection.makefile("rb")
        self.send([("XGROUP", "CREATE", stream, "flow", "0", "MKSTREAM")
                   for stream in STEPS.values()])

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        for _ in range(500):
            self.server.check()
            try:
                connection.connect(self.socket)
                return connection
            except OSError:
                time.sleep(0.01)
        raise Failed("redis-server cannot be reached")

    def send(self, commands):
        """Commands in a pipeline; their answers."""
        answers = []
        for start in range(0, len(commands), CHUNK):
            some = commands[start:start + CHUNK]
            self.connection.sendall(b"".join(map(encode, some)))
            answers += [self.answer() for _ in some]
        return answers

    def answer(self):
        line = self.replies.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return None if rest == b"-1" else self.replies.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return [self.answer() for _ in range(int(rest))]
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest.decode()
        raise Failed(f"redis-server: {line!r}")

    def start(self, batch=BATCH):
        self.spent = self.processor_time()
        self.workers = measure.Running({
            step: [os.path.join(self.tools, "worker"), self.socket, stream,
                   os.path.join(SOURCE, step + ".lua"), str(batch)]
            for step, stream in STEPS.items()})

    def check(self):
        self.server.check()
        self.workers.check()

    def stop(self):
        """End the workers and the server; what each took since the workers came."""
        usages = []
        if self.workers:
            usages += self.workers.stop(ends=(15,))[1]
        self.connection.close()
        server = self.server.stop()[1]
        server[0].user -= self.spent["used_cpu_user"]
        server[0].system -= self.spent["used_cpu_sys"]
        return usages + server

    def processor_time(self):
        """What the server has taken so far, by the names that it has for it."""
        lines = self.send([("INFO", "cpu")])[0].split()
        return {name: float(value) for name, _, value in
                (line.partition(":") for line in lines) if name.startswith("used_cpu")}

    def add_stock(self, stock):
        self.send([("HSET", "stock", product, quantity) for product, quantity in stock.items()]
                  + [("XADD", "journal:" + product, "*", "type", "stock.added", "quantity",
                      quantity) for product, quantity in stock.items()])

    def submit(self, requests):
        self.send([("XADD", "purchase.requested", "*", "request", request, "product", product,
                    "quantity", quantity) for request, product, quantity in requests])

    def drain(self, count):
        """The workers until there are so many results; the seconds until the last was there."""
        start = time.time()
        self.start()
        while sum(self.send([("XLEN", "order.created"), ("XLEN", "order.failed")])) < count:
            self.check()
            if time.time() - start > measure.PATIENCE:
                raise Failed("Redis: not all results came")
            time.sleep(0.05)
        return self.last_result() - start

    def last_result(self):
        """When, by the server's clock: the IDs of messages are in milliseconds."""
        ends = self.send([("XREVRANGE", stream, "+", "-", "COUNT", "1")
                          for stream in ("order.created", "order.failed")])
        return max(int(messages[0][0].split("-")[0]) for messages in ends if messages) / 1000

    def verify(self, workload):
        """Each request has the result that it has to have, and nothing was oversold."""
        requests = list(workload.created)
        for start in range(0, len(requests), CHUNK):
            some = requests[start:start + CHUNK]
            results = self.send([("MGET", *("result:" + request for request in some))])[0]
            for request, result in zip(some, results):
                status = "created" if workload.created[request] else "failed"
                if result is None or f'"status":"{status}"' not in result:
                    raise Failed(f"Redis: {request}: {result}, not {status}")
        left = self.send([("HGETALL", "stock")])[0][1::2]
        if sum(workload.stock.values()) - sum(map(int, left)) != workload.sold:
            raise Failed("Redis: a wrong number of pieces was sold")
        if self.send([("XLEN", "orders")]) != [workload.orders]:
            raise Failed("Redis: a wrong number of orders")


def encode(command):
    words = [str(word).encode() for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word)
                                              for word in words)
