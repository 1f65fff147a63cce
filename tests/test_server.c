/* Servers: from a line that comes back to all that can go wrong with many connections. */
#define _GNU_SOURCE
#include "net.h"

#include <sys/resource.h>

static int reports;
static cedo_exception last_report;

static cedo_status count_report(cedo_loop *loop, const cedo_exception *exception, void *arg)
{
    (void)loop, (void)arg;
    last_report = *exception;
    reports++;
    return CEDO_OK;
}

static void watch_reports(void)
{
    reports = 0;
    cedo_loop_set_exception_handler(cedo_running_loop(), count_report, NULL);
}

/* ------------------------------------------------------------- echo */

struct echo {
    cedo_coro coro;
    cedo_stream conn;
    cedo_bytes line;
};

static cedo_async(echo)
{
    cedo_body(struct echo, self) {
        cedo_for_each(self->line, cedo_stream_read_line(&self->conn, &self->line))
            cedo_await(cedo_stream_write(&self->conn, self->line));
    }
}

struct echo_test {
    cedo_coro coro;
    cedo_server server;
    cedo_stream conn;
    cedo_bytes line;
    port_text port;
    const char *host;
    const char *listen_on;
    int i;
};

static cedo_async(echo_test)
{
    cedo_body(struct echo_test, self) {
        cedo_await(
            cedo_start_server(&self->server, self->listen_on, "0", cedo_handler(echo, conn)));
        ck_assert(cedo_server_is_serving(&self->server));
        cedo_await(
            cedo_open_connection(&self->conn, self->host, port_of(&self->server, &self->port)));
        for (self->i = 0; self->i < 3; self->i++) {
            cedo_await(cedo_stream_write_str(&self->conn, "hello\n"));
            cedo_await(cedo_stream_read_line(&self->conn, &self->line));
            ck_assert_bytes(self->line, "hello\n");
        }
        cedo_await(cedo_stream_close(&self->conn));
        ck_assert(!cedo_stream_is_open(&self->conn));
        ck_assert_int_eq(cedo_stream_fd(&self->conn), -1);
        cedo_await(cedo_stream_close(&self->conn));
    }
}

START_TEST(a_line_comes_back)
{
    RUN(echo_test, .listen_on = "127.0.0.1", .host = "127.0.0.1");
}
END_TEST

START_TEST(localhost_is_known_without_a_resolver)
{
    RUN(echo_test, .listen_on = "localhost", .host = "localhost");
}
END_TEST

START_TEST(no_host_means_all_addresses)
{
    RUN(echo_test, .listen_on = NULL, .host = "127.0.0.1");
    RUN(echo_test, .listen_on = "", .host = "localhost");
}
END_TEST

static bool has_ipv6(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const int fd = socket(AF_INET6, SOCK_STREAM, 0);
    const bool has = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0) close(fd);
    return has;
}

START_TEST(ipv6_works_where_there_is_some)
{
    if (has_ipv6()) {
        RUN(echo_test, .listen_on = "::1", .host = "::1");
        RUN(echo_test, .listen_on = "::1", .host = "localhost");
        RUN(echo_test, .listen_on = NULL, .host = "::1");
    }
}
END_TEST

/* ------------------------------------------------------------- many */

struct crowd {
    int wanted;
    int connected;
    int happy;
    cedo_event all_here;
    const char *port;
};

struct member {
    cedo_coro coro;
    struct crowd *crowd;
    int number;
    cedo_stream conn;
    cedo_bytes line;
    char text[32];
    int round;
};

