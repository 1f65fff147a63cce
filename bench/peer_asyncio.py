#!/usr/bin/env python3
"""Peers `asyncio` and `uvloop`: peer_asyncio.py asyncio|uvloop TEST N [PARAM]."""

import asyncio
import gc
import os
import random
import sys
import threading
import time

peer = sys.argv[1] if len(sys.argv) > 1 else ""
started_at = 0


def start():
    global started_at
    started_at = time.process_time_ns()


def elapsed():
    return time.process_time_ns() - started_at


def row(test, param, ns):
    print(f"{peer}\t{test}\t{param}\t{ns:.2f}", flush=True)


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


async def test_yield(n, tasks):
    """`tasks` tasks that do nothing but go to the back of the ready queue."""

    async def yielder():
        for _ in range(n // tasks):
            await asyncio.sleep(0)

    every = [asyncio.create_task(yielder()) for _ in range(tasks)]
    start()
    await asyncio.gather(*every)
    row("yield", tasks, elapsed() / n)


async def nest(n, depth):
    if depth > 1:
        return await nest(n, depth - 1)
    for _ in range(n):
        await asyncio.sleep(0)
    return 1


async def test_nest(n, depth):
    """A yield at the bottom of `depth` coroutines, each awaiting the next."""
    start()
    await asyncio.create_task(nest(n, depth))
    row("nest", depth, elapsed() / n)


async def add_one(x):
    return x + 1


async def test_call(n, param):
    """Await of a child that finishes at once."""
    total = 0
    start()
    for _ in range(n):
        total = await add_one(total)
    row("call", param, elapsed() / n)
    assert total == n


async def test_spawn(n, size):
    """Start `size` tasks, wait until all have ended, again."""

    async def short_lived():
        pass

    start()
    for _ in range(0, n, size):
        if size == 1:
            await asyncio.create_task(short_lived())
        else:
            await asyncio.gather(*[asyncio.create_task(short_lived()) for _ in range(size)])
    row("spawn", size, elapsed() / n)


async def test_live(n, param):
    """n tasks that are suspended at the same time."""
    gate = asyncio.Event()

    async def live():
        await gate.wait()

    gc.disable()
    before = resident_bytes()
    start()
    tasks = [asyncio.create_task(live()) for _ in range(n)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    row("live_bytes", n, (resident_bytes() - before) / n)
    gate.set()
    for _ in range(3):
        await asyncio.sleep(0)
    row("live_ns", n, elapsed() / n)
    assert all(task.done() for task in tasks)


async def test_queue(n, capacity):
    """Numbers go from one task to another through a queue that holds `capacity` of them."""
    numbers = asyncio.Queue(capacity)
    total = 0

    async def producer():
        for number in range(1, n + 1):
            await numbers.put(number)

    async def consumer():
        nonlocal total
        for _ in range(n):
            total += await numbers.get()

    start()
    await asyncio.gather(producer(), consumer())
    row("queue", capacity, elapsed() / n)
    assert total == n * (n + 1) // 2


async def test_event(n, param):
    """Two tasks wake each other in turn."""
    first = asyncio.Event()
    second = asyncio.Event()
    rounds = answers = n // 2

    async def leader():
        for _ in range(rounds):
            second.set()
            await first.wait()
            first.clear()
        assert answers == 1  # which is under way

    async def follower():
        nonlocal answers
        for answers in range(rounds, 0, -1):
            await second.wait()
            second.clear()
            first.set()

    start()
    await asyncio.gather(leader(), follower())
    row("event", param, elapsed() / n)


async def test_mutex(n, tasks):
    """`tasks` tasks take a lock in turn, and let the others run while they hold it."""
    lock = asyncio.Lock()
    guarded = 0

    async def locker():
        nonlocal guarded
        for _ in range(n // tasks):
            async with lock:
                seen = guarded
                await asyncio.sleep(0)
                guarded = seen + 1

    start()
    await asyncio.gather(*[locker() for _ in range(tasks)])
    row("mutex", tasks, elapsed() / n)
    assert guarded == n // tasks * tasks  # nobody came in between


async def test_gather(n, size):
    """Start `size` children that yield once, wait for all, add up their results; again."""

    async def numbered(number):
        await asyncio.sleep(0)
        return number + 1

    total = 0
    start()
    for first in range(0, n * size, size):
        results = await asyncio.gather(*[numbered(first + i) for i in range(size)])
        total += sum(results)
    row("gather", size, elapsed() / n)
    assert total == n * size * (n * size + 1) // 2


async def test_group(n, size):
    """Start `size` children, wait for all; again."""
    if not hasattr(asyncio, "TaskGroup"):
        sys.exit(2)  # before Python 3.11
    ended = 0

    async def child_of_group():
        nonlocal ended
        ended += 1

    start()
    for _ in range(0, n, size):
        async with asyncio.TaskGroup() as group:
            for _ in range(size):
                group.create_task(child_of_group())
    row("group", size, elapsed() / n)
    assert ended == n


async def test_timer(n, param):
    """n timers at random in 10 seconds: arm all; cancel all. Then all within 0.1 seconds; wait
    until the last is due, and let the loop fire them."""
    loop = asyncio.get_running_loop()
    due = [random.random() * 10 for _ in range(n)]

    def nothing():
        pass

    gc.disable()
    began = time.monotonic()
    start()
    handles = [loop.call_later(3600 + seconds, nothing) for seconds in due]
    row("timer_arm", n, elapsed() / n)
    arming = time.monotonic() - began

    start()
    for handle in handles:
        handle.cancel()
    await asyncio.sleep(0)
    row("timer_cancel", n, elapsed() / n)

    del handles
    left = n
    all_fired = loop.create_future()

    def count():
        nonlocal left
        left -= 1
        if left == 0:
            all_fired.set_result(None)

    # Later than arming takes: what is overdue when it is armed would be no timer any more.
    base = loop.time() + 3 * arming + 0.5
    for seconds in due:
        loop.call_at(base + seconds / 100, count)
    assert loop.time() < base
    while loop.time() < base + 0.2:
        pass  # busily: see bench.h
    start()
    await all_fired
    row("timer_fire", n, elapsed() / n)


async def test_timeout(n, others):
    """Two tasks wake each other in turn; each wait is guarded by a timeout of 30 seconds."""
    loop = asyncio.get_running_loop()
    handles = [loop.call_later(20 + i % 10000 / 1000, print) for i in range(others)]
    first = asyncio.Event()
    second = asyncio.Event()

    if hasattr(asyncio, "timeout"):

        async def guarded_wait(event):
            async with asyncio.timeout(30):
                await event.wait()

    else:  # before Python 3.11

        async def guarded_wait(event):
            await asyncio.wait_for(event.wait(), 30)

    async def leader():
        for _ in range(n // 2):
            second.set()
            await guarded_wait(first)
            first.clear()

    async def follower():
        for _ in range(n // 2):
            await guarded_wait(second)
            second.clear()
            first.set()

    start()
    await asyncio.gather(leader(), follower())
    row("timeout", others, elapsed() / n)
    for handle in handles:
        handle.cancel()


async def test_callsoon(n, callbacks):
    """`callbacks` functions, each puts itself into the ready queue again."""
    loop = asyncio.get_running_loop()
    left = n
    all_done = loop.create_future()

    def callback():
        nonlocal left
        left -= 1
        if left > 0:
            loop.call_soon(callback)
        elif left == 0:
            all_done.set_result(None)

    start()
    for _ in range(callbacks):
        loop.call_soon(callback)
    await all_done
    row("callsoon", callbacks, elapsed() / n)


def stay_on(processor):
    """Where there is no such processor the thread stays where it is."""
    try:
        os.sched_setaffinity(0, {processor})
    except OSError:
        pass


async def test_post(n, param):
    """Another thread posts callbacks."""
    loop = asyncio.get_running_loop()
    all_done = loop.create_future()
    arrived = 0

    def arrive():
        nonlocal arrived
        arrived += 1
        if arrived == n:
            all_done.set_result(None)

    def post_all():
        stay_on(1)
        for _ in range(n):
            loop.call_soon_threadsafe(arrive)

    thread = threading.Thread(target=post_all)
    stay_on(0)
    begin = time.monotonic_ns()
    thread.start()
    await all_done
    row("post", param, (time.monotonic_ns() - begin) / n)
    thread.join()


def main():
    if len(sys.argv) < 4 or peer not in ("asyncio", "uvloop"):
        sys.exit(__doc__)
    test = globals().get("test_" + sys.argv[2])
    if test is None:
        sys.exit(2)
    if peer == "uvloop":
        import uvloop

        loop = uvloop.new_event_loop()
    else:
        loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(test(int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 1))


main()
