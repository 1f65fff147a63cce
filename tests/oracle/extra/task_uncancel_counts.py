"""cancelling() counts, uncancel() takes back, at zero a request that was not thrown yet is void."""
import asyncio
from virtual import p

async def counts():
    me = asyncio.current_task()
    p("at zero", me.cancelling(), me.uncancel())
    me.cancel()
    me.cancel()
    p("twice", me.cancelling(), "uncancel", me.uncancel())
    try:
        await asyncio.sleep(0)
        p("never")
    except asyncio.CancelledError:
        p("one left: CancelledError; cancelling", me.cancelling())
    p("uncancel", me.uncancel())
    me.cancel()
    p("void", me.uncancel())
    await asyncio.sleep(0)
    p("not interrupted")

async def waits(event):
    me = asyncio.current_task()
    try:
        await event.wait()
        p("woken; cancelling", me.cancelling())
    except asyncio.CancelledError:
        p("CancelledError; cancelling", me.cancelling())

async def main():
    await asyncio.create_task(counts())
    p("- passed on already, so it strikes all the same")
    event = asyncio.Event()
    t = asyncio.create_task(waits(event))
    await asyncio.sleep(0)
    t.cancel()
    p("uncancel", t.uncancel())
    await t
    p("- after the wake-up: void")
    t = asyncio.create_task(waits(event))
    await asyncio.sleep(0)
    event.set()
    t.cancel()
    p("uncancel", t.uncancel())
    await t

asyncio.run(main())
