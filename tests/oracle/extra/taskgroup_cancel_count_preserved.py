"""cancelling() behind a group is what it was before; a count above zero interrupts the await behind one that failed."""
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
