"""The served flow beside the same flow on Redis Streams that sync always; looking at a topic.

EV_BENCH_SCALE, 1 by default, makes everything smaller: 0.01 is for a quick look."""
import json
import os
import shutil
import subprocess
import time

import measure
import redis_side
from measure import Failed, median, row, seconds
from redis_side import Redis
from served_side import Served
from workload import Workload, line, name

SCALE = float(os.environ.get("EV_BENCH_SCALE", "1"))
ROUNDS = 3

REQUESTS = max(80, int(2000 * SCALE))           # one at a time
BLOCKS = 8                                      # in which they alternate
WARM_UP = 10                                    # of a block, not counted
CATALOG = 100                                   # products
ONE_SHOT = 3000                                 # microseconds

BACKLOG = max(1000, int(100_000 * SCALE))
PRODUCTS = (1, 100, 10_000)

TOPIC_BYTES = max(2**20, int(1e9 * SCALE))
FILES = 20_000
BLOCK = 10_000                                  # messages of one second
LOOKS = 11
LOOK = 50                                       # milliseconds


def bench(work):
    work = os.path.join(work, "topics")
    os.mkdir(work)
    missing = redis_side.build(work)
    bare_loop(work)
    latency(work, missing)
    for products in PRODUCTS:
        backlog(work, products, missing)
    lag(work)


def bare_loop(work):
    """What making a file costs here and now: ext4 is several times slower at it for minutes
    after files were deleted, and then results in files say little."""
    folder = os.path.join(work, "bare-loop")
    wall, _ = measure.pipe([[measure.tool("create_files"), folder, str(FILES)]])
    row(f"a bare loop that makes {FILES:,} files", micro(wall / FILES * 1e6) + " each",
        "more than 60 us: files were deleted in the last minutes; wait, and run again"
        if wall / FILES > 60e-6 else "")


# -- one request at a time ---------------------------------------------------------------


