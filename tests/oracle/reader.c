/* Traces of readers. */
#include "oracle.h"

#include <stdio.h>

/* repr(bytes), as far as the traces go. Valid until the eighth next call. */
static const char *py_bytes(cedo_bytes bytes)
{
    static char texts[8][128];
    static unsigned turn;
    char *const text = texts[turn++ % 8];
    char *to = text;
    to += sprintf(to, "b'");
    for (size_t i = 0; i < bytes.len; i++) {
        const char byte = bytes.data[i];
        to += sprintf(to, byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : "%c", byte);
    }
    sprintf(to, "'");
    return text;
}

static void feed(cedo_reader *r, const char *text)
{
    (void)cedo_reader_feed(r, text, strlen(text));
}

/* loop.call_later(..., r.feed_data, chunk) */
struct later {
    cedo_handle handle;
    cedo_reader *r;
    const char *chunk;
};

static cedo_status feed_now(void *arg)
{
    const struct later *const later = arg;
    feed(later->r, later->chunk);
    return CEDO_OK;
}

static void feed_later(struct later *later, int64_t ms, cedo_reader *r, const char *chunk)
{
    later->r = r;
    later->chunk = chunk;
    (void)cedo_call_later(&py_loop, &later->handle, CEDO_MS(ms), feed_now, later);
}

/* The storage is larger than any trace needs, as asyncio's has no bound. */
typedef cedo_reader_of(256) reader_type;

/* StreamReader() */
#define NO_LIMIT 256

/* ------------------------------------------------------------- stream_reader_read */

struct read_all {
    cedo_coro coro;
    cedo_reader *r;
    cedo_bytes bytes;
};

static cedo_async(read_all)
{
    cedo_body(struct read_all, self) {
        cedo_await(cedo_reader_read_all(self->r, &self->bytes));
    }
}

struct read_main {
    cedo_coro coro;
    reader_type reader;
    cedo_task_of(read_all) t;
    struct later later;
    cedo_bytes bytes;
    const char *got[3];
    bool at_eof;
};

static cedo_async(read_main)
{
    cedo_body(struct read_main, self) {
        (void)cedo_reader_init(&self->reader, NO_LIMIT);
        feed(&self->reader.reader, "hello world");
        cedo_await(cedo_reader_read(&self->reader.reader, &self->bytes, 5));
        self->got[0] = py_bytes(self->bytes);
        cedo_await(cedo_reader_read(&self->reader.reader, &self->bytes, 0));
        self->got[1] = py_bytes(self->bytes);
        cedo_await(cedo_reader_read(&self->reader.reader, &self->bytes, 100));
        p("%s %s %s", self->got[0], self->got[1], py_bytes(self->bytes));
        feed_later(&self->later, 20, &self->reader.reader, "late");
        cedo_await(cedo_reader_read(&self->reader.reader, &self->bytes, 100));
        p("%s", py_bytes(self->bytes));
        (void)cedo_spawn(&self->t, read_all, .r = &self->reader.reader);
        cedo_await(cedo_yield_now());
        feed(&self->reader.reader, "ab");
        cedo_await(cedo_sleep_ms(10));
        p("read(-1) pending %s", py_bool(!cedo_task_done(&self->t.task)));
        feed(&self->reader.reader, "cd");
        cedo_reader_feed_eof(&self->reader.reader);
        cedo_await(cedo_join(&self->t.task));
        p("%s", py_bytes(self->t.frame.bytes));
        self->at_eof = cedo_reader_at_eof(&self->reader.reader);
        cedo_await(cedo_reader_read(&self->reader.reader, &self->bytes, 5));
        self->got[0] = py_bytes(self->bytes);
        cedo_await(cedo_reader_read_all(&self->reader.reader, &self->bytes));
        self->got[1] = py_bytes(self->bytes);
        cedo_await(cedo_reader_read(&self->reader.reader, &self->bytes, 0));
        p("at_eof %s %s %s %s", py_bool(self->at_eof), self->got[0], self->got[1],
          py_bytes(self->bytes));
        (void)cedo_reader_init(&self->reader, NO_LIMIT);
        feed(&self->reader.reader, "tail");
        cedo_reader_feed_eof(&self->reader.reader);
        p("data left: at_eof %s", py_bool(cedo_reader_at_eof(&self->reader.reader)));
        cedo_await(cedo_reader_read(&self->reader.reader, &self->bytes, 2));
        self->got[0] = py_bytes(self->bytes);
        self->at_eof = cedo_reader_at_eof(&self->reader.reader);
        cedo_await(cedo_reader_read(&self->reader.reader, &self->bytes, 2));
        p("%s %s %s %s", self->got[0], py_bool(self->at_eof), py_bytes(self->bytes),
          py_bool(cedo_reader_at_eof(&self->reader.reader)));
    }
}

