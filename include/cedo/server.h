/* Servers: a task for each connection.
 *
 *     struct handle { cedo_coro coro; cedo_stream conn; cedo_bytes line; };
 *
 *     static cedo_async(handle)
 *     {
 *         cedo_body(struct handle, self) {
 *             cedo_for_each (self->line, cedo_stream_read_line(&self->conn, &self->line))
 *                 cedo_await(cedo_stream_write(&self->conn, self->line));
 *         }
 *     }
 *     ...
 *         cedo_await(cedo_start_server(&self->server, "127.0.0.1", "8888",
 *                                      cedo_handler(handle, conn)));
 *         cedo_await(cedo_serve_forever(&self->server));
 *
 * A server belongs to the coroutine that starts it. When that ends, in any way, the server stops
 * listening, its handlers are cancelled, and their end is awaited: none outlives it.
 *
 * A connection belongs to its handler's task and closes with it: after what it wrote was sent, or,
 * if it was cancelled, at once. A handler that fails is reported to the loop's exception handler,
 * unless it fails with the very error that broke its connection: peers may go when they like. An
 * idle connection with a handler like the one above costs 248 bytes.
 *
 * Counterparts: asyncio.start_server(), asyncio.Server.
 */
#ifndef CEDO_SERVER_H
#define CEDO_SERVER_H

#include <cedo/scope.h>
#include <cedo/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All zero: never used, closed. May be started again once it is closed and all its handlers have
 * ended. Must not move while open. Private fields. */
typedef struct cedo_server cedo_server;
struct cedo_server {
    cedo_source source;
    cedo_scope scope;
    cedo_ring waiters; /* tasks that wait until it is closed and the last handler has ended */
    cedo_handle accepting;
    cedo_loop *loop;
    struct cedo_buffer *frame; /* what each handler's frame begins with; NULL: not started */
    uint32_t stream_offset;
    uint32_t connections;
    uint32_t max_connections;
    uint8_t limit;
    uint8_t flags;
};

/* What a server starts for each connection; see cedo_handler. */
typedef struct cedo_handler_type cedo_handler_type;
struct cedo_handler_type {
    const cedo_coro *frame;
    size_t frame_size;
    size_t stream_offset;
};

/* Coroutine `name`, whose frame has the member `stream`, a cedo_stream. Its other members begin
 * with .field = value as given, else zero: cedo_handler(handle, conn, .app = self). */
#define cedo_handler(...) CEDO_HANDLER_(__VA_ARGS__, )
#define CEDO_HANDLER_(name, stream, ...) \
    cedo_handler_type_(&(struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}.coro, \
                       CEDO_SIZE_OF_FRAME_(name), CEDO_STREAM_OFFSET_(name, stream))

/* The same with a frame whose members were set by hand, for C++ before 20; it is copied when the
 * server starts. */
#define cedo_handler_like(frame, name, stream) \
    cedo_handler_type_(cedo_prepare(frame, name), CEDO_SIZE_OF_FRAME_(name), \
                       CEDO_STREAM_OFFSET_(name, stream))

#define CEDO_STREAM_OFFSET_(name, stream) \
    (offsetof(struct name, stream) + \
     0 * sizeof((cedo_stream *)NULL == &((struct name *)NULL)->stream))

static inline cedo_handler_type cedo_handler_type_(const cedo_coro *frame, size_t frame_size,
                                                   size_t stream_offset)
{
    cedo_handler_type type;
    type.frame = frame;
    type.frame_size = frame_size;
    type.stream_offset = stream_offset;
    return type;
}

/* All zero: the defaults. */
typedef struct cedo_server_options cedo_server_options;
struct cedo_server_options {
    unsigned max_connections; /* further ones wait in the backlog; 0: no limit */
    int backlog; /* connections that may wait to be accepted; 0: as many as the system allows */
    size_t line_limit; /* of the handlers' streams, see cedo_stream_set_limits; 0: 64 KiB */
    bool reuse_port;   /* several servers, one per loop, share the port */
    bool unused_;      /* for cedo_start_server, whose list must not be empty */
};

/* Awaitable: listens on a TCP port and accepts from then on. `host`: a numeric address, "localhost"
 * (127.0.0.1), or NULL or "": all addresses. `port`: "0" lets the system choose, see
 * cedo_server_port. Options follow as .field = value:
 *     cedo_await(cedo_start_server(&self->server, NULL, "8888", cedo_handler(handle, conn),
 *                                  .max_connections = 1000));
 * Done at once. Fails with CEDO_ENAME, CEDO_EBUSY (it is started), CEDO_ENOMEM, or the system's
 * error (-EADDRINUSE, -EACCES, ...). Counterpart: asyncio.start_server(). */
#define cedo_start_server(...) CEDO_START_SERVER_(__VA_ARGS__, )
#define CEDO_START_SERVER_(server, host, port, handler, ...) \
    cedo_server_start(server, host, port, handler, CEDO_SERVER_OPTIONS_(__VA_ARGS__))
#ifdef __cplusplus
#define CEDO_SERVER_OPTIONS_(...) \
    cedo_server_options \
    { \
        __VA_ARGS__ \
    }
#else
#define CEDO_SERVER_OPTIONS_(...) ((cedo_server_options){.unused_ = false, __VA_ARGS__})
#endif

/* The same, a function. */
CEDO_AWAITABLE cedo_server_start(cedo_server *server, const char *host, const char *port,
                                 cedo_handler_type handler, cedo_server_options options);

/* Awaitable: waits until the server was closed by cedo_server_close and all handlers have ended.
 * One task at a time, else CEDO_EBUSY; CEDO_ECLOSED if it is closed already.
 * Cancel contract: the server is closed, its handlers are cancelled, and their end is awaited.
 * Counterpart: Server.serve_forever(); there a close raises CancelledError, here it is the normal
 * end. */
CEDO_AWAITABLE cedo_serve_forever(cedo_server *server);

/* Stops listening, at once. Handlers go on. Again: no effect. From any task or callback of the
 * loop. Counterpart: Server.close(). */
void cedo_server_close(cedo_server *server);

/* Cancels the tasks of all handlers, which closes their connections. Those who called it do not
 * wait. Counterpart: Server.abort_clients(). Cost: looks at all tasks of the loop. */
void cedo_server_cancel_handlers(cedo_server *server);

/* Awaitable: waits until the server is closed and its last handler has ended; at once if it was
 * never started. Cancel contract: nothing happened. Counterpart: Server.wait_closed(). */
CEDO_AWAITABLE cedo_server_wait_closed(cedo_server *server);

/* The port number; 0: not listening. */
unsigned cedo_server_port(const cedo_server *server);

/* Counterpart: Server.is_serving(). */
static inline bool cedo_server_is_serving(const cedo_server *server)
{
    return server->source.flags != 0;
}

/* The number of handlers that have not ended. */
static inline unsigned cedo_server_connections(const cedo_server *server)
{
    return server->connections;
}

#ifdef __cplusplus
}
#endif
#endif
