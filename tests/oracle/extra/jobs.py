"""A job for all purposes, and how the errors of a group are printed: imported by the extra traces."""
import asyncio
from virtual import p

async def job(n, d, err=None, cleanup=0, cleanup_err=None):
    try:
        await asyncio.sleep(d)
    except asyncio.CancelledError:
        await asyncio.sleep(cleanup)
        p("job", n, "cancelled")
        if cleanup_err:
            raise cleanup_err(n)
        raise
    p("job", n, "fails" if err else "ends")
    if err:
        raise err(n)
    return n

def show(eg):
    return [show(e) if isinstance(e, BaseExceptionGroup) else (type(e).__name__, e.args[0]) for e in eg.exceptions]
