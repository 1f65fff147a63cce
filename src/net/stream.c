#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "net.h"

#include <cedo/sleep.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* In source.user. */
enum {
    EOF_MET = 1,
    READING = 2, /* a task waits for input, or was woken and has not looked yet */
    READ_FAILED = 4,
    WRITE_FAILED = 8,
    LOST = 16,      /* and bytes that a write had taken were not sent */
    EOF_ASKED = 32, /* write_eof: when all is sent */
    EOF_SENT = 64,
    CLOSING = 128
};

/* So many bytes do not wait for more. */
#define GATHERED 65536
/* A write of so many is not copied behind others: that would cost as much as a system call. */
#define AT_ONCE 16384

/* What a stream has beside it while something is unsent. */
struct cedo_output {
    cedo_hook hook;       /* queued: will be sent before the loop looks at its sources */
    cedo_handle writable; /* in the ring of the source: will be sent when the system takes more */
    cedo_ring waiters;    /* tasks in drain, flush, write_eof, close */
    cedo_stream *stream;
    cedo_buffer *bytes;
};

static cedo_poller *poller_here(void)
{
    CEDO_CHECK_(cedo_running_ != NULL,
                "streams are used by the tasks and callbacks of a running loop");
    return cedo_poller_of_(cedo_running_);
}

uint8_t cedo_log2_(size_t size)
{
    uint8_t exponent = 0;
    while (exponent < 30 && ((size_t)1 << exponent) < size) exponent++;
    return exponent;
}

static bool is_set(const cedo_stream *stream, unsigned flags)
{
    return (stream->source.user & flags) != 0;
}

static void set(cedo_stream *stream, unsigned flags)
{
    stream->source.user = (uint8_t)(stream->source.user | flags);
}

static void clear(cedo_stream *stream, unsigned flags)
{
    stream->source.user = (uint8_t)(stream->source.user & ~flags);
}

static bool is_ready(const cedo_stream *stream, unsigned flags)
{
    return (stream->source.flags & flags) != 0;
}

static void not_ready(cedo_stream *stream, unsigned flags)
{
    stream->source.flags = (uint8_t)(stream->source.flags & ~flags);
}

static cedo_stream *reading(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_stream, source.readers);
}

/* ------------------------------------------------------------- output: the machinery */

size_t cedo_stream_unsent(const cedo_stream *stream)
{
    return stream->out ? cedo_buffer_length_(stream->out->bytes) : 0;
}

static size_t high_water(const cedo_stream *stream)
{
    return (size_t)1 << stream->high;
}

static size_t low_water(const cedo_stream *stream)
{
    return high_water(stream) / 4;
}

/* Those who wait look again. */
static void drop_output(cedo_poller *poller, cedo_stream *stream)
{
    struct cedo_output *const out = stream->out;
    if (!out) return;
    stream->out = NULL;
    cedo_ring_wake_(poller, &out->waiters);
    cedo_poller_unhook_(&out->hook);
    cedo_source_call_cancel_(&stream->source.writers, &out->writable);
    cedo_buffer_put_(&poller->buffers, out->bytes);
    out->bytes = NULL;
    cedo_buffer_put_(&poller->buffers, CEDO_CONTAINER_(out, cedo_buffer, data));
}

/* Sends what is buffered and `more`. Answers how many bytes of them went, or -errno. */
static ssize_t send_all(cedo_stream *stream, cedo_bytes more)
{
    struct iovec parts[2];
    struct msghdr message = {.msg_iov = parts};
    ssize_t sent;
    size_t size = more.len;
    if (stream->out) {
        const cedo_buffer *const bytes = stream->out->bytes;
        parts[0].iov_base = stream->out->bytes->data + bytes->begin;
        parts[0].iov_len = cedo_buffer_length_(bytes);
        size += parts[0].iov_len;
        message.msg_iovlen = 1;
    }
    if (more.len) {
        parts[message.msg_iovlen].iov_base = (void *)(uintptr_t)more.data;
        parts[message.msg_iovlen].iov_len = more.len;
        message.msg_iovlen++;
    }
    do {
        /* one part is by far the most frequent, and cheaper this way */
        sent = message.msg_iovlen == 1
                   ? send(stream->source.fd, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL)
                   : sendmsg(stream->source.fd, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK) return -errno;
        sent = 0;
    }
    if ((size_t)sent < size) not_ready(stream, CEDO_SOURCE_WRITABLE_);
    return sent;
}

