"""Damage to messages in a topic, which have no sum: how many of them are still messages.

Nothing is asked of these but that no command crashes and that every line is either
answered, passed on as it is, or put aside.
"""
from derived import SERVICES
from harm import flips
from tally import need


def try_all(room, tally, choice):
    for service, topic in SERVICES.items():
        lines = [damage.data for name, data in sorted(room.whole.items())
                 if name.startswith(f"topics/{topic}/") and name.endswith(".ndjson")
                 for line in data.splitlines(keepends=True) for damage in flips(line, choice.stride)]
        whole = [line for line in lines if line.count(b"\n") == 1]
        heard = set(whole)
        dead = f"dead/{service}.ndjson"
        answer = room.run(service, heard=b"".join(whole))
        said = answer.out.splitlines(keepends=True)
        passed = sum(line in heard for line in said)
        aside = room.changed().get(dead, b"")[len(room.whole.get(dead, b"")):].count(b"\n")
        need(answer.status in (0, 65) and len(said) + aside == len(whole), f"{service} loses lines", answer)
        for outcome, count in (("put aside", aside), ("of another type, passed on", passed),
                               ("taken for a message", len(said) - passed),
                               ("two lines", len(lines) - len(whole))):
            tally.count(f"messages to {service}", "bit", outcome, count)
        room.restore()
