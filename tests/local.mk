# One line adds a Check program: its source is the file of the same name, ending in .c.
suites = \
	tests/test_cancel \
	tests/test_coro \
	tests/test_oracle \
	tests/test_scope

# One line adds a script: it exits with 0 and ends with the line "N passed, N failed".
test_scripts = \
	tests/headers.sh \
	tests/symbols.sh

EXTRA_DIST += $(test_scripts) tests/README.md tests/core_headers.sh tests/coverage.sh \
	tests/firmware tests/install.sh tests/summary.sh

# The examples name their own libraries, so this is what every test is linked with.
LDADD = libcedo.la $(CHECK_LIBS)

noinst_HEADERS = tests/suite.h
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = CC='$(CC)'; NM='$(NM)'; export CC NM;

if HAVE_CHECK
check_PROGRAMS = $(suites)
TESTS = $(suites) $(test_scripts)

# The number of single checks is the last line of a `make check` that passes; after one that failed
# ask for it with `make check-summary`.
check-local: check-TESTS
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

# On emulated boards, and what the library costs there; see tests/firmware/lib.sh for the tools.
check-firmware:
	bash $(srcdir)/tests/firmware/run.sh
sizes:
	@bash $(srcdir)/tests/firmware/sizes.sh
	@echo
	@bash $(srcdir)/tests/firmware/three.sh
.PHONY: check-summary check-valgrind check-firmware sizes
