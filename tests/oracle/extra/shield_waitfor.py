"""wait_for over a shield: at the limit only the shield is cancelled."""
import asyncio
from jobs import job
from virtual import p

async def main():
    t = asyncio.create_task(job("a", 0.04))
    for limit in (0.02, 0):
        try:
            await asyncio.wait_for(asyncio.shield(t), limit)
        except TimeoutError:
            p("TimeoutError; done", t.done(), "cancelling", t.cancelling())
    p("got", await asyncio.wait_for(asyncio.shield(t), 1))
    p("got", await asyncio.wait_for(asyncio.shield(t), 0))

asyncio.run(main())
