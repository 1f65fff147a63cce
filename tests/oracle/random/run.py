"""The twin of run.c."""
import asyncio
import logging
import os
import sys
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(__file__), os.pardir, "extra"))
import virtual

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
lines = []
p = lines.append


def name(error):
    return "RuntimeError" if isinstance(error, asyncio.QueueShutDown) else type(error).__name__


class Deadlock(BaseException):
    pass


def select(self, timeout=None):
    if timeout is None:
        raise Deadlock
    if timeout > 0:
        virtual.Clock.base = round(self.time() + timeout, 3)
    return []


virtual.Clock.select = select


class Step:
    def __init__(self, text, place):
        self.kind = text[0]
        self.n = int(text[1:].rstrip("("))
        self.next = place + (2 if self.kind == "w" else 1)


class World:
    def __init__(self, line):
        self.steps, self.ranges, open_, start = [], [], [], 0
        for text in line.split():
            if text == "|":
                self.ranges.append((start, len(self.steps)))
                start = len(self.steps)
            elif text == ")":
                self.steps[open_.pop()].next = len(self.steps)
            else:
                if text.endswith("("):
                    open_.append(len(self.steps))
                self.steps.append(Step(text, len(self.steps)))

    def wait(self, s):
        if s.kind == "S":
            return asyncio.sleep(s.n / 1000)
        if s.kind == "W":
            return self.events[s.n].wait()
        if s.kind == "J":
            return self.tasks[s.n]
        if s.kind == "b":
            return self.barrier.wait()
        if s.kind == "Q":
            return self.queue.join()
        return self.queue.get() if s.kind == "G" else self.queue.put(s.n)

    async def second(self, me):
        p(f"{me} second")
        await asyncio.sleep(0.02)
        p(f"{me} second done")

    async def block(self, me, at, end, depth):
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        try:
            while at < end:
                s = self.steps[at]
                kind, n = s.kind, s.n
                p(f"{me}>{kind}{n}")
                child = lambda: self.block(me, at + 1, s.next, depth + 1)
                if kind in "SWJGPbQ":
                    got = await self.wait(s)
                    if kind in "Gb":
                        p(f"{me} got {got}")
                elif kind in "gn":
                    try:
                        got = self.queue.get_nowait() if kind == "g" else self.queue.put_nowait(n)
                        p(f"{me} at once {got} {self.queue.qsize()}")
                    except (asyncio.QueueEmpty, asyncio.QueueFull):
                        p(f"{me} would block")
                    except asyncio.QueueShutDown:
                        p(f"{me} is shut")
                elif kind == "D":
                    try:
                        self.queue.task_done()
                        p(f"{me} done True")
                    except ValueError:
                        p(f"{me} done False")
                elif kind == "V":
                    self.queue.shutdown(n == 1)
                elif kind == "N":
                    async with self.condition:
                        self.condition.notify(n)
                elif kind == "Y":
                    async with self.condition:
                        await self.condition.wait()
                elif kind == "l":
                    async with self.locks[n]:
                        await child()
                elif kind == "s":
                    async with self.semaphores[n]:
                        await child()
                elif kind == "h":
                    try:
                        async with asyncio.TaskGroup() as group:
                            group.create_task(child())
                            group.create_task(self.second(me))
                            await asyncio.sleep(0.01)
                    except BaseExceptionGroup as error:
                        while isinstance(error, BaseExceptionGroup):
                            error = error.exceptions[0]
                        raise error from None
                elif kind == "T":
                    self.events[n].set()
                elif kind == "X":
                    self.events[n].clear()
                elif kind == "C":
                    p(f"{me} cancel {n} {self.tasks[n].cancel()}")
                elif kind == "U":
                    p(f"{me} uncancel {n} {self.tasks[n].uncancel()}")
                elif kind == "L":
                    loop.call_later(n // 10 / 1000, self.events[n % 10].set)
                elif kind == "M":
                    loop.call_later(n // 10 / 1000, self.tasks[n % 10].cancel)
                elif kind == "B":
                    time.sleep(n / 1000)
                elif kind == "R":
                    raise ValueError
                elif kind == "E":
                    raise asyncio.CancelledError
                elif kind == "Z":
                    return
                elif kind == "w":
                    await asyncio.wait_for(self.wait(self.steps[at + 1]), n / 1000)
                elif kind == "o":
                    await asyncio.wait_for(child(), n / 1000)
                elif kind == "c":
                    await child()
                elif kind == "t":
                    async with asyncio.timeout(n / 1000) as limit:
                        await child()
                    p(f"{me} expired {limit.expired()}")
                elif kind in "ar":
                    try:
                        await child()
                    except (Exception, asyncio.CancelledError) as error:
                        p(f"{me} caught {name(error)} {task.cancelling()}")
                        if kind == "r":
                            raise
                elif kind == "e":
                    try:
                        await child()
                    except Exception as error:
                        p(f"{me} error {name(error)}")
                p(f"{me}<{kind}{n} {task.cancelling()}")
                at = s.next
        except GeneratorExit:
            depth = 0
            raise
        finally:
            if depth % 2:
                p(f"{me} finally")
                await asyncio.sleep(0.01)
                p(f"{me} finally done")

    async def main(self):
        self.events = [asyncio.Event() for _ in range(3)]
        self.queue = asyncio.Queue(2)
        self.locks = [asyncio.Lock() for _ in range(2)]
        self.semaphores = [asyncio.Semaphore(1 + n) for n in range(2)]
        self.condition = asyncio.Condition()
        self.barrier = asyncio.Barrier(2)
        self.tasks = []
        for me, (at, end) in enumerate(self.ranges):
            self.tasks.append(asyncio.create_task(self.block(me, at, end, 0)))
        for me, task in enumerate(self.tasks):
            try:
                await task
                outcome = "None"
            except (Exception, asyncio.CancelledError) as error:
                outcome = name(error)
            p(f"{me} is {outcome} {task.cancelling()}")


kept = []  # what waits for ever is not to be destroyed while others run
for line in sys.stdin:
    virtual.Clock.base, virtual.Clock.asked = 0.0, 0
    p("program " + line.rstrip())
    world, loop = World(line), asyncio.new_event_loop()
    kept.append((world, loop))
    try:
        loop.run_until_complete(world.main())
        p("end")
    except Deadlock:
        p("deadlock")
print("\n".join(lines))
sys.stdout.flush()
os._exit(0)
