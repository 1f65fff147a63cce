/* The main() of a Check program, for a file that needs no fixtures:
 *
 *     START_TEST(a_timer_never_fires_early) { ... } END_TEST
 *
 *     SUITE("timer", a_timer_never_fires_early, equal_deadlines_fire_in_order)
 *
 * With SUITE_AGAIN, the name of a second case, all tests run a second time, each after
 * suite_again(); see world.h. In one process (CK_FORK=no) that would meet the storage which tests of
 * traps leave behind: there CK_RUN_CASE=<that name> runs it, alone.
 *
 * Check's own variables work: CK_RUN_CASE, CK_FORK, CK_VERBOSITY.
 */
#ifndef SUITE_H
#define SUITE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define SUITE(name, ...) \
    int main(void) \
    { \
        const TTest *const tests[] = {__VA_ARGS__}; \
        return suite_run(name, tests, sizeof tests / sizeof *tests); \
    }

static inline void suite_add_case(Suite *suite, const char *name, const TTest *const *tests,
                                  size_t count, SFun setup)
{
    TCase *const cases = tcase_create(name);
    if (setup) tcase_add_checked_fixture(cases, setup, NULL);
    for (size_t i = 0; i < count; i++) tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
}

static inline int suite_run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *const suite = suite_create(name);
    suite_add_case(suite, name, tests, count, NULL);
#ifdef SUITE_AGAIN
    const char *const fork = getenv("CK_FORK");
    if (!fork || strcmp(fork, "no") != 0 || getenv("CK_RUN_CASE"))
        suite_add_case(suite, SUITE_AGAIN, tests, count, suite_again);
#endif

    SRunner *const runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
