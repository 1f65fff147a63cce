/* cedo_port_posix: see poller.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "poller.h"

#include <cedo/wake.h>

#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static cedo_time posix_now(cedo_loop *loop)
{
    struct timespec now;
    (void)loop;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (cedo_time)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ------------------------------------------------------------- sources */

cedo_poller *cedo_poller_of_(const cedo_loop *loop)
{
    if (loop->port != &cedo_port_posix) CEDO_TRAP("sockets need a loop on cedo_port_posix");
    return (cedo_poller *)loop->port_state;
}

static uint64_t key_of(const cedo_source *source)
{
    return (uint64_t)source->generation << 32 | (uint32_t)source->fd;
}

static cedo_status make_place(cedo_poller *poller, int fd)
{
    int size = poller->table_size ? poller->table_size : 64;
    cedo_source **table;
    if (fd < poller->table_size) return CEDO_OK;
    while (size <= fd) size *= 2;
    table = realloc(poller->table, (size_t)size * sizeof *table);
    if (!table) return CEDO_ENOMEM;
    for (int i = poller->table_size; i < size; i++) table[i] = NULL;
    poller->table = table;
    poller->table_size = size;
    return CEDO_OK;
}

cedo_status cedo_source_open_(cedo_poller *poller, cedo_source *source, int fd)
{
    cedo_status status = make_place(poller, fd);
    if (status < 0) return status;
    cedo_ring_init(&source->readers);
    cedo_ring_init(&source->writers);
    source->fd = fd;
    source->generation = ++poller->generation;
    status = poller->backend->add(poller, source, key_of(source));
    if (status < 0) return status;
    source->flags = CEDO_SOURCE_OPEN_;
    source->user = 0;
    poller->table[fd] = source;
    poller->sources++;
    return CEDO_OK;
}

void cedo_source_close_(cedo_poller *poller, cedo_source *source)
{
    cedo_ring_fail_(poller, &source->readers, CEDO_ECLOSED);
    cedo_ring_fail_(poller, &source->writers, CEDO_ECLOSED);
    poller->backend->remove(poller, source);
    poller->table[source->fd] = NULL;
    poller->sources--;
    source->flags = 0;
    close(source->fd); /* EINTR: Linux has closed it all the same */
}

/* ------------------------------------------------------------- who waits */

void cedo_source_call_(cedo_ring *ring, cedo_handle *handle, cedo_callback *fn, void *arg)
{
    handle->fn = fn;
    handle->arg = arg;
    handle->entry.flags = CEDO_HANDLE_WATCHES_;
    cedo_ring_push(ring, &handle->entry.node);
}

void cedo_source_call_cancel_(cedo_ring *ring, cedo_handle *handle)
{
    if (handle->entry.flags & CEDO_HANDLE_WATCHES_) {
        cedo_ring_unlink(ring, &handle->entry.node);
        handle->entry.flags = 0;
    }
    cedo_handle_cancel(handle);
}

void cedo_ring_wake_(cedo_poller *poller, cedo_ring *ring)
{
    while (!cedo_ring_is_empty(ring)) {
        cedo_entry *const entry = CEDO_CONTAINER_(cedo_ring_first(ring), cedo_entry, node);
        if (entry->flags & CEDO_ENTRY_TASK_) {
            cedo_wake_(cedo_task_of_node_(&entry->node));
        }
        else {
            cedo_ring_unlink(ring, &entry->node);
            entry->flags = CEDO_HANDLE_READY_;
            cedo_loop_push_(poller->loop, &entry->node);
        }
    }
}

void cedo_ring_fail_(cedo_poller *poller, cedo_ring *ring, cedo_status status)
{
    while (!cedo_ring_is_empty(ring)) {
        cedo_task *const task = cedo_task_of_node_(cedo_ring_first(ring));
        cedo_ring_unlink(ring, &task->entry.node);
        task->entry.status = (cedo_status_)status;
        task->entry.flags |= CEDO_TASK_DELIVER_;
        task->ops = NULL;
        cedo_loop_push_(poller->loop, &task->entry.node);
    }
}

