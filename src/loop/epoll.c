/* The backend on Linux. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "poller.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256

static void epoll_close(cedo_poller *poller)
{
    if (poller->wake_fd >= 0) close(poller->wake_fd);
    if (poller->fd >= 0) close(poller->fd);
    free(poller->events);
}

/* Each write to wake_fd is an edge, so nobody has to read it. Its key is that of no source. */
static cedo_status epoll_open(cedo_poller *poller)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = UINT64_MAX};
    poller->events = calloc(EVENTS, sizeof(struct epoll_event));
    if (!poller->events) return CEDO_ENOMEM;
    poller->fd = epoll_create1(EPOLL_CLOEXEC);
    poller->wake_fd = poller->fd < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (poller->wake_fd < 0 || epoll_ctl(poller->fd, EPOLL_CTL_ADD, poller->wake_fd, &event) < 0) {
        const int error = errno;
        epoll_close(poller);
        return -error;
    }
    return CEDO_OK;
}

static void epoll_wake(cedo_poller *poller)
{
    static const uint64_t one = 1;
    const int error = errno;
    while (write(poller->wake_fd, &one, sizeof one) < 0 && errno == EINTR) continue;
    errno = error;
}

static cedo_status epoll_add(cedo_poller *poller, const cedo_source *source, uint64_t key)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.u64 = key};
    return epoll_ctl(poller->fd, EPOLL_CTL_ADD, source->fd, &event) < 0 ? -errno : CEDO_OK;
}

static void epoll_remove(cedo_poller *poller, const cedo_source *source)
{
    epoll_ctl(poller->fd, EPOLL_CTL_DEL, source->fd, NULL);
}

/* Milliseconds, rounded up: early would be a busy loop. */
static int milliseconds(cedo_duration timeout)
{
    const cedo_duration ms = timeout / 1000000 + (timeout % 1000000 != 0);
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static int wait_for_events(cedo_poller *poller, cedo_duration timeout)
{
    struct epoll_event *const events = poller->events;
#ifdef SYS_epoll_pwait2
    /* Linux 5.11; in nanoseconds. Not the wrapper of the C library, which is younger. */
    static CEDO_THREAD_LOCAL bool missing;
    if (timeout > 0 && !missing) {
        const struct {
            int64_t seconds;
            int64_t nanoseconds;
        } limit = {timeout / 1000000000, timeout % 1000000000};
        const int count =
            (int)syscall(SYS_epoll_pwait2, poller->fd, events, EVENTS, &limit, NULL, 0);
        if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
        missing = true;
    }
#endif
    return epoll_wait(poller->fd, events, EVENTS, timeout < 0 ? -1 : milliseconds(timeout));
}

static unsigned flags_of(uint32_t events)
{
    unsigned flags = 0;
    if (events & EPOLLIN) flags |= CEDO_SOURCE_READABLE_;
    if (events & EPOLLOUT) flags |= CEDO_SOURCE_WRITABLE_;
    if (events & (EPOLLRDHUP | EPOLLHUP)) flags |= CEDO_SOURCE_HANGUP_;
    if (events & (EPOLLERR | EPOLLHUP)) flags |= CEDO_SOURCE_ERROR_;
    return flags;
}

static void epoll_look(cedo_poller *poller, cedo_duration timeout)
{
    const struct epoll_event *const events = poller->events;
    const int count = wait_for_events(poller, timeout);
    if (count < 0 && errno != EINTR) CEDO_TRAP("epoll failed: was its descriptor closed?");
    for (int i = 0; i < count; i++)
        cedo_poller_report_(poller, events[i].data.u64, flags_of(events[i].events));
}

const cedo_backend cedo_backend_epoll_ = {epoll_open,   epoll_close, epoll_add,
                                          epoll_remove, epoll_look,  epoll_wake};
