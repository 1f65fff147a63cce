/* Status codes, their names, and the word that carries them. */
#include "world.h"

static const int all[] = {CEDO_ECANCELED, CEDO_ETIMEDOUT, CEDO_EINVAL,    CEDO_ENOMEM,
                          CEDO_EBUSY,     CEDO_EDEADLK,   CEDO_ESTATE,    CEDO_ECLOSED,
                          CEDO_ESTOPPED,  CEDO_EAGAIN,    CEDO_EEXIT,     CEDO_EEOF,
                          CEDO_ELIMIT,    CEDO_EUSER,     CEDO_STATUS_MIN};
enum { COUNT = sizeof all / sizeof *all };

START_TEST(errors_are_negative_and_distinct)
{
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_lt(all[i], 0);
        ck_assert_int_ge(all[i], CEDO_STATUS_MIN);
        for (int j = 0; j < i; j++) ck_assert_int_ne(all[i], all[j]);
    }
    ck_assert_int_eq(CEDO_OK, 0);
    ck_assert_int_gt(CEDO_END, 0);
    ck_assert_int_gt(CEDO_MORE, 0);
}
END_TEST

START_TEST(an_operation_that_is_done_carries_any_status)
{
    static const int more[] = {CEDO_OK, CEDO_END, CEDO_MORE, 100, -1};
    for (int i = 0; i < COUNT; i++) {
        ck_assert(cedo_op_is_done_(cedo_done(all[i])));
        ck_assert_int_eq(cedo_op_status_(cedo_done(all[i])), all[i]);
    }
    for (int i = 0; i < 5; i++) {
        ck_assert(cedo_op_is_done_(cedo_done(more[i])));
        ck_assert_int_eq(cedo_op_status_(cedo_done(more[i])), more[i]);
        ck_assert(cedo_done(more[i]) != CEDO_WAITING);
    }
    ck_assert(!cedo_op_is_done_(CEDO_WAITING));
}
END_TEST

START_TEST(a_frame_stores_any_status)
{
    for (int i = 0; i < COUNT; i++) {
        const cedo_status_ stored = (cedo_status_)all[i];
        ck_assert_int_eq(stored, all[i]);
    }
}
END_TEST

START_TEST(every_status_has_a_name)
{
#if CEDO_HOSTED
    static const struct {
        int status;
        const char *name;
    } names[] = {{CEDO_OK, "CEDO_OK"},
                 {CEDO_END, "CEDO_END"},
                 {CEDO_MORE, "CEDO_MORE"},
                 {CEDO_ECANCELED, "CEDO_ECANCELED"},
                 {CEDO_ETIMEDOUT, "CEDO_ETIMEDOUT"},
                 {CEDO_EINVAL, "CEDO_EINVAL"},
                 {CEDO_ENOMEM, "CEDO_ENOMEM"},
                 {CEDO_EBUSY, "CEDO_EBUSY"},
                 {CEDO_EDEADLK, "CEDO_EDEADLK"},
                 {CEDO_ESTATE, "CEDO_ESTATE"},
                 {CEDO_ECLOSED, "CEDO_ECLOSED"},
                 {CEDO_ESTOPPED, "CEDO_ESTOPPED"},
                 {CEDO_EAGAIN, "CEDO_EAGAIN"},
                 {CEDO_EEXIT, "CEDO_EEXIT"},
                 {CEDO_EEOF, "CEDO_EEOF"},
                 {CEDO_ELIMIT, "CEDO_ELIMIT"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_str_eq(cedo_status_name(names[i].status), names[i].name);
    ck_assert_str_eq(cedo_status_name(-ENOENT), strerror(ENOENT));
    ck_assert_str_eq(cedo_status_name(CEDO_EUSER), "an error of the program");
    ck_assert_str_eq(cedo_status_name(77), "an error of the program");
#endif
}
END_TEST

SUITE("status", errors_are_negative_and_distinct, an_operation_that_is_done_carries_any_status,
      a_frame_stores_any_status, every_status_has_a_name)