static cedo_async(member)
{
    cedo_body(struct member, self) {
        cedo_await(cedo_open_connection(&self->conn, "127.0.0.1", self->crowd->port));
        if (++self->crowd->connected == self->crowd->wanted) cedo_event_set(&self->crowd->all_here);
        cedo_await(cedo_event_wait(&self->crowd->all_here));
        for (self->round = 0; self->round < 3; self->round++) {
            snprintf(self->text, sizeof self->text, "%d says %d\n", self->number, self->round);
            cedo_await(cedo_stream_write_str(&self->conn, self->text));
            cedo_await(cedo_stream_read_line(&self->conn, &self->line));
            ck_assert_bytes(self->line, self->text);
        }
        self->crowd->happy++;
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

struct crowd_test {
    cedo_coro coro;
    cedo_server server;
    struct crowd crowd;
    port_text port;
    int i;
    unsigned most;
};

static cedo_async(crowd_test)
{
    cedo_body(struct crowd_test, self) {
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0", cedo_handler(echo, conn)));
        self->crowd.port = port_of(&self->server, &self->port);
        for (self->i = 0; self->i < self->crowd.wanted; self->i++)
            ck_assert_ptr_nonnull(cedo_spawn_new(member, .crowd = &self->crowd, .number = self->i));
        cedo_await(cedo_event_wait(&self->crowd.all_here));
        while (self->crowd.happy < self->crowd.wanted) {
            if (cedo_server_connections(&self->server) > self->most)
                self->most = cedo_server_connections(&self->server);
            cedo_await(cedo_sleep_ms(1));
        }
        ck_assert_uint_eq(self->most, (unsigned)self->crowd.wanted);
        cedo_server_close(&self->server);
        cedo_await(cedo_server_wait_closed(&self->server));
    }
}

START_TEST(a_thousand_connections_at_once_get_their_bytes_back)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    RUN(crowd_test,
        .crowd = {.wanted = limit.rlim_cur >= 2100 ? 1000 : (int)(limit.rlim_cur - 100) / 2});
}
END_TEST

/* ------------------------------------------------------------- servers */

struct no_server {
    cedo_coro coro;
    cedo_server server, second;
    port_text port;
    int status;
};

static cedo_async(no_server)
{
    cedo_body(struct no_server, self) {
        ck_assert(!cedo_server_is_serving(&self->server));
        ck_assert_uint_eq(cedo_server_port(&self->server), 0);
        cedo_server_close(&self->server);
        cedo_await(cedo_server_wait_closed(&self->server));
        cedo_catch(self->status, cedo_serve_forever(&self->server));
        ck_assert_int_eq(self->status, CEDO_ECLOSED);
        cedo_catch(self->status,
                   cedo_start_server(&self->server, "example.org", "0", cedo_handler(echo, conn)));
        ck_assert_int_eq(self->status, CEDO_ENAME);
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0", cedo_handler(echo, conn)));
        cedo_catch(self->status,
                   cedo_start_server(&self->server, "127.0.0.1", "0", cedo_handler(echo, conn)));
        ck_assert_int_eq(self->status, CEDO_EBUSY);
        cedo_catch(self->status, cedo_start_server(&self->second, "127.0.0.1",
                                                   port_of(&self->server, &self->port),
                                                   cedo_handler(echo, conn)));
        ck_assert_int_eq(self->status, -EADDRINUSE);
        cedo_server_close(&self->server);
        cedo_server_close(&self->server);
        cedo_await(cedo_server_wait_closed(&self->server));
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", self->port.text,
                                     cedo_handler(echo, conn)));
        ck_assert(cedo_server_is_serving(&self->server));
    }
}

START_TEST(a_server_that_cannot_be_started_says_why)
{
    RUN(no_server);
}
END_TEST

/* What handlers tell of themselves. */
struct log {
    int begun;
    int ended;
    int outcome;
    cedo_event go;
};

struct logging {
    cedo_coro coro;
    cedo_stream conn;
    cedo_bytes bytes;
    struct log *log;
    int fail_with;
};

static cedo_async(logging)
{
    cedo_body(struct logging, self) {
        self->log->begun++;
        if (self->fail_with) cedo_throw(self->fail_with);
        cedo_await(cedo_stream_read(&self->conn, &self->bytes, 100));
    cedo_finally:
        cedo_await(cedo_sleep_ms(1));
        self->log->ended++;
    }
}

struct serving {
    cedo_coro coro;
    cedo_server *server;
};

static cedo_async(serving)
{
    cedo_body(struct serving, self) {
        cedo_await(cedo_serve_forever(self->server));
    }
}

struct closing_server {
    cedo_coro coro;
    cedo_server server;
    cedo_task_of(serving) serving;
    struct log log;
    int raw[3];
    int status;
    int i;
};

