"""Two children that fail in one turn are both in the group; a third that ends in that turn is not cancelled."""
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
