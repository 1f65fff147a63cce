/* Streams: reading, writing, connecting, and their ends. */
#define _GNU_SOURCE
#include "net.h"

#include <signal.h>

/* ------------------------------------------------------------- half-close */

/* Reads to the end, and only then answers with the number of bytes. */
struct count_bytes {
    cedo_coro coro;
    cedo_stream conn;
    cedo_bytes bytes;
    int count;
    char answer[32];
};

static cedo_async(count_bytes)
{
    cedo_body(struct count_bytes, self) {
        cedo_for_each(self->bytes, cedo_stream_read(&self->conn, &self->bytes, 7))
            self->count += (int)self->bytes.len;
        ck_assert(cedo_stream_at_eof(&self->conn));
        snprintf(self->answer, sizeof self->answer, "%d\n", self->count);
        cedo_await(cedo_stream_write_str(&self->conn, self->answer));
    }
}

struct half_close {
    cedo_coro coro;
    cedo_server server;
    cedo_stream conn;
    cedo_bytes line;
    port_text port;
    int status;
};

static cedo_async(half_close)
{
    cedo_body(struct half_close, self) {
        cedo_await(
            cedo_start_server(&self->server, "127.0.0.1", "0", cedo_handler(count_bytes, conn)));
        cedo_await(
            cedo_open_connection(&self->conn, "127.0.0.1", port_of(&self->server, &self->port)));
        cedo_await(cedo_stream_write_str(&self->conn, "twelve bytes"));
        cedo_await(cedo_stream_write_eof(&self->conn));
        cedo_await(cedo_stream_write_eof(&self->conn));
        cedo_catch(self->status, cedo_stream_write_str(&self->conn, "more"));
        ck_assert_int_eq(self->status, CEDO_ESTATE);
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_bytes(self->line, "12\n");
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(after_write_eof_the_other_direction_goes_on)
{
    RUN(half_close);
}
END_TEST

/* ------------------------------------------------------------- reading */

struct rest {
    cedo_coro coro;
    cedo_stream conn;
    cedo_bytes line;
    int status;
    int peer;
    cedo_bytes views[2];
};

static cedo_async(rest)
{
    cedo_body(struct rest, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        put(self->peer, "one\n\nthree");
        close(self->peer);
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_bytes(self->line, "one\n");
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_bytes(self->line, "\n");
        ck_assert(!cedo_stream_at_eof(&self->conn));
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_bytes(self->line, "three");
        for (int i = 0; i < 2; i++) ck_assert(cedo_stream_at_eof(&self->conn));
        cedo_catch(self->status, cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_int_eq(self->status, CEDO_END);
        ck_assert_uint_eq(self->line.len, 0);
        cedo_catch(self->status, cedo_stream_read(&self->conn, &self->line, 10));
        ck_assert_int_eq(self->status, CEDO_END);
        cedo_catch(self->status, cedo_stream_read(&self->conn, &self->line, 0));
        ck_assert_int_eq(self->status, CEDO_OK);
        cedo_await(cedo_stream_close(&self->conn));
        cedo_catch(self->status, cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_int_eq(self->status, CEDO_ECLOSED);
        cedo_catch(self->status, cedo_stream_write_str(&self->conn, "x"));
        ck_assert_int_eq(self->status, CEDO_ECLOSED);
    }
}

START_TEST(at_the_end_a_line_may_lack_its_newline)
{
    RUN(rest);
}
END_TEST

struct long_lines {
    cedo_coro coro;
    cedo_stream conn;
    cedo_bytes line;
    int status;
    int peer;
};

static cedo_async(long_lines)
{
    cedo_body(struct long_lines, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_stream_set_limits(&self->conn, 8, 0);
        put(self->peer, "12345678\n"
                        "123456789\n"
                        "next\n"
                        "waytoolongwithoutnewline");
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_bytes(self->line, "12345678\n");
        cedo_catch(self->status, cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_int_eq(self->status, CEDO_ELIMIT);
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_bytes(self->line, "next\n");
        cedo_catch(self->status, cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_int_eq(self->status, CEDO_ELIMIT);
        put(self->peer, "the end\n");
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_bytes(self->line, "the end\n");
        close(self->peer);
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(a_line_over_the_limit_is_an_error_and_skipped)
{
    RUN(long_lines);
}
END_TEST

/* Writes `size` bytes, the last one a newline, in pieces. */
struct big_writer {
    cedo_coro coro;
    cedo_stream *conn;
    size_t size;
    size_t piece;
    char *text;
    size_t done;
};

static cedo_async(big_writer)
{
    cedo_body(struct big_writer, self) {
        self->text = malloc(self->size);
        for (size_t i = 0; i < self->size; i++) self->text[i] = (char)('a' + i % 23);
        self->text[self->size - 1] = '\n';
        while (self->done < self->size) {
            cedo_await(
                cedo_stream_write(self->conn, cedo_bytes_of(self->text + self->done,
                                                            self->size - self->done < self->piece
                                                                ? self->size - self->done
                                                                : self->piece)));
            self->done +=
                self->size - self->done < self->piece ? self->size - self->done : self->piece;
        }
        cedo_await(cedo_stream_flush(self->conn));
    cedo_finally:
        free(self->text);
    }
}

struct big {
    cedo_coro coro;
    cedo_stream conn, other;
    cedo_task_of(big_writer) writer;
    cedo_bytes line;
    size_t size, piece;
    char *block;
    int status;
};

static bool is_pattern(const char *text, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (text[i] != (char)('a' + i % 23)) return false;
    }
    return text[size - 1] == '\n';
}

static void adopt_both(cedo_stream *a, cedo_stream *b)
{
    int pair[2];
    raw_pair(SOCK_STREAM, pair);
    ck_assert_int_eq(cedo_stream_adopt(a, pair[0]), CEDO_OK);
    ck_assert_int_eq(cedo_stream_adopt(b, pair[1]), CEDO_OK);
}

static cedo_async(big)
{
    cedo_body(struct big, self) {
        adopt_both(&self->conn, &self->other);
        cedo_stream_set_limits(&self->conn, 1000000, 0);
        cedo_spawn(&self->writer, big_writer, .conn = &self->other, .size = self->size,
                   .piece = self->piece);
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_uint_eq(self->line.len, self->size);
        ck_assert(is_pattern(self->line.data, self->line.len));
        cedo_await(cedo_join(&self->writer.task));

        cedo_spawn(&self->writer, big_writer, .conn = &self->other, .size = self->size,
                   .piece = self->piece);
        self->block = malloc(self->size);
        cedo_await(cedo_stream_read_exactly(&self->conn, self->block, self->size));
        ck_assert(is_pattern(self->block, self->size));
        cedo_await(cedo_join(&self->writer.task));

        cedo_await(cedo_stream_write_str(&self->other, "rest"));
        cedo_await(cedo_stream_close(&self->other));
        cedo_catch(self->status, cedo_stream_read_exactly(&self->conn, self->block, 5));
        ck_assert_int_eq(self->status, CEDO_EEOF);
        cedo_await(cedo_stream_read_exactly(&self->conn, self->block, 4));
        ck_assert_int_eq(memcmp(self->block, "rest", 4), 0);
        cedo_catch(self->status,
                   cedo_stream_read_exactly(&self->conn, self->block, ((size_t)1 << 30) + 1));
        ck_assert_int_eq(self->status, CEDO_EINVAL);
    cedo_finally:
        free(self->block);
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(lines_and_blocks_may_be_larger_than_a_buffer)
{
    RUN(big, .size = 300000, .piece = 300000);
    RUN(big, .size = 300000, .piece = 50000);
    RUN(big, .size = 70000, .piece = 1000);
    RUN(big, .size = 65536, .piece = 100);
    RUN(big, .size = 65537, .piece = 16384);
    RUN(big, .size = 3000, .piece = 1);
}
END_TEST

struct cancelled_read {
    cedo_coro coro;
    cedo_stream conn;
    cedo_bytes bytes;
    char block[8];
    cedo_timeout limit;
    int status;
    int peer;
};

static cedo_async(cancelled_read)
{
    cedo_body(struct cancelled_read, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        put(self->peer, "he");
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(5),
                                               cedo_stream_read_line(&self->conn, &self->bytes)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        put(self->peer, "ll");
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(5),
                                 cedo_stream_read_exactly(&self->conn, self->block, 8)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        put(self->peer, "o\n");
        cedo_await(cedo_stream_read_line(&self->conn, &self->bytes));
        ck_assert_bytes(self->bytes, "hello\n");
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(1),
                                               cedo_stream_read(&self->conn, &self->bytes, 9)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        put(self->peer, "!");
        cedo_await(cedo_stream_read(&self->conn, &self->bytes, 9));
        ck_assert_bytes(self->bytes, "!");
        close(self->peer);
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(a_cancelled_read_loses_no_byte)
{
    RUN(cancelled_read);
}
END_TEST

/* Two tasks are woken by one look at the sources; the first cancels the second before its turn. */
struct woken_and_cancelled {
    cedo_coro coro;
    cedo_stream first, second;
    cedo_task_of(line_reader) a, b;
    cedo_bytes line;
    int peers[2];
    int status;
};

static cedo_async(woken_and_cancelled)
{
    cedo_body(struct woken_and_cancelled, self) {
        self->peers[0] = open_pair(&self->first, SOCK_STREAM);
        self->peers[1] = open_pair(&self->second, SOCK_STREAM);
        cedo_spawn(&self->a, line_reader, .conn = &self->first, .victim = &self->b.task);
        cedo_spawn(&self->b, line_reader, .conn = &self->second);
        cedo_await(cedo_sleep_ms(1));
        put(self->peers[0], "now\n");
        put(self->peers[1], "mine\n");
        cedo_await(cedo_join(&self->a.task));
        cedo_catch(self->status, cedo_join(&self->b.task));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        cedo_await(cedo_stream_read_line(&self->second, &self->line));
        ck_assert_bytes(self->line, "mine\n");
        close(self->peers[0]);
        close(self->peers[1]);
    cedo_finally:
        cedo_await(cedo_stream_close(&self->first));
        cedo_await(cedo_stream_close(&self->second));
    }
}

START_TEST(a_read_cancelled_after_its_wake_up_leaves_the_bytes)
{
    RUN(woken_and_cancelled);
}
END_TEST

struct busy {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(line_reader) reader;
    cedo_bytes line;
    int peer;
    int status;
};

static cedo_async(busy)
{
    cedo_body(struct busy, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_spawn(&self->reader, line_reader, .conn = &self->conn);
        cedo_await(cedo_yield_now());
        cedo_catch(self->status, cedo_stream_read(&self->conn, &self->line, 3));
        ck_assert_int_eq(self->status, CEDO_EBUSY);
        cedo_catch(self->status, cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_int_eq(self->status, CEDO_EBUSY);
        put(self->peer, "fine\n");
        cedo_await(cedo_join(&self->reader.task));
        ck_assert_uint_eq(self->reader.frame.line.len, 5);
        close(self->peer);
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(two_readers_at_once_are_told)
{
    RUN(busy);
}
END_TEST

struct closed_under {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(line_reader) reader;
    int peer;
    int status;
};

static cedo_async(closed_under)
{
    cedo_body(struct closed_under, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_spawn(&self->reader, line_reader, .conn = &self->conn);
        cedo_await(cedo_yield_now());
        cedo_stream_abort(&self->conn);
        cedo_stream_abort(&self->conn);
        cedo_catch(self->status, cedo_join(&self->reader.task));
        ck_assert_int_eq(self->status, CEDO_ECLOSED);
        close(self->peer);
    }
}

START_TEST(closing_ends_the_wait_of_a_reader)
{
    RUN(closed_under);
}
END_TEST

/* ------------------------------------------------------------- writing */

/* On a SOCK_SEQPACKET socket each record is one send. */
struct gathered {
    cedo_coro coro;
    cedo_stream conn;
    cedo_bytes line;
    cedo_timeout limit;
    char record[4096];
    int peer;
    int i;
    int status;
};

static cedo_async(gathered)
{
    cedo_body(struct gathered, self) {
        self->peer = open_pair(&self->conn, SOCK_SEQPACKET);
        for (self->i = 0; self->i < 100; self->i++)
            cedo_await(cedo_stream_write_str(&self->conn, "ten bytes\n"));
        ck_assert_uint_eq(cedo_stream_unsent(&self->conn), 1000);
        ck_assert_int_eq(get(self->peer, self->record, sizeof self->record), -1);
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(1),
                                               cedo_stream_read_line(&self->conn, &self->line)));
        ck_assert_int_eq(get(self->peer, self->record, sizeof self->record), 1000);
        ck_assert_uint_eq(cedo_stream_unsent(&self->conn), 0);

        /* and when it sleeps */
        for (self->i = 0; self->i < 10; self->i++)
            cedo_await(cedo_stream_write_str(&self->conn, "ten bytes\n"));
        cedo_await(cedo_sleep_ms(1));
        ck_assert_int_eq(get(self->peer, self->record, sizeof self->record), 100);

        /* and when it says so */
        cedo_await(cedo_stream_write_str(&self->conn, "now"));
        cedo_await(cedo_stream_drain(&self->conn));
        ck_assert_int_eq(get(self->peer, self->record, sizeof self->record), 3);
        cedo_await(cedo_stream_write_str(&self->conn, ""));
        cedo_await(cedo_stream_drain(&self->conn));
        ck_assert_int_eq(get(self->peer, self->record, sizeof self->record), -1);
        close(self->peer);
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(small_writes_leave_together_when_the_task_waits)
{
    RUN(gathered);
}
END_TEST

struct writer {
    cedo_coro coro;
    cedo_stream *conn;
    char text[1000];
    int count;
    int done;
};

static cedo_async(writer)
{
    cedo_body(struct writer, self) {
        memset(self->text, 'x', sizeof self->text);
        for (; self->done < self->count; self->done++)
            cedo_await(cedo_stream_write(self->conn, cedo_bytes_of(self->text, sizeof self->text)));
    }
}

struct drainer {
    cedo_coro coro;
    cedo_stream *conn;
};

static cedo_async(drainer)
{
    cedo_body(struct drainer, self) {
        cedo_await(cedo_stream_drain(self->conn));
    }
}

struct flow {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(writer) writer;
    cedo_task_of(drainer) drainers[2];
    size_t got;
    int peer;
    int stuck;
    int i;
};

static cedo_async(flow)
{
    cedo_body(struct flow, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_stream_set_limits(&self->conn, 0, 16384);
        cedo_spawn(&self->writer, writer, .conn = &self->conn, .count = 2000);
        /* above the mark, and not only until the next flush: the kernel takes no more */
        do {
            self->stuck = self->writer.frame.done;
            cedo_await(cedo_sleep_ms(1));
        } while (self->writer.frame.done != self->stuck ||
                 cedo_stream_unsent(&self->conn) <= 16384);
        for (self->i = 0; self->i < 2; self->i++)
            cedo_spawn(&self->drainers[self->i], drainer, .conn = &self->conn);
        cedo_await(cedo_sleep_ms(5));
        ck_assert_int_eq(self->writer.frame.done, self->stuck);
        ck_assert_uint_le(cedo_stream_unsent(&self->conn), 16384 + 1000);
        while (!cedo_task_done(&self->writer.task) || cedo_stream_unsent(&self->conn)) {
            self->got += get_all(self->peer);
            cedo_await(cedo_sleep(CEDO_US(100)));
        }
        ck_assert(cedo_task_done(&self->drainers[0].task));
        ck_assert(cedo_task_done(&self->drainers[1].task));
        ck_assert_int_eq(cedo_task_result(&self->drainers[1].task), CEDO_OK);
        self->got += get_all(self->peer);
        ck_assert_uint_eq(self->got, 2000 * 1000);
        close(self->peer);
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(writers_wait_above_the_high_water_mark)
{
    RUN(flow);
}
END_TEST

/* The peer is gone; SIGPIPE would end the program. */
struct broken {
    cedo_coro coro;
    cedo_stream conn;
    cedo_bytes line;
    int status;
    int i;
    int peer;
};

static cedo_async(broken)
{
    cedo_body(struct broken, self) {
        signal(SIGPIPE, SIG_DFL);
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        put(self->peer, "last words\n");
        close(self->peer);
        cedo_await(cedo_stream_write_str(&self->conn, "into the void"));
        cedo_catch(self->status, cedo_stream_flush(&self->conn));
        ck_assert_int_eq(self->status, -EPIPE);
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_catch(self->status, cedo_stream_write_str(&self->conn, "again"));
            ck_assert_int_eq(self->status, -EPIPE);
            cedo_catch(self->status, cedo_stream_drain(&self->conn));
            ck_assert_int_eq(self->status, -EPIPE);
            cedo_catch(self->status, cedo_stream_write_eof(&self->conn));
            ck_assert_int_eq(self->status, -EPIPE);
        }
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_bytes(self->line, "last words\n");
        cedo_catch(self->status, cedo_stream_close(&self->conn));
        ck_assert_int_eq(self->status, -EPIPE); /* something was lost */
        ck_assert(!cedo_stream_is_open(&self->conn));
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(writing_to_a_closed_peer_is_an_error_and_no_signal)
{
    RUN(broken);
}
END_TEST

struct broken_large {
    cedo_coro coro;
    cedo_stream conn;
    char text[20000];
    int status;
};

static cedo_async(broken_large)
{
    cedo_body(struct broken_large, self) {
        close(open_pair(&self->conn, SOCK_STREAM));
        cedo_catch(self->status,
                   cedo_stream_write(&self->conn, cedo_bytes_of(self->text, sizeof self->text)));
        ck_assert_int_eq(self->status, -EPIPE);
        cedo_await(cedo_stream_close(&self->conn)); /* the writer was told: nothing else was lost */
    }
}

START_TEST(a_large_write_to_a_closed_peer_fails_at_once)
{
    RUN(broken_large);
}
END_TEST

struct closing {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(writer) writer;
    cedo_timeout limit;
    size_t got;
    int peer;
    int status;
};

/* Fills the socket, so that 1000000 bytes are not all sent. */
static cedo_async(closing)
{
    cedo_body(struct closing, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_stream_set_limits(&self->conn, 0, 1 << 20);
        cedo_spawn(&self->writer, writer, .conn = &self->conn, .count = 1000);
        cedo_await(cedo_join(&self->writer.task));
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(2), cedo_stream_flush(&self->conn)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        ck_assert_uint_gt(cedo_stream_unsent(&self->conn), 0);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(2), cedo_stream_close(&self->conn)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        ck_assert(!cedo_stream_is_open(&self->conn));
        self->got = get_all(self->peer);
        ck_assert_uint_gt(self->got, 0);
        ck_assert_uint_lt(self->got, 1000 * 1000);
        close(self->peer);
    }
}

START_TEST(a_cancelled_close_drops_the_rest_and_closes)
{
    RUN(closing);
}
END_TEST

struct closer {
    cedo_coro coro;
    cedo_stream *conn;
};

static cedo_async(closer)
{
    cedo_body(struct closer, self) {
        cedo_await(cedo_stream_close(self->conn));
    }
}

struct close_flushes {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(writer) writer;
    cedo_task_of(closer) closers[2];
    size_t got;
    int peer;
    int status;
};

static cedo_async(close_flushes)
{
    cedo_body(struct close_flushes, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_stream_set_limits(&self->conn, 0, 1 << 20);
        cedo_spawn(&self->writer, writer, .conn = &self->conn, .count = 1000);
        cedo_await(cedo_join(&self->writer.task));
        cedo_spawn(&self->closers[0], closer, .conn = &self->conn);
        cedo_spawn(&self->closers[1], closer, .conn = &self->conn);
        cedo_await(cedo_sleep_ms(1));
        ck_assert(cedo_stream_is_open(&self->conn));
        cedo_catch(self->status, cedo_stream_write_str(&self->conn, "too late"));
        ck_assert_int_eq(self->status, CEDO_ECLOSED);
        while (!cedo_task_done(&self->closers[0].task) || !cedo_task_done(&self->closers[1].task)) {
            self->got += get_all(self->peer);
            cedo_await(cedo_sleep(CEDO_US(100)));
        }
        self->got += get_all(self->peer);
        ck_assert_uint_eq(self->got, 1000 * 1000);
        ck_assert_int_eq(cedo_task_result(&self->closers[0].task), CEDO_OK);
        ck_assert_int_eq(cedo_task_result(&self->closers[1].task), CEDO_OK);
        close(self->peer);
    }
}

START_TEST(close_sends_what_is_left)
{
    RUN(close_flushes);
}
END_TEST

/* write_eof behind data that the system does not take yet; the peer goes while a task waits to
 * close. */
struct late {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(writer) writer;
    cedo_task_of(closer) closer;
    cedo_timeout limit;
    int peer;
    int status;
};

static cedo_async(late_eof)
{
    cedo_body(struct late, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_stream_set_limits(&self->conn, 0, 1 << 20);
        cedo_spawn(&self->writer, writer, .conn = &self->conn, .count = 1000);
        cedo_await(cedo_join(&self->writer.task));
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(2), cedo_stream_write_eof(&self->conn)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        while (cedo_stream_unsent(&self->conn)) {
            (void)get_all(self->peer);
            cedo_await(cedo_sleep(CEDO_US(100)));
        }
        (void)get_all(self->peer);
        ck_assert_int_eq(get(self->peer, (char[1]){0}, 1), 0); /* told all the same */
        close(self->peer);
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

static cedo_async(late_break)
{
    cedo_body(struct late, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_stream_set_limits(&self->conn, 0, 1 << 20);
        cedo_spawn(&self->writer, writer, .conn = &self->conn, .count = 1000);
        cedo_await(cedo_join(&self->writer.task));
        cedo_spawn(&self->closer, closer, .conn = &self->conn);
        cedo_await(cedo_sleep_ms(1));
        close(self->peer);
        cedo_catch(self->status, cedo_join(&self->closer.task));
        ck_assert_int_eq(self->status, -EPIPE);
        ck_assert(!cedo_stream_is_open(&self->conn));
    }
}

START_TEST(a_late_end_is_sent_and_a_late_break_is_told)
{
    static struct late frame;
    ck_assert_int_eq(
        run((memset(&frame, 0, sizeof frame), frame.coro.body = late_eof_coro, &frame.coro)),
        CEDO_OK);
    ck_assert_int_eq(
        run((memset(&frame, 0, sizeof frame), frame.coro.body = late_break_coro, &frame.coro)),
        CEDO_OK);
}
END_TEST

struct reset {
    cedo_coro coro;
    cedo_server server;
    cedo_stream conn;
    cedo_task_of(line_reader) reader;
    int listener;
    int raw;
    int status;
    port_text port;
};

static int raw_listen(port_text *port, int backlog)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, backlog), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    snprintf(port->text, sizeof port->text, "%u", ntohs(address.sin_port));
    return fd;
}

static cedo_async(reset)
{
    cedo_body(struct reset, self) {
        self->listener = raw_listen(&self->port, 5);
        cedo_await(cedo_open_connection(&self->conn, "127.0.0.1", self->port.text));
        self->raw = accept(self->listener, NULL, NULL);
        close(self->listener);
        cedo_spawn(&self->reader, line_reader, .conn = &self->conn);
        cedo_await(cedo_sleep_ms(1));
        reset_by(self->raw);
        cedo_catch(self->status, cedo_join(&self->reader.task));
        ck_assert_int_eq(self->status, -ECONNRESET);
        cedo_catch(self->status, cedo_stream_read_line(&self->conn, &self->reader.frame.line));
        ck_assert_int_eq(self->status, -ECONNRESET);
        cedo_catch(self->status, cedo_stream_write_str(&self->conn, "x"));
        ck_assert_int_eq(self->status, -ECONNRESET);
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(a_reset_reaches_the_reader_and_all_after_it)
{
    RUN(reset);
}
END_TEST

/* ------------------------------------------------------------- connecting */

struct connecting {
    cedo_coro coro;
    cedo_stream conn;
    cedo_timeout limit;
    port_text port;
    int status;
    int listener;
    int others[16];
    int i;
};

static cedo_async(connecting)
{
    cedo_body(struct connecting, self) {
        static const char *const bad[][2] = {{"no.such.name.example", "80"},
                                             {"127.0.0.1", "http"},
                                             {"127.0.0.1", "65536"},
                                             {"127.0.0.1", " 1"},
                                             {"127.0.0.1", ""},
                                             {"", "1"},
                                             {"127.0.0.1x", "1"}};
        for (self->i = 0; self->i < 7; self->i++) {
            cedo_catch(self->status,
                       cedo_open_connection(&self->conn, bad[self->i][0], bad[self->i][1]));
            ck_assert_int_eq(self->status, CEDO_ENAME);
            ck_assert(!cedo_stream_is_open(&self->conn));
        }
        close(raw_listen(&self->port, 1));
        cedo_catch(self->status, cedo_open_connection(&self->conn, "127.0.0.1", self->port.text));
        ck_assert_int_eq(self->status, -ECONNREFUSED);
        ck_assert(!cedo_stream_is_open(&self->conn));
        cedo_catch(self->status, cedo_open_connection(&self->conn, "localhost", self->port.text));
        ck_assert_int_eq(self->status, -ECONNREFUSED);
    }
}

START_TEST(a_connection_that_cannot_be_fails)
{
    RUN(connecting);
}
END_TEST

/* Begins to connect. */
static int raw_knock(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)!connect(fd, (struct sockaddr *)&address, sizeof address);
    return fd;
}

/* A listener whose queue is full does not answer. */
static cedo_async(connect_cancelled)
{
    cedo_body(struct connecting, self) {
        self->listener = raw_listen(&self->port, 0);
        for (int i = 0; i < 16; i++) self->others[i] = raw_knock((unsigned)atoi(self->port.text));
        cedo_await(cedo_sleep_ms(1));
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20),
                                 cedo_open_connection(&self->conn, "127.0.0.1", self->port.text)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        ck_assert(!cedo_stream_is_open(&self->conn));
        for (int i = 0; i < 16; i++) close(self->others[i]);
        close(self->listener);
    }
}

START_TEST(a_cancelled_connect_closes_its_socket)
{
    static struct connecting frame;
    frame.coro.body = connect_cancelled_coro;
    ck_assert_int_eq(run(&frame.coro), CEDO_OK);
}
END_TEST

/* Both are woken by one look at the sources; the reader cancels the one that connects. */
struct dialler {
    cedo_coro coro;
    cedo_stream conn;
    const char *port;
};

static cedo_async(dialler)
{
    cedo_body(struct dialler, self) {
        cedo_await(cedo_open_connection(&self->conn, "127.0.0.1", self->port));
        ck_abort_msg("was cancelled");
    }
}

struct woken_dialler {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(line_reader) reader;
    cedo_task_of(dialler) dialler;
    port_text port;
    int listener;
    int peer;
    int status;
};

static cedo_async(woken_dialler)
{
    cedo_body(struct woken_dialler, self) {
        self->listener = raw_listen(&self->port, 5);
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_spawn(&self->reader, line_reader, .conn = &self->conn, .victim = &self->dialler.task);
        cedo_spawn(&self->dialler, dialler, .port = self->port.text);
        put(self->peer, "now\n");
        cedo_catch(self->status, cedo_join(&self->dialler.task));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        ck_assert(!cedo_stream_is_open(&self->dialler.frame.conn));
        close(self->listener);
        close(self->peer);
        cedo_stream_abort(&self->conn);
    }
}

START_TEST(a_connect_cancelled_after_its_wake_up_closes_its_socket)
{
    RUN(woken_dialler);
}
END_TEST

struct adopted {
    cedo_coro coro;
    cedo_stream conn;
    int file;
    int peer;
    int status;
};

static cedo_async(adopted)
{
    cedo_body(struct adopted, self) {
        self->file = open("/dev/null", O_RDWR | O_CLOEXEC);
        ck_assert_int_eq(cedo_stream_adopt(&self->conn, self->file), -EPERM);
        ck_assert_int_eq(fcntl(self->file, F_GETFD), -1); /* it owned it */
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        ck_assert_int_ge(cedo_stream_fd(&self->conn), 0);
        self->file = dup(self->peer);
        ck_assert_int_eq(cedo_stream_adopt(&self->conn, self->file), CEDO_EBUSY);
        ck_assert_int_eq(fcntl(self->file, F_GETFD), -1);
        cedo_catch(self->status, cedo_open_connection(&self->conn, "127.0.0.1", "1"));
        ck_assert_int_eq(self->status, CEDO_EBUSY);
        close(self->peer);
        cedo_stream_abort(&self->conn);
    }
}

START_TEST(adopting_takes_sockets_and_says_no_to_files)
{
    RUN(adopted);
}
END_TEST

SUITE("stream", after_write_eof_the_other_direction_goes_on, at_the_end_a_line_may_lack_its_newline,
      a_line_over_the_limit_is_an_error_and_skipped, lines_and_blocks_may_be_larger_than_a_buffer,
      a_cancelled_read_loses_no_byte, a_read_cancelled_after_its_wake_up_leaves_the_bytes,
      two_readers_at_once_are_told, closing_ends_the_wait_of_a_reader,
      small_writes_leave_together_when_the_task_waits, writers_wait_above_the_high_water_mark,
      writing_to_a_closed_peer_is_an_error_and_no_signal,
      a_large_write_to_a_closed_peer_fails_at_once, a_cancelled_close_drops_the_rest_and_closes,
      close_sends_what_is_left, a_late_end_is_sent_and_a_late_break_is_told,
      a_reset_reaches_the_reader_and_all_after_it, a_connection_that_cannot_be_fails,
      a_cancelled_connect_closes_its_socket,
      a_connect_cancelled_after_its_wake_up_closes_its_socket,
      adopting_takes_sockets_and_says_no_to_files)
