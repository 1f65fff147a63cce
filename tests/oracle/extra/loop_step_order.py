"""Order over turns: what is ready, then what is due; and what those queue, in the order in which it was queued."""
import asyncio
from virtual import p

async def task(name, n):
    for i in range(n):
        p(name, i)
        asyncio.get_running_loop().call_soon(p, "soon by", name, i)
        await asyncio.sleep(0)

async def sleeper(name, d):
    await asyncio.sleep(d)
    p(name, "woke")

async def main():
    loop = asyncio.get_running_loop()
    s = asyncio.create_task(sleeper("s20", 0.02))
    a = asyncio.create_task(task("a", 2))
    b = asyncio.create_task(task("b", 1))
    await a
    await b
    loop.call_later(0.02, p, "timer armed after the sleep")
    await s
    p("- a sleep between two timers of one deadline")
    loop.call_later(0.02, p, "timer before")
    s = asyncio.create_task(sleeper("s", 0.02))
    await asyncio.sleep(0)
    loop.call_later(0.02, p, "timer after")
    await s
    p("end")

asyncio.run(main())
