/* cedo_run and CEDO_MAIN: outcomes, exit codes, and what becomes of the tasks that are left. */
#define _GNU_SOURCE
#include <cedo/cedo.h>

#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct outcome {
    cedo_coro coro;
    int status;
    int exit_with;
    int result;
};

static cedo_async(outcome)
{
    cedo_body(struct outcome, self) {
        cedo_await(cedo_sleep(1));
        if (self->exit_with) cedo_throw(cedo_exit(self->exit_with));
        if (self->status) cedo_throw(self->status);
        self->result = 42;
    }
}

START_TEST(run_gives_the_outcome)
{
    struct outcome frame = {0};
    ck_assert_int_eq(cedo_run(outcome), CEDO_OK);
    ck_assert_int_eq(cedo_run(outcome, .status = CEDO_EUSER), CEDO_EUSER);
    ck_assert_int_eq(cedo_run(outcome, .status = CEDO_ECANCELED), CEDO_ECANCELED);
    ck_assert_int_eq(cedo_run_coro(cedo_prepare(&frame, outcome)), CEDO_OK);
    ck_assert_int_eq(frame.result, 42);
}
END_TEST

START_TEST(exit_gives_its_code)
{
    ck_assert_int_eq(cedo_run(outcome, .exit_with = 7), CEDO_EEXIT);
    ck_assert_int_eq(cedo_exit_code(), 7);
}
END_TEST

struct nested {
    cedo_coro coro;
};

static cedo_async(nested)
{
    cedo_body(struct nested, self) {
        ck_assert_int_eq(cedo_run(outcome), CEDO_EBUSY);
    }
}

START_TEST(a_run_inside_a_run_is_refused)
{
    ck_assert_int_eq(cedo_run(nested), CEDO_OK);
    ck_assert_ptr_null(cedo_running_loop());
}
END_TEST

/* ------------------------------------------------------------- leftovers */

static char story[64];

static void tell(const char *word)
{
    strcat(story, word);
}

static int reports;
static cedo_status reported;

static cedo_status count_report(cedo_loop *loop, const cedo_exception *exception, void *arg)
{
    (void)loop, (void)arg;
    reported = exception->status;
    reports++;
    return CEDO_OK;
}

struct heir {
    cedo_coro coro;
};

static cedo_async(heir)
{
    cedo_body(struct heir, self) {
        cedo_await(cedo_sleep(CEDO_FOREVER));
    cedo_finally:
        tell("h");
    }
}

struct leftover {
    cedo_coro coro;
    int fail_with;
    int exits;
};

static cedo_async(leftover)
{
    cedo_body(struct leftover, self) {
        tell("b");
        cedo_await(cedo_sleep(CEDO_FOREVER));
    cedo_finally:
        cedo_await(cedo_sleep_ms(1));
        tell("e");
        (void)cedo_spawn_new(heir);
        cedo_await(cedo_yield_now());
        if (self->exits) cedo_throw(cedo_exit(3));
        if (self->fail_with) cedo_throw(self->fail_with);
    }
}

struct parent {
    cedo_coro coro;
    int status;
    int fail_with;
    int exits;
    int children;
    int stops;
};

static cedo_async(parent)
{
    cedo_body(struct parent, self) {
        cedo_loop_set_exception_handler(cedo_running_loop(), count_report, NULL);
        while (self->children-- > 0)
            (void)cedo_spawn_new(leftover, .fail_with = self->fail_with, .exits = self->exits);
        cedo_await(cedo_yield_now());
        if (self->stops) {
            cedo_loop_stop(cedo_running_loop());
            cedo_await(cedo_sleep(CEDO_FOREVER));
        }
        if (self->status) cedo_throw(self->status);
    }
}

START_TEST(tasks_that_are_left_are_cancelled_and_awaited)
{
    story[0] = '\0';
    ck_assert_int_eq(cedo_run(parent, .children = 2), CEDO_OK);
    ck_assert_str_eq(story, "bbeehh");
    story[0] = '\0';
    ck_assert_int_eq(cedo_run(parent, .children = 1, .status = CEDO_EUSER), CEDO_EUSER);
    ck_assert_str_eq(story, "beh");
}
END_TEST

START_TEST(their_errors_are_reported)
{
    story[0] = '\0';
    reports = 0;
    ck_assert_int_eq(cedo_run(parent, .children = 2, .fail_with = CEDO_EUSER), CEDO_OK);
    ck_assert_int_eq(reports, 2);
    ck_assert_int_eq(reported, CEDO_EUSER);
}
END_TEST

START_TEST(an_exit_among_them_does_not_cut_the_end_short)
{
    story[0] = '\0';
    ck_assert_int_eq(cedo_run(parent, .children = 2, .exits = 1), CEDO_OK);
    ck_assert_str_eq(story, "bbeeh"); /* the second heir was cancelled before it began */
    story[0] = '\0';
    ck_assert_int_eq(cedo_run(parent, .children = 1, .status = CEDO_EEXIT), CEDO_EEXIT);
    ck_assert_str_eq(story, "beh");
}
END_TEST

START_TEST(a_stopped_loop_ends_the_run)
{
    story[0] = '\0';
    ck_assert_int_eq(cedo_run(parent, .children = 1, .stops = 1), CEDO_ESTOPPED);
    ck_assert_str_eq(story, "beh");
}
END_TEST

/* ------------------------------------------------------------- main */

struct inner {
    cedo_coro coro;
};

static cedo_async(inner)
{
    cedo_body(struct inner, self) {
        cedo_await(cedo_sleep(1));
        cedo_throw(-ENOENT);
    }
}

struct outer {
    cedo_coro coro;
    struct inner inner;
};

static cedo_async(outer)
{
    cedo_body(struct outer, self) {
        cedo_await(cedo_call(&self->inner, inner));
    }
}

/* What main() would return; what it prints goes to `text`. */
static int main_of(cedo_coro *coro, char *text, size_t size)
{
    FILE *const file = tmpfile();
    const int saved = dup(STDERR_FILENO);
    int code;
    size_t length;
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    code = cedo_main_(coro);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return code;
}

START_TEST(main_exits_with_0_1_or_the_code)
{
    char text[1000];
    struct outcome frame = {0};
    ck_assert_int_eq(main_of(cedo_make(&frame, outcome), text, sizeof text), 0);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(main_of(cedo_make(&frame, outcome, .exit_with = 9), text, sizeof text), 9);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(main_of(cedo_make(&frame, outcome, .status = CEDO_ELIMIT), text, sizeof text),
                     1);
    ck_assert_ptr_nonnull(strstr(text, "CEDO_ELIMIT"));
}
END_TEST

START_TEST(main_prints_the_await_stack_of_an_error)
{
    char text[1000];
    struct outer frame = {0};
    ck_assert_int_eq(main_of(cedo_make(&frame, outer), text, sizeof text), 1);
    ck_assert_ptr_nonnull(strstr(text, "No such file or directory"));
    ck_assert_ptr_nonnull(strstr(text, "in inner_coro"));
    ck_assert_ptr_nonnull(strstr(text, "awaited by outer_coro"));
}
END_TEST

SUITE("run", run_gives_the_outcome, exit_gives_its_code, a_run_inside_a_run_is_refused,
      tasks_that_are_left_are_cancelled_and_awaited, their_errors_are_reported,
      an_exit_among_them_does_not_cut_the_end_short, a_stopped_loop_ends_the_run,
      main_exits_with_0_1_or_the_code, main_prints_the_await_stack_of_an_error)
