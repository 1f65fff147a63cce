/* The bare technique: a switch for each thread, every condition polled at every tick. */
#include "ms.h"

#define CAPACITY 4u

#define THREAD_BEGIN(self) \
    switch ((self)->state) { \
    case 0:
#define THREAD_AWAIT(self, condition) \
    do { \
        (self)->state = __LINE__; \
    case __LINE__: \
        if (!(condition)) return 0; \
    } while (0)
#define THREAD_END(self) \
    } \
    (self)->state = 0; \
    return 1

struct thread {
    uint16_t state;
    uint32_t due;
    uint32_t n;
};

static struct {
    uint32_t items[CAPACITY];
    uint8_t put, got;
} queue;
static struct thread a, b, c;

static inline int full(void)
{
    return (uint8_t)(queue.put - queue.got) == CAPACITY;
}
static inline int empty(void)
{
    return queue.put == queue.got;
}
static inline int reached(uint32_t due)
{
    return (int32_t)(ms_now() - due) >= 0;
}

static char run_a(struct thread *self)
{
    THREAD_BEGIN(self);
    for (;;) {
        self->due += 10;
        THREAD_AWAIT(self, reached(self->due));
        TOGGLE(0);
        THREAD_AWAIT(self, !full());
        queue.items[queue.put++ % CAPACITY] = self->n++;
    }
    THREAD_END(self);
}

static char run_b(struct thread *self)
{
    uint32_t value;

    THREAD_BEGIN(self);
    for (;;) {
        THREAD_AWAIT(self, !empty());
        value = queue.items[queue.got++ % CAPACITY];
        TOGGLE(1);
        PORT(value);
    }
    THREAD_END(self);
}

static char run_c(struct thread *self)
{
    THREAD_BEGIN(self);
    for (;;) {
        self->due += 50;
        THREAD_AWAIT(self, reached(self->due));
        TOGGLE(2);
    }
    THREAD_END(self);
}

int main(void)
{
    systick_start();
    for (;;) {
        const uint32_t now = ms_now();

        run_a(&a);
        run_b(&b);
        run_c(&c);
        ms_sleep(now);
    }
}
