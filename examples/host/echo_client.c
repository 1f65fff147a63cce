/* Sends lines to an echo server and prints what comes back.
 *
 *     echo_client HOST PORT [LINE...]
 *
 * Exits with 0 if every line came back as it was, else with 1; with 2 if it was called wrongly.
 */
#include <cedo/cedo.h>

#include <stdio.h>

struct client {
    cedo_coro coro;
    int argc;
    char **argv;
    cedo_stream conn;
    cedo_bytes reply;
    cedo_timeout limit;
    int i;
};

static bool is_line(cedo_bytes reply, const char *text)
{
    return reply.len > 0 && cedo_bytes_equal_str(cedo_bytes_of(reply.data, reply.len - 1), text);
}

static cedo_async(client)
{
    cedo_body(struct client, self) {
        if (self->argc < 3) {
            fputs("usage: echo_client HOST PORT [LINE...]\n", stderr);
            cedo_throw(cedo_exit(2));
        }
        cedo_with_timeout (&self->limit, CEDO_SECONDS(5)) {
            cedo_await(cedo_open_connection(&self->conn, self->argv[1], self->argv[2]));
            for (self->i = 3; self->i < self->argc; self->i++) {
                cedo_await(cedo_stream_write_str(&self->conn, self->argv[self->i]));
                cedo_await(cedo_stream_write_str(&self->conn, "\n"));
                cedo_await(cedo_stream_read_line(&self->conn, &self->reply));
                printf("%.*s", (int)self->reply.len, self->reply.data);
                if (!is_line(self->reply, self->argv[self->i])) cedo_throw(cedo_exit(1));
            }
        }
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

CEDO_MAIN_ARGS(client)
