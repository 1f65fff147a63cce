"""An inner that swallows the timeout's cancellation gives its value; one that raises another error gives that."""
import asyncio
from virtual import p

async def resists(kind):
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        p(kind, "CancelledError")
        await asyncio.sleep(0.02)
        if kind == "raises":
            raise ValueError("instead")
        return "value"

async def main():
    me = asyncio.current_task()
    for as_task in (False, True):
        for kind in ("returns", "raises"):
            inner = resists(kind)
            if as_task:
                inner = asyncio.create_task(inner)
            try:
                p(await asyncio.wait_for(inner, 0.02))
            except Exception as e:
                p(type(e).__name__)
            p("cancelling", me.cancelling(), "inner", inner.cancelling() if as_task else "-")
    await asyncio.sleep(0)
    p("not interrupted")

asyncio.run(main())
