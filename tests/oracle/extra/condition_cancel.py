"""Who is cancelled in wait() holds the lock again before it leaves, and hands its notification on."""
import asyncio
from virtual import p

async def w(n, cond):
    async with cond:
        p(n, "waits")
        try:
            await cond.wait()
        except asyncio.CancelledError:
            p(n, "cancelled; locked", cond.locked())
            raise
        p(n, "notified; locked", cond.locked())

async def start(cond, names):
    tasks = [asyncio.create_task(w(n, cond)) for n in names]
    await asyncio.sleep(0)
    return tasks

async def end(*tasks):
    for t in tasks:
        try:
            await t
        except asyncio.CancelledError:
            pass

async def main():
    cond = asyncio.Condition()
    a, = await start(cond, "a")
    await cond.acquire()
    a.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    p("held by main: a done", a.done())
    cond.release()
    await end(a)
    p("a cancelled", a.cancelled(), "locked", cond.locked())

    b, c = await start(cond, "bc")
    async with cond:
        cond.notify(1)
        b.cancel()
    await end(b, c)
    p("notified: cancelled", b.cancelled(), c.cancelled())

    d, e = await start(cond, "de")
    await cond.acquire()
    cond.notify(1)
    await asyncio.sleep(0)
    for i in range(2):
        d.cancel()
        await asyncio.sleep(0)
        p("wants the lock: d done", d.done())
    cond.release()
    await end(d, e)
    p("wanting: cancelled", d.cancelled(), e.cancelled(), "locked", cond.locked())

    f, g = await start(cond, "fg")
    await cond.acquire()
    f.cancel()
    await asyncio.sleep(0)
    cond.release()
    f.cancel()
    await end(f, g)
    p("given the lock: cancelled", f.cancelled(), g.cancelled(), "locked", cond.locked())

asyncio.run(main())
