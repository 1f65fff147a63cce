/* Every trace of tests/oracle prints what asyncio prints, with both ways to resume. */
#include "oracle/oracle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const char *expected(const char *name)
{
    static char text[1 << 16];
    const char *const srcdir = getenv("srcdir");
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/oracle/expected/%s.out", srcdir ? srcdir : ".", name);
    FILE *const file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s cannot be read", path);
    const size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    return text;
}

static void compare(int index, bool labels)
{
    const oracle_trace *const trace = oracle_trace_at((unsigned)index, labels);
    const char *const got = oracle_output(trace);
    const char *const wanted = expected(trace->name);
    ck_assert_msg(strcmp(got, wanted) == 0, "%s printed:\n%s--- instead of:\n%s", trace->name, got,
                  wanted);
}

START_TEST(a_trace_is_that_of_asyncio)
{
    compare(_i, false);
}
END_TEST

START_TEST(a_trace_with_labels_is_that_of_asyncio)
{
    compare(_i, true);
}
END_TEST

/* Traces in which time passes while tasks are busy: a loop that looks at a costly clock once in
 * CEDO_POLL_INTERVAL tasks sees it later than asyncio, see docs/differences.md. */
static bool is_of_passing_time(const char *name)
{
    static const char *const names[] = {"loop_timer_batch_same_iteration", "timeout_busy_sleep",
                                        "timeout_external_cancel", "timeout_nested",
                                        "waitfor_race_result_timeout"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

START_TEST(a_trace_under_a_costly_clock_is_that_of_asyncio)
{
    if (is_of_passing_time(oracle_trace_at((unsigned)_i, false)->name)) return;
    setenv("CEDO_COSTLY_CLOCK", "1", 1);
    compare(_i, _i % 2 != 0);
    unsetenv("CEDO_COSTLY_CLOCK");
}
END_TEST

int main(void)
{
    int count = 0;
    while (oracle_trace_at((unsigned)count, false)) count++;
    TCase *const cases = tcase_create("traces");
    tcase_add_loop_test(cases, a_trace_is_that_of_asyncio, 0, count);
    tcase_add_loop_test(cases, a_trace_with_labels_is_that_of_asyncio, 0, count);
    tcase_add_loop_test(cases, a_trace_under_a_costly_clock_is_that_of_asyncio, 0, count);
    Suite *const suite = suite_create("oracle");
    suite_add_tcase(suite, cases);
    SRunner *const runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
