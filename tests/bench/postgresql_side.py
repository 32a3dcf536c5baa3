"""Purchases in PostgreSQL: a cluster of its own that syncs before it answers."""
import csv
import io
import os
import pwd
import shutil
import signal
import subprocess

import measure
import peers
from measure import Failed

SCHEMA = os.path.join(measure.HERE, "postgresql", "schema.sql")
SETTINGS = {                    # beside the defaults: no network, and no checkpoint in a run
    "listen_addresses": "", "fsync": "on", "synchronous_commit": "on", "max_wal_size": "4GB",
    "checkpoint_timeout": "1h", "autovacuum": "off", "shared_buffers": "256MB",
}


class PostgreSQL:
    name = "PostgreSQL"
    note = "fsync, synchronous_commit=on"

    def __init__(self, folder):
        self.program = os.path.join(folder, "purchase")
        self.cluster = os.path.join(folder, "cluster")
        self.missing = peers.build(self.program, ["postgresql/purchase.c", "peer/wish.c"],
                                   ["libpq"]) or self.create_cluster()
        self.server, self.databases = None, 0

    def create_cluster(self):
        """Why there is none, or None."""
        found = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True,
                               check=False).stdout.strip()
        path = os.pathsep.join((found, os.environ["PATH"]))
        self.initdb, self.postgres = (shutil.which(name, path=path)
                                      for name in ("initdb", "postgres"))
        if not self.initdb or not self.postgres:
            return "initdb or postgres is not there"
        os.mkdir(self.cluster)
        self.owner = []
        if os.geteuid() == 0:           # neither program runs as root
            try:
                user = pwd.getpwnam("postgres")
            except KeyError:
                return "root cannot run it, and there is no user postgres"
            os.chown(self.cluster, user.pw_uid, user.pw_gid)
            self.owner = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
                          "--clear-groups"]
        done = subprocess.run([*self.owner, self.initdb, "-D", self.cluster, "-U", "postgres",
                               "-A", "trust", "-E", "UTF8", "--locale=C"], capture_output=True,
                              text=True, cwd="/", check=False)
        return f"initdb: {done.stderr.splitlines()[-1:]}" if done.returncode else None

    def start(self):
        options = [word for name, value in {**SETTINGS, "unix_socket_directories": self.cluster}
                   .items() for word in ("-c", f"{name}={value}")]
        with open(self.cluster + ".log", "wb") as log:
            errors = os.dup(2)
            os.dup2(log.fileno(), 2)
            try:
                self.server = measure.Running({"postgres": [*self.owner, self.postgres, "-D",
                                                            self.cluster, *options]})
            finally:
                os.dup2(errors, 2)
                os.close(errors)
        peers.await_server(self.server, lambda: self.psql("postgres", "SELECT 1").returncode == 0,
                           "postgres")

    def stop(self):
        if self.server:
            for pid in self.server.names:
                os.kill(pid, signal.SIGINT)     # without waiting for clients
            self.server.stop()

    def psql(self, database, text):
        return subprocess.run(["psql", "-X", "-q", "--csv", "-t", "-v", "ON_ERROR_STOP=1",
                               "-h", self.cluster, "-U", "postgres", "-d", database],
                              input=text, capture_output=True, text=True, check=False,
                              timeout=measure.PATIENCE)

    def ask(self, database, text):
        """The rows of an answer."""
        done = self.psql(database, text)
        if done.returncode:
            raise Failed(f"psql: {done.stderr}")
        return list(csv.reader(io.StringIO(done.stdout)))

    def run(self, folder, workload, clients, batch):
        """Seconds for the whole workload, `batch` requests a transaction."""
        if self.server is None:
            self.start()
        self.databases += 1
        database = f"shop{self.databases}"
        self.ask("postgres", f"CREATE DATABASE {database}")
        with open(SCHEMA, encoding="ascii") as file:
            self.ask(database, file.read())
        self.ask(database, "COPY stock FROM STDIN;\n" + "".join(
            f"{product}\t{quantity}\n" for product, quantity in workload.stock.items()) + "\\.\n")
        self.ask(database, "ANALYZE; CHECKPOINT")
        measure.settle()
        output = os.path.join(folder, "seconds")
        server = f"host={self.cluster} user=postgres dbname={database}"
        measure.pipe([[self.program, server, str(clients), str(batch)]], workload.request_lines,
                     output)
        self.verify(database, workload, clients == 1)
        with open(output, encoding="ascii") as file:
            return float(file.read())

    def verify(self, database, workload, in_order):
        created = {request: status == "created" for request, status in
                   self.ask(database, "SELECT request, status FROM results")}
        left = {product: int(available) for product, available in
                self.ask(database, "SELECT product, available FROM stock")}
        peers.check(self.name, workload, created, left, in_order)
        counts = [int(value) for value in self.ask(database, "SELECT (SELECT count(*) FROM orders),"
                  " (SELECT count(*) FROM refusals), (SELECT sum(quantity) FROM orders)")[0]]
        sold = sum(created.values())
        if counts[:2] != [sold, len(created) - sold] or \
                counts[2] != sum(workload.stock.values()) - sum(left.values()):
            raise Failed(f"{self.name}: {counts} orders, refusals and pieces")
