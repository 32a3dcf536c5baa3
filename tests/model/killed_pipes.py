"""The flow in pipes and in FIFOs, killed."""
import fcntl
import os
import time

from flow import READS
from killed_flow import Round, pipe_ends, whole_lines
from store import Wrong, parse
from victims import do_at

PIPE_SIZES = (4096, 4096, 16384, 65536)


class Pipes(Round):
    """Six filters in a pipe that is fed with portions; some or all of them are killed at one
    instant. The others come to their end, as their neighbours do."""
    LIVES = 15

    def measure(self):
        self.saved("wishes", self.plan.wishes).close()
        return self.timed(self.through, "measured-out")

    def start_pipe(self, source, output):
        size, processes = self.random.choice(PIPE_SIZES), []
        for service in ("evbuy", *READS):
            following, target = pipe_ends() if service != "evcreate" else (None, self.new(output))
            if following:
                fcntl.fcntl(target, fcntl.F_SETPIPE_SZ, size)
            with source, target:
                processes.append(self.victims.start([service], source, target))
            source = following
        return processes

    def through(self, output):
        """Undisturbed, to the end."""
        for process in self.start_pipe(open(self.path("wishes"), "rb"), output):
            if self.victims.wait(process):
                raise Wrong(f"{process.args}: exit {process.returncode}")

    def life(self, number):
        if self.random.random() < 0.7:
            self.begin_anew()
        output, (source, feed) = f"out{number}", pipe_ends()
        with feed:
            processes = self.start_pipe(source, output)
            fed = self.feed(feed, whole_lines(self.path("wishes")), self.path(output))
            killed = processes if self.random.random() < 0.6 \
                else self.random.sample(processes, self.random.randint(1, 3))
            self.victims.kill(killed, len(whole_lines(self.path(output))) < fed)
        for process in processes:
            self.victims.wait(process)
        self.check_said(whole_lines(self.path(output)))

    def finish(self):
        self.through("out")
        self.check_no_more_letters()
        self.check_answers(whole_lines(self.path("out")))

    def check_answers(self, lines):
        """Each request is answered once, in turn; what is sold byte for byte as the model says."""
        wanted = [self.plan.answers[wish["request"]] for wish in self.plan.wishes]
        if len(lines) != len(wanted):
            raise Wrong(f"{len(lines)} answers to {len(wanted)} requests")
        for found, line in zip(lines, wanted):
            same = found == line + b"\n" if parse(line)["type"] == "order.created" \
                else parse(found)["id"] == parse(line)["id"]
            if not same:
                raise Wrong(f"said {found!r}, not {line!r}")


class Fifos(Round):
    """Two to four workers of evtask, evcheck and evorder, each with FIFOs of its own; one or two
    of evfail and evcreate, whose FIFOs all write to. Each process is killed at an instant of its
    own; no FIFO comes to an end before, since we have it open too."""
    IN_TURN = False
    GLUED = True
    LIVES = 10

    def measure(self):
        self.columns, self.ends = self.random.randint(2, 4), self.random.randint(1, 2)
        self.fifos = [f"T{topic}.{n}" for topic in (1, 2, 3) for n in range(self.columns)] \
            + [f"T{topic}.{n}" for topic in (4, 5) for n in range(self.ends)]
        for name in self.fifos:
            os.mkfifo(self.path(name))
        for n in range(self.columns):
            self.saved(f"wishes.{n}", self.plan.wishes[n::self.columns]).close()
        return self.timed(self.through, "measured-out")

    def open_fifos(self, names):
        return [os.open(self.path(name), os.O_RDWR | os.O_NONBLOCK) for name in names]

    def start_workers(self, output):
        """Those that work side by side, then evfail, then evcreate."""
        path, start, sides = self.path, self.victims.start, []
        for n in range(self.columns):
            four, five = path(f"T4.{n % self.ends}"), path(f"T5.{n % self.ends}")
            with open(path(f"wishes.{n}"), "rb") as wishes:
                sides.append(start(["evbuy", "-o", path(f"T1.{n}")], wishes))
            sides += [start(["evtask", "-i", path(f"T1.{n}"), "-o", path(f"T2.{n}")]),
                      start(["evcheck", "-i", path(f"T2.{n}"), "-o", path(f"T3.{n}"), "-r", four]),
                      start(["evorder", "-i", path(f"T3.{n}"), "-o", five, "-r", four])]
        fails = [start(["evfail", "-i", path(f"T4.{n}"), "-o", path(f"T5.{n}")])
                 for n in range(self.ends)]
        creates = [start(["evcreate", "-i", path(f"T5.{n}"), "-o", path(output)])
                   for n in range(self.ends)]
        return sides, fails, creates

    def through(self, output):
        """Undisturbed, to the end; a FIFO of several writers is held open until all have come."""
        held = {topic: self.open_fifos(f"T{topic}.{n}" for n in range(self.ends))
                for topic in (4, 5)}
        groups = self.start_workers(output)
        for group, topic in zip(groups, (4, 5, None)):
            for process in group:
                if self.victims.wait(process):
                    raise Wrong(f"{process.args}: exit {process.returncode}")
            for descriptor in held.get(topic, ()):
                os.close(descriptor)

    def life(self, number):
        if self.random.random() < 0.4:
            self.begin_anew()
        begun, held, output = time.monotonic(), self.open_fifos(self.fifos), f"out{number}"
        processes = [process for group in self.start_workers(output) for process in group]

        def kill(process):
            self.victims.kill([process], len(whole_lines(self.path(output))) < self.REQUESTS)
        do_at([(self.instant(begun), lambda process=process: kill(process))
               for process in processes])
        for descriptor in held:
            os.close(descriptor)
        self.check_said(whole_lines(self.path(output)))

    def finish(self):
        self.through("out")
        self.check_no_more_letters()
        requests = {parse(line)["correlationid"] for line in whole_lines(self.path("out"))}
        if requests != self.plan.requests:
            raise Wrong(f"{len(self.plan.requests ^ requests)} requests without an answer")
