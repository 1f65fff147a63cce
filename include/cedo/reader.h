/* Readers: bytes that somebody feeds (a driver, a callback, a test), and a task reads.
 *
 *     static cedo_reader_of(128) uart = CEDO_READER_INIT(uart, 80);    // lines of up to 80 bytes
 *
 *     cedo_reader_feed(&uart.reader, bytes, size);                     // whoever has them
 *
 *     cedo_for_each (self->line, cedo_reader_read_line(&uart.reader, &self->line)) { ... }
 *
 * Storage is the caller's, and nothing is allocated. What is read is given as a view: a cedo_bytes
 * that is valid until the next read of that reader. It takes its place in the storage until then.
 *
 * All may be called in the loop's thread only, what is awaitable only in a task, the rest in
 * callbacks too; never in an interrupt (a cedo_channel, or cedo_call_soon_threadsafe, leads from
 * there to here). One task reads at a time. All take time in proportion to the bytes that they copy,
 * search or turn; a read that waits searches none twice.
 *
 * Counterpart: asyncio.StreamReader, without a transport.
 */
#ifndef CEDO_READER_H
#define CEDO_READER_H

#include <cedo/bytes.h>
#include <cedo/queue.h>

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED
typedef uint32_t cedo_reader_size_;
#define CEDO_READER_MAX ((size_t)1 << 30)
#else
typedef uint16_t cedo_reader_size_;
#define CEDO_READER_MAX ((size_t)32767) /* the largest capacity */
#endif

/* Told that the feeder had better pause (true), or may go on (false): see cedo_reader_set_flow. */
typedef void cedo_reader_flow(void *arg, bool pause);

/* Private fields. 40 bytes on a 32-bit target, 80 on a 64-bit host. All zero: not usable yet. */
typedef struct cedo_reader cedo_reader;

/* Private: of each kind of read, takes what it wants out. CEDO_EAGAIN: it is not there yet. */
typedef cedo_status cedo_reader_take_(cedo_reader *reader, cedo_bytes *bytes);

struct cedo_reader {
    cedo_ring waiting; /* the task that reads */
    char *data;        /* a ring of `capacity` bytes */
    cedo_reader_take_ *take;
    const cedo_bytes *separators;
    cedo_reader_flow *flow;
    void *flow_arg;
    cedo_reader_size_ capacity;
    cedo_reader_size_ begin;  /* where the next byte is */
    cedo_reader_size_ length; /* how many there are */
    cedo_reader_size_ held;   /* the bytes of the last view, which stand before `begin` */
    cedo_reader_size_ limit;
    cedo_reader_size_ count; /* asked for; of a search: done, at last what may be skipped */
    cedo_status_ error;
    uint8_t separator_count;
    uint8_t flags;
};

/* ------------------------------------------------------------- making */

/* The type of a reader together with its storage of `capacity` bytes, at most CEDO_READER_MAX.
 * Members `reader`, `buffer`. It holds what was fed and not read, and the last view. For lines of
 * up to `limit` bytes it takes a byte more; for a feeder that has to be told before it is full,
 * more than twice the limit. */
#define cedo_reader_of(capacity) \
    struct { \
        cedo_reader reader; \
        char buffer[capacity]; \
    }

/* Makes a cedo_reader_of empty and open, whatever it was. `limit`: the longest line or record,
 * without its separator. CEDO_EINVAL: it is 0, or above the capacity (ValueError). Not while a task
 * reads; needed again if a loop was closed while one did. Counterpart: StreamReader(limit). */
#define cedo_reader_init(object, limit) \
    cedo_reader_init_at(&(object)->reader, (object)->buffer, sizeof(object)->buffer, limit)

/* The same for a bare cedo_reader, whose storage lies elsewhere: `capacity` bytes at `buffer`. */
cedo_status cedo_reader_init_at(cedo_reader *reader, void *buffer, size_t capacity, size_t limit);

/* The static initialiser of a cedo_reader_of; a wrong limit does not compile:
 *     static cedo_reader_of(128) uart = CEDO_READER_INIT(uart, 80); */
