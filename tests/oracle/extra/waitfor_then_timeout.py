"""wait_for and timeout() in turn, as a loop with both does."""
import asyncio
from virtual import p

async def main():
    for limit in (20, 40):
        try:
            await asyncio.wait_for(asyncio.sleep(0.03), limit / 1000)
            p("wait_for", limit, "in time")
        except TimeoutError:
            p("wait_for", limit, "TimeoutError")
        try:
            async with asyncio.timeout(limit / 1000) as cm:
                await asyncio.sleep(0.03)
            p("timeout", limit, "in time; expired", cm.expired())
        except TimeoutError:
            p("timeout", limit, "TimeoutError; expired", cm.expired())

asyncio.run(main())
