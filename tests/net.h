/* What the tests of streams and servers share, on real sockets of the loopback: what those promise
 * rests on what the system does. Time only limits: no test passes because something took long enough.
 */
#ifndef NET_H
#define NET_H

#include <cedo/cedo.h>

#include "suite.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int open_descriptors(void)
{
    DIR *const dir = opendir("/proc/self/fd");
    int count = 0;
    while (readdir(dir)) count++;
    closedir(dir);
    return count;
}

/* Runs a coroutine in a loop of its own, which must not last for ever, and leave no descriptor
 * open. */
struct guarded {
    cedo_coro coro;
    cedo_coro *test;
    cedo_timeout limit;
};

static cedo_async(guarded)
{
    cedo_body(struct guarded, self) {
        self->test->caller = &self->coro;
        cedo_await(cedo_wait_for(&self->limit, CEDO_SECONDS(60), cedo_enter_(self->test)));
    }
}

static inline cedo_status run(cedo_coro *test)
{
    struct guarded frame = {0};
    const int descriptors = open_descriptors();
    cedo_status status;
    status = cedo_run_coro(cedo_make(&frame, guarded, .test = test));
    ck_assert_int_eq(open_descriptors(), descriptors);
    return status;
}

#define RUN(...) RUN_(__VA_ARGS__, )
#define RUN_(name, ...) \
    do { \
        static struct name frame; \
        frame = (struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}; \
        ck_assert_int_eq(run(&frame.coro), CEDO_OK); \
    } while (0)

typedef struct port_text {
    char text[8];
} port_text;

static inline const char *port_of(const cedo_server *server, port_text *port)
{
    snprintf(port->text, sizeof port->text, "%u", cedo_server_port(server));
    return port->text;
}

static inline void raw_pair(int type, int pair[2])
{
    ck_assert_int_eq(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair), 0);
}

/* A connected stream, and the other end as a plain non-blocking descriptor. */
static inline int open_pair(cedo_stream *stream, int type)
{
    int pair[2];
    raw_pair(type, pair);
    ck_assert_int_eq(cedo_stream_adopt(stream, pair[0]), CEDO_OK);
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    return pair[1];
}

static inline void put(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static inline ssize_t get(int fd, char *buffer, size_t size)
{
    return recv(fd, buffer, size, MSG_DONTWAIT);
}

static inline size_t get_all(int fd)
{
    static char buffer[65536];
    size_t total = 0;
    ssize_t count;
    while ((count = get(fd, buffer, sizeof buffer)) > 0) total += (size_t)count;
    return total;
}

/* A TCP connection to a port, without the library. */
static inline int raw_connect(unsigned port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void reset_by(int fd)
{
    const struct linger none = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

#define ck_assert_bytes(bytes, text) ck_assert(cedo_bytes_equal_str(bytes, text))

/* Reads one line; then cancels another task, if it is given one. */
struct line_reader {
    cedo_coro coro;
    cedo_stream *conn;
    cedo_bytes line;
    cedo_task *victim;
};

static inline cedo_async(line_reader)
{
    cedo_body(struct line_reader, self) {
        cedo_await(cedo_stream_read_line(self->conn, &self->line));
        if (self->victim) cedo_task_cancel(self->victim);
    }
}

#endif
