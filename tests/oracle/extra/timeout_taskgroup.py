"""A timeout around a group: its children are cancelled and awaited, then TimeoutError; an error of a child goes first."""
import asyncio
from jobs import job, show
from virtual import p

async def limited(d, cleanup_err=None):
    me = asyncio.current_task()
    try:
        async with asyncio.timeout(d) as cm:
            async with asyncio.TaskGroup() as tg:
                tg.create_task(job("a", 0.04, cleanup=0.02, cleanup_err=cleanup_err))
                tg.create_task(job("b", 0.05, cleanup=0.01))
    except TimeoutError:
        p("TimeoutError")
    except ExceptionGroup as eg:
        p("group", show(eg))
    p("expired", cm.expired(), "cancelling", me.cancelling())
    await asyncio.sleep(0.01)
    p("on")

async def main():
    for d, err in ((0.02, None), (0.02, ValueError), (1, None)):
        p("- limit", int(d * 1000), "error", bool(err))
        await asyncio.create_task(limited(d, err))

asyncio.run(main())