#define CEDO_READER_INIT(object, limit) \
    { \
        CEDO_FIELD_(reader){{NULL}, \
                            (object).buffer, \
                            NULL, \
                            NULL, \
                            NULL, \
                            NULL, \
                            sizeof(object).buffer, \
                            0, \
                            0, \
                            0, \
                            (limit) + \
                                0 * sizeof(char[(limit) > 0 && (limit) <= sizeof(object).buffer && \
                                                        sizeof(object).buffer <= CEDO_READER_MAX \
                                                    ? 1 \
                                                    : -1]), \
                            0, \
                            0, \
                            0, \
                            0} CEDO_REST_ \
    }

/* ------------------------------------------------------------- feeding */

/* Copies bytes in, and wakes the task that waits for them. Gives how many it has taken: fewer than
 * `size` if there is no room for more; the others are still the caller's, to be fed again when the
 * flow goes on. Traps after cedo_reader_feed_eof (CEDO_CHECKS). Counterpart: feed_data(), which has
 * no bound. */
size_t cedo_reader_feed(cedo_reader *reader, const void *data, size_t size);

/* Says that nothing more will come. Again: no effect. Counterpart: feed_eof(). */
void cedo_reader_feed_eof(cedo_reader *reader);

/* Says that the source is broken: the task that waits, and all later reads, fail with `error`, a
 * negative status. What was fed and not read stays unread. A read that was woken before, and has
 * all that it wants, still succeeds. Counterpart: set_exception(). */
void cedo_reader_set_error(cedo_reader *reader, cedo_status error);

/* The error that was set, or CEDO_OK. Counterpart: exception(). */
static inline cedo_status cedo_reader_error(const cedo_reader *reader)
{
    return (cedo_status)reader->error;
}

/* How many bytes cedo_reader_feed would take now. */
static inline size_t cedo_reader_room(const cedo_reader *reader)
{
    return (size_t)(reader->capacity - reader->length - reader->held);
}

/* True while the feeder had better pause: from when more than twice the limit is unread, or a feed
 * was not taken whole, until a read leaves no more than the limit, or waits. */
static inline bool cedo_reader_is_paused(const cedo_reader *reader);

/* Sets who is told when that changes, by a call from the feed or read that changes it; NULL:
 * nobody. It may feed. Counterpart: set_transport(), pause_reading() and resume_reading(). */
static inline void cedo_reader_set_flow(cedo_reader *reader, cedo_reader_flow *flow, void *arg)
{
    reader->flow = flow;
    reader->flow_arg = arg;
}

/* Counterpart: the limit of StreamReader(limit). */
static inline size_t cedo_reader_limit(const cedo_reader *reader)
{
    return reader->limit;
}

/* ------------------------------------------------------------- reading */

/* Of all reads: `bytes` must stay until it is done: it must not be a C local. Traps if it lies in
 * the C stack while the task has to wait (CEDO_CHECKS on a host). Fails with CEDO_EBUSY if another
 * task reads (RuntimeError), and with the error that was set. Where CEDO_END is answered, which is
 * no error, *bytes is empty; where a read fails, it is as it was, except as said.
 * Cancel contract of each: nothing was read, and not a byte is lost. */

/* Awaitable: reads what is there, at least one byte and at most `max`. CEDO_END: the end. At once,
 * and empty, if `max` is 0. Counterpart: read(n). */
CEDO_AWAITABLE cedo_reader_read(cedo_reader *reader, cedo_bytes *bytes, size_t max);

/* Awaitable: waits for the end, and reads all that is there. CEDO_END: there is nothing. Fails with
 * CEDO_ELIMIT if the storage is full before the end; all stays and can be read otherwise.
 * Counterpart: read(-1), which has no bound. */
CEDO_AWAITABLE cedo_reader_read_all(cedo_reader *reader, cedo_bytes *bytes);

/* Awaitable: reads just `size` bytes, however low the limit. Fails with CEDO_EEOF at the end; what
 * there was before is read, into *bytes (IncompleteReadError and its `partial`). CEDO_EINVAL: more
 * than the capacity. Counterpart: readexactly(). */
CEDO_AWAITABLE cedo_reader_read_exactly(cedo_reader *reader, cedo_bytes *bytes, size_t size);

