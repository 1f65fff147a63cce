"""A timeout in the cleanup of a task that was cancelled works, and leaves the older request alone."""
import asyncio
from virtual import p

async def body():
    me = asyncio.current_task()
    try:
        await asyncio.sleep(10)
    finally:
        p("finally; cancelling", me.cancelling())
        try:
            async with asyncio.timeout(0.02) as cm:
                await asyncio.sleep(10)
        except TimeoutError:
            p("TimeoutError in finally; cancelling", me.cancelling(), "expired", cm.expired())
        try:
            await asyncio.wait_for(asyncio.sleep(10), 0.02)
        except TimeoutError:
            p("wait_for in finally; cancelling", me.cancelling())

async def main():
    t = asyncio.create_task(body())
    await asyncio.sleep(0.01)
    t.cancel()
    await asyncio.wait([t])
    p("cancelled", t.cancelled(), "cancelling", t.cancelling())

asyncio.run(main())