static void write_failed(cedo_poller *poller, cedo_stream *stream, int error)
{
    stream->error = (uint16_t)error;
    set(stream, WRITE_FAILED | (stream->out ? LOST : 0));
    drop_output(poller, stream);
}

cedo_status cedo_stream_error_(const cedo_stream *stream)
{
    return is_set(stream, READ_FAILED | WRITE_FAILED) ? -stream->error : CEDO_OK;
}

static void send_eof(cedo_stream *stream)
{
    if (!is_set(stream, EOF_ASKED) || is_set(stream, EOF_SENT)) return;
    set(stream, EOF_SENT);
    shutdown(stream->source.fd, SHUT_WR); /* ENOTCONN: the peer knows already */
}

static cedo_status on_writable(void *stream);

/* Sees to it that the buffer will be sent. */
static void send_later(cedo_poller *poller, cedo_stream *stream)
{
    struct cedo_output *const out = stream->out;
    if (is_ready(stream, CEDO_SOURCE_WRITABLE_)) {
        cedo_poller_hook_(poller, &out->hook);
    }
    else if (!out->writable.entry.flags) {
        cedo_source_call_(&stream->source.writers, &out->writable, on_writable, stream);
    }
}

/* Takes `sent` bytes off the buffer, and gives it back when it is empty. */
static void output_sent(cedo_poller *poller, cedo_stream *stream, size_t sent)
{
    struct cedo_output *const out = stream->out;
    out->bytes->begin += (uint32_t)sent;
    if (cedo_stream_unsent(stream) <= low_water(stream)) cedo_ring_wake_(poller, &out->waiters);
    if (cedo_stream_unsent(stream) == 0) {
        drop_output(poller, stream);
        send_eof(stream);
    }
    else {
        send_later(poller, stream);
    }
}

/* Sends what can be sent now. */
static void flush(cedo_poller *poller, cedo_stream *stream)
{
    ssize_t sent;
    if (!stream->out || !is_ready(stream, CEDO_SOURCE_WRITABLE_)) return;
    sent = send_all(stream, cedo_bytes_of(NULL, 0));
    if (sent < 0) {
        write_failed(poller, stream, (int)-sent);
    }
    else {
        output_sent(poller, stream, (size_t)sent);
    }
}

void cedo_stream_send_(cedo_stream *stream)
{
    flush(poller_here(), stream);
}

static cedo_status on_writable(void *stream)
{
    cedo_stream_send_(stream);
    return CEDO_OK;
}

static void on_hook(cedo_hook *hook)
{
    cedo_stream *const stream = CEDO_CONTAINER_(hook, struct cedo_output, hook)->stream;
    flush(poller_here(), stream);
}

/* Buffers `bytes`. */
static cedo_status append(cedo_poller *poller, cedo_stream *stream, cedo_bytes bytes)
{
    cedo_buffer *to = stream->out ? stream->out->bytes : NULL;
    if (!cedo_buffer_reserve_(&poller->buffers, &to, bytes.len)) return CEDO_ENOMEM;
    if (!stream->out) {
        cedo_buffer *const storage =
            cedo_buffer_take_(&poller->buffers, sizeof(struct cedo_output));
        if (!storage) {
            cedo_buffer_put_(&poller->buffers, to);
            return CEDO_ENOMEM;
        }
        stream->out = (struct cedo_output *)(void *)storage->data;
        memset(stream->out, 0, sizeof *stream->out);
        stream->out->hook.fn = on_hook;
        stream->out->stream = stream;
    }
    stream->out->bytes = to;
    memcpy(to->data + to->end, bytes.data, bytes.len);
    to->end += (uint32_t)bytes.len;
    send_later(poller, stream);
    return CEDO_OK;
}

