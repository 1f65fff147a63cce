"""Two children that fail in one turn are both in the group; a third that ends in that turn is not cancelled."""
import asyncio
from jobs import job, show
from virtual import p

async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(job("a", 0.02, ValueError))
            tg.create_task(job("b", 0.02, KeyError))
            c = tg.create_task(job("c", 0.02))
            d = tg.create_task(job("d", 0.04))
            await asyncio.sleep(10)
    except ExceptionGroup as eg:
        p("group", show(eg))
    p("c cancelled", c.cancelled(), "d cancelled", d.cancelled(), "cancelling", asyncio.current_task().cancelling())
    p("- without a sleep")
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(raises("a", ValueError))
            tg.create_task(raises("b", KeyError))
    except ExceptionGroup as eg:
        p("group", show(eg))

async def raises(n, err):
    p("raises", n)
    raise err(n)

asyncio.run(main())
