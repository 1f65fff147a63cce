"""cancel() after the wake-up but before the task resumed: the cancellation wins, and nothing is lost."""
import asyncio
from virtual import p

async def w(event):
    try:
        await event.wait()
        p("got it")
    except asyncio.CancelledError:
        p("CancelledError, event set", event.is_set())
        raise

async def getter(name, q):
    try:
        p(name, "got", await q.get())
    except asyncio.CancelledError:
        p(name, "CancelledError, items left", q.qsize())
        raise

async def main():
    event = asyncio.Event()
    t = asyncio.create_task(w(event))
    await asyncio.sleep(0)
    event.set()
    p("cancel after set ->", t.cancel())
    await asyncio.wait([t])
    p("cancelled", t.cancelled())
    q = asyncio.Queue(2)
    a = asyncio.create_task(getter("a", q))
    b = asyncio.create_task(getter("b", q))
    await asyncio.sleep(0)
    q.put_nowait(1)
    p("cancel after put ->", a.cancel())
    await asyncio.wait([a, b])
    p("cancelled", a.cancelled(), b.cancelled(), "items left", q.qsize())
    c = asyncio.create_task(getter("c", q))
    await asyncio.sleep(0)
    q.put_nowait(2)
    p("cancel with nobody else waiting ->", c.cancel())
    await asyncio.wait([c])
    p("cancelled", c.cancelled(), "items left", q.qsize(), q.get_nowait())

asyncio.run(main())
