"""What clients did to one product, as a history: calls, operations, steps.

A call is one run of a command: when it began and ended, and its answer, or None if it is
not known. The calls of one request are one operation, however often it was tried. An
operation takes effect in steps, each at one instant between its start and its end:

    done            one step, which appends the event with the sequence that was told
    created         one step, the sale
    failed          two: the check that saw too little, then the event that records it
    short, moved    a look: evstock saw too little, or not the sequence it expected
    state           a look: evreplay
    not known       whatever the operation may do, at any instant from its start on, or nothing
"""
from dataclasses import dataclass

FOREVER = float("inf")


class Broken(Exception):
    """No object that keeps the promises answers like this."""


@dataclass
class Call:
    action: str                         # add, remove, return, buy or read
    product: str
    start: int
    end: int
    answer: dict = None                 # {"is": ...} and what was told with it
    request: str = ""
    quantity: int = 0
    expect: int = None
    submitted: bool = False             # the UUID was printed, so the request is durable


@dataclass(eq=False, repr=False)
class Step:
    """`what` is added, removed, returned, sold, refused (an event is appended); or short,
    moved, state, check (a look). One that is not certain may never happen."""
    what: str
    start: int
    end: int
    quantity: int = 0
    sequence: int = None                # of its event, or at which it looked, if that was told
    seen: object = None                 # what a look saw
    time: str = ""                      # of its event, or of the last one that it saw
    certain: bool = True
    expect: int = None
    behind: object = None               # the step that has to come first
    rival: object = None                # the step that happens if this one does not
    request: str = ""

    def __repr__(self):
        told = "".join(f", {name} {value}" for name, value in
                       (("sequence", self.sequence), ("seen", self.seen)) if value is not None)
        return (f"<{self.what} {self.quantity}{told}, from {self.start} to {self.end} "
                f"{self.request}>")

    @property
    def looks(self):
        return self.what in ("short", "moved", "state", "check")


EVENTS = {"add": "added", "remove": "removed", "return": "returned"}


def steps_of(calls):
    """The steps of all operations on one product."""
    steps, requests = [], {}
    for call in calls:
        if call.action == "read":
            if call.answer:
                steps.append(Step("state", call.start, call.end, seen=call.answer["state"],
                                  sequence=call.answer["state"][0],
                                  time=call.answer.get("time", "")))
        else:
            requests.setdefault(call.request, []).append(call)
    for group in requests.values():
        group.sort(key=lambda call: call.start)
        steps += bought(group) if group[0].action == "buy" else changed(group)
    return steps


def only_answer(group):
    """The first answered call of a request; all others have to tell the same."""
    answered = sorted((call for call in group if call.answer), key=lambda call: call.end)
    for call in answered[1:]:
        if call.answer != answered[0].answer:
            raise Broken(f"{call.request}: answered {answered[0].answer}, then {call.answer}")
    return answered[0] if answered else None


def bought(group):
    first, call = group[0], only_answer(group)
    start, quantity, request = first.start, first.quantity, first.request
    if call is None:
        sold = Step("sold", start, FOREVER, quantity, certain=False, request=request)
        check = Step("check", start, FOREVER, quantity, certain=False, request=request)
        refused = Step("refused", start, FOREVER, quantity, certain=False, behind=check,
                       rival=sold, request=request)
        sold.rival = refused
        return [sold, check, refused]
    time = call.answer.get("time", "")
    if call.answer["is"] == "created":
        return [Step("sold", start, call.end, quantity, time=time, request=request)]
    check = Step("check", start, call.end, quantity, seen=call.answer["seen"], request=request)
    return [check, Step("refused", start, call.end, quantity, time=time, behind=check,
                        request=request)]


def changed(group):
    first, what = group[0], EVENTS[group[0].action]
    call = only_answer(group)
    if call is None:
        return [Step(what, first.start, FOREVER, first.quantity, certain=False,
                     expect=first.expect, request=first.request)]
    answer = call.answer
    if answer["is"] == "done":
        if first.expect not in (None, answer["sequence"] - 1):
            raise Broken(f"{first.request}: expected {first.expect}, and is {answer['sequence']}")
        return [Step(what, first.start, call.end, first.quantity, answer["sequence"],
                     time=answer.get("time", ""), request=first.request)]
    # It did not happen before, and nobody tried again: the look is in the call that told it.
    if answer["is"] == "moved":
        return [Step("moved", call.start, call.end, sequence=answer["sequence"],
                     expect=first.expect, request=first.request)]
    return [Step("short", call.start, call.end, first.quantity, seen=answer["available"],
                 request=first.request)]