static bool is_at_end(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static cedo_async(closing_server)
{
    cedo_body(struct closing_server, self) {
        watch_reports();
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                     cedo_handler(logging, conn, .log = &self->log)));
        cedo_spawn(&self->serving, serving, .server = &self->server);
        cedo_await(cedo_yield_now());
        cedo_catch(self->status, cedo_serve_forever(&self->server));
        ck_assert_int_eq(self->status, CEDO_EBUSY);
        for (self->i = 0; self->i < 3; self->i++)
            self->raw[self->i] = raw_connect(cedo_server_port(&self->server));
        while (self->log.begun < 3) cedo_await(cedo_sleep(CEDO_US(100)));

        /* close leaves the handlers alone */
        cedo_server_close(&self->server);
        ck_assert(!cedo_server_is_serving(&self->server));
        put(self->raw[0], "x");
        while (self->log.ended < 1) cedo_await(cedo_sleep(CEDO_US(100)));
        cedo_await(cedo_sleep_ms(1));
        ck_assert_uint_eq(cedo_server_connections(&self->server), 2);
        ck_assert(!cedo_task_done(&self->serving.task));

        cedo_server_cancel_handlers(&self->server);
        cedo_await(cedo_server_wait_closed(&self->server));
        ck_assert_int_eq(self->log.ended, 3); /* their finally sections ran */
        cedo_await(cedo_join(&self->serving.task));
        for (self->i = 0; self->i < 3; self->i++) {
            ck_assert(is_at_end(self->raw[self->i]));
            close(self->raw[self->i]);
        }
        ck_assert_int_eq(reports, 0);
    }
}

START_TEST(a_closed_server_waits_for_its_handlers)
{
    RUN(closing_server);
}
END_TEST

static cedo_async(cancelled_server)
{
    cedo_body(struct closing_server, self) {
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                     cedo_handler(logging, conn, .log = &self->log)));
        cedo_spawn(&self->serving, serving, .server = &self->server);
        for (self->i = 0; self->i < 3; self->i++)
            self->raw[self->i] = raw_connect(cedo_server_port(&self->server));
        while (self->log.begun < 3) cedo_await(cedo_sleep(CEDO_US(100)));
        cedo_task_cancel(&self->serving.task);
        cedo_task_cancel(&self->serving.task);
        cedo_catch(self->status, cedo_join(&self->serving.task));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        ck_assert_int_eq(self->log.ended, 3);
        ck_assert(!cedo_server_is_serving(&self->server));
        for (self->i = 0; self->i < 3; self->i++) close(self->raw[self->i]);

        /* without connections it ends at once; a handler that has not begun never does */
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                     cedo_handler(logging, conn, .log = &self->log)));
        cedo_spawn(&self->serving, serving, .server = &self->server);
        cedo_await(cedo_yield_now());
        cedo_task_cancel(&self->serving.task);
        cedo_catch(self->status, cedo_join(&self->serving.task));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);

        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                     cedo_handler(logging, conn, .log = &self->log)));
        self->raw[0] = raw_connect(cedo_server_port(&self->server));
        while (!cedo_server_connections(&self->server)) cedo_await(cedo_yield_now());
        if (self->log.begun == 3) {
            cedo_server_close(&self->server);
            cedo_server_cancel_handlers(&self->server);
            cedo_await(cedo_server_wait_closed(&self->server));
            ck_assert_int_eq(self->log.begun, 3);
        }
        close(self->raw[0]);
    }
}

START_TEST(cancelling_serve_forever_closes_all_of_it)
{
    static struct closing_server frame;
    frame.coro.body = cancelled_server_coro;
    ck_assert_int_eq(run(&frame.coro), CEDO_OK);
}
END_TEST

/* It was woken, since the server was closed, and then cancelled; and may serve again. */
static cedo_async(woken_server)
{
    cedo_body(struct closing_server, self) {
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                         cedo_handler(logging, conn, .log = &self->log)));
            cedo_spawn(&self->serving, serving, .server = &self->server);
            cedo_await(cedo_yield_now());
            cedo_server_close(&self->server);
            cedo_task_cancel(&self->serving.task);
            cedo_catch(self->status, cedo_join(&self->serving.task));
            ck_assert_int_eq(self->status, CEDO_ECANCELED);
        }
    }
}

START_TEST(serve_forever_may_be_woken_and_cancelled_at_once)
{
    static struct closing_server frame;
    frame.coro.body = woken_server_coro;
    ck_assert_int_eq(run(&frame.coro), CEDO_OK);
}
END_TEST

struct traced {
    cedo_coro coro;
    cedo_server server;
    struct log log;
    cedo_trace trace;
    int raw;
};