/* Awaitable: reads a line, with its "\n"; at the end the rest, without; then CEDO_END. Fails with
 * CEDO_ELIMIT if the line is longer than the limit, or fills the storage (ValueError): it is
 * dropped, as far as it has come. In cedo_for_each, it gives line after line until the end.
 * Counterparts: readline(), async for line in reader. */
CEDO_AWAITABLE cedo_reader_read_line(cedo_reader *reader, cedo_bytes *line);

/* Awaitable: reads up to and including the first separator, of `count` ones; of several the one
 * that ends first. They and their texts must stay until it is done, and must not be C locals:
 *     static const cedo_bytes ends[] = {CEDO_BYTES("\r\n"), CEDO_BYTES("\n")};
 *     cedo_await(cedo_reader_read_until(reader, &self->line, ends, 2));
 * Fails with CEDO_EEOF at the end; what there was before is read, into *bytes (IncompleteReadError
 * and its `partial`). Fails with CEDO_ELIMIT if more than the limit comes before the separator, or
 * the storage is full (LimitOverrunError); all stays, see cedo_reader_consumed. CEDO_EINVAL: no
 * separator, more than 255, or one that is empty or longer than the storage (ValueError).
 * Counterpart: readuntil(). */
CEDO_AWAITABLE cedo_reader_read_until(cedo_reader *reader, cedo_bytes *bytes,
                                      const cedo_bytes *separators, size_t count);

/* After a CEDO_ELIMIT of cedo_reader_read_until, until the next read: how many bytes may be skipped
 * without missing a separator; cedo_reader_read_exactly does. Counterpart:
 * LimitOverrunError.consumed. */
static inline size_t cedo_reader_consumed(const cedo_reader *reader)
{
    return reader->count;
}

/* True once the end was fed and all before it was read. Counterpart: at_eof(). */
static inline bool cedo_reader_at_eof(const cedo_reader *reader);

/* ------------------------------------------------------------- private */

enum {
    CEDO_READER_EOF_ = 1,
    CEDO_READER_PAUSED_ = 2,
    CEDO_READER_WOKEN_ = 4, /* its task has not looked yet */
    CEDO_READER_FAILED_ = 8 /* and will find the error */
};

static inline bool cedo_reader_is_paused(const cedo_reader *reader)
{
    return (reader->flags & CEDO_READER_PAUSED_) != 0;
}

static inline bool cedo_reader_at_eof(const cedo_reader *reader)
{
    return (reader->flags & CEDO_READER_EOF_) != 0 && !reader->length;
}

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_READER_IMPLEMENTED_)
#define CEDO_READER_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

cedo_status cedo_reader_init_at(cedo_reader *reader, void *buffer, size_t capacity, size_t limit)
{
    if (limit == 0 || limit > capacity || capacity > CEDO_READER_MAX) return CEDO_EINVAL;
    /* one by one: see cedo_queue_init_ */
    cedo_ring_init(&reader->waiting);
    reader->data = (char *)buffer;
    reader->flow = NULL;
    reader->capacity = (cedo_reader_size_)capacity;
    reader->begin = 0;
    reader->length = 0;
    reader->held = 0;
    reader->limit = (cedo_reader_size_)limit;
    reader->error = 0;
    reader->flags = 0;
    return CEDO_OK;
}

/* Where the byte is that comes after `offset` others. */
static size_t cedo_reader_place_(const cedo_reader *reader, size_t offset)
{
    const size_t place = reader->begin + offset;
    return place < reader->capacity ? place : place - reader->capacity;
}

/* ------------------------------------------------------------- flow */

static void cedo_reader_pause_(cedo_reader *reader, bool pause)
{
    if (cedo_reader_is_paused(reader) == pause) return;
    reader->flags = (uint8_t)(reader->flags ^ CEDO_READER_PAUSED_);
    if (reader->flow) reader->flow(reader->flow_arg, pause);
}

/* ------------------------------------------------------------- feeding */

