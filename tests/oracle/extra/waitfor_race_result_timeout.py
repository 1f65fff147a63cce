"""A wake-up in the turn of the deadline, before it: the deadline wins (3.12); after a resume it comes too late."""
import asyncio, time
from virtual import p

async def job():
    await asyncio.sleep(0.02)
    return "value"

async def attempt(name, aw, limit):
    try:
        p(name, await asyncio.wait_for(aw, limit))
    except TimeoutError:
        p(name, "TimeoutError; cancelling", asyncio.current_task().cancelling())

async def main():
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    loop.call_later(0.02, event.set)
    await attempt("event, equal deadlines", event.wait(), 0.02)
    event.clear()
    loop.call_later(0.02, event.set)
    loop.call_soon(time.sleep, 0.1)
    await attempt("event, both overdue", event.wait(), 0.04)
    await attempt("sleep armed after the limit", job(), 0.02)
    loop.call_soon(time.sleep, 0.1)
    await attempt("sleep, both overdue", job(), 0.04)
    t = asyncio.create_task(job())
    await asyncio.sleep(0)
    await attempt("task that sleeps, equal deadlines", t, 0.02)
    p("cancelled", t.cancelled())
    await attempt("in time", job(), 0.04)
    q = asyncio.Queue()
    loop.call_later(0.02, q.put_nowait, 7)
    await attempt("queue, equal deadlines", q.get(), 0.02)
    p("items left", q.qsize())

asyncio.run(main())
