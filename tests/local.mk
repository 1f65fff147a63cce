# One line adds a Check program: its source is the file of the same name, ending in .c.
suites = \
	tests/test_alloc \
	tests/test_barrier \
	tests/test_cancel \
	tests/test_condition \
	tests/test_context \
	tests/test_coro \
	tests/test_debug \
	tests/test_dump \
	tests/test_eager \
	tests/test_event \
	tests/test_fifo \
	tests/test_future \
	tests/test_group \
	tests/test_generator \
	tests/test_isr \
	tests/test_list \
	tests/test_lock \
	tests/test_loop \
	tests/test_message \
	tests/test_oracle \
	tests/test_poller \
	tests/test_priority_queue \
	tests/test_queue \
	tests/test_reader \
	tests/test_run \
	tests/test_runner \
	tests/test_schedule \
	tests/test_scope \
	tests/test_semaphore \
	tests/test_server \
	tests/test_small \
	tests/test_status \
	tests/test_stream \
	tests/test_task \
	tests/test_timeout \
	tests/test_timer \
	tests/test_trace \
	tests/test_trap \
	tests/test_wait

# Those that do not include world.h.
suites_of_one_case = tests/test_oracle tests/test_poller tests/test_run tests/test_schedule \
	tests/test_server tests/test_stream

# The traces (tests/oracle/README.md): a program that prints one, and a suite that compares all.
oracle_sources = \
	tests/oracle/cancel.c \
	tests/oracle/cancel_labels.c \
	tests/oracle/context.c \
	tests/oracle/context_labels.c \
	tests/oracle/debug.c \
	tests/oracle/debug_labels.c \
	tests/oracle/eager.c \
	tests/oracle/eager_labels.c \
	tests/oracle/future.c \
	tests/oracle/future_labels.c \
	tests/oracle/group.c \
	tests/oracle/group_labels.c \
	tests/oracle/generator.c \
	tests/oracle/generator_labels.c \
	tests/oracle/loop.c \
	tests/oracle/loop_labels.c \
	tests/oracle/oracle.c \
	tests/oracle/oracle.h \
	tests/oracle/queue.c \
	tests/oracle/queue_labels.c \
	tests/oracle/reader.c \
	tests/oracle/reader_labels.c \
	tests/oracle/runner.c \
	tests/oracle/runner_labels.c \
	tests/oracle/sleep.c \
	tests/oracle/sleep_labels.c \
	tests/oracle/sync.c \
	tests/oracle/sync_labels.c \
	tests/oracle/table.c \
	tests/oracle/task.c \
	tests/oracle/task_labels.c \
	tests/oracle/timeout.c \
	tests/oracle/timeout_labels.c \
	tests/oracle/waitfor.c \
	tests/oracle/waitfor_labels.c
tests_test_oracle_SOURCES = tests/test_oracle.c $(oracle_sources)
tests_oracle_run_SOURCES = tests/oracle/run.c $(oracle_sources)
tests_oracle_run_LDADD = libcedo.la
tests_oracle_random_run_SOURCES = tests/oracle/random/run.c tests/oracle/oracle.c tests/oracle/oracle.h
tests_oracle_random_run_LDADD = libcedo.la
EXTRA_DIST += tests/oracle/README.md tests/oracle/expected tests/oracle/extra tests/oracle/python.sh \
	tests/oracle/random/compare.sh tests/oracle/random/firmware.sh tests/oracle/random/programs.py \
	tests/oracle/random/run.py

tests_test_isr_LDFLAGS = -pthread

# One line adds a script: it exits with 0 and ends with the line "N passed, N failed".
test_scripts = \
	tests/build.sh \
	tests/headers.sh \
	tests/check_misuse.sh \
	tests/parity.sh \
	tests/single.sh \
	tests/symbols.sh

EXTRA_DIST += $(test_scripts) tests/asyncio-api.txt tests/README.md tests/core_headers.sh tests/coverage.sh \
	tests/coverage.py tests/configurations.sh tests/test_bare.c tests/firmware tests/install.sh tests/misuse \
	tests/statements.sh tests/statements.tsv tests/statements-na.tsv tests/summary.sh

# The examples name their own libraries, so this is what every test is linked with.
LDADD = libcedo.la $(CHECK_LIBS)

noinst_HEADERS = tests/deep.h tests/jobs.h tests/net.h tests/numbers.h tests/random.h tests/seeds.h \
	tests/suite.h tests/takers.h tests/victims.h tests/world.h
TEST_EXTENSIONS = .sh
# tests/build.sh runs the core's suites in every other configuration, without sanitizers here.
SH_LOG_COMPILER = bash
AM_TESTS_ENVIRONMENT = CC='$(CC)'; NM='$(NM)'; FLAGS=-O1; export CC NM FLAGS;

if HAVE_CHECK
check_PROGRAMS = $(suites) tests/oracle/run tests/oracle/random/run
TESTS = $(suites) $(test_scripts)

# The number of single checks is the last line of a `make check` that passes; after one that failed
# ask for it with `make check-summary`.
check-local: check-TESTS
	@$(SHELL) $(srcdir)/tests/statements.sh | tail -n 1
	@$(SHELL) $(srcdir)/tests/summary.sh $(TEST_LOGS)
else
check-local:
	@echo 'make check: Check 0.15 or newer (libcheck.github.io/check) was not found by configure.' >&2; \
	exit 1
endif

check-summary:
	@$(SHELL) $(srcdir)/tests/summary.sh $(TEST_LOGS)

# Every Check program under valgrind, in one process, so that a leak in any test is seen.
VALGRIND = valgrind
VALGRIND_FLAGS = --quiet --error-exitcode=99 --leak-check=full
check-valgrind:
	CK_FORK=no $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(suites)' \
		LOG_COMPILER='$(LIBTOOL) --mode=execute $(VALGRIND) $(VALGRIND_FLAGS)'
	CK_FORK=no CK_RUN_CASE='costly clock' $(MAKE) $(AM_MAKEFLAGS) check \
		TESTS='$(filter-out $(suites_of_one_case),$(suites))' \
		LOG_COMPILER='$(LIBTOOL) --mode=execute $(VALGRIND) $(VALGRIND_FLAGS)'

# Random programs under random schedules; SEEDS as many as you like. One that fails is printed.
SEEDS = 100000
check-schedule: tests/test_schedule
	CEDO_SEEDS=$(SEEDS) tests/test_schedule

# On emulated boards, and what the library costs there; see tests/firmware/lib.sh for the tools.
check-firmware:
	bash $(srcdir)/tests/firmware/run.sh
sizes:
	@bash $(srcdir)/tests/firmware/sizes.sh
	@echo
	@bash $(srcdir)/tests/firmware/three.sh
.PHONY: check-summary check-schedule check-valgrind check-firmware sizes
