"""A cancel of the one who gathers cancels all and waits for them; one that is cancelled by itself is an error."""
import asyncio
from jobs import job
from virtual import p

async def refuses(n):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        p("job", n, "refuses")
        return n

async def gathers(*jobs):
    me = asyncio.current_task()
    try:
        p("result", await asyncio.gather(*jobs))
    except asyncio.CancelledError:
        p("CancelledError; cancelling", me.cancelling(), "done", [j.done() for j in jobs])
        raise

def start(*coros):
    return [asyncio.create_task(c) for c in coros]

async def main():
    p("- the gatherer is cancelled")
    jobs = start(job("a", 10, cleanup=0.02), job("b", 10, cleanup=0.02), job("c", 0.01))
    t = asyncio.create_task(gathers(*jobs))
    await asyncio.sleep(0.02)
    t.cancel()
    await asyncio.wait([t])
    p("cancelled", t.cancelled())
    p("- all refuse")
    jobs = start(refuses("a"), refuses("b"))
    t = asyncio.create_task(gathers(*jobs))
    await asyncio.sleep(0.02)
    t.cancel()
    await asyncio.wait([t])
    p("cancelled", t.cancelled())
    p("- one is cancelled by itself")
    jobs = start(job("a", 0.04), job("b", 10))
    t = asyncio.create_task(gathers(*jobs))
    await asyncio.sleep(0.02)
    jobs[1].cancel()
    await asyncio.wait([t])
    p("cancelled", t.cancelled(), "cancelling", t.cancelling())
    await asyncio.wait(jobs)
    p("end")

asyncio.run(main())