static void stream_reader_read(void)
{
    PY_RUN(read_main);
}

/* ------------------------------------------------------------- stream_reader_exactly */

struct exactly_main {
    cedo_coro coro;
    reader_type reader;
    struct later later[3];
    cedo_bytes bytes;
    int status;
};

static cedo_async(exactly_main)
{
    static const char *const chunks[] = {"abc", "def", "ghijk"};
    cedo_body(struct exactly_main, self) {
        (void)cedo_reader_init(&self->reader, 4);
        cedo_await(cedo_reader_read_exactly(&self->reader.reader, &self->bytes, 0));
        p("%s", py_bytes(self->bytes));
        cedo_catch(self->status,
                   cedo_reader_read_exactly(&self->reader.reader, &self->bytes, (size_t)-1));
        if (self->status == CEDO_EINVAL) p("negative -> ValueError");
        for (int i = 0; i < 3; i++)
            feed_later(&self->later[i], 10 * (i + 1), &self->reader.reader, chunks[i]);
        cedo_await(cedo_reader_read_exactly(&self->reader.reader, &self->bytes, 8));
        p("%s", py_bytes(self->bytes));
        cedo_await(cedo_reader_read_exactly(&self->reader.reader, &self->bytes, 2));
        p("%s", py_bytes(self->bytes));
        cedo_reader_feed_eof(&self->reader.reader);
        cedo_catch(self->status, cedo_reader_read_exactly(&self->reader.reader, &self->bytes, 5));
        if (self->status == CEDO_EEOF) p("IncompleteReadError %s %d", py_bytes(self->bytes), 5);
        cedo_await(cedo_reader_read_all(&self->reader.reader, &self->bytes));
        p("buffer was consumed: %s", py_bytes(self->bytes));
        cedo_catch(self->status, cedo_reader_read_exactly(&self->reader.reader, &self->bytes, 1));
        if (self->status == CEDO_EEOF) p("IncompleteReadError %s %d", py_bytes(self->bytes), 1);
    }
}

static void stream_reader_exactly(void)
{
    PY_RUN(exactly_main);
}

/* ------------------------------------------------------------- stream_reader_line */

struct line {
    cedo_coro coro;
    cedo_reader *r;
    cedo_bytes bytes;
    int status;
};

static cedo_async(line)
{
    cedo_body(struct line, self) {
        cedo_catch(self->status, cedo_reader_read_line(self->r, &self->bytes));
        if (self->status == CEDO_ELIMIT)
            p("ValueError");
        else
            p("%s", py_bytes(self->bytes));
    }
}

struct line_main {
    cedo_coro coro;
    reader_type reader;
    cedo_task_of(line) t;
    struct line line;
    cedo_bytes bytes;
};

static cedo_async(line_main)
{
    cedo_body(struct line_main, self) {
        (void)cedo_reader_init(&self->reader, 5);
        feed(&self->reader.reader, "one\n\nthree");
        cedo_await(cedo_call(&self->line, line, .r = &self->reader.reader));
        cedo_await(cedo_call(&self->line, line, .r = &self->reader.reader));
        (void)cedo_spawn(&self->t, line, .r = &self->reader.reader);
        cedo_await(cedo_yield_now());
        feed(&self->reader.reader, "\n");
        cedo_await(cedo_join(&self->t.task));
        feed(&self->reader.reader, "toolong\nok\n");
        cedo_await(cedo_call(&self->line, line, .r = &self->reader.reader));
        cedo_await(cedo_call(&self->line, line, .r = &self->reader.reader));
        feed(&self->reader.reader, "waytoolongwithoutnewline");
        cedo_await(cedo_call(&self->line, line, .r = &self->reader.reader));
        feed(&self->reader.reader, "x\ny\nlast");
        cedo_reader_feed_eof(&self->reader.reader);
        cedo_for_each(self->bytes, cedo_reader_read_line(&self->reader.reader, &self->bytes))
            p("iter %s", py_bytes(self->bytes));
        cedo_await(cedo_call(&self->line, line, .r = &self->reader.reader));
    }
}

static void stream_reader_line(void)
{
    PY_RUN(line_main);
}

/* ------------------------------------------------------------- stream_reader_until */

