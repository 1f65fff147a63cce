# Every public header: one line here installs it (tests/headers.sh notices a missing one).
cedodir = $(includedir)/cedo
cedo_HEADERS = \
	include/cedo/alloc.h \
	include/cedo/barrier.h \
	include/cedo/bytes.h \
	include/cedo/cedo.h \
	include/cedo/cancel.h \
	include/cedo/condition.h \
	include/cedo/config.h \
	include/cedo/context.h \
	include/cedo/core.h \
	include/cedo/coro.h \
	include/cedo/debug.h \
	include/cedo/duet.h \
	include/cedo/dump.h \
	include/cedo/each.h \
	include/cedo/eager.h \
	include/cedo/event.h \
	include/cedo/fifo.h \
	include/cedo/future.h \
	include/cedo/generator.h \
	include/cedo/graph.h \
	include/cedo/group.h \
	include/cedo/handle.h \
	include/cedo/hold.h \
	include/cedo/inspect.h \
	include/cedo/isr.h \
	include/cedo/join.h \
	include/cedo/list.h \
	include/cedo/lock.h \
	include/cedo/loop.h \
	include/cedo/message.h \
	include/cedo/net.h \
	include/cedo/port.h \
	include/cedo/priority_queue.h \
	include/cedo/queue.h \
	include/cedo/reader.h \
	include/cedo/run.h \
	include/cedo/runner.h \
	include/cedo/scope.h \
	include/cedo/semaphore.h \
	include/cedo/server.h \
	include/cedo/sleep.h \
	include/cedo/spawn.h \
	include/cedo/status.h \
	include/cedo/stream.h \
	include/cedo/sync.h \
	include/cedo/tally.h \
	include/cedo/task.h \
	include/cedo/timeout.h \
	include/cedo/timer.h \
	include/cedo/trace.h \
	include/cedo/trap.h \
	include/cedo/turn.h \
	include/cedo/wait.h \
	include/cedo/wake.h

cedoportdir = $(cedodir)/port
cedoport_HEADERS = \
	include/cedo/port/avr.h \
	include/cedo/port/cortex_m.h \
	include/cedo/port/posix.h \
	include/cedo/port/riscv.h \
	include/cedo/port/sim.h
