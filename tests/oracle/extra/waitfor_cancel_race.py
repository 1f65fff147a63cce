"""A cancel that races with the inner's end is honoured, whichever comes first."""
import asyncio
from virtual import p

async def waiter(aw):
    try:
        p("got", await asyncio.wait_for(aw, 1))
    except asyncio.CancelledError:
        p("waiter CancelledError")
        raise

async def main():
    event = asyncio.Event()
    t = asyncio.create_task(waiter(event.wait()))
    await asyncio.sleep(0)
    event.set()
    p("cancel", t.cancel())
    await asyncio.wait([t])
    p("cancelled", t.cancelled())
    event.clear()
    t = asyncio.create_task(waiter(event.wait()))
    await asyncio.sleep(0)
    p("cancel", t.cancel())
    event.set()
    await asyncio.wait([t])
    p("cancelled", t.cancelled())
    inner = asyncio.create_task(asyncio.sleep(0, "done"))
    t = asyncio.create_task(waiter(inner))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    p("inner done", inner.done(), "cancel", t.cancel())
    await asyncio.wait([t])
    p("cancelled", t.cancelled(), "inner", inner.cancelled())

asyncio.run(main())
