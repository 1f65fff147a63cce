#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "net.h"

#include <cedo/cancel.h>
#include <cedo/server.h>
#include <cedo/spawn.h>

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define ACCEPTS \
    64 /* at most so many in a turn, so that those who are connected are not kept waiting */
#define BACK_OFF CEDO_MS(100) /* when the system has no descriptor or memory left */

enum {
    FULL = 1,            /* accepts no more: max_connections */
    REPORTED = 2,        /* the shortage that lasts was told of */
    SERVING = 4,         /* a task is in cedo_serve_forever */
    CANCELLED = 8,       /* and was cancelled */
    SCOPE_CANCELLED = 16 /* the one that waits for the end of the scope was cancelled */
};

static bool is_set(const cedo_server *server, unsigned flag)
{
    return (server->flags & flag) != 0;
}

static void set(cedo_server *server, unsigned flag)
{
    server->flags = (uint8_t)(server->flags | flag);
}

static void clear(cedo_server *server, unsigned flag)
{
    server->flags = (uint8_t)(server->flags & ~flag);
}

static bool is_over(const cedo_server *server)
{
    return !cedo_server_is_serving(server) && !server->connections;
}

/* ------------------------------------------------------------- a connection */

/* The first frame of a connection's task; the handler's follows it in memory. It is what closes the
 * stream. */
typedef struct connection connection;
struct connection {
    cedo_coro coro;
    cedo_server *server;
};

enum { BEGIN = 1, HANDLING, ENDING };

static cedo_coro *handler_of(connection *c)
{
    return (cedo_coro *)(void *)(c + 1);
}

static cedo_stream *stream_of(connection *c)
{
    return (cedo_stream *)(void *)((char *)(c + 1) + c->server->stream_offset);
}

static cedo_status on_connection(void *server);

static void connection_ended(cedo_server *server)
{
    server->connections--;
    if (is_set(server, FULL)) {
        clear(server, FULL);
        (void)cedo_call_soon(server->loop, &server->accepting, on_connection, server);
    }
    if (is_over(server)) cedo_ring_wake_(cedo_poller_of_(server->loop), &server->waiters);
}

/* The handler has ended, with coro->status. */
static cedo_op end_connection(connection *c)
{
    cedo_stream *const stream = stream_of(c);
    if (c->coro.status == CEDO_ECANCELED) {
        cedo_stream_send_(stream);
        cedo_stream_abort(stream);
    }
    if (cedo_stream_is_open(stream)) {
        cedo_op op;
        c->coro.state = ENDING;
        op = cedo_stream_close(stream);
        if (op == CEDO_WAITING) return op;
    }
    connection_ended(c->server);
    c->coro.state = CEDO_S_ENDED_;
    /* a lost peer is no fault of the handler */
    return cedo_done(c->coro.status == cedo_stream_error_(stream) ? CEDO_OK : c->coro.status);
}

static cedo_op connection_coro(cedo_coro *coro, cedo_status status)
{
    connection *const c = (connection *)(void *)coro;
#if CEDO_TRACE
    if (status == CEDO_DESCRIBE_) {
        cedo_trace_add_(__FILE__, "cedo_server", 0);
        return CEDO_WAITING;
    }
    cedo_trace_through_(coro);
#endif
    if (coro->state == BEGIN && status == CEDO_OK) {
        coro->state = HANDLING;
        return cedo_enter_(handler_of(c));
    }
    if (coro->state != ENDING) {
        /* the handler's outcome, or cancelled before it began */
        coro->state = HANDLING;
        coro->status = status < 0 ? (cedo_status_)status : 0;
    }
    return end_connection(c);
}