/* Sends the buffer and `bytes`, as far as possible, without copying; takes what went off *bytes. */
static cedo_status send_now(cedo_poller *poller, cedo_stream *stream, cedo_bytes *bytes)
{
    const size_t unsent = cedo_stream_unsent(stream);
    const ssize_t result = send_all(stream, *bytes);
    size_t sent = (size_t)result;
    if (result < 0) {
        write_failed(poller, stream, (int)-result);
        return (cedo_status)result;
    }
    if (stream->out) output_sent(poller, stream, sent < unsent ? sent : unsent);
    sent -= sent < unsent ? sent : unsent;
    bytes->data += sent;
    bytes->len -= sent;
    return CEDO_OK;
}

/* ------------------------------------------------------------- output: the operations */

static cedo_status writing(const cedo_stream *stream)
{
    if (!cedo_stream_is_open(stream) || is_set(stream, CLOSING)) return CEDO_ECLOSED;
    return is_set(stream, WRITE_FAILED) ? -stream->error : CEDO_OK;
}

/* Done when at most `limit` bytes are unsent, else waits; `ops` then looks again. */
static cedo_op wait_unsent(cedo_stream *stream, size_t limit, const cedo_wait_ops *ops)
{
    const cedo_status status = writing(stream);
    if (status < 0) return cedo_done(status);
    if (cedo_stream_unsent(stream) <= limit) return cedo_done(CEDO_OK);
    return cedo_wait_(&stream->out->waiters, ops, stream);
}

static cedo_op drain_again(cedo_task *task);
static cedo_op flush_again(cedo_task *task);
static const cedo_wait_ops drain_ops = CEDO_WAIT_OPS("stream write", drain_again, NULL, NULL);
static const cedo_wait_ops flush_ops = CEDO_WAIT_OPS("stream flush", flush_again, NULL, NULL);

static cedo_op drain_again(cedo_task *task)
{
    cedo_stream *const stream = task->entry.u.arg;
    return wait_unsent(stream, low_water(stream), &drain_ops);
}

static cedo_op flush_again(cedo_task *task)
{
    return wait_unsent(task->entry.u.arg, 0, &flush_ops);
}

/* The usual case, shortly: there is a buffer, which is going to be sent, and `bytes` fit. */
static bool append_at_once(cedo_stream *stream, cedo_bytes bytes)
{
    cedo_buffer *const to = stream->out ? stream->out->bytes : NULL;
    if (!to || is_set(stream, CLOSING | EOF_ASKED)) return false;
    if (bytes.len > to->capacity - to->end || bytes.len >= AT_ONCE) return false;
    if (to->end + bytes.len > GATHERED || to->end + bytes.len > high_water(stream)) return false;
    memcpy(to->data + to->end, bytes.data, bytes.len);
    to->end += (uint32_t)bytes.len;
    return true;
}

/* All others. */
CEDO_NOINLINE_ static cedo_op write_slowly(cedo_stream *stream, cedo_bytes bytes)
{
    cedo_poller *const poller = poller_here();
    cedo_status status = writing(stream);
    if (status < 0) return cedo_done(status);
    if (is_set(stream, EOF_ASKED)) return cedo_done(CEDO_ESTATE);
    if (!bytes.len) return cedo_done(CEDO_OK);
    if (is_ready(stream, CEDO_SOURCE_WRITABLE_) &&
        (bytes.len >= AT_ONCE || cedo_stream_unsent(stream) + bytes.len > GATHERED)) {
        const size_t size = bytes.len;
        status = send_now(poller, stream, &bytes);
        if (status < 0) return cedo_done(status);
        if (!bytes.len && cedo_poller_spend_(poller)) return cedo_done(CEDO_OK);
        if (!bytes.len) return cedo_yield_now();
        status = append(poller, stream, bytes);
        /* half of it is on its way: nothing that follows would make sense to the peer */
        if (status < 0 && bytes.len < size) write_failed(poller, stream, ENOMEM);
    }
    else {
        status = append(poller, stream, bytes);
    }
    if (status < 0) return cedo_done(status);
    return wait_unsent(stream, high_water(stream), &drain_ops);
}

cedo_op cedo_stream_write(cedo_stream *stream, cedo_bytes bytes)
{
    return append_at_once(stream, bytes) ? cedo_done(CEDO_OK) : write_slowly(stream, bytes);
}

cedo_op cedo_stream_drain(cedo_stream *stream)
{
    flush(poller_here(), stream);
    return wait_unsent(stream, high_water(stream), &drain_ops);
}

