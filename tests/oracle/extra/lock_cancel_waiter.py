"""Who is cancelled while it waits for a lock leaves it to the next, also when it was chosen already."""
import asyncio
from virtual import p

async def w(n, lock):
    try:
        await lock.acquire()
    except asyncio.CancelledError:
        p(n, "cancelled; locked", lock.locked())
        raise
    p(n, "has it")
    await asyncio.sleep(0)
    p(n, "releases")
    lock.release()

async def start(lock, names):
    tasks = [asyncio.create_task(w(n, lock)) for n in names]
    await asyncio.sleep(0)
    return tasks

async def end(*tasks):
    for t in tasks:
        try:
            await t
        except asyncio.CancelledError:
            pass

async def main():
    loop = asyncio.get_running_loop()
    lock = asyncio.Lock()
    loop.call_soon(p, "the loop had a turn")
    p("acquire returns", await lock.acquire())
    await asyncio.sleep(0)

    a, b, c = await start(lock, "abc")
    b.cancel()
    await end(b)
    p("queued: cancelled", b.cancelled())
    lock.release()
    await end(a, c)

    await lock.acquire()
    d, e = await start(lock, "de")
    lock.release()
    d.cancel()
    p("locked", lock.locked())
    await end(d, e)
    p("chosen: cancelled", d.cancelled(), e.cancelled(), "locked", lock.locked())

    await lock.acquire()
    f, g = await start(lock, "fg")
    lock.release()
    f.cancel()
    g.cancel()
    await end(f, g)
    p("both: cancelled", f.cancelled(), g.cancelled(), "locked", lock.locked())

    await lock.acquire()
    h, i = await start(lock, "hi")
    h.cancel()
    i.cancel()
    lock.release()
    loop.call_soon(p, "the loop had a turn")
    await lock.acquire()
    p("taken at once; h done", h.done())
    await end(h, i)
    lock.release()
    p("locked", lock.locked())

asyncio.run(main())
