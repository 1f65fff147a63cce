"""A task that ends wakes who awaits it and calls its callbacks in one order, that of their coming, in the turn after."""
import asyncio
from virtual import p

async def inner(gate, fails):
    await gate
    asyncio.get_running_loop().call_soon(p, "queued before the end")
    p("inner ends")
    if fails:
        raise ValueError
    return "R"

def outcome(t):
    return type(t.exception()).__name__ if t.exception() else t.result()

async def w(n, t):
    try:
        p(n, "gets", await t)
    except ValueError:
        p(n, "gets ValueError")

async def main():
    loop = asyncio.get_running_loop()
    for fails in (False, True):
        gate = loop.create_future()
        t = asyncio.create_task(inner(gate, fails))
        t.add_done_callback(lambda t: p("callback 1:", outcome(t)))
        a = asyncio.create_task(w("a", t))
        await asyncio.sleep(0)
        t.add_done_callback(lambda t: p("callback 2:", outcome(t)))
        b = asyncio.create_task(w("b", t))
        await asyncio.sleep(0)
        t.add_done_callback(lambda t: p("callback 3:", outcome(t)))
        gate.set_result(None)
        await w("main", t)
        p("done", a.done(), b.done())
        t.add_done_callback(lambda t: p("callback 4:", outcome(t)))
        p("added to a task that is done")
        await asyncio.sleep(0)

asyncio.run(main())
