"""Blocks one after the other, with no await between them: each runs."""
import asyncio
from virtual import p

async def main():
    try:
        p("first")
    except ValueError:
        p("never")
    try:
        p("second")
    except ValueError:
        p("never")
    async with asyncio.timeout(1):
        p("third")
        try:
            p("inside")
        except ValueError:
            p("never")
        async with asyncio.timeout(1):
            p("and a block after it")
    for n in range(2):
        try:
            p("round", n)
            if n == 0:
                continue
            raise ValueError
        except ValueError:
            p("caught")
    try:
        p("last")
    finally:
        try:
            p("finally, first")
        except ValueError:
            p("never")
        try:
            p("finally, second")
        except ValueError:
            p("never")

asyncio.run(main())
