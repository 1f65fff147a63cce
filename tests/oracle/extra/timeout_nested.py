"""Nested timeouts: only the block whose own request is outstanding converts it."""
import asyncio, time
from virtual import p

async def both(outer, inner, busy):
    me = asyncio.current_task()
    if busy:
        asyncio.get_running_loop().call_soon(time.sleep, 0.1)
    a = b = None
    try:
        async with asyncio.timeout(outer) as a:
            try:
                async with asyncio.timeout(inner) as b:
                    await asyncio.sleep(10)
            except BaseException as e:
                p("inner block", type(e).__name__, "cancelling", me.cancelling(), "expired", a.expired(), b.expired())
                raise
    except BaseException as e:
        p("outer block", type(e).__name__, "cancelling", me.cancelling(), "expired", a.expired(), b.expired())

async def main():
    for outer, inner, busy in ((10, 0.02, 0), (0.02, 10, 0), (0.02, 0.04, 1), (0.04, 0.02, 1), (0.02, 0.02, 0)):
        p("- outer", int(outer * 1000), "inner", int(inner * 1000), "busy", busy)
        await asyncio.create_task(both(outer, inner, busy))
    p("- the inner caught, the outer goes on")
    try:
        async with asyncio.timeout(0.06) as a:
            try:
                async with asyncio.timeout(0.02) as b:
                    await asyncio.sleep(10)
            except TimeoutError:
                p("inner TimeoutError")
            await asyncio.sleep(0.02)
            p("in time", a.expired())
            await asyncio.sleep(10)
    except TimeoutError:
        p("outer TimeoutError", a.expired())

asyncio.run(main())