struct until {
    cedo_coro coro;
    const char *tag;
    cedo_reader *r;
    const cedo_bytes *separators;
    size_t count;
    cedo_bytes bytes;
    int status;
};

static cedo_async(until)
{
    cedo_body(struct until, self) {
        cedo_catch(self->status,
                   cedo_reader_read_until(self->r, &self->bytes, self->separators, self->count));
        if (self->status == CEDO_ELIMIT)
            p("%s -> LimitOverrunError consumed %zu", self->tag, cedo_reader_consumed(self->r));
        else if (self->status == CEDO_EEOF)
            p("%s -> IncompleteReadError %s None", self->tag, py_bytes(self->bytes));
        else if (self->status == CEDO_EINVAL)
            p("%s -> ValueError", self->tag);
        else
            p("%s -> %s", self->tag, py_bytes(self->bytes));
    }
}

struct until_main {
    cedo_coro coro;
    reader_type reader;
    cedo_task_of(until) t;
    struct until until;
    cedo_bytes bytes;
    int i;
};

#define UNTIL(tag_, separators_, count_) \
    cedo_await(cedo_call(&self->until, until, .tag = (tag_), .r = &self->reader.reader, \
                         .separators = (separators_), .count = (count_)))

static cedo_async(until_main)
{
    static const cedo_bytes end[] = {CEDO_BYTES("END")};
    static const cedo_bytes newlines[] = {CEDO_BYTES("\r\n"), CEDO_BYTES("\n")};
    static const cedo_bytes empty[] = {CEDO_BYTES("")};
    static const cedo_bytes marks[] = {CEDO_BYTES(";"), CEDO_BYTES("two|"), CEDO_BYTES("|")};
    static const cedo_bytes bang[] = {CEDO_BYTES("!")};
    static const char *const chunks[] = {"ab", "cE", "N", "Dxy"};
    cedo_body(struct until_main, self) {
        (void)cedo_reader_init(&self->reader, NO_LIMIT);
        (void)cedo_spawn(&self->t, until, .tag = "split", .r = &self->reader.reader,
                         .separators = end, .count = 1);
        for (self->i = 0; self->i < 4; self->i++) {
            cedo_await(cedo_yield_now());
            feed(&self->reader.reader, chunks[self->i]);
        }
        cedo_await(cedo_join(&self->t.task));
        feed(&self->reader.reader, "zz\r\nnext\n");
        UNTIL("crlf", newlines, 1);
        UNTIL("tuple", newlines, 2);
        UNTIL("empty separator", empty, 1);
        UNTIL("no separator", empty, 0);
        feed(&self->reader.reader, "onetwo|three;");
        UNTIL("shortest match wins", marks, 3);
        UNTIL("rest", marks, 1);
        feed(&self->reader.reader, "partial");
        cedo_reader_feed_eof(&self->reader.reader);
        UNTIL("eof", bang, 1);
        UNTIL("eof again", bang, 1);

        (void)cedo_reader_init(&self->reader, 4);
        feed(&self->reader.reader, "12345678");
        UNTIL("limit, no separator", marks + 2, 1);
        cedo_await(cedo_reader_read(&self->reader.reader, &self->bytes, 2));
        p("still there %s", py_bytes(self->bytes));
        feed(&self->reader.reader, "|");
        UNTIL("limit, separator found", marks + 2, 1);
        cedo_await(cedo_reader_read_exactly(&self->reader.reader, &self->bytes, 6));
        p("skip %s", py_bytes(self->bytes));
        UNTIL("separator alone", marks + 2, 1);
        feed(&self->reader.reader, "1234|");
        UNTIL("exactly the limit", marks + 2, 1);
    }
}

static void stream_reader_until(void)
{
    PY_RUN(until_main);
}

/* ------------------------------------------------------------- any read */

enum kind { READ, ALL, EXACTLY, LINE, UNTIL };

/* What op(n, r.read...(...)) is in Python. */
struct op {
    cedo_coro coro;
    const char *n;
    cedo_reader *r;
    enum kind kind;
    size_t size;
    cedo_bytes separator;
    cedo_bytes bytes;
    int status;
};

/* ConnectionResetError */
#define RESET (CEDO_EUSER - 2)

