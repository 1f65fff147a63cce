/* What the core promises, once through on the chip itself: exit code 0 and PASS, else the line that
 * was wrong. */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>

#define CEDO_CORTEX_M_OWN_HANDLER
#include "../promised_sizes.h"
#include "board.h"
#include "board_port.h"

static void check(int right, int line)
{
    if (right) return;
    board_puts("FAIL line ");
    board_putu((uint32_t)line);
    board_puts("\n");
    board_exit(1);
}
#define CHECK(condition) check((condition) != 0, __LINE__)

/* ------------------------------------------------------------- a generator that an interrupt
 * feeds */

/* Finds the sequence 1 2 3 in a stream, as a protocol's parser would. */
struct parse {
    cedo_coro coro;
    uint8_t byte;
    uint8_t found;
};

static cedo_async(parse)
{
    cedo_body(struct parse, self) {
        for (;;) {
            cedo_next_input(self);
            if (self->byte != 1) continue;
            cedo_next_input(self);
            if (self->byte != 2) continue;
            cedo_next_input(self);
            if (self->byte != 3) continue;
            self->found++;
        }
    }
}

static volatile uint8_t interrupts, found;

static void feed(void)
{
    static struct parse parser;
    if (!parser.coro.body) (void)cedo_prepare(&parser, parse);
    interrupts++;
    (void)cedo_next(&parser); /* the first call runs to where it asks */
    parser.byte = (uint8_t)(interrupts % 4);
    found = parser.found;
}

#if defined(__arm__)
void SysTick_Handler(void);
void SysTick_Handler(void)
{
    cedo_cortex_m_tick();
    feed();
}
#define START_FEEDING() ((void)0)
#define NEXT_BYTE() ((void)0)
#elif defined(__AVR__)
BOARD_TICK_HANDLER()
{
    feed();
}
#define START_FEEDING() board_tick_start()
#define NEXT_BYTE() ((void)0)
#else
/* mtimecmp is the port's, so this one is raised by hand */
#define MSIP (*(volatile uint32_t *)0x02000000u)
void machine_software_handler(void);
void machine_software_handler(void)
{
    MSIP = 0;
    feed();
}
#define START_FEEDING() __asm__ volatile("csrs mie, %0" ::"r"(8))
#define NEXT_BYTE() (MSIP = 1)
#endif

/* ------------------------------------------------------------- coroutines to be watched */

enum { MINE = CEDO_EUSER - 1 };

static uint8_t finals; /* finally sections that ran to their end */

/* Sleeps, then ends with `outcome`; its finally section sleeps too. */
struct nap {
    cedo_coro coro;
    cedo_duration length;
    cedo_status outcome;
};

static cedo_async(nap)
{
    cedo_body(struct nap, self) {
        cedo_await(cedo_sleep(self->length));
        if (self->outcome < 0) cedo_throw(self->outcome);
    cedo_finally:
        cedo_await(cedo_sleep_ms(1));
        finals++;
    }
}

static cedo_queue_of(uint16_t, 2) numbers = CEDO_QUEUE_INIT(numbers);
static cedo_event go;
CEDO_UNUSED_ static cedo_reader_of(8) lines = CEDO_READER_INIT(lines, 7);

struct produce {
    cedo_coro coro;
    uint16_t n;
};

static cedo_async(produce)
{
    cedo_body(struct produce, self) {
        cedo_await(cedo_event_wait(&go));
        for (self->n = 1; self->n <= 5; self->n++)
            cedo_await(cedo_queue_put(&numbers.queue, &self->n));
    }
}

