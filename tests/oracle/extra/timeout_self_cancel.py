"""Requests that meet no await inside the block: what leaves it, and what the next await sees."""
import asyncio
from virtual import p

async def self_cancel():
    me = asyncio.current_task()
    async with asyncio.timeout(10):
        me.cancel()
        p("still inside")
    p("left; cancelling", me.cancelling())
    await asyncio.sleep(0)
    p("never")

async def swallowed_before():
    me = asyncio.current_task()
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        p("swallowed; cancelling", me.cancelling())
    try:
        async with asyncio.timeout(0.02):
            await asyncio.sleep(10)
    except TimeoutError:
        p("TimeoutError; cancelling", me.cancelling())

async def raises_cancelled():
    try:
        async with asyncio.timeout(10) as cm:
            raise asyncio.CancelledError
    except asyncio.CancelledError:
        p("unprompted CancelledError; expired", cm.expired())
    raise asyncio.CancelledError

async def main():
    for f in (self_cancel, swallowed_before, raises_cancelled):
        t = asyncio.create_task(f())
        await asyncio.sleep(0)
        if f is swallowed_before:
            t.cancel()
        await asyncio.wait([t])
        p("cancelled", t.cancelled(), "cancelling", t.cancelling())

asyncio.run(main())
