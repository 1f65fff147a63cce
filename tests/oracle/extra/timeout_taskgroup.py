"""A timeout around a group: its children are cancelled and awaited, then TimeoutError; an error of a child goes first."""
import asyncio
from virtual import p

async def job(n, d, err=None, cleanup=0, cleanup_err=None):
    try:
        await asyncio.sleep(d)
    except asyncio.CancelledError:
        await asyncio.sleep(cleanup)
        p("job", n, "cancelled")
        if cleanup_err:
            raise cleanup_err(n)
        raise
    p("job", n, "fails" if err else "ends")
    if err:
        raise err(n)
    return n

def show(eg):
    return [show(e) if isinstance(e, BaseExceptionGroup) else (type(e).__name__, e.args[0]) for e in eg.exceptions]

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
