#!/usr/bin/env python3
"""audit.py STORE [REQUESTS]: is a store at rest as the promises say?

Reads every journal, the orders and the results, and checks form, sums, one
outcome a request, nothing oversold, an order for each sale that was not taken
back, and results that agree with the events they rest on. With REQUESTS (lines
with a member "request") each of them has a result, and nobody else has. Prints
what it counted; on the first thing that is wrong it says so and exits 1.
"""
import sys

import store as ev


def outcomes(journals):
    """request -> its sale that stands, or else its refusals."""
    sales, refusals = {}, {}
    for journal in journals.values():
        ev.check_refusals(journal)
        for event in journal.events:
            if event.kind == "stock.sold":
                if journal.find(event.request, "purchase.refused"):
                    raise ev.Wrong(f"{event.request}: sold and refused in {journal.product!r}")
                if journal.find(event.request, "stock.returned"):
                    continue
                if event.request in sales:
                    raise ev.Wrong(f"{event.request}: sold twice")
                sales[event.request] = event
            elif event.kind == "purchase.refused":
                refusals.setdefault(event.request, []).append(event)
    return sales, refusals


def check_orders(orders, sales):
    for order in orders.events:
        sale = sales.get(order.request)
        if sale is None or (sale.product, sale.quantity) != (order.product, order.quantity) \
                or order.data != {"quantity": sale.quantity,
                                  "order": ev.order_uuid(order.request)}:
            raise ev.Wrong(f"{order.line!r}: no sale like this")
    missing = sales.keys() - {order.request for order in orders.events}
    if missing:
        raise ev.Wrong(f"{len(missing)} sales without an order, {min(missing)} among them")


def check_results(results, sales, refusals):
    for request, found in results.items():
        good = [ev.created_result(sales[request])] if request in sales \
            else [ev.failed_result(event) for event in refusals.get(request, [])]
        if found not in good:
            raise ev.Wrong(f"results/{request}.json: {found!r}, not one of {good!r}")
    missing = (sales.keys() | refusals.keys()) - results.keys()
    if missing:
        raise ev.Wrong(f"{len(missing)} outcomes without a result, {min(missing)} among them")


def audit(journals, orders, results, requests=None):
    sales, refusals = outcomes(journals)
    check_orders(orders, sales)
    check_results(results, sales, refusals)
    if requests is not None and requests != results.keys():
        raise ev.Wrong(f"{len(requests ^ results.keys())} requests have no result, "
                       "or results no request")
    return (f"{len(journals)} journals, {len(orders.events)} orders, {len(results)} results, "
            f"{sum(journal.state.sold for journal in journals.values())} pieces sold")


def main(arguments):
    requests = None
    if len(arguments) > 1:
        with open(arguments[1], "rb") as lines:
            requests = {ev.parse(line)["request"] for line in lines}
    try:
        store = arguments[0]
        print(audit(ev.read_journals(store), ev.read_orders(store), ev.read_results(store),
                    requests))
    except ev.Wrong as wrong:
        sys.exit(f"audit: {wrong}")


if __name__ == "__main__":
    main(sys.argv[1:])
