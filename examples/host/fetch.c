/* Asks several web servers at once and prints the first line of each answer as it comes.
 *
 *     fetch HOST[:PORT]...
 *
 * A group: who fails or takes longer than its limit does not disturb the others, and none is left
 * behind. Exits with 0 if all have answered.
 */
#include <cedo/cedo.h>

#include <stdio.h>
#include <string.h>

enum { MOST = 16 };

struct fetch {
    cedo_coro coro;
    char *host;
    const char *port;
    cedo_stream conn;
    cedo_timeout limit;
    cedo_bytes line;
    char answer[80]; /* the result */
};

static cedo_async(fetch)
{
    cedo_body(struct fetch, self) {
        cedo_with_timeout (&self->limit, CEDO_SECONDS(5)) {
            cedo_await(cedo_open_connection(&self->conn, self->host, self->port));
            cedo_await(cedo_stream_write_str(&self->conn, "HEAD / HTTP/1.0\r\n\r\n"));
            cedo_await(cedo_stream_read_line(&self->conn, &self->line));
            snprintf(self->answer, sizeof self->answer, "%.*s", (int)self->line.len,
                     self->line.data);
            self->answer[strcspn(self->answer, "\r\n")] = '\0';
        }
    cedo_finally:
        cedo_await(cedo_stream_close(&self->conn));
    }
}

typedef cedo_task_of(fetch) fetch_task;

struct fetches {
    cedo_coro coro;
    int argc;
    char **argv;
    cedo_group group;
    fetch_task all[MOST];
    cedo_task *task;
};

static cedo_async(fetches)
{
    cedo_body(struct fetches, self) {
        cedo_group_on_error(&self->group, CEDO_ERROR_IS_RESULT);
        for (int i = 1; i < self->argc && i <= MOST; i++) {
            char *const colon = strchr(self->argv[i], ':');
            if (colon) *colon = '\0';
            cedo_group_spawn(&self->group, &self->all[i - 1], fetch, .host = self->argv[i],
                             .port = colon ? colon + 1 : "80");
        }
        cedo_for_each(self->task, cedo_group_next(&self->group, &self->task)) {
            const struct fetch *const one = &((fetch_task *)self->task)->frame;
            const cedo_status status = cedo_task_result(self->task);
            printf("%s: %s\n", one->host, status < 0 ? cedo_status_name(status) : one->answer);
        }
        if (cedo_group_failed(&self->group)) cedo_throw(cedo_exit(1));
    }
}

CEDO_MAIN_ARGS(fetches)
