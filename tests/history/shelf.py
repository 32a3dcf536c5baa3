"""The sequential object: one product, one step after the other. And whether an order of
steps is a proof: each step that is certain happened, once, at an instant between its start
and its end, and saw and told what the object says. No search here, so that it is short
enough to be believed; whoever found the order need not be."""
from operations import Broken

FIELDS = ("added", "removed", "sold", "returned", "refused")


class Shelf:
    def __init__(self):
        self.sequence = self.added = self.removed = self.sold = self.returned = self.refused = 0
        self.time = ""                  # the last that is known

    @property
    def available(self):
        return self.added + self.returned - self.removed - self.sold

    def state(self):
        return (self.sequence, self.added, self.removed, self.sold, self.returned, self.refused)

    def code(self, quantity):
        """Why so many cannot be sold, as (code, left), or None."""
        if self.added + self.returned == 0:
            return ("unknown-product", 0)
        if self.available == 0:
            return ("out-of-stock", 0)
        return ("insufficient-stock", self.available) if self.available < quantity else None

    def does(self, step):
        """Do a step, if it is what would have come of it now. Times never run backwards."""
        if step.time:
            if step.time < self.time:
                return False
            self.time = step.time
        if step.what in FIELDS:
            self.sequence += 1
            setattr(self, step.what, getattr(self, step.what)
                    + (1 if step.what == "refused" else step.quantity))
            return self.available >= 0 and step.sequence in (None, self.sequence) \
                and step.expect in (None, self.sequence - 1)
        if step.what == "state":
            return self.state() == step.seen
        if step.what == "moved":
            return self.sequence == step.sequence != step.expect
        if step.what == "short":
            return self.available == step.seen < step.quantity
        found = self.code(step.quantity)        # a check
        return found is not None and step.seen in (None, found)


def prove(order, steps):
    """Raises Broken unless this order of some of these steps is a proof."""
    shelf, done, latest = Shelf(), set(), float("-inf")
    for step in order:
        if step in done or step.rival in done:
            raise Broken(f"{step} happens twice")
        if step.behind is not None and step.behind not in done:
            raise Broken(f"{step} happens without what goes before")
        latest = max(latest, step.start)
        if step.end < latest:
            raise Broken(f"{step} happens when it is over")
        if not shelf.does(step):
            raise Broken(f"{step} at {shelf.state()}")
        done.add(step)
    missing = [step for step in steps if step.certain and step not in done]
    if missing or not done <= set(steps):
        raise Broken(f"{len(missing)} steps do not happen, or others do")
