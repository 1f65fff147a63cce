/* A kitchen as a pipeline: orders go through a queue to two cooks, dishes through another one to
 * the waiter. One dish takes longer than its guest waits; and when all are served, the cooks, who
 * would wait for ever, are sent home.
 *
 * Tasks, queues, a timeout, and a cancellation that meets a finally section.
 */
#include <cedo/cedo.h>

#include <stdio.h>

struct order {
    const char *dish;
    int minutes; /* ten milliseconds each */
};

struct dish {
    const char *name; /* NULL: it was not ready in time */
    const char *cook;
};

/* ------------------------------------------------------------- a cook: orders in, dishes out */

struct cook {
    cedo_coro coro;
    const char *name;
    cedo_queue *orders;
    cedo_queue *dishes;
    struct order order;
    struct dish dish;
    cedo_timeout patience;
    int status;
};

static cedo_async(cook)
{
    cedo_body(struct cook, self) {
        for (;;) {
            cedo_await(cedo_queue_get(self->orders, &self->order));
            printf("%s begins %s\n", self->name, self->order.dish);
            cedo_catch(self->status, cedo_wait_for(&self->patience, CEDO_MS(100),
                                                   cedo_sleep(CEDO_MS(10) * self->order.minutes)));
            if (self->status == CEDO_ECANCELED) cedo_throw(CEDO_ECANCELED);
            self->dish.name = self->status == CEDO_OK ? self->order.dish : NULL;
            self->dish.cook = self->name;
            cedo_await(cedo_queue_put(self->dishes, &self->dish));
        }
    cedo_finally:
        printf("%s goes home\n", self->name);
    }
}

/* ------------------------------------------------------------- a waiter: dishes out to the
 * guests */

struct waiter {
    cedo_coro coro;
    cedo_queue *dishes;
    int count;
    struct dish dish;
    int served; /* the result */
};

static cedo_async(waiter)
{
    cedo_body(struct waiter, self) {
        for (; self->count > 0; self->count--) {
            cedo_await(cedo_queue_get(self->dishes, &self->dish));
            if (self->dish.name) {
                printf("served: %s, by %s\n", self->dish.name, self->dish.cook);
                self->served++;
            }
            else {
                printf("%s was too slow, the guest has left\n", self->dish.cook);
            }
        }
    }
}

/* ------------------------------------------------------------- the house */

static const struct order menu[] = {
    {"soup", 2}, {"roast", 60}, {"salad", 1}, {"pasta", 3}, {"cake", 2}};

enum { ORDERS = sizeof menu / sizeof *menu };

struct house {
    cedo_coro coro;
    cedo_queue_of(struct order, 2) orders; /* who orders waits while two orders are open */
    cedo_queue_of(struct dish, 2) dishes;
    cedo_task_of(cook) anna, ben;
    cedo_task_of(waiter) waiter;
    int i, status;
};

static cedo_async(house)
{
    cedo_body(struct house, self) {
        cedo_queue_init(&self->orders);
        cedo_queue_init(&self->dishes);
        cedo_spawn(&self->anna, cook, .name = "Anna", .orders = &self->orders.queue,
                   .dishes = &self->dishes.queue);
        cedo_spawn(&self->ben, cook, .name = "Ben", .orders = &self->orders.queue,
                   .dishes = &self->dishes.queue);
        cedo_spawn(&self->waiter, waiter, .dishes = &self->dishes.queue, .count = ORDERS);

        for (self->i = 0; self->i < ORDERS; self->i++)
            cedo_await(cedo_queue_put(&self->orders.queue, &menu[self->i]));
        cedo_await(cedo_join(&self->waiter.task));

        cedo_task_cancel(&self->anna.task);
        cedo_task_cancel(&self->ben.task);
        cedo_catch(self->status, cedo_join(&self->anna.task));
        cedo_catch(self->status, cedo_join(&self->ben.task));
        printf("%d of %d guests are happy\n", self->waiter.frame.served, (int)ORDERS);
    }
}

CEDO_MAIN(house)
