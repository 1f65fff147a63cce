"""as_completed with a limit: each that is missing is a TimeoutError; nothing is cancelled."""
import asyncio
from jobs import job
from virtual import p

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
