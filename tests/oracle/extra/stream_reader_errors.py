"""A limit that cannot be, a second reader, reads that are cancelled, a stored exception."""
import asyncio
from virtual import p

async def op(n, coro):
    try:
        p(n, "->", await coro)
    except asyncio.CancelledError:
        p(n, "-> CancelledError")
        raise
    except Exception as e:
        p(n, "->", type(e).__name__)

async def cancelled(t):
    t.cancel()
    try:
        await t
    except asyncio.CancelledError:
        pass

async def main():
    for limit in (0, -1):
        try:
            asyncio.StreamReader(limit=limit)
        except ValueError:
            p("limit", limit, "-> ValueError")

    r = asyncio.StreamReader()
    t = asyncio.create_task(op("first", r.read(10)))
    await asyncio.sleep(0)
    await op("second read", r.read(10))
    await op("second read(-1)", r.read(-1))
    await op("second readexactly", r.readexactly(1))
    await op("second readline", r.readline())
    await op("second readuntil", r.readuntil(b";"))
    r.feed_data(b"abc")
    await t

    t = asyncio.create_task(op("readexactly", r.readexactly(8)))
    await asyncio.sleep(0)
    r.feed_data(b"1234")
    await asyncio.sleep(0)
    await cancelled(t)
    await op("what was there", r.read(100))
    t = asyncio.create_task(op("readline", r.readline()))
    await asyncio.sleep(0)
    r.feed_data(b"line\nmo")
    await cancelled(t)
    await op("readline", r.readline())
    t = asyncio.create_task(op("readuntil", r.readuntil(b"END")))
    await asyncio.sleep(0)
    r.feed_data(b"reEN")
    await cancelled(t)
    r.feed_data(b"Dtail")
    await op("readuntil", r.readuntil(b"END"))
    t = asyncio.create_task(op("read", r.read(2)))
    await cancelled(t)
    try:
        await asyncio.wait_for(r.readexactly(5), 0.01)
    except TimeoutError:
        p("readexactly -> TimeoutError")
    t = asyncio.create_task(op("readexactly", r.readexactly(5)))
    await asyncio.sleep(0)
    r.feed_eof()
    await cancelled(t)
    p("at_eof", r.at_eof())
    await op("read(-1)", r.read(-1))

    r = asyncio.StreamReader()
    t = asyncio.create_task(op("waiting", r.readline()))
    await asyncio.sleep(0)
    r.feed_data(b"part")
    await asyncio.sleep(0)
    r.set_exception(ConnectionResetError())
    await t
    await op("read", r.read(2))
    await op("read(0)", r.read(0))
    await op("read(-1)", r.read(-1))
    await op("readexactly", r.readexactly(2))
    await op("readline", r.readline())
    await op("readuntil", r.readuntil(b"r"))
    p("exception", type(r.exception()).__name__)

    r = asyncio.StreamReader()
    t = asyncio.create_task(op("woken before", r.read(10)))
    await asyncio.sleep(0)
    r.feed_data(b"in time")
    r.set_exception(ConnectionResetError())
    await t
    await op("read", r.read(10))

    r = asyncio.StreamReader()
    t = asyncio.create_task(op("woken by it", r.read(10)))
    await asyncio.sleep(0)
    r.set_exception(ConnectionResetError())
    r.feed_data(b"too late")
    await t

    r = asyncio.StreamReader()
    t = asyncio.create_task(op("cancelled", r.read(10)))
    await asyncio.sleep(0)
    r.set_exception(ConnectionResetError())
    await cancelled(t)
    await op("read", r.read(10))

asyncio.run(main())
