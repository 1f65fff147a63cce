/* Streams: bytes in both directions over a connection.
 *
 *     struct fetch { cedo_coro coro; cedo_stream conn; cedo_bytes line; };
 *     ...
 *         cedo_await(cedo_open_connection(&self->conn, "127.0.0.1", "7"));
 *         cedo_await(cedo_stream_write_str(&self->conn, "hello\n"));
 *         cedo_await(cedo_stream_read_line(&self->conn, &self->line));
 *     cedo_finally:
 *         cedo_await(cedo_stream_close(&self->conn));
 *
 * Reading gives views: a cedo_bytes that is valid until the next read, or the end, of the stream.
 * The memory behind it is the loop's. A stream that waits for input holds no buffer, but for the
 * beginning of a line or record.
 *
 * Writing appends to a buffer, and what was written leaves when the task waits for input from the
 * stream, before the loop sleeps, or when 64 KiB have gathered: a hundred small writes are one
 * system call. While more than the high-water mark is still unsent, writes wait.
 *
 * A stream belongs to the loop in which it was opened, and is used by its tasks and callbacks only.
 * One task may read while others write. Close it before its storage goes; no task may be inside one
 * of its operations then. The connection of a server's handler is closed by the server.
 *
 * No operation raises SIGPIPE. Once the connection is broken, each further operation fails with its
 * error (reading: after what had arrived was read).
 *
 * Counterparts: asyncio.StreamReader and StreamWriter, in one.
 */
#ifndef CEDO_STREAM_H
#define CEDO_STREAM_H

#include <cedo/each.h>
#include <cedo/net.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All zero: never used, closed. Must not be copied or moved while open. 48 bytes. Private
 * fields. */
typedef struct cedo_stream cedo_stream;
struct cedo_stream {
    cedo_source source;
    struct cedo_buffer *in;  /* bytes not read yet, and the last view; NULL: none */
    struct cedo_output *out; /* bytes not sent yet; NULL: none */
    uint32_t want;           /* what the waiting read asks for */
    uint16_t error;          /* the errno that broke it */
    uint8_t limit;           /* log2 of the longest line */
    uint8_t high;            /* log2 of the high-water mark */
};

/* ------------------------------------------------------------- open */

/* Awaitable: connects to a TCP server. For "localhost" 127.0.0.1 is tried first, then ::1. `host`
 * and `port` need not outlive the call. Fails with CEDO_ENAME, CEDO_EBUSY (the stream is open),
 * CEDO_ENOMEM, or the system's error (-ECONNREFUSED, -EMFILE, ...); the stream is then closed.
 * Cancel contract: the attempt is given up, the stream is closed. Counterpart:
 * asyncio.open_connection(). */
CEDO_AWAITABLE cedo_open_connection(cedo_stream *stream, const char *host, const char *port);

/* Makes a stream of a connected socket, which it owns from then on, also if this fails: a
 * socketpair, an inherited one. CEDO_OK, CEDO_EBUSY, CEDO_ENOMEM, or the system's error.
 * Counterpart: loop.connect_accepted_socket(). */
cedo_status cedo_stream_adopt(cedo_stream *stream, int fd);

/* ------------------------------------------------------------- read */

/* All reads fail with CEDO_ECLOSED (not open, or closed meanwhile), CEDO_EBUSY (another task is
 * reading), CEDO_ENOMEM, and with the error that broke the connection (-ECONNRESET, ...).
 * Cancel contract of each: nothing was read, and not a byte is lost. */

/* Awaitable: reads what is there, at least one byte and at most `max`, as a view into *bytes.
 * Answers CEDO_END, and gives an empty view, at the end. Counterpart: StreamReader.read(n). */
CEDO_AWAITABLE cedo_stream_read(cedo_stream *stream, cedo_bytes *bytes, size_t max);

/* Awaitable: copies just `size` bytes to `buffer`, which must not be a C local. Fails with
 * CEDO_EEOF if the stream ends before; what came stays and can be read. At most 1 GiB at a time,
 * else CEDO_EINVAL. Counterpart: StreamReader.readexactly(). */
CEDO_AWAITABLE cedo_stream_read_exactly(cedo_stream *stream, void *buffer, size_t size);

