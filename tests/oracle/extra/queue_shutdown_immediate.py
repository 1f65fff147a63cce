"""shutdown(immediate=True): what is left is dropped and counts as done; join waits for what is in flight (3.13)."""
import asyncio
from virtual import p

async def op(n, coro):
    try:
        p(n, "->", await coro)
    except asyncio.QueueShutDown:
        p(n, "-> QueueShutDown")

async def main():
    q = asyncio.Queue(3)
    for i in range(3):
        q.put_nowait(i)
    p("in flight", await q.get())
    q.put_nowait(3)
    tasks = [asyncio.create_task(op("blocked put", q.put(4))), asyncio.create_task(op("join", q.join()))]
    await asyncio.sleep(0)
    q.shutdown(immediate=True)
    p("size", q.qsize())
    await asyncio.sleep(0)
    await op("get", q.get())
    await op("put", q.put(5))
    try:
        q.put_nowait(6)
    except asyncio.QueueShutDown:
        p("put_nowait -> QueueShutDown")
    p("join pending", not tasks[1].done())
    q.task_done()
    for t in tasks:
        await t
    try:
        q.task_done()
    except ValueError:
        p("ValueError")

    q = asyncio.Queue()
    getters = [asyncio.create_task(op(n, q.get())) for n in ("a", "b")]
    await asyncio.sleep(0)
    q.put_nowait("lost")
    joiner = asyncio.create_task(op("join", q.join()))
    await asyncio.sleep(0)
    q.put_nowait("lost")
    q.put_nowait("lost")
    q.shutdown()
    p("size", q.qsize())
    q.shutdown(immediate=True)
    p("size", q.qsize())
    for t in getters:
        await t
    p("join pending", not joiner.done())
    q.task_done()
    await joiner

    q = asyncio.Queue(1)
    q.put_nowait("in flight")
    p("got", q.get_nowait())
    getters = [asyncio.create_task(op(n, q.get())) for n in ("woken get", "get")]
    joiner = asyncio.create_task(op("join", q.join()))
    await asyncio.sleep(0)
    q.put_nowait("dropped")
    putter = asyncio.create_task(op("put", q.put("never")))
    q.task_done()
    q.shutdown(immediate=True)
    for t in getters:
        await t
    await joiner
    await putter

    for make in (asyncio.LifoQueue, asyncio.PriorityQueue):
        q = make(3)
        for i in (2, 3, 1):
            q.put_nowait(i)
        p("got", q.get_nowait())
        q.task_done()
        q.shutdown()
        await op("drained", q.get())
        q.shutdown(immediate=True)
        await op("dropped", q.get())
        q.task_done()
        await op("join", q.join())

asyncio.run(main())
