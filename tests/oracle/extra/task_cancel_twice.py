"""Requests before the task runs are one CancelledError and count separately; one during the cleanup interrupts it."""
import asyncio
from virtual import p

async def victim():
    me = asyncio.current_task()
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        p("first CancelledError; cancelling", me.cancelling())
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            p("cleanup CancelledError; cancelling", me.cancelling())
    await asyncio.sleep(0.02)
    p("not interrupted again")
    return "kept"

async def main():
    t = asyncio.create_task(victim())
    await asyncio.sleep(0)
    p("cancel", t.cancel(), t.cancel(), "cancelling", t.cancelling())
    await asyncio.sleep(0)
    p("not yet done", t.done())
    await asyncio.sleep(0)
    p("cancel in cleanup", t.cancel())
    p("result", await t, "cancelled", t.cancelled(), "cancelling", t.cancelling())
    t = asyncio.create_task(victim())
    p("cancel before the start", t.cancel(), t.cancel())
    await asyncio.sleep(0)
    p("done", t.done(), "cancelled", t.cancelled(), "cancelling", t.cancelling(), "again", t.cancel())

asyncio.run(main())
