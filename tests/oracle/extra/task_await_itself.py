"""A task that awaits itself gets an error, and goes on."""
import asyncio
from virtual import p

async def me():
    try:
        await asyncio.current_task()
    except RuntimeError:
        p("awaiting itself -> RuntimeError")
    await asyncio.sleep(0)
    p("goes on")

async def main():
    t = asyncio.create_task(me())
    await t
    p("done", t.done(), "cancelled", t.cancelled())

asyncio.run(main())