void cedo_poller_report_(cedo_poller *poller, uint64_t key, unsigned flags)
{
    const uint32_t fd = (uint32_t)key;
    cedo_source *const source = fd < (uint32_t)poller->table_size ? poller->table[fd] : NULL;
    /* closed since: by a copy of the descriptor, in a child say, the system still knows it */
    if (CEDO_UNLIKELY_(!source || key_of(source) != key)) return;
    if (flags & (CEDO_SOURCE_HANGUP_ | CEDO_SOURCE_ERROR_)) flags |= CEDO_SOURCE_READABLE_;
    if (flags & CEDO_SOURCE_ERROR_) flags |= CEDO_SOURCE_WRITABLE_;
    source->flags = (uint8_t)(source->flags | flags);
    if (flags & CEDO_SOURCE_READABLE_) cedo_ring_wake_(poller, &source->readers);
    if (flags & CEDO_SOURCE_WRITABLE_) cedo_ring_wake_(poller, &source->writers);
}

/* ------------------------------------------------------------- hooks */

void cedo_poller_hook_(cedo_poller *poller, cedo_hook *hook)
{
    if (hook->queued) return;
    hook->queued = true;
    cedo_list_push(&poller->hooks, &hook->node);
}

void cedo_poller_unhook_(cedo_hook *hook)
{
    if (!hook->queued) return;
    hook->queued = false;
    cedo_list_unlink(&hook->node);
}

static void run_hooks(cedo_poller *poller)
{
    while (!cedo_list_is_empty(&poller->hooks)) {
        cedo_hook *const hook = CEDO_CONTAINER_(poller->hooks.next, cedo_hook, node);
        cedo_poller_unhook_(hook);
        hook->fn(hook);
    }
}

/* ------------------------------------------------------------- the port */

static void posix_poll(cedo_loop *loop)
{
    cedo_poller *const poller = (cedo_poller *)loop->port_state;
    run_hooks(poller);
    poller->spender = NULL;
    if (poller->sources) poller->backend->wait(poller, 0);
}

static void posix_wait(cedo_loop *loop, const cedo_time *until)
{
    cedo_poller *const poller = (cedo_poller *)loop->port_state;
    cedo_duration timeout = -1;
    bool sleeps;
    run_hooks(poller);
    poller->spender = NULL;
    if (!cedo_list_is_empty(cedo_loop_ready_(loop))) {
        timeout = 0; /* a hook woke somebody */
    }
    else if (until) {
        /* `now` may be as old as the turn: enough to see what is due, not to tell how long to
         * sleep */
        timeout = *until <= loop->now ? 0 : *until - posix_now(loop);
        if (timeout < 0) timeout = 0;
    }
#if CEDO_DEBUG
    if (timeout < 0 && !poller->sources) cedo_debug_stuck_(loop);
#endif
    sleeps = timeout && cedo_loop_may_sleep(loop);
    if (!sleeps) timeout = 0;
    if (sleeps || poller->sources) poller->backend->wait(poller, timeout);
    if (sleeps) cedo_loop_has_slept(loop);
}

static void posix_wake(cedo_loop *loop)
{
    cedo_poller *const poller = (cedo_poller *)loop->port_state;
    poller->backend->wake(poller);
}

static cedo_status posix_open(cedo_loop *loop)
{
    cedo_poller *const poller = calloc(1, sizeof *poller);
    cedo_status status;
    if (!poller) return CEDO_ENOMEM;
    poller->loop = loop;
    poller->backend = &cedo_backend_epoll_;
    cedo_list_init(&poller->hooks);
    cedo_buffers_init_(&poller->buffers);
    status = poller->backend->open(poller);
    if (status < 0) {
        free(poller);
        return status;
    }
    loop->port_state = poller;
    return CEDO_OK;
}

static void posix_close(cedo_loop *loop)
{
    cedo_poller *const poller = (cedo_poller *)loop->port_state;
    /* a thread that has woken the loop may not be back yet */
    while (CEDO_LOAD_(loop->wakers)) sched_yield();
    /* the sources may be gone with their frames, so only the descriptors count */
    for (int fd = 0; fd < poller->table_size; fd++) {
        if (poller->table[fd]) close(fd);
    }
    poller->backend->close(poller);
    cedo_buffers_free_(&poller->buffers);
    free(poller->table);
    free(poller);
    loop->port_state = NULL;
}

const cedo_port cedo_port_posix = {posix_now,  posix_wait, posix_poll, posix_open, posix_close,
                                   posix_wake, NULL,       NULL,       NULL,       false};
