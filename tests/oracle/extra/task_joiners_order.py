"""Those who await a task wake in the order in which they came, a turn after it ended, behind what it queued itself."""
import asyncio
from virtual import p

async def job():
    await asyncio.sleep(0.02)
    asyncio.get_running_loop().call_soon(p, "queued by the job as it ends")
    p("job ends")
    return 5

async def joiner(n, t):
    p("joiner", n, "got", await t)
    p("joiner", n, "again", await t)

async def main():
    t = asyncio.create_task(job())
    js = [asyncio.create_task(joiner(n, t)) for n in range(3)]
    await asyncio.sleep(0.01)
    js.append(asyncio.create_task(joiner(3, t)))
    js[1].cancel()
    await asyncio.wait(js)
    p("cancelled", [j.cancelled() for j in js], "job", t.cancelled())

    t = asyncio.create_task(job())
    js = [asyncio.create_task(joiner(n, t)) for n in range(3)]
    await asyncio.wait(js)
    p("cancelled", [j.cancelled() for j in js], "job", t.cancelled())

asyncio.run(main())
