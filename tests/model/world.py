"""One store and its model: run the commands on the one and compare it with the other."""
import base64
import os
import subprocess

import store as ev
from flow import Dead, Model
from store import Wrong, parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("EV_BIN", os.path.join(ROOT, "bin"))


class World:
    def __init__(self, folder):
        self.folder, self.store = folder, os.path.join(folder, "evstore")
        self.model = Model()
        self.dead = {}                      # command -> lines put aside so far
        self.step = 0
        self.trail = []                     # the commands run, for who looks for a fault

    # running commands

    def environment(self):
        return {**os.environ, "PATH": BIN + ":" + os.environ["PATH"], "EV_STORE": self.store,
                "EV_NOW": self.model.now}

    def path(self, name):
        return os.path.join(self.folder, f"{self.step}-{name}")

    def save(self, name, lines, open_end=False):
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(b"\n".join(lines) + (b"" if open_end or not lines else b"\n"))
        return path

    def run(self, arguments, source=None, good=(0,)):
        """Run a command; its output as lines and its exit status."""
        with open(source or os.devnull, "rb") as standard_input:
            self.trail.append(" ".join(arguments) + (f" <{source}" if source else ""))
            done = subprocess.run(arguments, stdin=standard_input, capture_output=True,
                                  env=self.environment(), check=False)
        if done.returncode not in good:
            raise Wrong(f"{arguments}: exit {done.returncode}, not {good}: {done.stderr!r}")
        if (done.returncode == 65) != bool(done.stderr):
            raise Wrong(f"{arguments}: exit {done.returncode}, but said {done.stderr!r}")
        return split(done.stdout), done.returncode

    # comparing

    def settle(self, command, inputs, answers, outputs, status):
        """Hold the lines a command wrote, and those it put aside, against the answers:
        one for each input, an exception for a line that is to be put aside."""
        aside, place, uncertain = [], {id(lines): 0 for lines in outputs.values()}, {}
        for number, (line, answer) in enumerate(zip(inputs, answers), 1):
            if isinstance(answer, Dead):
                aside.append((number, line))
                continue
            # What is passed on stays in its place, a stock.unavailable too.
            lines = outputs.get(answer.line != line and answer.kind, outputs[None])
            at = place[id(lines)]
            if at < len(lines) and lines[at] == answer.line:
                place[id(lines)] += 1
                if not answer.certain:
                    uncertain[answer.line] = (number, line)
            elif not answer.certain:
                aside.append((number, line))
            elif answer.line in uncertain:      # then it was this one's, and that one put aside
                aside.append(uncertain.pop(answer.line))
            else:
                raise Wrong(f"{command}: line {number}: {line!r}\n  wanted {answer.line!r}\n"
                            f"  found  {lines[at:at + 1]!r}")
        for lines in outputs.values():
            if place[id(lines)] != len(lines):
                raise Wrong(f"{command}: wrote too much: {lines[place[id(lines)]]!r}")
        if status != (65 if aside else 0):
            raise Wrong(f"{command}: exit {status} with {len(aside)} lines to be put aside")
        self.check_dead(command, aside)

    def check_dead(self, command, aside):
        path = os.path.join(self.store, "dead", command + ".ndjson")
        lines = []
        if os.path.exists(path):
            with open(path, "rb") as file:
                lines = split(file.read())
        found = []
        for line in lines[self.dead.get(command, 0):]:
            entry = parse(line)
            text = base64.b64decode(entry["base64"]) if "base64" in entry \
                else entry["line"].encode()
            if entry["command"] != command or entry["kind"] != "message" or not entry["reason"]:
                raise Wrong(f"dead/{command}: {line!r}")
            found.append((int(entry["place"].rpartition(":")[2]), text))
        if found != sorted(aside):
            raise Wrong(f"dead/{command}: {first_difference(found, sorted(aside))}")
        self.dead[command] = len(lines)

    def compare(self):
        """Every journal, order and result, byte for byte."""
        model = self.model
        wanted = {ev.file_name(product): journal for product, journal in model.journals.items()}
        found = ev.journal_files(self.store)
        if wanted.keys() != found.keys():
            raise Wrong(f"journals {sorted(wanted.keys() ^ found.keys())}")
        for name, journal in wanted.items():
            self.compare_file(found[name], journal.bytes())
        if model.orders.events:
            self.compare_file(os.path.join(self.store, "orders.ndjson"), model.orders.bytes())
        results = ev.read_results(self.store)
        for request in filter(model.two_may_claim, results):
            if results[request] in map(ev.failed_result, model.refusals(request)):
                model.results[request] = results[request]
        if results != model.results:
            request = min(request for request in results.keys() | model.results.keys()
                          if results.get(request) != model.results.get(request))
            raise Wrong(f"result {request}: {results.get(request)}, not "
                        f"{model.results.get(request)}")

    @staticmethod
    def compare_file(path, wanted):
        with open(path, "rb") as file:
            found = file.read()
        if found != wanted:
            raise Wrong(f"{path}: {first_difference(split(found), split(wanted))}")


def split(data):
    """Lines without their newlines; a last one must have one."""
    if data and not data.endswith(b"\n"):
        raise Wrong(f"unfinished line {data[-200:]!r}")
    return data.split(b"\n")[:-1]


def read_lines(path):
    with open(path, "rb") as file:
        return split(file.read())


def first_difference(found, wanted):
    for number, (one, other) in enumerate(zip(found, wanted), 1):
        if one != other:
            return f"{number}:\n  found  {one!r}\n  wanted {other!r}"
    more = max(found, wanted, key=len)[min(len(found), len(wanted)):]
    return f"{len(found)} instead of {len(wanted)}, the first of them {more[:1]!r}"