cedo_op cedo_stream_flush(cedo_stream *stream)
{
    flush(poller_here(), stream);
    return wait_unsent(stream, 0, &flush_ops);
}

cedo_op cedo_stream_write_eof(cedo_stream *stream)
{
    const cedo_status status = writing(stream);
    if (status < 0) return cedo_done(status);
    set(stream, EOF_ASKED);
    flush(poller_here(), stream);
    if (!stream->out && !is_set(stream, WRITE_FAILED)) send_eof(stream);
    return wait_unsent(stream, 0, &flush_ops);
}

/* ------------------------------------------------------------- input: the machinery */

static uint32_t unread(const cedo_stream *stream)
{
    return stream->in ? cedo_buffer_length_(stream->in) : 0;
}

static const char *input(const cedo_stream *stream)
{
    return stream->in->data + stream->in->begin;
}

static cedo_bytes take(cedo_stream *stream, uint32_t size)
{
    const cedo_bytes bytes = cedo_bytes_of(size ? input(stream) : "", size);
    if (size) stream->in->begin += size;
    return bytes;
}

/* Receives what is there. CEDO_OK: something came, or the end (EOF_MET). CEDO_EAGAIN: nothing is
 * there. */
static cedo_status receive(cedo_poller *poller, cedo_stream *stream)
{
    cedo_buffer *in;
    size_t room;
    ssize_t count;
    /* a leftover in a buffer of its own moves to a large one */
    if (!cedo_buffer_reserve_(&poller->buffers, &stream->in, CEDO_BUFFER_SIZE_ / 4))
        return CEDO_ENOMEM;
    in = stream->in;
    room = in->capacity - in->end;
    do {
        count = recv(stream->source.fd, in->data + in->end, room, 0);
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
        in->end += (uint32_t)count;
        if ((size_t)count < room && !is_ready(stream, CEDO_SOURCE_HANGUP_))
            not_ready(stream, CEDO_SOURCE_READABLE_);
        return CEDO_OK;
    }
    if (count == 0) {
        set(stream, EOF_MET);
        return CEDO_OK;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        not_ready(stream, CEDO_SOURCE_READABLE_);
        return CEDO_EAGAIN;
    }
    stream->error = (uint16_t)errno;
    set(stream, READ_FAILED | WRITE_FAILED | (stream->out ? LOST : 0));
    drop_output(poller, stream);
    return -stream->error;
}

/* The task is going to wait: the buffer goes back, or to a smaller place if that saves most of
 * it. */
static void shrink_input(cedo_poller *poller, cedo_stream *stream)
{
    const uint32_t size = unread(stream);
    if (!stream->in) return;
    if (!size) {
        cedo_buffer_put_(&poller->buffers, stream->in);
        stream->in = NULL;
    }
    else if (stream->in->capacity >= CEDO_BUFFER_SIZE_ && size <= CEDO_BUFFER_SIZE_ / 4) {
        (void)cedo_buffer_resize_(&poller->buffers, &stream->in,
                                  size); /* no memory: it stays where it is */
    }
}

/* Of each kind of read: tries to satisfy it from the buffer. CEDO_EAGAIN: more is needed. The first
 * `seen` bytes were there at the last try. */
typedef cedo_status taker(cedo_stream *stream, void *arg, uint32_t seen);

static cedo_op wait_input(cedo_poller *poller, cedo_stream *stream, const cedo_wait_ops *ops,
                          void *arg)
{
    /* what the peer waits for leaves first */
    if (stream->out) flush(poller, stream);
    shrink_input(poller, stream);
    set(stream, READING);
    return cedo_wait_(&stream->source.readers, ops, arg);
}

static cedo_op read_on(cedo_stream *stream, const cedo_wait_ops *ops, void *arg, taker *take_from,
                       bool woken)
{
    cedo_poller *const poller = poller_here();
    uint32_t seen = woken ? unread(stream) : 0;
    for (;;) {
        cedo_status status = take_from(stream, arg, seen);
        if (status != CEDO_EAGAIN) return cedo_done(status);
        if (is_set(stream, READ_FAILED)) return cedo_done(-stream->error);
        seen = unread(stream);
        if (!is_ready(stream, CEDO_SOURCE_READABLE_)) break;
        if (!woken && !cedo_poller_spend_(poller)) {
            /* it will find itself woken already */
            const cedo_op op = wait_input(poller, stream, ops, arg);
            cedo_ring_wake_(poller, &stream->source.readers);
            return op;
        }
        woken = false;
        status = receive(poller, stream);
        if (status == CEDO_EAGAIN) break;
        if (status < 0) return cedo_done(status);
    }
    return wait_input(poller, stream, ops, arg);
}

