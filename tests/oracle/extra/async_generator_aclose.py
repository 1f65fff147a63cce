"""Asynchronous generators: aclose runs the finally section, errors and cancels go through, one belongs to one task."""
import asyncio
from virtual import p


async def ticks(name, until, fail=None):
    try:
        for n in range(until):
            await asyncio.sleep(0.01)
            yield n
        if fail:
            raise fail
    finally:
        p(name, "closing")
        await asyncio.sleep(0.01)
        p(name, "closed")


async def takes(name, g):
    try:
        async for n in g:
            p(name, "got", n)
        p(name, "over")
    except BaseException as e:
        p(name, "got", type(e).__name__)


async def main():
    await takes("whole", ticks("whole", 2))
    await takes("error", ticks("error", 1, ValueError()))

    g = ticks("half", 9)
    p("first", await anext(g))
    await g.aclose()
    p("after aclose", await anext(g, "nothing"))
    await g.aclose()

    g = ticks("unused", 9)
    await g.aclose()
    p("unused", await anext(g, "nothing"))

    g = ticks("cancelled", 9)
    t = asyncio.create_task(takes("cancelled", g))
    await asyncio.sleep(0.025)
    try:
        await anext(g)
    except RuntimeError:
        p("two at a time -> RuntimeError")
    t.cancel()
    await t
    p("cancelled", await anext(g, "nothing"))

    g = ticks("timeout", 9)
    await anext(g)
    try:
        async with asyncio.timeout(0.005):
            await anext(g)
    except TimeoutError:
        p("timeout TimeoutError")
    p("timeout", await anext(g, "nothing"))

    g = ticks("closing is cancelled", 9)
    await anext(g)
    t = asyncio.create_task(g.aclose())
    await asyncio.sleep(0.005)
    t.cancel()
    try:
        await t
    except asyncio.CancelledError:
        p("aclose CancelledError")


asyncio.run(main())