static cedo_async(traced)
{
    cedo_body(struct traced, self) {
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                     cedo_handler(logging, conn, .log = &self->log)));
        self->raw = raw_connect(cedo_server_port(&self->server));
        while (!self->log.begun) cedo_await(cedo_sleep(CEDO_US(100)));
        cedo_task_trace(cedo_loop_next_task(cedo_running_loop(), NULL), &self->trace);
        ck_assert_uint_eq(self->trace.depth, 2);
        ck_assert_str_eq(self->trace.entries[0].function, "logging_coro");
        ck_assert_str_eq(self->trace.entries[1].function, "cedo_server");
        close(self->raw);
    }
}

START_TEST(the_await_stack_of_a_handler_ends_at_its_server)
{
    RUN(traced);
}
END_TEST

START_TEST(a_loop_without_descriptors_is_refused)
{
    struct rlimit limit, none;
    struct echo frame = {0};
    cedo_status status;
    getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    status = cedo_run_coro(cedo_prepare(&frame, echo));
    setrlimit(RLIMIT_NOFILE, &limit);
    ck_assert_int_eq(status, -EMFILE);
}
END_TEST

/* The server's coroutine ends, with an error: no handler outlives it. */
struct short_lived {
    cedo_coro coro;
    cedo_server server;
    cedo_timeout limit;
    struct log *log;
    int *raw;
};

static cedo_async(short_lived)
{
    cedo_body(struct short_lived, self) {
        cedo_with_timeout (&self->limit, CEDO_SECONDS(60)) {
            cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                         cedo_handler(logging, conn, .log = self->log)));
        }
        *self->raw = raw_connect(cedo_server_port(&self->server));
        while (!self->log->begun) cedo_await(cedo_sleep(CEDO_US(100)));
        cedo_throw(CEDO_EUSER);
    }
}

struct outlive {
    cedo_coro coro;
    cedo_task_of(short_lived) child;
    struct log log;
    int raw;
    int status;
    int cancel;
};

static cedo_async(outlive)
{
    cedo_body(struct outlive, self) {
        cedo_spawn(&self->child, short_lived, .log = &self->log, .raw = &self->raw);
        if (self->cancel) {
            while (!self->log.begun) cedo_await(cedo_yield_now());
            while (cedo_server_is_serving(&self->child.frame.server)) cedo_await(cedo_yield_now());
            cedo_task_cancel(&self->child.task); /* while it waits for the end of its server */
        }
        cedo_catch(self->status, cedo_join(&self->child.task));
        ck_assert_int_eq(self->status, self->cancel ? CEDO_ECANCELED : CEDO_EUSER);
        ck_assert_int_eq(self->log.ended, 1);
        ck_assert_uint_eq(cedo_server_connections(&self->child.frame.server), 0);
        close(self->raw);
    }
}

START_TEST(a_server_ends_with_the_coroutine_that_started_it)
{
    RUN(outlive);
    RUN(outlive, .cancel = 1);
}
END_TEST

struct failing {
    cedo_coro coro;
    cedo_server server;
    struct log log;
    int raw;
};

static cedo_async(failing)
{
    cedo_body(struct failing, self) {
        watch_reports();
        cedo_await(cedo_start_server(
            &self->server, "127.0.0.1", "0",
            cedo_handler(logging, conn, .log = &self->log, .fail_with = CEDO_EUSER)));
        self->raw = raw_connect(cedo_server_port(&self->server));
        while (!is_at_end(self->raw)) cedo_await(cedo_sleep(CEDO_US(100)));
        while (cedo_server_connections(&self->server)) cedo_await(cedo_sleep(CEDO_US(100)));
        ck_assert_int_eq(reports, 1);
        ck_assert_int_eq(last_report.status, CEDO_EUSER);
        close(self->raw);

        /* a peer that goes is not worth a report */
        cedo_server_close(&self->server);
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                     cedo_handler(logging, conn, .log = &self->log)));
        self->log.begun = 0;
        self->raw = raw_connect(cedo_server_port(&self->server));
        while (!self->log.begun) cedo_await(cedo_sleep(CEDO_US(100)));
        reset_by(self->raw);
        while (cedo_server_connections(&self->server)) cedo_await(cedo_sleep(CEDO_US(100)));
        ck_assert_int_eq(reports, 1);
    }
}

START_TEST(a_failing_handler_is_reported_and_its_connection_closed)
{
    RUN(failing);
}
END_TEST

