"""cancelling() behind a group is what it was before; a count above zero interrupts the await behind one that failed."""
import asyncio
from jobs import job, show
from virtual import p

async def main():
    me = asyncio.current_task()
    me.cancel()
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        p("swallowed; cancelling", me.cancelling())
    async with asyncio.TaskGroup() as tg:
        tg.create_task(job("a", 0.01))
    p("success; cancelling", me.cancelling())
    await asyncio.sleep(0)
    p("not interrupted")
    for in_body in (True, False):
        try:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(job("b", 0.01, ValueError))
                if in_body:
                    await asyncio.sleep(10)
        except ExceptionGroup as eg:
            p("group", show(eg), "cancelling", me.cancelling())
        try:
            await asyncio.sleep(0)
            p("not interrupted")
        except asyncio.CancelledError:
            p("interrupted; cancelling", me.cancelling())
    me.uncancel()
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(job("c", 0.01, ValueError))
            await asyncio.sleep(10)
    except ExceptionGroup as eg:
        p("group", show(eg), "cancelling", me.cancelling())
    await asyncio.sleep(0)
    p("end")

asyncio.run(main())
