/* Traps: the handler, and what happens without one. Each default action runs in a child process of
 * its own. */
#include "world.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void leave(int signal_number)
{
    (void)signal_number;
    exit(42); /* so that coverage data is written */
}

/* Runs fn() in a child that ends at the first SIGABRT or SIGALRM; gives what it wrote to standard
 * error. */
static const char *last_words_of(void (*fn)(void))
{
    static char text[1000];
    FILE *const file = tmpfile();
    int status;
    pid_t child;
    size_t length;
    ck_assert_ptr_nonnull(file);
    fflush(NULL);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        static const struct itimerval soon = {{0, 0}, {0, 20000}};
        dup2(fileno(file), 2);
        signal(SIGABRT, leave);
        signal(SIGALRM, leave);
        if (!CEDO_HOSTED) setitimer(ITIMER_REAL, &soon, NULL);
        fn();
        exit(1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 42);
    rewind(file);
    length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static void trap_here(void)
{
    static const cedo_where where = {"here.c", "here", 12};
    cedo_trap(&where, "do not do this");
}

static void trap_nowhere(void)
{
    cedo_trap(NULL, "nor this");
}

static void trap_in_c(void)
{
    CEDO_TRAP("never this");
}

CEDO_UNUSED_ static void trap_without_advice(void)
{
    cedo_trap(NULL, NULL);
}

static int handled;

static void returns(const cedo_where *where, const char *advice)
{
    (void)where, (void)advice;
    handled++;
    fprintf(stderr, "handler ");
}

static void trap_with_a_handler_that_returns(void)
{
    (void)cedo_set_trap_handler(returns);
    trap_here();
}

START_TEST(without_a_handler_a_host_prints_and_aborts_and_firmware_stops)
{
    const char *const here = last_words_of(trap_here);
#if CEDO_HOSTED
    ck_assert_str_eq(here, "here.c:12: here: do not do this\n");
    ck_assert_str_eq(last_words_of(trap_nowhere), "?:0: ?: nor this\n");
    ck_assert_str_eq(last_words_of(trap_without_advice), "?:0: ?: trap\n");
#else
    ck_assert_str_eq(here, "");
    ck_assert_str_eq(last_words_of(trap_nowhere), "");
#endif
}
END_TEST

START_TEST(a_handler_that_returns_does_not_bring_the_program_back)
{
    const char *const text = last_words_of(trap_with_a_handler_that_returns);
    ck_assert_int_eq(strncmp(text, "handler ", 8), 0);
}
END_TEST

START_TEST(a_handler_gets_the_place_and_the_advice)
{
    ck_trap(trap_here, "do not do this");
    ck_assert_str_eq(trap_where.file, "here.c");
    ck_assert_str_eq(trap_where.function, "here");
    ck_assert_int_eq(trap_where.line, 12);
    ck_trap(trap_nowhere, "nor this");
    ck_assert_ptr_null(trap_where.file);
    ck_assert_ptr_null(trap_where.function);
    ck_assert_int_eq(trap_where.line, 0);
    ck_trap(trap_in_c, "never this");
#if CEDO_TRACE
    ck_assert_str_eq(trap_where.function, "trap_in_c");
#endif
}
END_TEST

START_TEST(setting_a_handler_gives_the_one_before)
{
    ck_assert(cedo_set_trap_handler(returns) == NULL);
    ck_assert(cedo_set_trap_handler(trap_observed) == returns);
    ck_assert(cedo_set_trap_handler(NULL) == trap_observed);
}
END_TEST

SUITE("trap", without_a_handler_a_host_prints_and_aborts_and_firmware_stops,
      a_handler_that_returns_does_not_bring_the_program_back,
      a_handler_gets_the_place_and_the_advice, setting_a_handler_gives_the_one_before)