static void cedo_reader_wake_(cedo_reader *reader)
{
    CEDO_NOT_FROM_ISR_();
    if (cedo_ring_is_empty(&reader->waiting)) return;
    reader->flags |= CEDO_READER_WOKEN_;
    cedo_wake_first_(&reader->waiting);
}

/* Copies as much as goes to one place. */
CEDO_NOINLINE_ static size_t cedo_reader_append_(cedo_reader *reader, const char *data, size_t size)
{
    const size_t place = cedo_reader_place_(reader, reader->length);
    const size_t room = cedo_reader_room(reader);
    if (size > room) size = room;
    if (size > reader->capacity - place) size = reader->capacity - place;
    if (size)
        cedo_queue_copy_((unsigned char *)reader->data + place, (const unsigned char *)data, size);
    reader->length = (cedo_reader_size_)(reader->length + size);
    return size;
}

size_t cedo_reader_feed(cedo_reader *reader, const void *data, size_t size)
{
    const char *const from = (const char *)data;
    size_t fed;
    CEDO_CHECK_(!(reader->flags & CEDO_READER_EOF_), "fed after its end");
    fed = cedo_reader_append_(reader, from, size);
    fed += cedo_reader_append_(reader, from + fed, size - fed); /* from its beginning on */
    if (fed) cedo_reader_wake_(reader);
    if (fed < size || reader->length > (size_t)2 * reader->limit) cedo_reader_pause_(reader, true);
    return fed;
}

void cedo_reader_feed_eof(cedo_reader *reader)
{
    reader->flags |= CEDO_READER_EOF_;
    cedo_reader_wake_(reader);
}

void cedo_reader_set_error(cedo_reader *reader, cedo_status error)
{
    CEDO_CHECK_(error < 0, "this is no error");
    reader->error = (cedo_status_)error;
    if (!cedo_ring_is_empty(&reader->waiting)) reader->flags |= CEDO_READER_FAILED_;
    cedo_reader_wake_(reader);
}

/* ------------------------------------------------------------- taking */

static void cedo_reader_drop_(cedo_reader *reader, size_t size)
{
    reader->begin = (cedo_reader_size_)cedo_reader_place_(reader, size);
    reader->length = (cedo_reader_size_)(reader->length - size);
    if (reader->length <= reader->limit) cedo_reader_pause_(reader, false);
}

static void cedo_reader_reverse_(char *data, size_t begin, size_t end)
{
    while (begin < end) {
        const char byte = data[--end];
        data[end] = data[begin];
        data[begin++] = byte;
    }
}

/* Takes the next `size` bytes out, in one piece. Turning the ring, in place, happens once in as many
 * bytes as are not in the piece; so it costs a few moves a byte, as long as pieces are small. */
static void cedo_reader_view_(cedo_reader *reader, cedo_bytes *bytes, size_t size)
{
    if (reader->begin + size > reader->capacity) {
        cedo_reader_reverse_(reader->data, 0, reader->begin);
        cedo_reader_reverse_(reader->data, reader->begin, reader->capacity);
        cedo_reader_reverse_(reader->data, 0, reader->capacity);
        reader->begin = 0;
    }
    bytes->data = reader->data + reader->begin;
    bytes->len = size;
    reader->held = (cedo_reader_size_)size;
    cedo_reader_drop_(reader, size);
}

static cedo_status cedo_reader_take_some_(cedo_reader *reader, cedo_bytes *bytes)
{
    const size_t want = reader->count;
    if (want && !reader->length && !(reader->flags & CEDO_READER_EOF_)) return CEDO_EAGAIN;
    cedo_reader_view_(reader, bytes, want < reader->length ? want : reader->length);
    return bytes->len || !want ? CEDO_OK : CEDO_END;
}

static cedo_status cedo_reader_take_all_(cedo_reader *reader, cedo_bytes *bytes)
{
    if (!(reader->flags & CEDO_READER_EOF_))
        return reader->length == reader->capacity ? CEDO_ELIMIT : CEDO_EAGAIN;
    cedo_reader_view_(reader, bytes, reader->length);
    return bytes->len ? CEDO_OK : CEDO_END;
}

