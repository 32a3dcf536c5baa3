"""Purchases on NATS JetStream: its server acknowledges what is in memory of the system, and
syncs every two minutes."""
import collections
import json
import os
import socket

import measure
import peers
from measure import Failed

STREAM = {"name": "SHOP", "subjects": ["journal.*", "orders", "results.*"], "storage": "file",
          "retention": "limits", "discard": "new", "num_replicas": 1, "max_consumers": -1,
          "max_msgs": -1, "max_bytes": -1, "duplicate_window": 120 * 10**9}


class NATS:
    name = "NATS JetStream"
    note = "acknowledges without a sync"

    def __init__(self, folder):
        self.program = os.path.join(folder, "purchase")
        self.missing = None if measure.have("nats-server") else "nats-server is not there"
        self.missing = self.missing or peers.build(
            self.program, ["nats/purchase.c", "peer/wish.c"], [])

    def run(self, folder, workload, batch):
        """Seconds for the whole workload, `batch` requests in a write."""
        port = free_port()
        server = measure.Running({"nats-server": [
            "nats-server", "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", folder,
            "-l", os.path.join(folder, "log")]})
        try:
            peers.await_server(server, lambda: reachable(port), "nats-server")
            client = Client(port)
            client.ask("$JS.API.STREAM.CREATE.SHOP", STREAM)
            measure.settle()
            wall, _ = measure.pipe([[self.program, str(port), workload.stock_lines, str(batch)]],
                                   workload.request_lines)
            self.verify(client, workload)
        finally:
            server.stop(ends=(0, 1 << 8))
        return wall

    def verify(self, client, workload):
        left, created = dict(workload.stock), {}
        for event in client.read_all("journal.*", len(workload.requests)):
            if event["request"] in created:
                raise Failed(f"{self.name}: {event['request']} has two outcomes")
            created[event["request"]] = event["type"] == "stock.sold"
            if created[event["request"]]:
                left[event["product"]] -= event["quantity"]
            if left[event["product"]] != event["available"]:
                raise Failed(f"{self.name}: {event}, not {left[event['product']]} left")
        peers.check(self.name, workload, created, left)
        messages = client.ask("$JS.API.STREAM.INFO.SHOP", {})["state"]["messages"]
        if messages != 2 * len(created) + workload.orders:
            raise Failed(f"{self.name}: {messages} messages")


class Client:
    """What a check needs of the protocol."""

    def __init__(self, port):
        self.connection = socket.create_connection(("127.0.0.1", port), measure.PATIENCE)
        self.lines = self.connection.makefile("rb")
        self.waiting = {b"answers": collections.deque(), b"events": collections.deque()}
        self.connection.sendall(b'CONNECT {"verbose":false}\r\nSUB check answers\r\n'
                                b"SUB events events\r\n")

    def ask(self, subject, question):
        text = json.dumps(question).encode()
        self.connection.sendall(b"PUB %s check %d\r\n%s\r\n" % (subject.encode(), len(text), text))
        answer = json.loads(self.receive(b"answers"))
        if "error" in answer:
            raise Failed(f"nats-server: {subject}: {answer['error']}")
        return answer

    def receive(self, wanted):
        """The next payload of a subscription; events may come before an answer."""
        while not self.waiting[wanted]:
            line = self.lines.readline()
            if line.startswith(b"PING"):
                self.connection.sendall(b"PONG\r\n")
            elif line.startswith((b"MSG", b"HMSG")):
                words = line.split()
                payload = self.lines.read(int(words[-1]) + 2)[:-2]
                headers = int(words[-2]) if line.startswith(b"HMSG") else 0
                self.waiting[words[2]].append(payload[headers:])
            elif not line or line.startswith(b"-ERR"):
                raise Failed(f"nats-server: {line!r}")
        return self.waiting[wanted].popleft()

    def read_all(self, subject, count):
        """The first `count` messages of a subject, from the stream."""
        self.ask("$JS.API.CONSUMER.CREATE.SHOP", {"stream_name": "SHOP", "config": {
            "deliver_subject": "events", "deliver_policy": "all", "ack_policy": "none",
            "filter_subject": subject}})
        for _ in range(count):
            yield json.loads(self.receive(b"events"))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def reachable(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False
