"""reset() breaks the round that is waiting, abort() the barrier, until a reset."""
import asyncio
from virtual import p

async def w(n, b):
    try:
        p(n, "passes", await b.wait())
    except asyncio.BrokenBarrierError:
        p(n, "BrokenBarrierError")

async def start(b, names):
    tasks = [asyncio.create_task(w(n, b)) for n in names]
    await asyncio.sleep(0)
    return tasks

async def end(*tasks):
    for t in tasks:
        await t

async def main():
    b = asyncio.Barrier(3)

    def show(what):
        p(what, "waiting", b.n_waiting, "broken", b.broken)

    await b.reset()
    show("reset of an empty one:")
    a, c = await start(b, "ac")
    show("two of three:")
    await b.reset()
    show("reset:")
    d, e = await start(b, "de")
    await end(a, c)
    await asyncio.sleep(0)
    show("a fresh round:")
    f, = await start(b, "f")
    await end(d, e, f)

    g, h = await start(b, "gh")
    await b.abort()
    show("abort:")
    await end(g, h)
    i, = await start(b, "i")
    await end(i)
    await b.abort()
    show("abort again:")
    await b.reset()
    show("reset:")
    await end(*await start(b, "jkl"))
    show("all:")

asyncio.run(main())