def latency(work, missing):
    print(f"topics, latency: {REQUESTS:,} requests one at a time, five services running; "
          f"{BLOCKS} alternating blocks")
    served = Served(os.path.join(work, "latency"))
    redis = None
    with open(stock := os.path.join(work, "catalog.ndjson"), "w", encoding="ascii") as file:
        for number in range(CATALOG):
            print(line(action="add", product=name(number), quantity=10**6), file=file)
    measure.pipe([["evstock"]], stock, EV_STORE=served.store)
    try:
        served.start()
        if not missing:
            redis = Redis(os.path.join(work, "latency-redis"), work)
            redis.add_stock({name(number): 10**6 for number in range(CATALOG)})
            redis.start()
        times = ask_in_turn(work, served, redis)
    finally:
        _, usages = served.stop()
        if redis:
            redis.stop()
    report_latency(times, missing)
    asked = BLOCKS * 2 * (WARM_UP + REQUESTS // BLOCKS)
    if served.count() != asked or f" {asked} orders: 0 damaged" not in \
            served.ask("evreplay", "--verify"):
        raise Failed("latency: not every request has become an order and a result")
    where(usages)


def ask_in_turn(work, served, redis):
    """Microseconds of each request, by the way it was made."""
    times = {"client": [], "Redis": [], "one-shot": [], "true": []}
    count = str(WARM_UP + REQUESTS // BLOCKS)
    one_shot = ["evbuy", "-s", "-w", "5", "-d", served.store]
    measure.settle()
    for _ in range(BLOCKS):
        times["client"] += client([measure.tool("topic_client"), served.store, str(CATALOG),
                                   count])
        if redis:
            times["Redis"] += client([os.path.join(work, "client"), redis.socket, str(CATALOG),
                                      count])
        times["one-shot"] += [spawn([*one_shot, name(number % CATALOG), "1"], b'"created"')
                              for number in range(int(count))][WARM_UP:]
        times["true"] += [spawn(["true"], b"") for _ in range(WARM_UP)]
    return times


def client(command):
    """A connected client tells itself how long each request took."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}")
    return [float(took) for took in done.stdout.split()][WARM_UP:]


def spawn(command, wanted):
    """Microseconds from the start of a process to its end."""
    path = shutil.which(command[0])
    reader, writer = os.pipe()
    start = time.perf_counter()
    pid = os.posix_spawn(path, command, {}, file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)])
    _, status, _ = os.wait4(pid, 0)
    took = time.perf_counter() - start
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        printed = file.read()
    if status or wanted not in printed:
        raise Failed(f"{' '.join(command)}: wait status {status}, {printed!r}")
    return took * 1e6


def report_latency(times, missing):
    ends = {way: (median(took), percentile(took, 99)) for way, took in times.items() if took}
    if missing:
        row("Redis Streams, connected client", "skipped", missing)
    else:
        row("Redis Streams, connected client, median", micro(ends["Redis"][0]))
        row("  99th percentile", micro(ends["Redis"][1]))
    for number, text in enumerate(("connected client, median", "  99th percentile")):
        ours = ends["client"][number]
        if missing:
            row(text, micro(ours))
        else:
            theirs = ends["Redis"][number]
            row(text, micro(ours), f"Redis : ours {theirs / ours:.2f}", "< Redis", ours < theirs)
    row("one-shot evbuy -s -w, median", micro(ends["one-shot"][0]),
        f"starting true alone: {micro(ends['true'][0])}", f"<= {micro(ONE_SHOT)}",
        ends["one-shot"][0] <= ONE_SHOT)
    row("  99th percentile", micro(ends["one-shot"][1]))


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def micro(value):
    return f"{value:,.0f} us"


# -- a backlog ---------------------------------------------------------------------------


def backlog(work, products, missing):
    workload = Workload(work, products, BACKLOG)
    print(f"topics, backlog: {BACKLOG:,} requests over {products:,} products, {workload.refusals:,}"
          f" of them to be refused; medians of {ROUNDS} alternating runs")
    walls = {"Redis": [], "files": [], "packed": []}
    usages = {}
    for number in range(ROUNDS):
        folder = os.path.join(work, f"backlog-{products}-{number}-")
        if not missing:
            wall, usages["Redis"] = drain_redis(folder + "redis", work, workload)
            walls["Redis"].append(wall)
        for way in ("files", "packed"):
            wall, stopped, usages[way] = drain(Served(folder + way, way == "packed"), workload)
            walls[way].append((wall, stopped))
    report_backlog(walls, usages, missing)


def drain(served, workload):
    served.fill(workload)
    measure.settle()
    try:
        wall = served.drain(workload)
    finally:
        stopped, usages = served.stop()
    served.verify(workload)
    measure.settle()
    return wall, stopped, usages


def drain_redis(folder, tools, workload):
    redis = Redis(folder, tools)
    try:
        redis.add_stock(workload.stock)
        redis.submit(workload.requests)
        measure.settle()
        wall = redis.drain(BACKLOG)
        redis.verify(workload)
    finally:
        usages = redis.stop()
    measure.settle()
    return wall, usages


def report_backlog(walls, usages, missing):
    if missing:
        row("Redis Streams", "skipped", missing)
    else:
        theirs = median(walls["Redis"])
        row("Redis Streams", rate(theirs), f"{seconds(theirs)}; runs {runs(walls['Redis'])}")
        where(usages["Redis"], theirs)
    for way, target in (("files", 1.0), ("packed", 1.25)):
        wall = median([wall for wall, _ in walls[way]])
        stopped = median([stopped for _, stopped in walls[way]])
        row(f"five services, results in {way}" if way == "files" else "five services, packed",
            rate(wall), f"{seconds(wall)}; runs {runs([wall for wall, _ in walls[way]])}; "
            f"stopped in {stopped * 1000:.0f} ms")
        where(usages[way], wall)
        if not missing:
            row(f"  {way} : Redis", f"{theirs / wall:.2f}", "", f">= {target}",
                theirs / wall >= target)


def rate(wall):
    return f"{BACKLOG / wall:,.0f}/s"


def runs(walls):
    return " ".join(f"{wall:.2f}" for wall in walls)


def where(usages, wall=None):
    """What each process of a run took of the processors, in one line."""
    took = sum(usage.user + usage.system for usage in usages)
    row("  processors", seconds(took), ", ".join(
        f"{usage.name} {usage.user:.2f}+{usage.system:.2f}" for usage in usages)
        + (f" (user+system; {took / wall:.1f} CPUs)" if wall else " (user+system)"))


# -- looking at a large topic ------------------------------------------------------------


def lag(work):
    served = Served(os.path.join(work, "lag"))
    messages, behind = publish(served)
    for way, member, wanted in (("lag", "behind", behind), ("list", "messages", messages)):
        answers = served.ask("evtopic", way, "--json").splitlines()
        if (found := sum(json.loads(answer)[member] for answer in answers)) != wanted:
            raise Failed(f"evtopic {way}: {found} messages, not {wanted}")
    files = [os.path.join(folder, file)
             for folder, _, names in os.walk(served.path("topics", "purchase.requested"))
             for file in names]
    size = sum(map(os.path.getsize, files))
    measure.settle()
    print(f"topics, lag: {size / 1e9:.2f} GB in {len(files)} files, a group in the middle; "
          f"medians of {LOOKS} alternating runs")
    times = {"lag": [], "list": [], "wc": []}
    for _ in range(LOOKS):
        for way in ("lag", "list"):
            times[way].append(measure.pipe([["evtopic", way, "-d", served.store]])[0] * 1e3)
        times["wc"].append(measure.pipe([["wc", "-l", *files]])[0] * 1e3)
    lines = median(times["wc"])
    row("wc -l of its files", f"{lines:.1f} ms")
    for way in ("lag", "list"):
        took = median(times[way])
        row(f"evtopic {way}", f"{took:.1f} ms", f"wc : evtopic {lines / took:.0f}",
            f"< {LOOK} ms", took < LOOK)


def publish(served):
    """Canonical messages, a second later every 10,000; a group that has read the first half.
    How many there are, and how many of them behind it."""
    lines = [f'{{"specversion":"1.0","id":"{number:08x}-0000-4000-8000-000000000000/'
             'purchase.requested","source":"/eventdemo/evbuy","type":"purchase.requested",'
             f'"subject":"{name(number % CATALOG)}","time":"@","correlationid":'
             f'"{number:08x}-0000-4000-8000-000000000000","data":{{"quantity":1}}}}\n'
             for number in range(BLOCK)]
    block = "".join(lines).encode()
    count = max(2, TOPIC_BYTES // len(block.replace(b"@", time_of(0))))
    command = ["evtopic", "publish", "purchase.requested", "-d", served.store]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as publisher:
        for number in range(count):
            publisher.stdin.write(block.replace(b"@", time_of(number)))
    if publisher.returncode:
        raise Failed(f"evtopic publish: exit {publisher.returncode}")
    served.ask("evtopic", "seek", "evtask", "purchase.requested",
               time_of(count // 2).decode())
    return count * BLOCK, (count - count // 2) * BLOCK


def time_of(second):
    return b"2026-01-01T%02d:%02d:%02d.000000Z" % (second // 3600, second // 60 % 60, second % 60)