/* Owns `fd`, also on failure. */
static cedo_status start_connection(cedo_server *server, int fd)
{
    const size_t size = cedo_buffer_length_(server->frame);
    const int one = 1;
    cedo_task *const task = cedo_task_alloc_(server->loop, sizeof(connection) + size);
    connection *c;
    cedo_status status;
    if (!task) {
        close(fd);
        return CEDO_ENOMEM;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c = (connection *)(void *)(task + 1);
    memset(c, 0, sizeof *c);
    c->coro.body = connection_coro;
    c->coro.state = BEGIN; /* not 0, at which a cancelled task would end without a step */
    c->server = server;
    memcpy(c + 1, server->frame->data, size);
    handler_of(c)->caller = &c->coro;
    status = cedo_stream_open_(cedo_poller_of_(server->loop), stream_of(c), fd);
    if (status < 0) {
        close(fd);
        server->loop->allocator->free(server->loop->allocator, task);
        return status;
    }
    stream_of(c)->limit = server->limit;
    server->connections++;
    cedo_task_start_allocated_(server->loop, task);
    return CEDO_OK;
}

/* ------------------------------------------------------------- accepting */

static void report(cedo_server *server, const char *message, cedo_status status)
{
    const cedo_exception exception = {message, status, NULL, NULL, NULL};
    cedo_loop_call_exception_handler(server->loop, &exception);
}

/* The connection, not the server, has failed: accept(2) gives its pending errors as its own. */
static bool is_gone(int error)
{
    return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM ||
           error == ENETDOWN || error == ENETUNREACH || error == EHOSTDOWN ||
           error == EHOSTUNREACH || error == ENOPROTOOPT || error == EOPNOTSUPP;
}

/* Runs when connections may be waiting; queues itself again for when there may be more. */
static cedo_status on_connection(void *arg)
{
    cedo_server *const server = arg;
    for (int i = 0; i < ACCEPTS; i++) {
        cedo_status status;
        int fd;
        if (server->max_connections && server->connections >= server->max_connections) {
            set(server, FULL);
            return CEDO_OK;
        }
        fd = accept4(server->source.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            clear(server, REPORTED);
            status = start_connection(server, fd);
            if (status < 0)
                report(server, "server could not start a handler, and closed the connection",
                       status);
        }
        else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            cedo_source_call_(&server->source.readers, &server->accepting, on_connection, server);
            return CEDO_OK;
        }
        else if (!is_gone(errno)) {
            /* no descriptors or memory left (EMFILE, ...). The connection stays in the backlog, so
             * epoll would not tell of it again */
            if (!is_set(server, REPORTED))
                report(server, "server cannot accept now, and tries again", -errno);
            set(server, REPORTED);
            return cedo_call_later(server->loop, &server->accepting, BACK_OFF, on_connection,
                                   server);
        }
    }
    return cedo_call_soon(server->loop, &server->accepting, on_connection, server);
}