/* Awaitable: reads a line, with its "\n", as a view into *line. At the end of the stream gives the
 * rest, without "\n"; then CEDO_END and an empty view. Fails with CEDO_ELIMIT on a line longer than
 * the limit ("\n" not counted); it is skipped as far as it has come, so the next read gives what
 * follows. Counterpart: StreamReader.readline(). */
CEDO_AWAITABLE cedo_stream_read_line(cedo_stream *stream, cedo_bytes *line);

/* True once the end was met and all before it was read. Counterpart: StreamReader.at_eof(). */
bool cedo_stream_at_eof(const cedo_stream *stream);

/* ------------------------------------------------------------- write */

/* Awaitable: appends a copy of `bytes`, which need not outlive the call; large ones are sent from
 * where they stand. Done at once while at most the high-water mark is unsent, else when that is
 * down to a quarter. Fails with CEDO_ECLOSED, CEDO_ESTATE (after write_eof), CEDO_ENOMEM, and with
 * the error that broke the connection (-EPIPE, -ECONNRESET); that may be due to an earlier write.
 * Cancel contract: all bytes were taken and will be sent; only the waiting ends. Counterpart:
 * write() and drain(). */
CEDO_AWAITABLE cedo_stream_write(cedo_stream *stream, cedo_bytes bytes);

/* The same with the text of a C string. */
static inline CEDO_AWAITABLE cedo_stream_write_str(cedo_stream *stream, const char *text)
{
    return cedo_stream_write(stream, cedo_str(text));
}

/* Awaitable: sends now what can be sent, and waits as cedo_stream_write does. Errors and cancel
 * contract as there. Any number of tasks may wait. Counterpart: StreamWriter.drain(). */
CEDO_AWAITABLE cedo_stream_drain(cedo_stream *stream);

/* Awaitable: sends now, and waits until the system has taken all. Errors and cancel contract as
 * cedo_stream_write. */
CEDO_AWAITABLE cedo_stream_flush(cedo_stream *stream);

/* Awaitable: sends all, then tells the peer that nothing more will come; reading goes on. Again: no
 * effect. Errors as cedo_stream_write. Cancel contract: it will be told, when all is sent; only the
 * waiting ends. Counterpart: StreamWriter.write_eof(). */
CEDO_AWAITABLE cedo_stream_write_eof(cedo_stream *stream);

/* The number of bytes that were written and not yet sent. Counterpart:
 * transport.get_write_buffer_size(). */
size_t cedo_stream_unsent(const cedo_stream *stream);

/* ------------------------------------------------------------- close */

/* Awaitable: sends what is left, however long the peer takes to read it, and closes the connection.
 * CEDO_OK also if it is closed already, or was never opened: right for a finally section. Fails
 * with the error of the connection if bytes that were written could not be sent; the stream is
 * closed all the same. Tasks that still read or drain fail with CEDO_ECLOSED. That the peer has
 * read it all is known only from its answer, or its end of file after write_eof. Cancel contract:
 * the rest is dropped, the stream is closed. Counterpart: close() and wait_closed(). */
CEDO_AWAITABLE cedo_stream_close(cedo_stream *stream);

/* Closes at once and drops what is unsent. No effect on a closed one. From any task or callback of
 * the loop. Counterpart: transport.abort(). */
void cedo_stream_abort(cedo_stream *stream);

static inline bool cedo_stream_is_open(const cedo_stream *stream)
{
    return stream->source.flags != 0;
}

/* ------------------------------------------------------------- more */

/* Limits of an open stream, each rounded up to a power of two: the longest line that
 * cedo_stream_read_line takes, and the high-water mark of writing. In bytes, 1 to 1 GiB; 0: leave
 * it. At first 64 KiB both. Counterparts: limit=, transport.set_write_buffer_limits(). */
void cedo_stream_set_limits(cedo_stream *stream, size_t line, size_t high_water);

/* The socket, for getpeername(), setsockopt() and such; -1: not open. It stays the stream's.
 * Counterpart: get_extra_info("socket"). */
static inline int cedo_stream_fd(const cedo_stream *stream)
{
    return cedo_stream_is_open(stream) ? stream->source.fd : -1;
}

#ifdef __cplusplus
}
#endif
#endif