struct full {
    cedo_coro coro;
    cedo_server server;
    struct log log;
    int raw[3];
    int i;
};

static cedo_async(full)
{
    cedo_body(struct full, self) {
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                     cedo_handler(logging, conn, .log = &self->log),
                                     .max_connections = 2, .backlog = 10, .line_limit = 100));
        for (self->i = 0; self->i < 3; self->i++)
            self->raw[self->i] = raw_connect(cedo_server_port(&self->server));
        while (self->log.begun < 2) cedo_await(cedo_sleep(CEDO_US(100)));
        cedo_await(cedo_sleep_ms(2));
        ck_assert_uint_eq(cedo_server_connections(&self->server), 2);
        ck_assert_int_eq(self->log.begun, 2);
        close(self->raw[1]);
        while (self->log.begun < 3) cedo_await(cedo_sleep(CEDO_US(100)));
        close(self->raw[0]);
        close(self->raw[2]);
        while (cedo_server_connections(&self->server)) cedo_await(cedo_sleep(CEDO_US(100)));
    }
}

START_TEST(more_than_max_connections_wait_in_the_backlog)
{
    RUN(full);
}
END_TEST

/* No descriptor is left: the server waits on a timer, tells it once, and goes on when there is
 * one. */
struct shortage {
    cedo_coro coro;
    cedo_server server;
    struct log log;
    struct rlimit limit;
    int raw;
    int second;
    int waiting;
    bool waits_on_timer;
};

static bool is_gone(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0 || errno != EAGAIN;
}

static cedo_async(shortage)
{
    cedo_body(struct shortage, self) {
        watch_reports();
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                     cedo_handler(logging, conn, .log = &self->log)));
        self->raw = raw_connect(cedo_server_port(&self->server));
        {
            struct rlimit none;
            getrlimit(RLIMIT_NOFILE, &self->limit);
            none = self->limit;
            none.rlim_cur = 0;
            setrlimit(RLIMIT_NOFILE, &none);
        }
        while (!reports) cedo_await(cedo_sleep_ms(1));
        cedo_await(cedo_sleep_ms(250)); /* it tries again meanwhile */
        self->waits_on_timer = cedo_handle_scheduled(&self->server.accepting);
        setrlimit(RLIMIT_NOFILE, &self->limit); /* Check needs a descriptor, too */
        ck_assert_int_eq(last_report.status, -EMFILE);
        ck_assert_int_eq(reports, 1);
        ck_assert_int_eq(self->log.begun, 0);
        /* valgrind does the accept, and then closes what it has got */
        self->waiting = !is_gone(self->raw);
        ck_assert_int_eq(self->waits_on_timer, self->waiting);
        self->second = raw_connect(cedo_server_port(&self->server));
        while (self->log.begun < 1 + self->waiting) cedo_await(cedo_sleep_ms(1));
        close(self->raw);
        close(self->second);
        while (cedo_server_connections(&self->server)) cedo_await(cedo_sleep(CEDO_US(100)));
    }
}

START_TEST(without_descriptors_a_server_backs_off)
{
    RUN(shortage);
}
END_TEST

static void *no_memory(cedo_allocator *allocator, size_t size)
{
    (void)allocator, (void)size;
    return NULL;
}

static void no_free(cedo_allocator *allocator, void *block)
{
    (void)allocator, (void)block;
}

struct memory {
    cedo_coro coro;
    cedo_server server;
    struct log log;
    int raw;
};

static cedo_async(memory)
{
    cedo_body(struct memory, self) {
        static cedo_allocator none = {no_memory, no_free};
        watch_reports();
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0",
                                     cedo_handler(logging, conn, .log = &self->log)));
        cedo_loop_set_allocator(cedo_running_loop(), &none);
        self->raw = raw_connect(cedo_server_port(&self->server));
        while (!reports) cedo_await(cedo_sleep(CEDO_US(100)));
        ck_assert_int_eq(last_report.status, CEDO_ENOMEM);
        while (!is_at_end(self->raw)) cedo_await(cedo_sleep(CEDO_US(100)));
        close(self->raw);
        ck_assert_int_eq(self->log.begun, 0);
        cedo_loop_set_allocator(cedo_running_loop(), NULL);
        self->raw = raw_connect(cedo_server_port(&self->server));
        while (!self->log.begun) cedo_await(cedo_sleep(CEDO_US(100)));
        close(self->raw);
    }
}

