"""The whole flow, one step after the other, as the contract tells it.

Model.handle(service, line) is what a service does with one line: it changes the
model's journals, orders and results and says what the service writes. There is
no I/O, no batch and no concurrency here, so it is short enough to be believed.
"""
from store import LIMIT, UUID_FORM, Event, Journal, created_result, failed_result, message, \
    order_uuid, parse, refusal

READS = {"evtask": "purchase.requested", "evcheck": "stockcheck.requested",
         "evorder": "stock.available", "evfail": "stock.unavailable",
         "evcreate": "order.requested"}
ACTIONS = {"add": "stock.added", "remove": "stock.removed", "return": "stock.returned"}


class Dead(Exception):
    """The line cannot be processed and goes to dead/."""


class Answer:
    """A line that a service writes. Where the contract leaves open whether a message is
    answered or put aside, certain is False."""

    def __init__(self, line, certain=True):
        self.line, self.certain = line, certain

    @property
    def kind(self):
        return parse(self.line)["type"]


class Model:
    def __init__(self):
        self.journals = {}
        self.orders = Journal()
        self.results = {}
        self.uses = {}                  # request -> {(product, quantity)}, evstock's are quantity 0
        self.now = ""
        self.forgotten = set()          # requests whose result was deleted at some time

    # -- what is looked at and changed ------------------------------------------------

    def journal(self, product):
        return self.journals.get(product) or Journal(product)

    def append(self, journal, kind, request, service, cause, data):
        self.journals[journal.product] = journal
        return journal.append(kind, request, journal.product, service, cause, self.now, data)

    def outcome(self, journal, request, quantity):
        """The sale or the refusal that is recorded, or None. Raises Dead when the UUID
        means something else on this product, or its sale was taken back."""
        event = journal.find(request, "stock.sold") or journal.find(request, "purchase.refused")
        if event is None:
            if any(journal.find(request, kind) for kind in ACTIONS.values()):
                raise Dead("a UUID of evstock")
        elif event.quantity != quantity:
            raise Dead("another quantity")
        elif event.kind == "stock.sold" and journal.find(request, "stock.returned"):
            raise Dead("the sale was taken back")
        return event

    def winner(self, request, product):
        """Whether the UUID may mean this product: no order or result of another is there."""
        order = self.orders.find(request, "order.created")
        if order:
            return order.product == product
        result = self.results.get(request)
        return result is None or parse(result)["product"] == product

    # -- the commands -----------------------------------------------------------------

    def evbuy(self, line):
        """A line of a batch: the request's message."""
        try:
            wish = parse(line)
            product, quantity, request = wish["product"], wish["quantity"], wish["request"]
        except (ValueError, KeyError, TypeError) as error:
            raise Dead from error
        check_form(product, quantity, request)
        self.uses.setdefault(request, set()).add((product, quantity))
        return message("purchase.requested", request, product, self.now, "evbuy", None,
                       {"quantity": quantity})

    def evstock(self, line, expect=None):
        """A line of a batch: the event's line. Dead: refused or bad."""
        try:
            change = parse(line)
            kind, product = ACTIONS[change["action"]], change["product"]
            quantity, request = change["quantity"], change["request"]
        except (ValueError, KeyError, TypeError) as error:
            raise Dead from error
        check_form(product, quantity, request)
        journal, state = self.journal(product), self.journal(product).state
        self.uses.setdefault(request, set()).add((product, 0))
        if journal.find(request, "stock.sold") or journal.find(request, "purchase.refused"):
            raise Dead("a UUID of a purchase")
        there = journal.find(request, kind)
        if there:
            if there.quantity != quantity:
                raise Dead("another quantity")
            return there.line
        if expect not in (None, state.sequence):
            raise Dead("not at this sequence")
        if kind == "stock.removed":
            if quantity > state.available:
                raise Dead("more than is there")
        elif state.added + state.returned + quantity > LIMIT:
            raise Dead("too many")
        return self.append(journal, kind, request, "evstock", None, {"quantity": quantity}).line

    def handle(self, service, line):
        """What a service writes for one line of its input."""
        try:
            heard = parse(line)
            kind = heard["type"]
        except (ValueError, KeyError, TypeError) as error:
            raise Dead from error
        if kind != READS[service]:
            return Answer(line)
        return getattr(self, service)(heard["correlationid"], heard["subject"],
                                      heard["data"]["quantity"], heard)

    def say(self, service, kind, request, product, data, time=None):
        return message(kind, request, product, time or self.now, service, READS[service], data)

    def refused(self, service, event, kind, names):
        """A recorded refusal as a message."""
        data = {name: event.data[name] for name in names}
        return self.say(service, kind, event.request, event.product, data, event.time)

    def evtask(self, request, product, quantity, _):
        return Answer(self.say("evtask", "stockcheck.requested", request, product,
                               {"quantity": quantity}))

    def evcheck(self, request, product, quantity, _):
        return self.decide("evcheck", request, product, quantity)

    def evorder(self, request, product, quantity, _):
        return self.decide("evorder", request, product, quantity)

    def decide(self, service, request, product, quantity):
        """evcheck and evorder differ only in what they do when there is enough."""
        journal = self.journal(product)
        event = self.outcome(journal, request, quantity)
        if event and event.kind == "purchase.refused":
            return Answer(self.refused(service, event, "stock.unavailable", event.data))
        if event is None:
            no = refusal(journal.state, quantity)
            if no:
                return Answer(self.say(service, "stock.unavailable", request, product, {
                    "quantity": quantity, "available": journal.state.available,
                    "sequence": journal.state.sequence, "code": no[0], "reason": no[1]}))
        if service == "evcheck":
            return Answer(self.say(service, "stock.available", request, product, {
                "quantity": quantity, "available": journal.state.available,
                "sequence": journal.state.sequence}))
        if event is None:
            event = self.append(journal, "stock.sold", request, service, READS[service],
                                {"quantity": quantity})
        return Answer(self.requested(service, event))

    def requested(self, service, sale):
        return self.say(service, "order.requested", sale.request, sale.product,
                        {"quantity": sale.quantity, "sequence": sale.sequence}, sale.time)

    def evfail(self, request, product, quantity, heard):
        journal = self.journal(product)
        event = self.outcome(journal, request, quantity)
        if event and event.kind == "stock.sold":
            return Answer(self.requested("evfail", event))
        if (event is None or not self.two_may_claim(request)) \
                and not self.winner(request, product):
            raise Dead("the UUID means another product")
        if event is None:
            event = self.append(journal, "purchase.refused", request, "evfail", READS["evfail"],
                                {name: heard["data"][name] for name in
                                 ("quantity", "available", "sequence", "code", "reason")})
        self.results.setdefault(request, failed_result(event))
        return Answer(self.refused("evfail", event, "order.failed", ("quantity", "code", "reason")),
                      not self.two_may_claim(request))

    def evcreate(self, request, product, quantity, heard):
        """A sale that is not in the journal is believed."""
        journal = self.journal(product)
        sale = self.outcome(journal, request, quantity) or Event(
            0, "stock.sold", request, product, heard["time"], heard["data"], b"")
        if sale.kind != "stock.sold":
            raise Dead("it was refused")
        if not self.winner(request, product):
            if sale.sequence:
                self.append(journal, "stock.returned", request, "evcreate", READS["evcreate"],
                            {"quantity": quantity})
            raise Dead("the UUID means another product")
        data = {"quantity": quantity, "order": order_uuid(request)}
        order = self.orders.find(request, "order.created") or self.orders.append(
            "order.created", request, product, "evcreate", READS["evcreate"], self.now, data)
        self.results.setdefault(request, created_result(sale))
        return Answer(self.say("evcreate", "order.created", request, product, data, order.time))

    # -- for who drives the commands --------------------------------------------------

    def contested(self, request):
        """Used for more than one purchase, or by evstock."""
        return len(self.uses.get(request, ())) > 1 \
            or any(not quantity for _, quantity in self.uses.get(request, ()))

    def refusals(self, request):
        return [journal.find(request, "purchase.refused") for journal in self.journals.values()
                if journal.find(request, "purchase.refused")]

    def two_may_claim(self, request):
        """Whether a result that was deleted may be made again from two products' refusals."""
        return request in self.forgotten and len(self.refusals(request)) > 1 \
            and not self.orders.find(request, "order.created")

    def forget_result(self, request):
        """The result is deleted. It is made again from whatever it rests on."""
        del self.results[request]
        self.forgotten.add(request)

    def states(self):
        """What evreplay prints."""
        return [self.journals[product].state.line(product)
                for product in sorted(self.journals, key=str.encode)]


def check_form(product, quantity, request):
    """Raises Dead unless all three are in form."""
    if not isinstance(product, str) or not 1 <= len(product.encode()) <= 80 \
            or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in product) \
            or not isinstance(quantity, int) or isinstance(quantity, bool) \
            or not 1 <= quantity <= LIMIT \
            or not isinstance(request, str) or not UUID_FORM.match(request):
        raise Dead("out of form")
