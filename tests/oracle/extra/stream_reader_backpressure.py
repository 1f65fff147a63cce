"""The transport is paused above twice the limit, and resumed at or below the limit, or when a read waits."""
import asyncio
from virtual import p

class Transport:
    def pause_reading(self):
        p("pause")

    def resume_reading(self):
        p("resume")

async def op(n, coro):
    try:
        p(n, "->", await coro)
    except asyncio.LimitOverrunError as e:
        p(n, "-> LimitOverrunError consumed", e.consumed)
    except ValueError:
        p(n, "-> ValueError")

async def main():
    r = asyncio.StreamReader(limit=4)
    r.set_transport(Transport())
    r.feed_data(b"12345678")
    p("twice the limit")
    r.feed_data(b"9")
    r.feed_data(b"0")
    await op("read", r.read(5))
    await op("read", r.read(0))
    await op("read", r.read(1))
    r.feed_data(b"abcdef")
    await op("readexactly", r.readexactly(2))
    await op("readexactly", r.readexactly(8))
    r.feed_data(b"much too long")
    await op("readuntil", r.readuntil(b"\n"))
    await op("readline", r.readline())
    r.feed_data(b"too long\nab")
    await op("readline", r.readline())
    r.feed_data(b"\ntoo long|")
    await op("readline", r.readline())
    await op("readuntil", r.readuntil(b"|"))
    await op("readexactly", r.readexactly(9))

    t = asyncio.create_task(op("readexactly", r.readexactly(14)))
    await asyncio.sleep(0)
    for chunk in (b"12345", b"67890", b"abcde"):
        p("feed")
        r.feed_data(chunk)
        await asyncio.sleep(0)
    await t
    t = asyncio.create_task(op("read(-1)", r.read(-1)))
    await asyncio.sleep(0)
    r.feed_data(b"123456789")
    r.feed_eof()
    await t

    r = asyncio.StreamReader(limit=4)
    r.feed_data(b"no transport")
    await op("read", r.read(100))

asyncio.run(main())
