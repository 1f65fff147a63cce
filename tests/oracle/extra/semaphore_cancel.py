"""No permit is lost with a waiter that is cancelled, queued or granted, and none is doubled."""
import asyncio
from virtual import p

async def w(n, s):
    try:
        await s.acquire()
    except asyncio.CancelledError:
        p(n, "cancelled; locked", s.locked())
        raise
    p(n, "has one; locked", s.locked())

async def start(s, names):
    tasks = [asyncio.create_task(w(n, s)) for n in names]
    await asyncio.sleep(0)
    return tasks

async def end(*tasks):
    for t in tasks:
        try:
            await t
        except asyncio.CancelledError:
            pass

async def main():
    s = asyncio.Semaphore(1)
    await s.acquire()
    a, b = await start(s, "ab")
    a.cancel()
    await end(a)
    s.release()
    await end(b)
    p("queued: cancelled", a.cancelled(), b.cancelled(), "locked", s.locked())

    c, d, e = await start(s, "cde")
    s.release()
    c.cancel()
    p("locked", s.locked())
    await end(c, d)
    p("granted: cancelled", c.cancelled(), d.cancelled(), "e waits", not e.done())

    f, g = await start(s, "fg")
    s.release()
    s.release()
    e.cancel()
    f.cancel()
    await end(e, f, g)
    p("two granted: cancelled", e.cancelled(), f.cancelled(), g.cancelled())
    n = 0
    while not s.locked():
        await s.acquire()
        n += 1
    p("permits left", n)

asyncio.run(main())
