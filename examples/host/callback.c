/* A library that answers by a callback, awaited in one line.
 *
 * Such libraries take a function and an argument, and call the one with the other when they are
 * ready. A future is where the two styles meet: the callback sets it, a coroutine waits for it.
 *
 * What to copy from here: `lookup` below, with its callback. It is 20 lines, once for a library;
 * who needs an address awaits cedo_call(&self->lookup, lookup, .name = "...") and knows nothing of
 * callbacks, and all else works on it, such as a time limit.
 */
#include <cedo/cedo.h>

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------- the foreign library
 * It knows nothing of coroutines. Its answers come later, from the same loop.
 */

typedef void answer_callback(void *arg, int error, const char *address);

struct request {
    cedo_handle timer;
    const char *name;
    answer_callback *fn;
    void *arg;
};

static const struct entry {
    const char *name, *address;
    int milliseconds;
} book[] = {
    {"kitchen", "10.0.0.7", 20},
    {"attic", "10.0.0.9", 5000},
};

static const struct entry *find(const char *name)
{
    for (size_t i = 0; i < sizeof book / sizeof *book; i++) {
        if (strcmp(book[i].name, name) == 0) return &book[i];
    }
    return NULL;
}

static cedo_status answer(void *arg)
{
    const struct request *const request = arg;
    const struct entry *const entry = find(request->name);
    request->fn(request->arg, entry ? 0 : -ENOENT, entry ? entry->address : NULL);
    return CEDO_OK;
}

static void resolver_ask(struct request *request, const char *name, answer_callback *fn, void *arg)
{
    const struct entry *const entry = find(name);
    request->name = name;
    request->fn = fn;
    request->arg = arg;
    cedo_call_later(cedo_running_loop(), &request->timer, CEDO_MS(entry ? entry->milliseconds : 10),
                    answer, request);
}

/* The callback will not be called any more. */
static void resolver_forget(struct request *request)
{
    cedo_handle_cancel(&request->timer);
}

/* ------------------------------------------------------------- the bridge */

struct lookup {
    cedo_coro coro;
    const char *name;
    struct request request;
    cedo_future done;
    const char *address; /* the result */
};

static void on_answer(void *arg, int error, const char *address)
{
    struct lookup *const self = arg;
    self->address = address;
    cedo_future_set(&self->done, error);
}

static cedo_async(lookup)
{
    cedo_body(struct lookup, self) {
        resolver_ask(&self->request, self->name, on_answer, self);
        cedo_await(cedo_future_wait(&self->done));
    cedo_finally:
        /* if it was cancelled, the answer would find another frame in this place */
        resolver_forget(&self->request);
    }
}

/* ------------------------------------------------------------- who uses it */

static const char *const rooms[] = {"kitchen", "cellar", "attic"};

struct house {
    cedo_coro coro;
    struct lookup lookup;
    cedo_timeout limit;
    size_t i;
    int status;
};

static cedo_async(house)
{
    cedo_body(struct house, self) {
        for (self->i = 0; self->i < sizeof rooms / sizeof *rooms; self->i++) {
            cedo_catch(self->status,
                       cedo_wait_for(&self->limit, CEDO_MS(100),
                                     cedo_call(&self->lookup, lookup, .name = rooms[self->i])));
            if (self->status == CEDO_ECANCELED) cedo_throw(CEDO_ECANCELED);
            printf("%s: %s\n", rooms[self->i],
                   self->status == CEDO_OK ? self->lookup.address : cedo_status_name(self->status));
        }
    }
}

CEDO_MAIN(house)
