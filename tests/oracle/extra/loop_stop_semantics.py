"""stop(): the batch ends, what it queued stays for the next run; before a run: that run makes one turn and never sleeps."""
import asyncio
from virtual import p

loop = asyncio.new_event_loop()

def stopper():
    p("stop")
    loop.stop()
    loop.call_soon(p, "queued after stop")

def nests():
    p("nests")
    loop.call_soon(p, "nested")

loop.call_soon(p, "a")
loop.call_soon(stopper)
loop.call_soon(p, "b")
loop.run_forever()
p("returned; running", loop.is_running())
loop.stop()
loop.run_forever()
p("- stopped before")
loop.call_soon(nests)
loop.stop()
loop.stop()
loop.run_forever()
p("one turn")
loop.stop()
loop.run_forever()
p("another")
loop.call_later(10, p, "too late")
loop.stop()
loop.run_forever()
p("did not sleep")
loop.call_later(0.02, loop.stop)
loop.run_forever()
p("stopped by a timer; closed", loop.is_closed())
loop.close()
