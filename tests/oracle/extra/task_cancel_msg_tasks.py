"""cancel(msg): the message reaches the task, its awaiter, and the awaiter of that one; a new wait forgets it."""
import asyncio
from virtual import p

async def inner():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError as e:
        p("inner got", e.args[0] if e.args else None)
        raise

async def outer(name, t):
    try:
        await t
    except asyncio.CancelledError as e:
        p(name, "got", e.args[0] if e.args else None)
        raise

async def itself():
    try:
        asyncio.current_task().cancel("my own")
        await asyncio.sleep(0)
    except asyncio.CancelledError as e:
        p("itself got", e.args[0] if e.args else None)

async def main():
    t = asyncio.create_task(inner())
    o = asyncio.create_task(outer("outer", t))
    g = asyncio.create_task(outer("outermost", o))
    await asyncio.sleep(0)
    t.cancel("bye")
    await asyncio.wait([g])
    t = asyncio.create_task(inner())
    o = asyncio.create_task(outer("outer", t))
    await asyncio.sleep(0)
    o.cancel("via parent")
    await asyncio.wait([o])
    t = asyncio.create_task(inner())
    await asyncio.sleep(0)
    t.cancel()
    await asyncio.wait([t])
    await itself()

asyncio.run(main())
