"""A cancel from outside and an error of a child: the error goes first, the cancel strikes at the next await."""
import asyncio
from jobs import job, show
from virtual import p

async def parent(err_in_cleanup, body_waits):
    me = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as tg:
            if err_in_cleanup:
                tg.create_task(job("a", 10, cleanup=0.02, cleanup_err=ValueError))
            else:
                tg.create_task(job("a", 0.02, ValueError))
            tg.create_task(job("b", 10, cleanup=0.04))
            if body_waits:
                await asyncio.sleep(10)
    except ExceptionGroup as eg:
        p("group", show(eg), "cancelling", me.cancelling())
    try:
        await asyncio.sleep(0)
        p("not interrupted")
    except asyncio.CancelledError:
        p("interrupted; cancelling", me.cancelling())
    await asyncio.sleep(0)
    p("once")

async def main():
    for err_in_cleanup in (True, False):
        for body_waits in (True, False):
            for when in (0.01, 0.03):
                p("- error in cleanup", err_in_cleanup, "body waits", body_waits, "cancel after", int(when * 1000))
                t = asyncio.create_task(parent(err_in_cleanup, body_waits))
                await asyncio.sleep(when)
                t.cancel()
                await asyncio.wait([t])
                p("cancelled", t.cancelled(), "cancelling", t.cancelling())

asyncio.run(main())