static int listen_on(cedo_address *address, const cedo_server_options *options)
{
    const int one = 1;
    const int zero = 0;
    const int family = address->u.any.sa_family;
    const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (options->reuse_port) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    /* "::" stands for IPv4, too */
    if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    if (bind(fd, &address->u.any, address->size) < 0 ||
        listen(fd, options->backlog > 0 ? options->backlog : SOMAXCONN) < 0) {
        const int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

/* ------------------------------------------------------------- close */

static void close_in(cedo_poller *poller, cedo_server *server)
{
    if (!cedo_server_is_serving(server)) return;
    cedo_source_call_cancel_(&server->source.readers, &server->accepting);
    cedo_source_close_(poller, &server->source);
    cedo_buffer_put_(&poller->buffers, server->frame);
    server->frame = NULL;
    clear(server, FULL);
    if (is_over(server)) cedo_ring_wake_(poller, &server->waiters);
}

void cedo_server_close(cedo_server *server)
{
    if (cedo_server_is_serving(server)) close_in(cedo_poller_of_(server->loop), server);
}

void cedo_server_cancel_handlers(cedo_server *server)
{
    cedo_task *task = NULL;
    if (!server->connections) return;
    while ((task = cedo_loop_next_task(server->loop, task)) != NULL) {
        const connection *const c = (const connection *)(const void *)(task + 1);
        /* behind every task with storage of the loop there is a frame */
        if ((task->entry.flags & CEDO_TASK_HEAP_) && c->coro.body == connection_coro &&
            c->server == server)
            cedo_task_cancel(task);
    }
}

static cedo_op waiter_again(cedo_task *task);
static cedo_op serve_again(cedo_task *task);
static bool serve_cancel(cedo_task *task, const char *message);
static void serve_abandon(cedo_task *task);
static cedo_op scope_again(cedo_task *task);
static bool scope_cancel(cedo_task *task, const char *message);
static const cedo_wait_ops wait_ops = CEDO_WAIT_OPS("server wait closed", waiter_again, NULL, NULL);
static const cedo_wait_ops serve_ops =
    CEDO_WAIT_OPS("serve forever", serve_again, serve_cancel, serve_abandon);
static const cedo_wait_ops scope_ops = CEDO_WAIT_OPS("server end", scope_again, scope_cancel, NULL);

static cedo_server *waiting_for(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_server, waiters);
}

cedo_op cedo_server_wait_closed(cedo_server *server)
{
    if (is_over(server)) return cedo_done(CEDO_OK);
    return cedo_wait_(&server->waiters, &wait_ops, NULL);
}

static cedo_op waiter_again(cedo_task *task)
{
    return cedo_server_wait_closed(waiting_for(task));
}

/* ------------------------------------------------------------- serve for ever */

cedo_op cedo_serve_forever(cedo_server *server)
{
    if (!cedo_server_is_serving(server)) return cedo_done(CEDO_ECLOSED);
    if (is_set(server, SERVING)) return cedo_done(CEDO_EBUSY);
    set(server, SERVING);
    return cedo_wait_(&server->waiters, &serve_ops, NULL);
}

static cedo_op serve_again(cedo_task *task)
{
    cedo_server *const server = waiting_for(task);
    const bool cancelled = is_set(server, CANCELLED);
    if (!is_over(server)) return cedo_wait_(&server->waiters, &serve_ops, NULL);
    clear(server, SERVING | CANCELLED);
    return cedo_done(cancelled ? CEDO_ECANCELED : CEDO_OK);
}

/* Its end comes with that of the last handler. */
static bool serve_cancel(cedo_task *task, const char *message)
{
    cedo_server *const server = waiting_for(task);
    (void)message;
    set(server, CANCELLED);
    cedo_server_close(server);
    cedo_server_cancel_handlers(server);
    return true;
}

static void serve_abandon(cedo_task *task)
{
    clear(waiting_for(task), SERVING | CANCELLED);
}

/* ------------------------------------------------------------- the end of the coroutine that
 * started it */

static cedo_op end_scope(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    cedo_server *const server = CEDO_CONTAINER_(scope, cedo_server, scope);
    (void)pending;
    if (woke < 0) return cedo_done(woke);
    cedo_server_close(server);
    cedo_server_cancel_handlers(server);
    if (is_over(server)) return cedo_done(CEDO_OK);
    return cedo_wait_(&server->waiters, &scope_ops, NULL);
}

static cedo_op scope_again(cedo_task *task)
{
    cedo_server *const server = waiting_for(task);
    const bool cancelled = is_set(server, SCOPE_CANCELLED);
    if (!is_over(server)) return cedo_wait_(&server->waiters, &scope_ops, NULL);
    clear(server, SCOPE_CANCELLED);
    return cedo_done(cancelled ? CEDO_ECANCELED : CEDO_OK);
}

/* The handlers are cancelled already; without them ended, the frame must stay. */
static bool scope_cancel(cedo_task *task, const char *message)
{
    (void)message;
    set(waiting_for(task), SCOPE_CANCELLED);
    return true;
}

/* ------------------------------------------------------------- open */

cedo_op cedo_server_start(cedo_server *server, const char *host, const char *port,
                          cedo_handler_type handler, cedo_server_options options)
{
    cedo_loop *const loop = cedo_task_loop_(cedo_this_task_());
    cedo_poller *const poller = cedo_poller_of_(loop);
    cedo_address address;
    cedo_status status;
    int fd;
    if (!is_over(server)) return cedo_done(CEDO_EBUSY);
    status = cedo_address_parse_(&address, host, port);
    if (status < 0) return cedo_done(status);
    fd = listen_on(&address, &options);
    if (fd < 0) return cedo_done(fd);
    server->frame = cedo_buffer_take_(&poller->buffers, handler.frame_size);
    status = server->frame ? cedo_source_open_(poller, &server->source, fd) : CEDO_ENOMEM;
    if (status < 0) {
        if (server->frame) cedo_buffer_put_(&poller->buffers, server->frame);
        server->frame = NULL;
        close(fd);
        return cedo_done(status);
    }
    memcpy(server->frame->data, handler.frame, handler.frame_size);
    server->frame->end = (uint32_t)handler.frame_size;
    server->loop = loop;
    server->stream_offset = (uint32_t)handler.stream_offset;
    server->max_connections = options.max_connections;
    server->limit = options.line_limit ? cedo_log2_(options.line_limit) : CEDO_DEFAULT_LIMIT_;
    server->flags = 0;
    cedo_scope_open_below_(&server->scope, end_scope);
    cedo_source_call_(&server->source.readers, &server->accepting, on_connection, server);
    return cedo_done(CEDO_OK);
}

unsigned cedo_server_port(const cedo_server *server)
{
    cedo_address address;
    address.size = sizeof address.u;
    if (!cedo_server_is_serving(server)) return 0;
    if (getsockname(server->source.fd, &address.u.any, &address.size) < 0) return 0;
    return cedo_address_port_(&address);
}
