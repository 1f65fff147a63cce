/* The port of a host: descriptors that are waited for, and its sleep. */
#define _GNU_SOURCE
#include "net.h"

#include "../src/loop/poller.h"

/* ------------------------------------------------------------- sources */

/* A descriptor number that was closed and is used again, while the system still tells of the old
 * one. */
struct stale {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(line_reader) reader;
    int copy;
    int peers[2];
    int fd;
    uint64_t old_key;
    int turns;
};

static uint64_t key_of(const cedo_stream *stream)
{
    return (uint64_t)stream->source.generation << 32 | (uint32_t)stream->source.fd;
}

static cedo_poller *here(void)
{
    return cedo_poller_of_(cedo_running_loop());
}

/* Gives the number of a closed descriptor to one end of a new pair; the other end is returned. */
static int reuse(int fd)
{
    int pair[2];
    raw_pair(SOCK_STREAM, pair); /* the lowest free number comes first, and it may be that one */
    ck_assert_int_ne(pair[1], fd);
    if (pair[0] == fd) return pair[1];
    ck_assert_int_eq(dup2(pair[0], fd), fd);
    close(pair[0]);
    return pair[1];
}

static cedo_async(stale)
{
    cedo_body(struct stale, self) {
        self->peers[0] = open_pair(&self->conn, SOCK_STREAM);
        self->fd = cedo_stream_fd(&self->conn);
        self->old_key = key_of(&self->conn);
        self->copy = dup(self->fd); /* as a child would have: the connection lives on */
        cedo_stream_abort(&self->conn);
        self->peers[1] = reuse(self->fd);
        ck_assert_int_eq(cedo_stream_adopt(&self->conn, self->fd), CEDO_OK);
        ck_assert(key_of(&self->conn) != self->old_key);
        cedo_spawn(&self->reader, line_reader, .conn = &self->conn);
        put(self->peers[0], "for the old one\n");
        for (self->turns = 0; self->turns < 3; self->turns++) cedo_await(cedo_sleep(CEDO_US(100)));
        ck_assert(!cedo_ring_is_empty(&self->conn.source.readers));
        cedo_poller_report_(here(), self->old_key, CEDO_SOURCE_READABLE_ | CEDO_SOURCE_ERROR_);
        cedo_poller_report_(here(), 0xffffffffu, CEDO_SOURCE_READABLE_);
        ck_assert(!cedo_ring_is_empty(&self->conn.source.readers)); /* not woken */
        put(self->peers[1], "for the new one\n");
        cedo_await(cedo_join(&self->reader.task));
        ck_assert_bytes(self->reader.frame.line, "for the new one\n");
        close(self->copy);
        close(self->peers[0]);
        close(self->peers[1]);
        cedo_stream_abort(&self->conn);
    }
}

START_TEST(an_event_of_a_closed_descriptor_wakes_nobody)
{
    RUN(stale);
}
END_TEST

/* Two calls are due by one look at the sources; the first takes the second back. */
struct taken_back {
    cedo_coro coro;
    cedo_stream conn;
    cedo_handle first, second;
    int calls;
    int peer;
};

static cedo_status takes_back(void *arg)
{
    struct taken_back *const self = (struct taken_back *)arg;
    self->calls++;
    ck_assert(cedo_handle_scheduled(&self->second));
    cedo_source_call_cancel_(&self->conn.source.readers, &self->second);
    return CEDO_OK;
}

static cedo_status is_not_called(void *arg)
{
    (void)arg;
    ck_abort_msg("a call that was taken back is made");
    return CEDO_OK;
}

static cedo_async(taken_back)
{
    cedo_body(struct taken_back, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_source_call_(&self->conn.source.readers, &self->first, takes_back, self);
        cedo_source_call_(&self->conn.source.readers, &self->second, is_not_called, self);
        put(self->peer, "now");
        while (!self->calls) cedo_await(cedo_sleep_ms(1));
        cedo_await(cedo_yield_now());
        ck_assert(!cedo_handle_scheduled(&self->second));
        close(self->peer);
        cedo_stream_abort(&self->conn);
    }
}

START_TEST(LOOP_16_a_call_taken_back_earlier_in_the_batch_is_not_made)
{
    RUN(taken_back);
}
END_TEST

struct prompt {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(line_reader) reader;
    cedo_bytes line;
    int peer;
    int status;
};

