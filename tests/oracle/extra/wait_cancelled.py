"""A cancel of the one who waits leaves those that it waits for alone."""
import asyncio
from virtual import p

async def job(n, d, err=None, cleanup=0, cleanup_err=None):
    try:
        await asyncio.sleep(d)
    except asyncio.CancelledError:
        await asyncio.sleep(cleanup)
        p("job", n, "cancelled")
        if cleanup_err:
            raise cleanup_err(n)
        raise
    p("job", n, "fails" if err else "ends")
    if err:
        raise err(n)
    return n

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