static cedo_async(op)
{
    cedo_body(struct op, self) {
        if (self->kind == READ)
            cedo_catch(self->status, cedo_reader_read(self->r, &self->bytes, self->size));
        else if (self->kind == ALL)
            cedo_catch(self->status, cedo_reader_read_all(self->r, &self->bytes));
        else if (self->kind == EXACTLY)
            cedo_catch(self->status, cedo_reader_read_exactly(self->r, &self->bytes, self->size));
        else if (self->kind == LINE)
            cedo_catch(self->status, cedo_reader_read_line(self->r, &self->bytes));
        else
            cedo_catch(self->status,
                       cedo_reader_read_until(self->r, &self->bytes, &self->separator, 1));
        if (self->status >= 0)
            p("%s -> %s", self->n, py_bytes(self->bytes));
        else if (self->status == CEDO_ELIMIT && self->kind == UNTIL)
            p("%s -> LimitOverrunError consumed %zu", self->n, cedo_reader_consumed(self->r));
        else if (self->status == CEDO_ELIMIT)
            p("%s -> ValueError", self->n);
        else if (self->status == RESET)
            p("%s -> ConnectionResetError", self->n);
        else
            p("%s -> %s", self->n, py_error(self->status));
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    }
}

/* await op(n, ...) */
#define OP(n_, ...) \
    cedo_await(cedo_call(&self->op, op, .n = (n_), .r = &self->reader.reader, __VA_ARGS__))

/* t = asyncio.create_task(op(n, ...)) */
#define TASK(n_, ...) \
    (void)cedo_spawn(&self->t, op, .n = (n_), .r = &self->reader.reader, __VA_ARGS__)

/* ------------------------------------------------------------- stream_reader_errors */

#define CANCELLED() \
    do { \
        (void)cedo_task_cancel(&self->t.task); \
        cedo_catch(self->status, cedo_join(&self->t.task)); \
    } while (0)

struct errors_main {
    cedo_coro coro;
    reader_type reader;
    cedo_task_of(op) t;
    struct op op;
    cedo_timeout timeout;
    cedo_bytes bytes;
    int status;
    int i;
};

static cedo_async(errors_main)
{
    cedo_body(struct errors_main, self) {
        for (self->i = 0; self->i >= -1; self->i--)
            if (cedo_reader_init(&self->reader, (size_t)self->i) == CEDO_EINVAL)
                p("limit %d -> ValueError", self->i);

        (void)cedo_reader_init(&self->reader, NO_LIMIT);
        TASK("first", .kind = READ, .size = 10);
        cedo_await(cedo_yield_now());
        OP("second read", .kind = READ, .size = 10);
        OP("second read(-1)", .kind = ALL);
        OP("second readexactly", .kind = EXACTLY, .size = 1);
        OP("second readline", .kind = LINE);
        OP("second readuntil", .kind = UNTIL, .separator = CEDO_BYTES(";"));
        feed(&self->reader.reader, "abc");
        cedo_await(cedo_join(&self->t.task));

        TASK("readexactly", .kind = EXACTLY, .size = 8);
        cedo_await(cedo_yield_now());
        feed(&self->reader.reader, "1234");
        cedo_await(cedo_yield_now());
        CANCELLED();
        OP("what was there", .kind = READ, .size = 100);
        TASK("readline", .kind = LINE);
        cedo_await(cedo_yield_now());
        feed(&self->reader.reader, "line\nmo");
        CANCELLED();
        OP("readline", .kind = LINE);
        TASK("readuntil", .kind = UNTIL, .separator = CEDO_BYTES("END"));
        cedo_await(cedo_yield_now());
        feed(&self->reader.reader, "reEN");
        CANCELLED();
        feed(&self->reader.reader, "Dtail");
        OP("readuntil", .kind = UNTIL, .separator = CEDO_BYTES("END"));
        TASK("read", .kind = READ, .size = 2);
        CANCELLED();
        cedo_catch(self->status,
                   cedo_wait_for(&self->timeout, CEDO_MS(10),
                                 cedo_reader_read_exactly(&self->reader.reader, &self->bytes, 5)));
        p("readexactly -> %s", py_error(self->status));
        TASK("readexactly", .kind = EXACTLY, .size = 5);
        cedo_await(cedo_yield_now());
        cedo_reader_feed_eof(&self->reader.reader);
        CANCELLED();
        p("at_eof %s", py_bool(cedo_reader_at_eof(&self->reader.reader)));
        OP("read(-1)", .kind = ALL);

        (void)cedo_reader_init(&self->reader, NO_LIMIT);
        TASK("waiting", .kind = LINE);
        cedo_await(cedo_yield_now());
        feed(&self->reader.reader, "part");
        cedo_await(cedo_yield_now());
        cedo_reader_set_error(&self->reader.reader, RESET);
        cedo_await(cedo_join(&self->t.task));
        OP("read", .kind = READ, .size = 2);
        OP("read(0)", .kind = READ, .size = 0);
        OP("read(-1)", .kind = ALL);
        OP("readexactly", .kind = EXACTLY, .size = 2);
        OP("readline", .kind = LINE);
        OP("readuntil", .kind = UNTIL, .separator = CEDO_BYTES("r"));
        if (cedo_reader_error(&self->reader.reader) == RESET) p("exception ConnectionResetError");

        (void)cedo_reader_init(&self->reader, NO_LIMIT);
        TASK("woken before", .kind = READ, .size = 10);
        cedo_await(cedo_yield_now());
        feed(&self->reader.reader, "in time");
        cedo_reader_set_error(&self->reader.reader, RESET);
        cedo_await(cedo_join(&self->t.task));
        OP("read", .kind = READ, .size = 10);

        (void)cedo_reader_init(&self->reader, NO_LIMIT);
        TASK("woken by it", .kind = READ, .size = 10);
        cedo_await(cedo_yield_now());
        cedo_reader_set_error(&self->reader.reader, RESET);
        feed(&self->reader.reader, "too late");
        cedo_await(cedo_join(&self->t.task));

        (void)cedo_reader_init(&self->reader, NO_LIMIT);
        TASK("cancelled", .kind = READ, .size = 10);
        cedo_await(cedo_yield_now());
        cedo_reader_set_error(&self->reader.reader, RESET);
        CANCELLED();
        OP("read", .kind = READ, .size = 10);
    }
}