static cedo_async(prompt)
{
    cedo_body(struct prompt, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_spawn(&self->reader, line_reader, .conn = &self->conn);
        cedo_await(cedo_sleep_ms(1));
        ck_assert(!cedo_ring_is_empty(&self->conn.source.readers));
        (void)cedo_task_cancel(&self->reader.task);
        ck_assert(cedo_ring_is_empty(&self->conn.source.readers));
        cedo_catch(self->status, cedo_join(&self->reader.task));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        ck_assert_int_eq(here()->sources, 1); /* that of the stream, which goes on */
        put(self->peer, "more\n");
        cedo_await(cedo_stream_read_line(&self->conn, &self->line));
        ck_assert_bytes(self->line, "more\n");
        close(self->peer);
        cedo_stream_abort(&self->conn);
        ck_assert_int_eq(here()->sources, 0);
    }
}

START_TEST(CANCEL_20_a_cancelled_wait_leaves_nothing_behind)
{
    RUN(prompt);
}
END_TEST

/* The task never waits for the system: it empties the other end itself. Others run all the same. */
struct sleeper {
    cedo_coro coro;
    bool *slept;
};

static cedo_async(sleeper)
{
    cedo_body(struct sleeper, self) {
        cedo_await(cedo_sleep(CEDO_US(1)));
        *self->slept = true;
    }
}

struct hog {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(sleeper) sleeper;
    char text[16384];
    bool slept;
    int rounds;
    int peer;
};

static cedo_async(hog)
{
    cedo_body(struct hog, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        cedo_spawn(&self->sleeper, sleeper, .slept = &self->slept);
        for (; !self->slept; self->rounds++) {
            ck_assert_int_lt(self->rounds, 1000000);
            cedo_await(
                cedo_stream_write(&self->conn, cedo_bytes_of(self->text, sizeof self->text)));
            (void)get_all(self->peer);
        }
        close(self->peer);
        cedo_stream_abort(&self->conn);
    }
}

START_TEST(a_peer_that_is_always_ready_does_not_keep_the_loop)
{
    RUN(hog);
}
END_TEST

struct flood {
    cedo_coro coro;
    cedo_stream conn;
    cedo_task_of(sleeper) sleeper;
    cedo_bytes bytes;
    bool slept;
    int rounds;
    int peer;
};

static void fill(int fd)
{
    static const char text[65536];
    while (send(fd, text, sizeof text, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) continue;
}

static cedo_async(flood)
{
    cedo_body(struct flood, self) {
        self->peer = open_pair(&self->conn, SOCK_STREAM);
        fill(self->peer);
        cedo_spawn(&self->sleeper, sleeper, .slept = &self->slept);
        for (; !self->slept; self->rounds++) {
            ck_assert_int_lt(self->rounds, 1000000);
            cedo_await(cedo_stream_read(&self->conn, &self->bytes, 65536));
            fill(self->peer);
        }
        close(self->peer);
        cedo_stream_abort(&self->conn);
    }
}

START_TEST(a_peer_that_floods_does_not_keep_the_loop)
{
    RUN(flood);
}
END_TEST

/* ------------------------------------------------------------- the port */

static int waits;

static void counting_wait(cedo_loop *loop, const cedo_time *until)
{
    waits++;
    cedo_port_posix.wait(loop, until);
}

struct nap {
    cedo_coro coro;
    cedo_duration delay;
    cedo_time began, ended;
};

static cedo_async(nap)
{
    cedo_body(struct nap, self) {
        self->began = cedo_loop_time(cedo_running_loop());
        cedo_await(cedo_sleep(self->delay));
        self->ended = cedo_loop_time(cedo_running_loop());
    }
}

START_TEST(the_loop_sleeps_no_less_and_does_not_spin)
{
    static const cedo_duration delays[] = {1, 1000, 123456, 999999, 1000001, 2500000};
    cedo_port port = cedo_port_posix;
    port.wait = counting_wait;
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        cedo_loop loop;
        cedo_task_of(nap) task = {0};
        ck_assert_int_eq(cedo_loop_init(&loop, &port), CEDO_OK);
        waits = 0;
        cedo_loop_spawn(&loop, &task, nap, .delay = delays[i]);
        ck_assert_int_eq(cedo_loop_run_until_complete(&loop, &task.task), CEDO_OK);
        ck_assert_int_ge(task.frame.ended - task.frame.began, delays[i]);
        ck_assert_int_le(waits, 5); /* signals, and a wheel that sorts itself */
        cedo_loop_close(&loop);
    }
}
END_TEST

SUITE("poller", an_event_of_a_closed_descriptor_wakes_nobody,
      LOOP_16_a_call_taken_back_earlier_in_the_batch_is_not_made,
      CANCEL_20_a_cancelled_wait_leaves_nothing_behind,
      a_peer_that_is_always_ready_does_not_keep_the_loop, a_peer_that_floods_does_not_keep_the_loop,
      the_loop_sleeps_no_less_and_does_not_spin)
