"""Damage to what says how to read the rest, format, lanes and redriven: never guessed over."""
import store as model
from derived import Judge
from harm import flips
from tally import need

TOPIC = "topics/purchase.requested"
DURABLE = b'{"durable":true}\n'
FRESH = "ff8a4c1d-2b7f-4d3e-9c60-000000000001"
CHECK = model.message("stockcheck.requested", FRESH, "85123A", "2026-01-31T10:00:00.000000Z", "evtask",
                      "purchase.requested", {"quantity": 1}) + b"\n"

LOOKS = (("evtopic", "list"), ("evtopic", "lag"), ("evtopic", "trim", "purchase.requested"))      # none is shown


class Settings(Judge):
    """Each command that needs a file says 65 and its name, and does nothing else."""

    def refuse(self, name, said, *commands):
        for command in commands:
            answer = self.room.run(*command, heard=CHECK if command == ("evcheck",) else b"")
            need(answer.status == 65 and f"{command[0]}: evstore/{said}".encode() in answer.errors,
                 f"{' '.join(command)}: does not refuse", answer)
            need(answer.out == b"" or command in LOOKS and b"purchase.requested" not in answer.out,
                 f"{' '.join(command)}: answers", answer)
        audited = self.room.audit()
        need(audited.status == 65 and f"evaudit: evstore/{said}".encode() in audited.errors, "not audited", audited)
        changed = set(self.room.changed())
        need(changed <= {name}, f"changed {changed!r}")
        return "found"

    def make_on(self, name):
        """A beginning of the text, as a maker leaves it who was cut off: a store all the same,
        which whoever writes makes on."""
        looked = self.room.run("evreplay", "85123A")
        added = self.room.run("evstock", "add", "85123A", "1")
        need(looked.status == added.status == 0 and looked.out, "is no store", looked, added)
        with open(self.room.path(name), "rb") as made:
            need(made.read() == self.room.whole[name], "was not made on")
        return "made on"

    def format(self, name, damage):
        if damage.kind in ("emptied", "deleted", "cut"):
            return self.make_on(name)
        return self.refuse(name, "format: ", ("evreplay",), ("evcheck",), ("evtask", "--drain"),
                           ("evresult", FRESH), ("evtopic", "list"),
                           ("evstock", "add", "85123A", "1"), ("evbuy", "-s", "85123A", "1"))

    # -- lanes ------------------------------------------------------------------------------

    def is_whole(self, name, damage):
        """All generations are there; that they are on disk may be said any number of times, or half."""
        was, now = ([line for line in data.splitlines(keepends=True) if line.endswith(b"\n") and line != DURABLE]
                    for data in (self.room.whole[name], damage.data))
        return now == was

    def lanes(self, name, damage):
        if damage.data and self.is_whole(name, damage):
            return self.go_on()
        return self.refuse(name, f"{TOPIC}/lanes: ", ("evtask", "--drain"), ("evbuy", "-s", "85123A", "1"),
                           ("evtopic", "list"), ("evtopic", "lag"), ("evtopic", "cat", "purchase.requested"),
                           ("evtopic", "lanes", "purchase.requested", "3"),
                           ("evtopic", "seek", "evtask", "purchase.requested", "first"))

    def go_on(self):
        """It is as good as whole: messages are published and read, again and again."""
        messages = self.room.run("evtopic", "cat", "purchase.requested").out.count(b"\n")
        for number in range(1, 3):
            bought = self.room.run("evbuy", "-s", "85123A", "1")
            drained = self.room.run("evtask", "--drain")
            cat = self.room.run("evtopic", "cat", "purchase.requested")
            need(bought.status == drained.status == cat.status == 0, "does not go on", bought, drained, cat)
            need(cat.out.count(b"\n") == messages + number, "messages are lost", cat)
        return "harmless"

    # -- redriven -----------------------------------------------------------------------------

    def redriven(self, name, damage):
        if damage.kind == "removed":
            answer = self.room.run("evtopic", "redrive", "evtask")
            need(answer.status == 0 and b"2 messages" in answer.out, "not all sent again", answer)
            return "all letters sent again"
        return self.refuse(name, name, ("evtopic", "redrive", "evtask"),
                           ("evtopic", "trim", "purchase.requested"))

    def letters(self, name, damage):
        """Those that were sent again, up to where the mark is, are known by it."""
        return self.refuse(name, name, ("evtopic", "redrive", "evtask"))


def try_all(room, tally, choice):
    settings = Settings(room, tally)
    for files, name, judge in (("format", "format", settings.format), ("lanes", TOPIC + "/lanes", settings.lanes),
                        ("redriven mark", "dead/evtask.redriven", settings.redriven)):
        for damage in choice.damages(room.whole[name]):
            settings.judge(files, name, damage, judge)
    letters = "dead/evtask.ndjson"
    marked = len(room.whole[letters].splitlines(keepends=True)[0])
    for damage in flips(room.whole[letters][:marked], choice.stride):
        damage.data += room.whole[letters][marked:]
        settings.judge("letters sent again", letters, damage, settings.letters)