static cedo_op read_first(cedo_stream *stream, const cedo_wait_ops *ops, void *arg,
                          taker *take_from)
{
    if (!cedo_stream_is_open(stream)) return cedo_done(CEDO_ECLOSED);
    if (is_set(stream, READING)) return cedo_done(CEDO_EBUSY);
    return read_on(stream, ops, arg, take_from, false);
}

static cedo_op read_again(cedo_task *task, const cedo_wait_ops *ops, taker *take_from)
{
    cedo_stream *const stream = reading(task);
    if (!cedo_stream_is_open(stream)) return cedo_done(CEDO_ECLOSED);
    clear(stream, READING);
    return read_on(stream, ops, task->entry.u.arg, take_from, true);
}

/* Nothing was taken yet, so nothing is lost. */
static void read_abandon(cedo_task *task)
{
    clear(reading(task), READING);
}

static bool read_cancel(cedo_task *task, const char *message)
{
    (void)message;
    read_abandon(task);
    return false;
}

/* ------------------------------------------------------------- input: the operations */

bool cedo_stream_at_eof(const cedo_stream *stream)
{
    return cedo_stream_is_open(stream) && is_set(stream, EOF_MET) && !unread(stream);
}

static cedo_status take_some(cedo_stream *stream, void *arg, uint32_t seen)
{
    cedo_bytes *const bytes = arg;
    const uint32_t size = unread(stream) < stream->want ? unread(stream) : stream->want;
    (void)seen;
    if (!size && stream->want && !is_set(stream, EOF_MET)) return CEDO_EAGAIN;
    *bytes = take(stream, size);
    return size || !stream->want ? CEDO_OK : CEDO_END;
}

static cedo_status take_exactly(cedo_stream *stream, void *arg, uint32_t seen)
{
    (void)seen;
    if (unread(stream) < stream->want) return is_set(stream, EOF_MET) ? CEDO_EEOF : CEDO_EAGAIN;
    memcpy(arg, take(stream, stream->want).data, stream->want);
    return CEDO_OK;
}

static cedo_status take_line(cedo_stream *stream, void *arg, uint32_t seen)
{
    cedo_bytes *const line = arg;
    const uint32_t limit = (uint32_t)1 << stream->limit;
    const uint32_t size = unread(stream);
    const char *const end = size > seen ? memchr(input(stream) + seen, '\n', size - seen) : NULL;
    /* without its "\n" */
    const uint32_t length = end ? (uint32_t)(end - input(stream)) : size;
    if (length > limit) {
        (void)take(stream, length + (end ? 1 : 0));
        return CEDO_ELIMIT;
    }
    if (!end && !is_set(stream, EOF_MET)) return CEDO_EAGAIN;
    *line = take(stream, length + (end ? 1 : 0));
    return line->len ? CEDO_OK : CEDO_END;
}

static cedo_op some_again(cedo_task *task);
static cedo_op exactly_again(cedo_task *task);
static cedo_op line_again(cedo_task *task);
static const cedo_wait_ops some_ops =
    CEDO_WAIT_OPS("stream read", some_again, read_cancel, read_abandon);
static const cedo_wait_ops exactly_ops =
    CEDO_WAIT_OPS("stream read exactly", exactly_again, read_cancel, read_abandon);
static const cedo_wait_ops line_ops =
    CEDO_WAIT_OPS("stream read line", line_again, read_cancel, read_abandon);

static cedo_op some_again(cedo_task *task)
{
    return read_again(task, &some_ops, take_some);
}

static cedo_op exactly_again(cedo_task *task)
{
    return read_again(task, &exactly_ops, take_exactly);
}

static cedo_op line_again(cedo_task *task)
{
    return read_again(task, &line_ops, take_line);
}

/* Not while another task reads: it is its `want`. */
static void want(cedo_stream *stream, uint32_t size)
{
    if (!is_set(stream, READING)) stream->want = size;
}

