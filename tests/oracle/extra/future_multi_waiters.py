"""All who await a future wake in the order in which they came, with its outcome; later nobody waits for it."""
import asyncio
from virtual import p

async def w(n, f):
    try:
        p(n, "gets", await f)
    except (ValueError, asyncio.CancelledError) as e:
        p(n, "gets", type(e).__name__)

async def start(f, names):
    tasks = [asyncio.create_task(w(n, f)) for n in names]
    await asyncio.sleep(0)
    return tasks

async def end(*tasks):
    for t in tasks:
        await t

async def main():
    loop = asyncio.get_running_loop()
    f = loop.create_future()
    tasks = await start(f, "abc")
    loop.call_soon(p, "the loop had a turn")
    f.set_result("R")
    p("set; nobody has run; done", tasks[0].done())
    await end(*tasks)

    loop.call_soon(p, "the loop had a turn")
    p("again", await f, await f)
    p("a finished task", await tasks[0])
    await end(*tasks)
    await w("main", f)
    await asyncio.sleep(0)

    f = loop.create_future()
    tasks = await start(f, "de")
    f.set_exception(ValueError())
    await end(*tasks)
    await w("main", f)

    f = loop.create_future()
    tasks = await start(f, "gh")
    f.cancel()
    await end(*tasks)
    await w("main", f)
    p("cancelled", *[t.cancelled() for t in tasks])

asyncio.run(main())
