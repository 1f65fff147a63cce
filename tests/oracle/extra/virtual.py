"""CPython 3.13's asyncio on a virtual clock, under 3.11 or newer: imported by the extra traces.

Time stands still while callbacks run, advances by a nanosecond whenever it is asked for, so that deadlines keep the
order in which they were armed, and jumps to the next deadline when all wait. time.sleep() advances it.
"""
import asyncio
import asyncio.tasks
import selectors
import sys
import time


class Clock(selectors.SelectSelector):
    base = 0.0
    asked = 0

    def time(self):
        Clock.asked += 1
        return self.base + self.asked * 1e-9

    def select(self, timeout=None):
        if timeout is None:
            raise SystemExit("everything waits for ever")
        if timeout > 0:
            Clock.base = round(self.time() + timeout, 3)
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__(Clock())

    def time(self):
        return self._selector.time()


class Policy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = Loop


def sleep(seconds):
    Clock.base += seconds


asyncio.set_event_loop_policy(Policy())
time.sleep = sleep

if sys.version_info < (3, 12):
    async def wait_for(fut, timeout):
        if timeout is not None and timeout <= 0:
            fut = asyncio.ensure_future(fut)
            if fut.done():
                return fut.result()
            await asyncio.tasks._cancel_and_wait(fut, loop=asyncio.get_running_loop())
            try:
                return fut.result()
            except asyncio.CancelledError as error:
                raise TimeoutError from error
        async with asyncio.timeout(timeout):
            return await fut

    asyncio.wait_for = wait_for

if sys.version_info < (3, 13):
    class Task(asyncio.tasks._PyTask):
        def uncancel(self):
            super().uncancel()
            if self._num_cancels_requested == 0:
                self._must_cancel = False
            return self._num_cancels_requested

    asyncio.Task = asyncio.tasks.Task = Task

    class TaskGroup(asyncio.TaskGroup):
        """Takes its cancel of the parent back at the end; a cancel from outside survives an error."""

        async def __aexit__(self, et, exc, tb):
            parent = self._parent_task
            requested, self._parent_cancel_requested = self._parent_cancel_requested, False
            try:
                await super().__aexit__(et, exc, tb)
            except asyncio.CancelledError:
                if (requested or self._parent_cancel_requested) and parent.uncancel() == 0:
                    return True
                raise
            except BaseExceptionGroup:
                if requested or self._parent_cancel_requested:
                    parent.uncancel()
                if parent.cancelling():
                    parent.uncancel()
                    parent.cancel()
                raise

    asyncio.TaskGroup = TaskGroup

    class Condition(asyncio.Condition):
        """Who is cancelled may have been notified before: that is for another one. Of several cancels it gets the last."""

        def __init__(self, lock=None):
            super().__init__(lock)
            self.take, self.acquire, self.last = self.acquire, self.take_or_note, {}

        async def take_or_note(self):
            try:
                return await self.take()
            except asyncio.CancelledError as error:
                self.last[asyncio.current_task()] = error
                raise

        async def wait(self):
            self.last.pop(asyncio.current_task(), None)
            try:
                return await super().wait()
            except asyncio.CancelledError as error:
                self.notify(1)
                raise self.last.pop(asyncio.current_task(), error)

    asyncio.Condition = Condition

    class QueueShutDown(Exception):
        pass

    class Shutdown:
        shut = False

        def shutdown(self, immediate=False):
            self.shut = True
            while immediate and not self.empty():
                self._get()
                if self._unfinished_tasks > 0:
                    self._unfinished_tasks -= 1
            if immediate and self._unfinished_tasks == 0:
                self._finished.set()
            for waiters in (self._getters, self._putters):
                while waiters:
                    waiter = waiters.popleft()
                    if not waiter.done():
                        waiter.set_result(None)

        async def put(self, item):
            while self.full() and not self.shut:
                await self.wait(self._putters, self.full)
            self.put_nowait(item)

        async def get(self):
            while self.empty() and not self.shut:
                await self.wait(self._getters, self.empty)
            return self.get_nowait()

        async def wait(self, waiters, blocked):
            waiter = asyncio.get_running_loop().create_future()
            waiters.append(waiter)
            try:
                await waiter
            except BaseException:
                waiter.cancel()
                if waiter in waiters:
                    waiters.remove(waiter)
                if not blocked() and not waiter.cancelled():
                    self._wakeup_next(waiters)
                raise

        def put_nowait(self, item):
            if self.shut:
                raise QueueShutDown
            super().put_nowait(item)

        def get_nowait(self):
            if self.shut and self.empty():
                raise QueueShutDown
            return super().get_nowait()

    asyncio.QueueShutDown = QueueShutDown
    for name in ("Queue", "LifoQueue", "PriorityQueue"):
        setattr(asyncio, name, type(name, (Shutdown, getattr(asyncio, name)), {}))


def p(*a):
    print(*a, flush=True)
