"""What cancel(msg) says reaches who is cancelled wherever it waits, is kept while it cleans up, and reaches its awaiter."""
import asyncio
from virtual import p


class Things:
    def __init__(self):
        self.cond, self.barrier, self.q, self.lock = asyncio.Condition(), asyncio.Barrier(2), asyncio.Queue(), asyncio.Lock()


async def condition(things):
    async with things.cond:
        await things.cond.wait()

async def barrier(things):
    await things.barrier.wait()

async def queue(things):
    await things.q.get()

async def lock(things):
    await things.lock.acquire()

async def cleanup(things):
    try:
        await asyncio.sleep(10)
    finally:
        await asyncio.sleep(0.01)

async def group(things):
    async with asyncio.TaskGroup() as g:
        g.create_task(cleanup(things))
        await asyncio.sleep(10)

async def gather(things):
    await asyncio.gather(cleanup(things), cleanup(things))

async def itself(things):
    asyncio.current_task().cancel("itself")
    await things.q.get()

async def told(what, coro):
    try:
        await coro
    except asyncio.CancelledError as e:
        p(what, "is told", *e.args)
        raise

async def start(way, things):
    t = asyncio.create_task(told(way.__name__, way(things)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return t

async def see(t):
    try:
        await t
    except asyncio.CancelledError as e:
        p("its awaiter is told", *e.args)

async def main():
    things = Things()
    for way in cleanup, group, gather, barrier:
        t = await start(way, things)
        t.cancel(way.__name__)
        await see(t)

    await see(await start(itself, things))

    for twice in False, True:
        t = await start(condition, things)
        await things.cond.acquire()
        t.cancel("first")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if twice:
            t.cancel("second")
            await asyncio.sleep(0)
        things.cond.release()
        await see(t)

    t = await start(queue, things)
    things.q.put_nowait(1)
    t.cancel("queue")
    await see(t)
    p("size", things.q.qsize())

    await things.lock.acquire()
    t = await start(lock, things)
    things.lock.release()
    t.cancel("lock")
    await see(t)
    p("locked", things.lock.locked())

    t = asyncio.create_task(cleanup(things))
    t.cancel("unstarted")
    await see(t)

    t = await start(cleanup, things)
    t.cancel("cleanup")
    await asyncio.sleep(0)
    t.cancel()
    await see(t)

asyncio.run(main())
