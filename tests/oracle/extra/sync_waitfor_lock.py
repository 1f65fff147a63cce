"""An acquire or get that times out takes nothing: the lock, the permit or the item is for the next."""
import asyncio
from virtual import p

async def attempt(n, aw):
    try:
        p(n, await asyncio.wait_for(aw, 0.02))
    except TimeoutError:
        p(n, "TimeoutError")

async def late(n, aw):
    p(n, await aw)

async def main():
    loop = asyncio.get_running_loop()
    lock = asyncio.Lock()
    await lock.acquire()
    await attempt("lock", lock.acquire())
    p("locked", lock.locked())
    t = asyncio.create_task(late("next", lock.acquire()))
    await asyncio.sleep(0)
    lock.release()
    await t
    lock.release()
    await attempt("free lock", lock.acquire())
    loop.call_later(0.02, lock.release)
    await attempt("released at the deadline", lock.acquire())
    p("locked", lock.locked())

    s = asyncio.Semaphore(1)
    await s.acquire()
    await attempt("semaphore", s.acquire())
    s.release()
    p("locked", s.locked())
    await attempt("semaphore with a permit", s.acquire())

    q = asyncio.Queue(1)
    await attempt("get", q.get())
    q.put_nowait(1)
    p("size", q.qsize())
    await attempt("put", q.put(2))
    p("size", q.qsize(), q.get_nowait(), q.qsize())
    loop.call_later(0.01, q.put_nowait, 3)
    await attempt("get in time", q.get())
    loop.call_later(0.02, q.put_nowait, 4)
    await attempt("put at the deadline", q.get())
    p("size", q.qsize())
    await attempt("get of what stayed", q.get())
    a, b = [asyncio.create_task(attempt(n, q.get())) for n in ("a", "b")]
    await asyncio.sleep(0.01)
    q.put_nowait(5)
    await asyncio.wait([a])
    await asyncio.wait([b])
    p("size", q.qsize())

asyncio.run(main())
