"""A putter cancelled while it waits stores nothing; one cancelled after its wake-up leaves the place to the next."""
import asyncio
from virtual import p

async def putter(n, q):
    try:
        await q.put(n)
        p(n, "stored; size", q.qsize())
    except asyncio.CancelledError:
        p(n, "cancelled; size", q.qsize())
        raise

def start(q, names):
    return [asyncio.create_task(putter(n, q)) for n in names]

async def main():
    q = asyncio.Queue(1)
    q.put_nowait("first")
    a, b, c = start(q, "abc")
    await asyncio.sleep(0)
    b.cancel()
    await asyncio.wait([b])
    p("got", q.get_nowait())
    a.cancel()
    await asyncio.wait([a])
    await asyncio.wait([c])
    p("got", q.get_nowait(), "size", q.qsize())
    q.put_nowait("x")
    (d,) = start(q, "d")
    await asyncio.sleep(0)
    p("got", q.get_nowait())
    d.cancel()
    await asyncio.wait([d])
    p("nobody left; full", q.full(), "size", q.qsize())
    q.put_nowait("y")
    e, f = start(q, "ef")
    await asyncio.sleep(0)
    p("got", q.get_nowait())
    q.put_nowait("faster")
    e.cancel()
    await asyncio.wait([e])
    await asyncio.sleep(0)
    p("f still waiting", not f.done(), "size", q.qsize())
    p("got", await q.get())
    await f
    p("got", q.get_nowait(), "empty", q.empty())
    q.put_nowait("z")
    (g,) = start(q, "g")
    g.cancel()
    await asyncio.wait([g])
    p("never began; got", q.get_nowait(), "size", q.qsize())

asyncio.run(main())
