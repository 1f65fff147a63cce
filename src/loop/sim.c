/* Simulated time: see cedo/port/sim.h. The clock is loop->now itself. */
#include <cedo/port/sim.h>

#if CEDO_ISR

static CEDO_THREAD_LOCAL struct {
    cedo_sim_irq *irqs; /* by time */
    void (*look)(void *arg);
    void *look_arg;
    unsigned interrupts; /* how many are running, one in the other */
    unsigned locks;
} sim;

void cedo_sim_interrupt(cedo_sim_handler *fn, void *arg)
{
    if (sim.locks) CEDO_TRAP("interrupts are off here");
    sim.interrupts++;
    fn(arg);
    sim.interrupts--;
}

void cedo_sim_interrupt_at(cedo_loop *loop, cedo_sim_irq *irq, cedo_time when, cedo_sim_handler *fn,
                           void *arg)
{
    cedo_sim_irq **place = &sim.irqs;
    while (*place && !cedo_time_after((*place)->when, when)) place = &(*place)->next;
    irq->loop = loop;
    irq->when = when;
    irq->fn = fn;
    irq->arg = arg;
    irq->next = *place;
    *place = irq;
}

/* The next one of a loop that comes no later than `until` (NULL: whenever): its place, or NULL. */
static cedo_sim_irq **next_irq(const cedo_loop *loop, const cedo_time *until)
{
    for (cedo_sim_irq **place = &sim.irqs; *place; place = &(*place)->next) {
        if ((*place)->loop != loop) continue;
        return until && cedo_time_after((*place)->when, *until) ? NULL : place;
    }
    return NULL;
}

static void come(cedo_loop *loop, cedo_sim_irq **place)
{
    cedo_sim_irq *const irq = *place;
    *place = irq->next;
    if (cedo_time_after(irq->when, loop->now)) loop->now = irq->when;
    cedo_sim_interrupt(irq->fn, irq->arg);
}

static void all_come(cedo_loop *loop, cedo_time until)
{
    cedo_sim_irq **irq;
    while ((irq = next_irq(loop, &until)) != NULL) come(loop, irq);
}

void cedo_sim_at_each_look(void (*fn)(void *arg), void *arg)
{
    sim.look = fn;
    sim.look_arg = arg;
}

static void sim_poll(cedo_loop *loop)
{
    all_come(loop, loop->now);
    if (sim.look) sim.look(sim.look_arg);
}

/* True if an interrupt came: nothing more to do. */
static bool sim_interrupted(cedo_loop *loop, const cedo_time *until)
{
    cedo_sim_irq **irq;
    sim_poll(loop);
    if (!cedo_loop_may_sleep(loop)) return true;
#if CEDO_HOSTED
    cedo_loop_has_slept(loop);
#endif
    irq = next_irq(loop, until);
    if (irq) come(loop, irq);
    return irq != NULL;
}

#if CEDO_HOSTED
#define SIM_ISR NULL, NULL, NULL, NULL
#else
static uintptr_t sim_enter(void)
{
    return sim.locks++;
}

static void sim_leave(uintptr_t state)
{
    sim.locks = (unsigned)state;
}

static bool sim_in_interrupt(void)
{
    return sim.interrupts != 0;
}
#define SIM_ISR NULL, sim_enter, sim_leave, sim_in_interrupt
#endif

#else
#define all_come(loop, until) ((void)0)
#define sim_interrupted(loop, until) false
#define sim_poll NULL
#define SIM_ISR NULL, NULL, NULL, NULL
#endif

static cedo_time sim_now(cedo_loop *loop)
{
    return loop->now;
}

static void sim_wait(cedo_loop *loop, const cedo_time *until)
{
    if (sim_interrupted(loop, until)) return;
    if (!until) {
#if CEDO_DEBUG
        cedo_debug_stuck_(loop);
#endif
        loop->flags |= CEDO_LOOP_DEADLOCK_;
    }
    else if (cedo_time_after(*until, loop->now)) {
        loop->now = *until;
    }
}

static cedo_status sim_open(cedo_loop *loop)
{
    loop->now = 0;
#if CEDO_ISR
    sim.interrupts = 0; /* a trap may have been left by longjmp */
    sim.locks = 0;
#endif
    return CEDO_OK;
}

const cedo_port cedo_port_sim = {sim_now, sim_wait, sim_poll, sim_open, NULL, SIM_ISR, true};

void cedo_sim_advance(cedo_loop *loop, cedo_duration duration)
{
    const cedo_time until = cedo_time_add(loop->now, duration);
    all_come(loop, until);
    loop->now = until;
}