START_TEST(without_memory_for_a_handler_the_connection_is_closed)
{
    RUN(memory);
}
END_TEST

/* A handler whose peer does not read is not waited for when the server is cancelled. */
struct talker {
    cedo_coro coro;
    cedo_stream conn;
    char text[60000];
    int i;
};

static cedo_async(talker)
{
    cedo_body(struct talker, self) {
        cedo_stream_set_limits(&self->conn, 0, 1 << 25);
        for (self->i = 0; self->i < 300; self->i++)
            cedo_await(
                cedo_stream_write(&self->conn, cedo_bytes_of(self->text, sizeof self->text)));
    }
}

struct deaf {
    cedo_coro coro;
    cedo_server server;
    int raw;
};

static cedo_async(deaf)
{
    cedo_body(struct deaf, self) {
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0", cedo_handler(talker, conn)));
        self->raw = raw_connect(cedo_server_port(&self->server));
        cedo_await(cedo_sleep_ms(20));
        ck_assert_uint_eq(cedo_server_connections(&self->server), 1);
        cedo_server_close(&self->server);
        cedo_server_cancel_handlers(&self->server);
        cedo_await(cedo_server_wait_closed(&self->server));
        close(self->raw);
    }
}

START_TEST(a_peer_that_does_not_read_cannot_hold_a_server)
{
    RUN(deaf);
}
END_TEST

/* All is freed, and the descriptors are closed, though no task has ended. */
struct abandoned {
    cedo_coro coro;
    cedo_server server;
    cedo_stream conn, other;
    cedo_bytes line;
    port_text port;
};

static cedo_async(abandoned)
{
    cedo_body(struct abandoned, self) {
        cedo_await(cedo_start_server(&self->server, "127.0.0.1", "0", cedo_handler(echo, conn)));
        cedo_await(
            cedo_open_connection(&self->conn, "127.0.0.1", port_of(&self->server, &self->port)));
        cedo_await(cedo_open_connection(&self->other, "127.0.0.1", self->port.text));
        cedo_await(cedo_stream_write_str(&self->conn, "half a line"));
        cedo_await(cedo_stream_drain(&self->conn));
        cedo_await(cedo_sleep_ms(2));
        cedo_await(cedo_stream_write_str(&self->conn, "unsent"));
        cedo_loop_stop(cedo_running_loop());
        cedo_await(cedo_stream_read_line(&self->other, &self->line));
    }
}

static cedo_status no_report(cedo_loop *loop, const cedo_exception *exception, void *arg)
{
    (void)loop, (void)exception, (void)arg;
    return CEDO_OK;
}

START_TEST(closing_a_loop_frees_what_its_frames_left)
{
    static cedo_task_of(abandoned) task;
    const int descriptors = open_descriptors();
    cedo_loop loop;
    ck_assert_int_eq(cedo_loop_init(&loop, &cedo_port_posix), CEDO_OK);
    cedo_loop_set_exception_handler(&loop, no_report, NULL);
    cedo_loop_spawn(&loop, &task, abandoned);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert_int_eq(open_descriptors(), descriptors);
}
END_TEST

START_TEST(a_connection_is_small)
{
    ck_assert_uint_le(sizeof(cedo_stream), 48);
    ck_assert_uint_le(sizeof(cedo_task) + sizeof(cedo_coro) + sizeof(void *) + sizeof(struct echo),
                      240);
}
END_TEST

SUITE("server", a_line_comes_back, localhost_is_known_without_a_resolver,
      no_host_means_all_addresses, ipv6_works_where_there_is_some,
      a_thousand_connections_at_once_get_their_bytes_back, a_server_that_cannot_be_started_says_why,
      a_closed_server_waits_for_its_handlers, cancelling_serve_forever_closes_all_of_it,
      serve_forever_may_be_woken_and_cancelled_at_once,
      the_await_stack_of_a_handler_ends_at_its_server, a_loop_without_descriptors_is_refused,
      a_server_ends_with_the_coroutine_that_started_it,
      a_failing_handler_is_reported_and_its_connection_closed,
      more_than_max_connections_wait_in_the_backlog, without_descriptors_a_server_backs_off,
      without_memory_for_a_handler_the_connection_is_closed,
      a_peer_that_does_not_read_cannot_hold_a_server, closing_a_loop_frees_what_its_frames_left,
      a_connection_is_small)
