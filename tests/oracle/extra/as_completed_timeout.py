"""as_completed with a limit: each that is missing is a TimeoutError; nothing is cancelled."""
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

async def main():
    jobs = [asyncio.create_task(job(n, d)) for n, d in (("a", 0.05), ("b", 0.01), ("c", 0.04))]
    for f in asyncio.as_completed(jobs, timeout=0.03):
        try:
            p("got", await f)
        except TimeoutError:
            p("TimeoutError")
    p("done", [j.done() for j in jobs])
    for f in asyncio.as_completed(jobs):
        p("got", await f)
    p("cancelling", [j.cancelling() for j in jobs])

asyncio.run(main())
