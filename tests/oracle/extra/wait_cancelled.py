"""A cancel of the one who waits leaves those that it waits for alone."""
import asyncio
from jobs import job
from virtual import p

async def waits(*jobs):
    try:
        await asyncio.wait(jobs)
    except asyncio.CancelledError:
        p("CancelledError; done", [j.done() for j in jobs])
        raise

async def main():
    jobs = [asyncio.create_task(job(n, d)) for n, d in (("a", 0.01), ("b", 0.03), ("c", 0.04))]
    t = asyncio.create_task(waits(*jobs))
    await asyncio.sleep(0.02)
    t.cancel()
    await asyncio.wait([t], timeout=1)
    p("cancelled", t.cancelled())
    done, pending = await asyncio.wait(jobs)
    p("done", len(done), "cancelling", [j.cancelling() for j in jobs])

asyncio.run(main())
