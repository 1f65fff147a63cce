"""Cancelling a task that awaits another cancels that one first; the awaiter sees its final outcome, whatever it is."""
import asyncio
from virtual import p

async def child(kind):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        p("child", kind, "CancelledError; cancelling", asyncio.current_task().cancelling())
        await asyncio.sleep(0.02)
        p("child", kind, "cleaned up")
        if kind == "swallows":
            return "value"
        if kind == "replaces":
            raise ValueError("other")
        raise

async def parent(c):
    try:
        p("parent got", await c)
        await asyncio.sleep(0)
        p("parent goes on; cancelling", asyncio.current_task().cancelling())
    except BaseException as e:
        p("parent", type(e).__name__)
        raise

async def main():
    for kind in ("passes", "swallows", "replaces"):
        c = asyncio.create_task(child(kind))
        o = asyncio.create_task(parent(c))
        await asyncio.sleep(0)
        p("cancel", o.cancel(), "cancelling: parent", o.cancelling(), "child", c.cancelling())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        p("parent done while the child cleans up", o.done())
        await asyncio.wait([o])
        p("cancelled: parent", o.cancelled(), "child", c.cancelled())
    # three in a row, and a cancel that meets a child which has ended but not been looked at
    c = asyncio.create_task(child("passes"))
    o = asyncio.create_task(parent(c))
    g = asyncio.create_task(parent(o))
    await asyncio.sleep(0)
    p("cancel", g.cancel(), "cancelling:", g.cancelling(), o.cancelling(), c.cancelling())
    await asyncio.wait([g])
    p("cancelled:", g.cancelled(), o.cancelled(), c.cancelled())
    c = asyncio.create_task(asyncio.sleep(0, "ended"))
    o = asyncio.create_task(parent(c))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    p("child done", c.done(), "parent done", o.done(), "cancel", o.cancel())
    await asyncio.wait([o])
    p("cancelled: parent", o.cancelled(), "child", c.cancelled())

asyncio.run(main())
