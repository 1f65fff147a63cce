/* Sends each line back to whoever sent it.
 *
 *     echo_server [PORT]        the default, 0, lets the system choose
 */
#include <cedo/cedo.h>

#include <stdio.h>

struct handle {
    cedo_coro coro;
    cedo_stream conn;
    cedo_bytes line;
};

static cedo_async(handle)
{
    cedo_body(struct handle, self) {
        cedo_for_each(self->line, cedo_stream_read_line(&self->conn, &self->line))
            cedo_await(cedo_stream_write(&self->conn, self->line));
    } /* the connection closes with its task */
}

struct serve {
    cedo_coro coro;
    int argc;
    char **argv;
    cedo_server server;
};

static cedo_async(serve)
{
    cedo_body(struct serve, self) {
        if (self->argc > 2) {
            fputs("usage: echo_server [PORT]\n", stderr);
            cedo_throw(cedo_exit(2));
        }
        cedo_await(cedo_start_server(&self->server, "127.0.0.1",
                                     self->argc > 1 ? self->argv[1] : "0",
                                     cedo_handler(handle, conn), .max_connections = 10000));
        printf("listening on 127.0.0.1:%u\n", cedo_server_port(&self->server));
        fflush(stdout);
        cedo_await(cedo_serve_forever(&self->server));
    }
}

CEDO_MAIN_ARGS(serve)
