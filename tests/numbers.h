/* Numbers in queues: what the tests of all kinds of queues share. */
#ifndef NUMBERS_H
#define NUMBERS_H

#include "world.h"

/* By the tens only, so that there are equal ones. */
static int compare_tens(const void *a, const void *b)
{
    return *(const int *)a / 10 - *(const int *)b / 10;
}

static void put(cedo_queue *queue, int item)
{
    ck_assert_int_eq(cedo_queue_put_nowait(queue, &item), CEDO_OK);
}

static int get(cedo_queue *queue)
{
    int item = -1;
    ck_assert_int_eq(cedo_queue_get_nowait(queue, &item), CEDO_OK);
    return item;
}

#endif
