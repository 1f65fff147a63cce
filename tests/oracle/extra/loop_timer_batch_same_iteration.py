"""Timers that are overdue together run in one turn, by deadline; one may cancel another; a sleep that is due with them
wakes its task in the turn after."""
import asyncio, time
from virtual import p

async def main():
    loop = asyncio.get_running_loop()
    handles = {}

    def first():
        p("t20")
        loop.call_soon(p, "queued by t20: next turn")
        loop.call_later(0, p, "armed by t20: next turn")
        handles["t40"].cancel()

    loop.call_later(0.06, p, "t60")
    loop.call_later(0.02, first)
    handles["t40"] = loop.call_later(0.04, p, "never")
    loop.call_later(0.05, p, "t50")
    loop.call_soon(time.sleep, 0.1)
    await asyncio.sleep(0.03)
    p("main, due at 30")
    for n in (3, 1, 2):
        loop.call_later(0.02, p, "equal", n)
    await asyncio.sleep(0.04)
    p("end")

asyncio.run(main())
