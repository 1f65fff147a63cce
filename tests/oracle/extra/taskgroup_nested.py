"""Nested groups: the inner group's errors are one of the outer's; both failing at once loses neither."""
import asyncio
from jobs import job, show
from virtual import p

async def nested(outer_delay, inner_delay):
    me = asyncio.current_task()
    try:
        async with asyncio.TaskGroup() as outer:
            outer.create_task(job("outer", outer_delay, ValueError if outer_delay < 1 else None, 0.02))
            try:
                async with asyncio.TaskGroup() as inner:
                    inner.create_task(job("inner", inner_delay, KeyError if inner_delay < 1 else None, 0.01))
                    await asyncio.sleep(10)
            except BaseException as e:
                p("inner block", type(e).__name__, "cancelling", me.cancelling())
                raise
    except BaseException as e:
        p("outer block", show(e), "cancelling", me.cancelling())
    await asyncio.sleep(0)
    p("on")

async def main():
    for outer, inner in ((10, 0.02), (0.02, 10), (0.02, 0.02), (0.02, 0.03)):
        p("- outer", int(outer * 1000), "inner", int(inner * 1000))
        await asyncio.create_task(nested(outer, inner))

asyncio.run(main())
