"""SIGINT cancels the main task; run() raises KeyboardInterrupt unless the main task swallows it or has other requests."""
import asyncio
import signal
from virtual import p


async def main(name, swallow=False, cancel=False):
    try:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        p(name, "cancelled; requests", asyncio.current_task().cancelling())
        if cancel:
            asyncio.current_task().cancel()
            raise
        await asyncio.sleep(0.01)
        p(name, "cleaned up")
        if not swallow:
            raise
    return "result"


async def leftover():
    try:
        await asyncio.sleep(10)
    finally:
        p("leftover cancelled")


async def with_leftover():
    asyncio.create_task(leftover())
    await asyncio.sleep(0)
    await main("with leftover")


async def interrupted_while_others_run():
    asyncio.get_running_loop().call_later(0.01, signal.raise_signal, signal.SIGINT)
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        p("woken by the signal")
        raise


for name, coro in (
    ("plain", main("plain")),
    ("swallow", main("swallow", swallow=True)),
    ("two requests", main("two requests", cancel=True)),
    ("with leftover", with_leftover()),
    ("callback", interrupted_while_others_run()),
):
    try:
        p(name, "->", asyncio.run(coro))
    except BaseException as e:
        p(name, "->", type(e).__name__)
p("restored", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