cedo_op cedo_stream_read(cedo_stream *stream, cedo_bytes *bytes, size_t max)
{
    want(stream, max < UINT32_MAX ? (uint32_t)max : UINT32_MAX);
    return read_first(stream, &some_ops, bytes, take_some);
}

cedo_op cedo_stream_read_exactly(cedo_stream *stream, void *buffer, size_t size)
{
    if (size > (size_t)1 << 30) return cedo_done(CEDO_EINVAL);
    want(stream, (uint32_t)size);
    return read_first(stream, &exactly_ops, buffer, take_exactly);
}

cedo_op cedo_stream_read_line(cedo_stream *stream, cedo_bytes *line)
{
    return read_first(stream, &line_ops, line, take_line);
}

/* ------------------------------------------------------------- close */

/* Not with poller_here: also while the loop does not run, by the cancellation of a task. */
static void abort_in(cedo_poller *poller, cedo_stream *stream)
{
    if (stream->out) cedo_ring_fail_(poller, &stream->out->waiters, CEDO_ECLOSED);
    drop_output(poller, stream);
    if (stream->in) cedo_buffer_put_(&poller->buffers, stream->in);
    stream->in = NULL;
    cedo_source_close_(poller, &stream->source);
}

static void abort_of(cedo_task *task, cedo_stream *stream)
{
    if (cedo_stream_is_open(stream)) abort_in(cedo_poller_of_(cedo_task_loop_(task)), stream);
}

void cedo_stream_abort(cedo_stream *stream)
{
    if (cedo_stream_is_open(stream)) abort_in(poller_here(), stream);
}

/* All was sent, or will never be. */
static cedo_op finish_close(cedo_stream *stream)
{
    const cedo_status status = is_set(stream, LOST) ? -stream->error : CEDO_OK;
    cedo_stream_abort(stream);
    return cedo_done(status);
}

static cedo_op close_again(cedo_task *task);
static bool close_cancel(cedo_task *task, const char *message);
static void close_abandon(cedo_task *task);
static const cedo_wait_ops close_ops =
    CEDO_WAIT_OPS("stream close", close_again, close_cancel, close_abandon);

static cedo_op close_when_sent(cedo_stream *stream)
{
    if (!cedo_stream_is_open(stream)) return cedo_done(CEDO_OK);
    if (!stream->out) return finish_close(stream);
    return cedo_wait_(&stream->out->waiters, &close_ops, stream);
}

static cedo_op close_again(cedo_task *task)
{
    return close_when_sent(task->entry.u.arg);
}

static void close_abandon(cedo_task *task)
{
    abort_of(task, task->entry.u.arg);
}

static bool close_cancel(cedo_task *task, const char *message)
{
    (void)message;
    /* out of the ring first, whose other tasks fail otherwise than this one */
    cedo_ring_unlink(task->u.ring, &task->entry.node);
    task->u.ring = NULL;
    close_abandon(task);
    return false;
}

cedo_op cedo_stream_close(cedo_stream *stream)
{
    if (!cedo_stream_is_open(stream)) return cedo_done(CEDO_OK);
    set(stream, CLOSING);
    flush(poller_here(), stream);
    return close_when_sent(stream);
}

/* ------------------------------------------------------------- open */

cedo_status cedo_stream_open_(cedo_poller *poller, cedo_stream *stream, int fd)
{
    const cedo_status status = cedo_source_open_(poller, &stream->source, fd);
    if (status < 0) return status;
    /* without asking: the first write will tell */
    stream->source.flags |= CEDO_SOURCE_WRITABLE_;
    stream->in = NULL;
    stream->out = NULL;
    stream->want = 0;
    stream->error = 0;
    stream->limit = CEDO_DEFAULT_LIMIT_;
    stream->high = CEDO_DEFAULT_LIMIT_;
    return CEDO_OK;
}

void cedo_stream_set_limits(cedo_stream *stream, size_t line, size_t high)
{
    if (line) stream->limit = cedo_log2_(line);
    if (high) stream->high = cedo_log2_(high);
}

