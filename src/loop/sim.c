/* Simulated time: see cedo/port/sim.h. The clock is loop->now itself. */
#include <cedo/port/sim.h>

static cedo_time sim_now(cedo_loop *loop)
{
    return loop->now;
}

static void sim_wait(cedo_loop *loop, const cedo_time *until)
{
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
    return CEDO_OK;
}

const cedo_port cedo_port_sim = {sim_now, sim_wait, NULL, sim_open, NULL, true};

void cedo_sim_advance(cedo_loop *loop, cedo_duration duration)
{
    loop->now = cedo_time_add(loop->now, duration);
}
