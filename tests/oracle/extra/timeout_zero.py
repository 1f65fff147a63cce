"""A deadline that has passed interrupts the first real suspension, a bare yield too, and nothing that never suspends."""
import asyncio
from virtual import p

async def leaf():
    return 3

async def main():
    loop = asyncio.get_running_loop()
    me = asyncio.current_task()
    for delay in (0, -1):
        try:
            async with asyncio.timeout(delay) as cm:
                p("body starts; expired", cm.expired())
                p("not suspended", await leaf())
                await asyncio.sleep(0)
                p("never")
        except TimeoutError:
            p("TimeoutError; expired", cm.expired(), "cancelling", me.cancelling())
    try:
        async with asyncio.timeout_at(loop.time() - 5) as cm:
            await asyncio.sleep(10)
    except TimeoutError:
        p("timeout_at TimeoutError")
    async with asyncio.timeout(0) as cm:
        await leaf()
    p("never suspended; expired", cm.expired())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    p("and not later; cancelling", me.cancelling())
    done = asyncio.create_task(leaf())
    await asyncio.sleep(0)
    async with asyncio.timeout(0):
        p("a done task", await done)

asyncio.run(main())