static int compare_numbers(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static cedo_queue_of(uint16_t, 3) oldest = CEDO_QUEUE_INIT(oldest);
static cedo_lifo_queue_of(uint16_t, 3) newest = CEDO_LIFO_QUEUE_INIT(newest);
static cedo_priority_queue_of(uint16_t, 3) least = CEDO_PRIORITY_QUEUE_INIT(least, compare_numbers);

/* 2, 3 and 1 as a queue gives them back, as digits; 0 if something else is wrong. */
static uint16_t order_of(cedo_queue *queue)
{
    static const uint16_t items[] = {2, 3, 1};
    uint16_t digits = 0, item;
    for (uint8_t i = 0; i < 3; i++)
        if (cedo_queue_put_nowait(queue, &items[i]) != CEDO_OK) return 0;
    if (!cedo_queue_full(queue)) return 0;
    cedo_queue_shutdown(queue);
    if (cedo_queue_put_nowait(queue, items) != CEDO_ECLOSED) return 0;
    while (cedo_queue_get_nowait(queue, &item) == CEDO_OK) {
        digits = (uint16_t)(digits * 10 + item);
        if (cedo_queue_task_done(queue) != CEDO_OK) return 0;
    }
    if (cedo_queue_task_done(queue) != CEDO_EINVAL) return 0;
    return digits;
}

/* What a cancel meets: a sleep or a wait that begins, or a queue. */
enum way { SELF_SLEEP, SELF_FOREVER, SELF_EVENT, GET };

struct victim {
    cedo_coro coro;
    int status;
    uint16_t item;
    uint8_t way, steps;
};

static cedo_queue_of(uint16_t, 2) offers = CEDO_QUEUE_INIT(offers);
static cedo_event never;

static cedo_async(victim)
{
    cedo_body(struct victim, self) {
        self->steps = 1;
        if (self->way != GET) (void)cedo_task_cancel(cedo_current_task());
        if (self->way == SELF_SLEEP) {
            cedo_catch(self->status, cedo_sleep_ms(100));
        }
        else if (self->way == SELF_FOREVER) {
            cedo_catch(self->status, cedo_sleep(CEDO_FOREVER));
        }
        else if (self->way == SELF_EVENT) {
            cedo_catch(self->status, cedo_event_wait(&never));
        }
        else {
            cedo_catch(self->status, cedo_queue_get(&offers.queue, &self->item));
        }
        self->steps = 2;
    }
}

struct smoke {
    cedo_coro coro;
    struct nap nap;
    int status;
    cedo_time begin;
    uint16_t number, sum;
    cedo_bytes line;
    uint8_t n;
    bool passed;
#if CEDO_SCOPES
    cedo_timeout limit;
    cedo_guard guard;
#endif
};

cedo_loop smoke_loop;
static cedo_task_of(nap) napper;
static cedo_task_of(produce) producer;
static cedo_task_of(victim) victims[2];

static void start_victim(unsigned which, enum way way)
{
    (void)cedo_prepare(&victims[which].frame, victim);
    victims[which].frame.status = 0;
    victims[which].frame.steps = 0;
    victims[which].frame.way = (uint8_t)way;
    CHECK(cedo_spawn_coro(&victims[which].task, &victims[which].frame.coro) == CEDO_OK);
}

static void start_nap(cedo_duration length, cedo_status outcome)
{
    (void)cedo_prepare(&napper.frame, nap);
    napper.frame.length = length;
    napper.frame.outcome = outcome;
    CHECK(cedo_spawn_coro(&napper.task, &napper.frame.coro) == CEDO_OK);
}

static cedo_duration since(cedo_time begin)
{
    return (cedo_duration)(cedo_loop_time(&smoke_loop) - begin);
}

static cedo_async(smoke)
{
    cedo_body(struct smoke, self) {
        /* sleep: not early, not late */
        for (self->n = 1; self->n < 30; self->n = (uint8_t)(self->n + 3)) {
            self->begin = cedo_loop_time(&smoke_loop);
            cedo_await(cedo_sleep_ms(self->n));
            CHECK(since(self->begin) >= CEDO_MS(self->n) &&
                  since(self->begin) <= CEDO_MS(self->n + 1));
        }
        /* longer than a period of a 24-bit or 16-bit counter */
        self->begin = cedo_loop_time(&smoke_loop);
        cedo_await(cedo_sleep_ms(2500));
        CHECK(since(self->begin) >= CEDO_MS(2500) && since(self->begin) <= CEDO_MS(2501));

        /* a child, its finally, its error */
        self->nap.length = CEDO_MS(1);
        self->nap.outcome = 0;
        cedo_await(cedo_enter(&self->nap, nap));
        CHECK(finals == 1);
        self->nap.outcome = MINE;
        cedo_catch(self->status, cedo_enter(&self->nap, nap));
        CHECK(self->status == MINE && finals == 2);

        /* a call that sets its frame: no length, so a yield */
        cedo_await(cedo_call(&self->nap, nap));
        CHECK(finals == 3 && self->nap.outcome == 0);

#if CEDO_JOIN
        /* join, and cancel while it sleeps: its finally section sleeps again */
        start_nap(CEDO_MS(2), MINE);
        cedo_catch(self->status, cedo_join(&napper.task));
        CHECK(self->status == MINE && finals == 4);
        start_nap(CEDO_FOREVER, 0);
        cedo_await(cedo_yield_now());
        CHECK(cedo_task_cancel(&napper.task));
        cedo_catch(self->status, cedo_join(&napper.task));
        CHECK(self->status == CEDO_ECANCELED && finals == 5);
        CHECK(cedo_task_cancelled(&napper.task) && !cedo_task_cancel(&napper.task));
        /* before it begins: its body is never entered */
        start_nap(CEDO_MS(2), 0);
        CHECK(cedo_task_cancel(&napper.task));
        cedo_catch(self->status, cedo_join(&napper.task));
        CHECK(self->status == CEDO_ECANCELED && finals == 5);
#else
        start_nap(CEDO_FOREVER, 0);
        cedo_await(cedo_yield_now());
        CHECK(cedo_task_cancel(&napper.task));
        cedo_await(cedo_sleep_ms(5));
        CHECK(cedo_task_cancelled(&napper.task) && finals == 4);
        finals = 5;
#endif

        /* event and queue: the producer fills it and has to wait, twice over */
        CHECK(cedo_spawn(&producer, produce) == CEDO_OK);
        cedo_await(cedo_yield_now());
        CHECK(cedo_queue_get_nowait(&numbers.queue, &self->number) == CEDO_EAGAIN);
        cedo_event_set(&go);
        cedo_await(cedo_event_wait(&go));
        cedo_await(cedo_yield_now());
        CHECK(cedo_queue_size(&numbers.queue) == 2);
        while (self->sum < 15) {
            cedo_await(cedo_queue_get(&numbers.queue, &self->number));
            self->sum = (uint16_t)(self->sum + self->number);
        }
        CHECK(self->number == 5);

        CHECK(order_of(&oldest.queue) == 231);
        CHECK(order_of(&newest.queue) == 132);
        CHECK(order_of(&least.queue) == 123);
        cedo_await(cedo_queue_join(&least.queue));

#if !(defined(__AVR__) && (CEDO_TRACE || CEDO_ADVICE)) /* whose texts leave no RAM for more */
        /* lines, the second one around the end of the storage */
        CHECK(cedo_reader_feed(&lines.reader, "five\ntw", 7) == 7);
        cedo_await(cedo_reader_read_line(&lines.reader, &self->line));
        CHECK(cedo_bytes_equal_str(self->line, "five\n"));
        cedo_await(cedo_reader_read(&lines.reader, &self->line, 0));
        CHECK(cedo_reader_feed(&lines.reader, "o\nthree\n", 8) == 6);
        CHECK(cedo_reader_is_paused(&lines.reader));
        cedo_await(cedo_reader_read_line(&lines.reader, &self->line));
        CHECK(cedo_bytes_equal_str(self->line, "two\n"));
        CHECK(cedo_reader_feed(&lines.reader, "", 0) == 0);
        cedo_reader_feed_eof(&lines.reader);
        cedo_await(cedo_reader_read_line(&lines.reader, &self->line));
        CHECK(cedo_bytes_equal_str(self->line, "thre"));
        CHECK(cedo_reader_at_eof(&lines.reader));
#endif

        /* a request that a task makes of itself meets its next wait, in the turn after */
        for (self->n = SELF_SLEEP; self->n <= SELF_EVENT; self->n++) {
            start_victim(0, (enum way)self->n);
            cedo_await(cedo_yield_now());
            CHECK(victims[0].frame.steps == 1 && cedo_ring_is_empty(&never.waiters));
            cedo_await(cedo_yield_now());
            CHECK(victims[0].frame.steps == 2 && victims[0].frame.status == CEDO_ECANCELED);
            CHECK(cedo_task_done(&victims[0].task) && !cedo_task_cancelled(&victims[0].task));
        }
        /* before it begins */
        start_victim(0, GET);
        CHECK(cedo_task_cancel(&victims[0].task));
        cedo_await(cedo_yield_now());
        CHECK(cedo_task_cancelled(&victims[0].task) && victims[0].frame.steps == 0);
        /* in the ring; and when it was woken for an item, which goes to the next one */
        start_victim(0, GET);
        start_victim(1, GET);
        cedo_await(cedo_yield_now());
        self->number = 7;
        CHECK(cedo_queue_put_nowait(&offers.queue, &self->number) == CEDO_OK);
        CHECK(cedo_task_cancel(&victims[0].task));
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        CHECK(victims[0].frame.status == CEDO_ECANCELED);
        CHECK(victims[1].frame.status == CEDO_OK && victims[1].frame.item == 7 &&
              victims[1].frame.steps == 2);
        start_victim(0, GET);
        cedo_await(cedo_yield_now());
        CHECK(cedo_task_cancel(&victims[0].task) &&
              cedo_ring_is_empty(&offers.queue.ends[0].waiters));
        cedo_await(cedo_yield_now());
        CHECK(victims[0].frame.status == CEDO_ECANCELED && victims[0].frame.steps == 2);

#if CEDO_SCOPES
        /* timeouts: of an operation, of a coroutine, of a block */
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(3),
                                               cedo_queue_get(&numbers.queue, &self->number)));
        CHECK(self->status == CEDO_ETIMEDOUT);
        self->nap.length = CEDO_MS(50);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(3), cedo_enter(&self->nap, nap)));
        CHECK(self->status == CEDO_ETIMEDOUT && finals == 6);
        self->nap.length = CEDO_MS(1);
        cedo_await(cedo_wait_for(&self->limit, CEDO_MS(50), cedo_enter(&self->nap, nap)));
        CHECK(finals == 7);
        self->begin = cedo_loop_time(&smoke_loop);
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->limit, CEDO_MS(7)) {
                cedo_await(cedo_sleep(CEDO_FOREVER));
                CHECK(0);
            }
            CHECK(0);
        }
        cedo_except (&self->guard) {
            CHECK(cedo_caught(&self->guard) == CEDO_ETIMEDOUT);
            self->passed = true;
        }
        CHECK(self->passed && since(self->begin) >= CEDO_MS(7) && since(self->begin) <= CEDO_MS(8));
#endif

        /* the generator, fed meanwhile */
        START_FEEDING();
        for (self->n = 0; self->n < 20 && found < 2; self->n++) {
            NEXT_BYTE();
            cedo_await(cedo_sleep_ms(5));
        }
        CHECK(found >= 2);
        board_puts("PASS\n");
        board_exit(0);
    }
}

#if CEDO_TRAP_HANDLER
static void trapped(const cedo_where *where, const char *advice)
{
    (void)where;
    board_puts("trap ");
    if (advice) board_puts(advice);
    board_puts("\n");
    board_exit(2);
}
#endif

int main(void)
{
    static cedo_task_of(smoke) test;

#if CEDO_TRAP_HANDLER
    (void)cedo_set_trap_handler(trapped);
#endif
    CHECK(cedo_loop_init(&smoke_loop, &BOARD_PORT) == CEDO_OK);
    CHECK(cedo_loop_spawn(&smoke_loop, &test, smoke) == CEDO_OK);
    BOARD_INTERRUPTS_ON();
#ifdef CEDO_CORTEX_M_SHARED_TICK
    board_tick_start();
#endif
    (void)cedo_loop_run_forever(&smoke_loop);
    CHECK(0);
    return 1;
}
