"""A sleep that is due is over only when its task has resumed: a cancel from the same turn still meets it."""
import asyncio, time
from virtual import p

async def s(name, d):
    try:
        await asyncio.sleep(d)
        p(name, "woke")
    except asyncio.CancelledError:
        p(name, "CancelledError")
        raise

async def main():
    loop = asyncio.get_running_loop()
    p("- cancelled by a timer that is due after it")
    t = asyncio.create_task(s("a", 0.02))
    await asyncio.sleep(0)
    loop.call_later(0.04, t.cancel)
    loop.call_soon(time.sleep, 0.1)
    await asyncio.wait([t])
    p("cancelled", t.cancelled())
    p("- cancelled by a timer that is due before it")
    t = asyncio.create_task(s("b", 0.04))
    await asyncio.sleep(0)
    loop.call_later(0.02, t.cancel)
    loop.call_soon(time.sleep, 0.1)
    await asyncio.wait([t])
    p("cancelled", t.cancelled())
    p("- one sleeper cancels another, both due")
    async def killer(t):
        await asyncio.sleep(0.02)
        p("cancel", t.cancel())
    k = asyncio.create_task(killer(asyncio.create_task(s("c", 0.02))))
    await asyncio.sleep(0)
    loop.call_soon(time.sleep, 0.1)
    await k
    t = asyncio.create_task(s("d", 0.02))
    await asyncio.sleep(0)
    k = asyncio.create_task(killer(t))
    await asyncio.sleep(0.03)
    p("cancelled", t.cancelled())

asyncio.run(main())