static void stream_reader_errors(void)
{
    PY_RUN(errors_main);
}

/* ------------------------------------------------------------- stream_reader_backpressure */

static void transport(void *arg, bool pause)
{
    (void)arg;
    p(pause ? "pause" : "resume");
}

struct pressure_main {
    cedo_coro coro;
    reader_type reader;
    cedo_task_of(op) t;
    struct op op;
    int i;
};

static cedo_async(pressure_main)
{
    static const char *const chunks[] = {"12345", "67890", "abcde"};
    cedo_body(struct pressure_main, self) {
        (void)cedo_reader_init(&self->reader, 4);
        cedo_reader_set_flow(&self->reader.reader, transport, NULL);
        feed(&self->reader.reader, "12345678");
        p("twice the limit");
        feed(&self->reader.reader, "9");
        feed(&self->reader.reader, "0");
        OP("read", .kind = READ, .size = 5);
        OP("read", .kind = READ, .size = 0);
        OP("read", .kind = READ, .size = 1);
        feed(&self->reader.reader, "abcdef");
        OP("readexactly", .kind = EXACTLY, .size = 2);
        OP("readexactly", .kind = EXACTLY, .size = 8);
        feed(&self->reader.reader, "much too long");
        OP("readuntil", .kind = UNTIL, .separator = CEDO_BYTES("\n"));
        OP("readline", .kind = LINE);
        feed(&self->reader.reader, "too long\nab");
        OP("readline", .kind = LINE);
        feed(&self->reader.reader, "\ntoo long|");
        OP("readline", .kind = LINE);
        OP("readuntil", .kind = UNTIL, .separator = CEDO_BYTES("|"));
        OP("readexactly", .kind = EXACTLY, .size = 9);

        TASK("readexactly", .kind = EXACTLY, .size = 14);
        cedo_await(cedo_yield_now());
        for (self->i = 0; self->i < 3; self->i++) {
            p("feed");
            feed(&self->reader.reader, chunks[self->i]);
            cedo_await(cedo_yield_now());
        }
        cedo_await(cedo_join(&self->t.task));
        TASK("read(-1)", .kind = ALL);
        cedo_await(cedo_yield_now());
        feed(&self->reader.reader, "123456789");
        cedo_reader_feed_eof(&self->reader.reader);
        cedo_await(cedo_join(&self->t.task));

        (void)cedo_reader_init(&self->reader, 4);
        feed(&self->reader.reader, "no transport");
        OP("read", .kind = READ, .size = 100);
    }
}

static void stream_reader_backpressure(void)
{
    PY_RUN(pressure_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(reader) = {
    {"stream_reader_backpressure", stream_reader_backpressure},
    {"stream_reader_errors", stream_reader_errors},
    {"stream_reader_exactly", stream_reader_exactly},
    {"stream_reader_line", stream_reader_line},
    {"stream_reader_read", stream_reader_read},
    {"stream_reader_until", stream_reader_until},
    {NULL, NULL},
};
