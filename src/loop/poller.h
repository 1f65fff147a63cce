/* The poller: what a loop on cedo_port_posix knows of the outside world. Private to the library.
 *
 * It keeps the sources of its loop and wakes who waits for them. How it learns what is ready is the
 * business of a backend (epoll.c). A source is registered once, edge-triggered, and stays so until
 * it is closed: `flags` remember what was reported, an operation tries first and waits when the
 * system says EAGAIN.
 *
 * In each ring of a source stand tasks (cedo_wait_) and handles (cedo_source_call). All are woken
 * when it becomes ready; what they find is theirs to see.
 */
#ifndef CEDO_POLLER_H
#define CEDO_POLLER_H

#include <cedo/port/posix.h>

#include "buffer.h"

enum {
    CEDO_SOURCE_OPEN_ = 1,
    CEDO_SOURCE_READABLE_ = 2, /* as far as is known */
    CEDO_SOURCE_WRITABLE_ = 4,
    CEDO_SOURCE_HANGUP_ =
        8, /* the end or an error will be found: a short read does not mean "drained" */
    CEDO_SOURCE_ERROR_ = 16
};

#define CEDO_BUDGET_ 16

typedef struct cedo_poller cedo_poller;
typedef struct cedo_backend cedo_backend;

/* A way to ask the system. Statuses are CEDO_OK or -errno. */
struct cedo_backend {
    cedo_status (*open)(cedo_poller *poller);
    void (*close)(cedo_poller *poller);
    /* From now on, until `remove`, each change of source->fd to ready is reported with `key`, and
     * what is ready now. */
    cedo_status (*add)(cedo_poller *poller, const cedo_source *source, uint64_t key);
    /* Called before the descriptor is closed. */
    void (*remove)(cedo_poller *poller, const cedo_source *source);
    /* Reports, with cedo_poller_report_, what has happened, in its order. Sleeps at most `timeout`
     * ns for the first event; 0: not at all; negative: no limit. Never returns early because it
     * rounded. EINTR is a return without events. */
    void (*wait)(cedo_poller *poller, cedo_duration timeout);
    /* Ends the sleep of `wait`, or that of the next call. From any thread, also from a signal
     * handler: errno stays as it is. */
    void (*wake)(cedo_poller *poller);
};

extern const cedo_backend cedo_backend_epoll_;

/* Something to do before the loop looks at its sources: to send what was written. On no list:
 * idle. */
typedef struct cedo_hook cedo_hook;
struct cedo_hook {
    cedo_node node;
    void (*fn)(cedo_hook *hook);
    bool queued;
};

struct cedo_poller {
    cedo_loop *loop;
    const cedo_backend *backend;
    int fd;         /* of the backend */
    int wake_fd;    /* of the backend */
    void *events;   /* of the backend */
    int sources;    /* how many are registered */
    int table_size; /* `table` has a place for each descriptor below it */
    cedo_source **table;
    uint16_t generation; /* of the youngest registration */
    int budget;          /* of `spender`, see cedo_poller_spend_ */
    const cedo_task *spender;
    cedo_node hooks;
    cedo_buffers buffers;
};

/* The poller of a loop, which must be on cedo_port_posix. */
cedo_poller *cedo_poller_of_(const cedo_loop *loop);

/* Registers `source` for `fd`, which is non-blocking. It is ready for nothing until that is
 * reported. On failure the descriptor is still open, and the caller's. */
cedo_status cedo_source_open_(cedo_poller *poller, cedo_source *source, int fd);

/* Drops the registration and closes the descriptor. Tasks that wait fail with CEDO_ECLOSED; handles
 * have been taken back before. */
void cedo_source_close_(cedo_poller *poller, cedo_source *source);

/* Puts an idle handle into a ring of a source: fn(arg) runs once, in the turn after it became
 * ready. */
void cedo_source_call_(cedo_ring *ring, cedo_handle *handle, cedo_callback *fn, void *arg);

/* Takes it back, wherever it is. */
void cedo_source_call_cancel_(cedo_ring *ring, cedo_handle *handle);

/* Wakes all who wait in `ring`. */
void cedo_ring_wake_(cedo_poller *poller, cedo_ring *ring);

/* Ends the waits of the tasks in `ring`: their awaits fail with `status`, and nothing of what they
 * waited for is looked at again. */
void cedo_ring_fail_(cedo_poller *poller, cedo_ring *ring, cedo_status status);

/* For backends. `flags` are CEDO_SOURCE_...; a key of a source that is closed is ignored. */
void cedo_poller_report_(cedo_poller *poller, uint64_t key, unsigned flags);

/* Queues a hook; again: no effect. */
void cedo_poller_hook_(cedo_poller *poller, cedo_hook *hook);
void cedo_poller_unhook_(cedo_hook *hook);

/* System calls that a task makes without having waited: a few are allowed in a row, so that a peer
 * that is always ready does not keep the loop from the others. True: this one, too. False: let the
 * others run first. */
static inline bool cedo_poller_spend_(cedo_poller *poller)
{
    if (poller->spender != cedo_current_()) {
        poller->spender = cedo_current_();
        poller->budget = CEDO_BUDGET_;
    }
    if (poller->budget > 0) {
        poller->budget--;
        return true;
    }
    poller->loop->credit = 0; /* look at the sources after this turn */
    return false;
}

#endif