static cedo_status cedo_reader_take_exactly_(cedo_reader *reader, cedo_bytes *bytes)
{
    const size_t want = reader->count;
    if (want <= reader->length) {
        cedo_reader_view_(reader, bytes, want);
        return CEDO_OK;
    }
    if (!(reader->flags & CEDO_READER_EOF_)) return CEDO_EAGAIN;
    cedo_reader_view_(reader, bytes, reader->length);
    return CEDO_EEOF;
}

/* Are the bytes before `end` this separator? */
static bool cedo_reader_ends_with_(const cedo_reader *reader, size_t end,
                                   const cedo_bytes *separator)
{
    size_t left = separator->len;
    if (left > end) return false;
    while (left) {
        if (reader->data[cedo_reader_place_(reader, --end)] != separator->data[--left])
            return false;
    }
    return true;
}

/* The length of the shortest separator that ends there; 0: none does. */
static size_t cedo_reader_match_(const cedo_reader *reader, size_t end)
{
    size_t shortest = 0;
    for (uint8_t i = 0; i < reader->separator_count; i++) {
        const cedo_bytes *const separator = &reader->separators[i];
        if ((!shortest || separator->len < shortest) &&
            cedo_reader_ends_with_(reader, end, separator))
            shortest = separator->len;
    }
    return shortest;
}

/* Without a separator: so many bytes are not the beginning of one. */
static size_t cedo_reader_skippable_(const cedo_reader *reader)
{
    size_t longest = 0;
    for (uint8_t i = 0; i < reader->separator_count; i++)
        if (reader->separators[i].len > longest) longest = reader->separators[i].len;
    return reader->length < longest ? 0 : reader->length + 1 - longest;
}

/* Goes on with a search to where the separator may end, if there is but one, or not so far. */
static inline void cedo_reader_skip_(cedo_reader *reader)
{
#if CEDO_HOSTED /* where memchr is by far faster than a look at each byte */
    const cedo_bytes *const separator = reader->separators;
    const char *const from = reader->data + cedo_reader_place_(reader, reader->count);
    size_t size = (size_t)(reader->data + reader->capacity - from);
    const char *found;
    if (reader->separator_count != 1) return;
    if (size > (size_t)(reader->length - reader->count)) size = reader->length - reader->count;
    found = (const char *)__builtin_memchr(from, separator->data[separator->len - 1], size);
    reader->count = (cedo_reader_size_)(reader->count + (found ? (size_t)(found - from) : size));
#else
    (void)reader;
#endif
}

/* In `count` is how far it has searched. */
static cedo_status cedo_reader_take_until_(cedo_reader *reader, cedo_bytes *bytes)
{
    for (;;) {
        size_t end, match;
        cedo_reader_skip_(reader);
        if (reader->count == reader->length) break;
        end = ++reader->count;
        match = cedo_reader_match_(reader, end);
        if (!match) continue;
        if (end - match <= reader->limit) {
            cedo_reader_view_(reader, bytes, end);
            return CEDO_OK;
        }
        reader->count = (cedo_reader_size_)(end - match);
        return CEDO_ELIMIT;
    }
    if (cedo_reader_skippable_(reader) <= reader->limit) {
        if (reader->flags & CEDO_READER_EOF_) {
            cedo_reader_view_(reader, bytes, reader->length);
            return CEDO_EEOF;
        }
        if (reader->length < reader->capacity) return CEDO_EAGAIN;
    }
    reader->count = (cedo_reader_size_)cedo_reader_skippable_(reader);
    return CEDO_ELIMIT;
}

static cedo_status cedo_reader_take_line_(cedo_reader *reader, cedo_bytes *line)
{
    const cedo_status status = cedo_reader_take_until_(reader, line);
    if (status == CEDO_EEOF) return line->len ? CEDO_OK : CEDO_END;
    /* with the "\n", if that is there */
    if (status == CEDO_ELIMIT)
        cedo_reader_drop_(reader, reader->count + (size_t)(reader->count < reader->length));
    return status;
}

/* ------------------------------------------------------------- reading */

static cedo_op cedo_reader_again_(cedo_task *task);
static void cedo_reader_abandon_(cedo_task *task);
static const cedo_wait_ops cedo_reader_ops_ =
    CEDO_WAIT_OPS("read", cedo_reader_again_, NULL, cedo_reader_abandon_);