cedo_status cedo_stream_adopt(cedo_stream *stream, int fd)
{
    cedo_status status = cedo_stream_is_open(stream) ? CEDO_EBUSY : CEDO_OK;
    if (status == CEDO_OK && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        status = -errno;
    if (status == CEDO_OK) status = cedo_stream_open_(poller_here(), stream, fd);
    if (status < 0) close(fd);
    return status;
}

/* Begins to connect. In `want` stands the port while ::1 is still to be tried, else 0. CEDO_OK;
 * CEDO_EAGAIN: wait for writable. */
static cedo_status connect_to(cedo_poller *poller, cedo_stream *stream, const cedo_address *address)
{
    const int one = 1;
    const int fd = socket(address->u.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const uint32_t second = stream->want;
    cedo_status status = CEDO_OK;
    if (fd < 0) return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* registered after connect(): before, the system reports a hang-up. EINTR: as EINPROGRESS */
    if (connect(fd, &address->u.any, address->size) < 0)
        status = errno == EINTR ? -EINPROGRESS : -errno;
    if (status == CEDO_OK || status == -EINPROGRESS) {
        const cedo_status registered = cedo_stream_open_(poller, stream, fd);
        if (registered < 0) status = registered;
    }
    stream->want = second;
    if (status == CEDO_OK) return CEDO_OK;
    if (status != -EINPROGRESS) {
        close(fd);
        return status;
    }
    not_ready(stream, CEDO_SOURCE_WRITABLE_);
    return CEDO_EAGAIN;
}

static cedo_op connect_again(cedo_task *task);
static bool connect_cancel(cedo_task *task, const char *message);
static void connect_abandon(cedo_task *task);
static const cedo_wait_ops connect_ops =
    CEDO_WAIT_OPS("connect", connect_again, connect_cancel, connect_abandon);

/* Done, or waits, or goes on to the second address of localhost. */
static cedo_op connect_on(cedo_poller *poller, cedo_stream *stream, cedo_status status)
{
    if (status < 0 && status != CEDO_EAGAIN && stream->want) {
        cedo_address second;
        cedo_address_loopback_(&second, AF_INET6, (uint16_t)stream->want);
        stream->want = 0;
        if (connect_to(poller, stream, &second) == CEDO_EAGAIN) {
            stream->error =
                (uint16_t)-status; /* what to tell if it fails, too: the first is the usual one */
            status = CEDO_EAGAIN;
        }
        else if (cedo_stream_is_open(stream)) {
            status = CEDO_OK;
        }
    }
    if (status == CEDO_EAGAIN) return cedo_wait_(&stream->source.writers, &connect_ops, NULL);
    stream->error = 0;
    return cedo_done(status);
}

static cedo_stream *connecting(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_stream, source.writers);
}

static cedo_op connect_again(cedo_task *task)
{
    cedo_stream *const stream = connecting(task);
    const uint32_t second = stream->want;
    int error = 0;
    socklen_t size = sizeof error;
    if (!cedo_stream_is_open(stream)) return cedo_done(CEDO_ECLOSED);
    if (!is_ready(stream, CEDO_SOURCE_WRITABLE_))
        return connect_on(poller_here(), stream, CEDO_EAGAIN);
    if (getsockopt(stream->source.fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0) error = errno;
    if (error && stream->error) error = stream->error;
    if (error) cedo_stream_abort(stream);
    stream->want = second;
    return connect_on(poller_here(), stream, -error);
}

static void connect_abandon(cedo_task *task)
{
    abort_of(task, connecting(task));
}

static bool connect_cancel(cedo_task *task, const char *message)
{
    cedo_stream *const stream = connecting(task);
    (void)message;
    cedo_ring_unlink(task->u.ring, &task->entry.node);
    task->u.ring = NULL;
    abort_of(task, stream);
    return false;
}

cedo_op cedo_open_connection(cedo_stream *stream, const char *host, const char *port)
{
    cedo_poller *const poller = poller_here();
    cedo_address address;
    cedo_status status;
    if (cedo_stream_is_open(stream)) return cedo_done(CEDO_EBUSY);
    if (!host || !*host) return cedo_done(CEDO_ENAME);
    status = cedo_address_parse_(&address, host, port);
    if (status < 0) return cedo_done(status);
    stream->want = strcmp(host, "localhost") == 0 ? cedo_address_port_(&address) : 0;
    return connect_on(poller, stream, connect_to(poller, stream, &address));
}
