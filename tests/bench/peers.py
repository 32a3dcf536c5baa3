"""Peers that do the work of the whole flow, each in its own way, and are checked alike."""
import os
import subprocess
import time

import measure
from measure import Failed


def build(target, sources, packages):
    """Compile a peer; why it cannot be, or None."""
    flags = []
    for package in packages:
        done = subprocess.run(["pkg-config", "--cflags", "--libs", package], capture_output=True,
                              text=True, check=False)
        if done.returncode:
            return f"the library {package} is not there"
        flags += done.stdout.split()
    here = [os.path.join(measure.HERE, source) for source in sources]
    done = subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-O2",
                           "-I" + os.path.join(measure.HERE, "peer"), "-o", target, *here,
                           *flags, "-lpthread"], capture_output=True, check=False)
    return f"{sources[0]} cannot be built" if done.returncode else None


def check(peer, workload, created, left, in_order=True):
    """The answer is right: every request has one outcome, what was sold is what is gone, and
    who was refused could not have been served. In order, each outcome is the one it has to be.

    `created` says for each UUID whether it was sold, `left` what there is of each product."""
    if created.keys() != workload.created.keys():
        raise Failed(f"{peer}: not one result for each request")
    if in_order and created != workload.created:
        raise Failed(f"{peer}: wrong results")
    sold = dict.fromkeys(workload.stock, 0)
    for request, product, quantity in workload.requests:
        if created[request]:
            sold[product] += quantity
        elif left[product] >= quantity:
            raise Failed(f"{peer}: {request} was refused what was there")
    for product, quantity in workload.stock.items():
        if left[product] < 0 or sold[product] + left[product] != quantity:
            raise Failed(f"{peer}: {product}: {sold[product]} sold, {left[product]} left of "
                         f"{quantity}")


def await_server(running, ready, what):
    """Until ready() is true; none of what is running may end before."""
    end = time.monotonic() + 30
    while not ready():
        running.check()
        if time.monotonic() > end:
            raise Failed(f"{what} cannot be reached")
        time.sleep(0.02)
