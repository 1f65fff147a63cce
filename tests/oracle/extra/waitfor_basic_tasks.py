"""waitfor_basic and waitfor_zero without their futures."""
import asyncio
from virtual import p

async def job(d, cleanup=0):
    try:
        await asyncio.sleep(d)
        return "value"
    except asyncio.CancelledError:
        p("inner cancelled")
        await asyncio.sleep(cleanup)
        p("inner cleaned up")
        raise

async def bad():
    await asyncio.sleep(0.01)
    raise ValueError("inner error")

async def who():
    return asyncio.current_task()

async def body():
    p("STARTED (wrong)")

async def late():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        p("running task: cancelled")
        return "late value"

async def main():
    p("a coroutine runs in the caller's own task", await asyncio.wait_for(who(), 1) is asyncio.current_task())
    p(await asyncio.wait_for(job(0.01), 1))
    p(await asyncio.wait_for(job(0.01), None))
    try:
        await asyncio.wait_for(bad(), 1)
    except ValueError as e:
        p("ValueError", e.args[0])
    try:
        await asyncio.wait_for(job(10, 0.04), 0.02)
    except TimeoutError:
        p("TimeoutError after the inner finished its cleanup")
    t = asyncio.create_task(job(10))
    try:
        await asyncio.wait_for(t, 0.02)
    except TimeoutError:
        p("task: TimeoutError; inner cancelled", t.cancelled())
    p("cancelling", asyncio.current_task().cancelling())
    t = asyncio.create_task(job(0))
    await t
    p("done task", await asyncio.wait_for(t, 0), await asyncio.wait_for(t, -1))
    for limit in (0, -1):
        try:
            await asyncio.wait_for(body(), limit)
        except TimeoutError:
            p("coroutine: TimeoutError, not started")
    t = asyncio.create_task(late())
    await asyncio.sleep(0)
    p(await asyncio.wait_for(t, 0))
    t = asyncio.create_task(body())
    try:
        await asyncio.wait_for(t, 0)
    except TimeoutError:
        p("task not begun: TimeoutError, cancelled", t.cancelled())
    p("cancelling", asyncio.current_task().cancelling())

asyncio.run(main())
