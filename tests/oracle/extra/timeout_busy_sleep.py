"""A sleep in time, but the loop was busy past the deadline: the timeout strikes before the task resumes."""
import asyncio, time
from virtual import p

async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(time.sleep, 0.1)
    try:
        async with asyncio.timeout(0.04) as cm:
            await asyncio.sleep(0.02)
            p("in time")
    except TimeoutError:
        p("TimeoutError; expired", cm.expired())
    event = asyncio.Event()
    loop.call_later(0.02, event.set)
    loop.call_soon(time.sleep, 0.1)
    try:
        async with asyncio.timeout(0.04) as cm:
            await event.wait()
            p("in time")
    except TimeoutError:
        p("TimeoutError; expired", cm.expired(), "event", event.is_set())
    loop.call_soon(time.sleep, 0.1)
    async with asyncio.timeout(0.04) as cm:
        await asyncio.sleep(0)
        p("a yield is over before the next look at the clock")
        cm.reschedule(None)
        await asyncio.sleep(0)
    p("expired", cm.expired())

asyncio.run(main())