static cedo_op cedo_reader_try_(cedo_reader *reader, cedo_bytes *bytes)
{
    cedo_op op;
    const cedo_status status = reader->take(reader, bytes);
    if (status != CEDO_EAGAIN) return cedo_done(status);
    if (reader->error) return cedo_done(reader->error);
#if CEDO_HOSTED && CEDO_CHECKS
    CEDO_CHECK_(!reader->separators || !cedo_dangles_(cedo_this_task_(), reader->separators),
                "a read that waits was given separators that are C locals: make them static const, "
                "or fields of the frame");
#endif
    op = cedo_wait_(&reader->waiting, &cedo_reader_ops_, bytes);
    /* in this order: who is told may feed at once */
    cedo_reader_pause_(reader, false);
    return op;
}

static cedo_reader *cedo_reader_of_task_(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_reader, waiting);
}

/* Nothing was taken yet, so nothing is lost. */
static void cedo_reader_abandon_(cedo_task *task)
{
    cedo_reader_of_task_(task)->flags &= (uint8_t) ~(CEDO_READER_WOKEN_ | CEDO_READER_FAILED_);
}

static cedo_op cedo_reader_again_(cedo_task *task)
{
    cedo_reader *const reader = cedo_reader_of_task_(task);
    const bool failed = (reader->flags & CEDO_READER_FAILED_) != 0;
    cedo_reader_abandon_(task);
    if (failed) return cedo_done(reader->error);
    return cedo_reader_try_(reader, (cedo_bytes *)task->entry.u.arg);
}

/* `count` is that of `separators`, if there are any. */
static cedo_op cedo_reader_start_(cedo_reader *reader, cedo_bytes *bytes, cedo_reader_take_ *take,
                                  const cedo_bytes *separators, size_t count)
{
#if CEDO_HOSTED
    CEDO_CHECK_(reader->capacity,
                "this reader was not initialised: use cedo_reader_init or CEDO_READER_INIT");
#endif
    if (!cedo_ring_is_empty(&reader->waiting) || (reader->flags & CEDO_READER_WOKEN_))
        return cedo_done(CEDO_EBUSY);
    if (reader->error) return cedo_done(reader->error);
    reader->take = take;
    reader->separators = separators;
    reader->separator_count = (uint8_t)count;
    reader->count = separators ? 0 : (cedo_reader_size_)count;
    reader->held = 0;
    return cedo_reader_try_(reader, bytes);
}

cedo_op cedo_reader_read(cedo_reader *reader, cedo_bytes *bytes, size_t max)
{
    if (max > reader->capacity) max = reader->capacity;
    return cedo_reader_start_(reader, bytes, cedo_reader_take_some_, NULL, max);
}

cedo_op cedo_reader_read_all(cedo_reader *reader, cedo_bytes *bytes)
{
    return cedo_reader_start_(reader, bytes, cedo_reader_take_all_, NULL, 0);
}

cedo_op cedo_reader_read_exactly(cedo_reader *reader, cedo_bytes *bytes, size_t size)
{
    if (size > reader->capacity) return cedo_done(CEDO_EINVAL);
    return cedo_reader_start_(reader, bytes, cedo_reader_take_exactly_, NULL, size);
}

cedo_op cedo_reader_read_line(cedo_reader *reader, cedo_bytes *line)
{
    static const cedo_bytes newline = CEDO_BYTES("\n");
    return cedo_reader_start_(reader, line, cedo_reader_take_line_, &newline, 1);
}

cedo_op cedo_reader_read_until(cedo_reader *reader, cedo_bytes *bytes, const cedo_bytes *separators,
                               size_t count)
{
    if (count == 0 || count > 255) return cedo_done(CEDO_EINVAL);
    for (size_t i = 0; i < count; i++)
        if (separators[i].len == 0 || separators[i].len > reader->capacity)
            return cedo_done(CEDO_EINVAL);
    return cedo_reader_start_(reader, bytes, cedo_reader_take_until_, separators, count);
}

#ifdef __cplusplus
}
#endif
#endif
