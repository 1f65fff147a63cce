/* Traces: C programs that print what an asyncio program prints, byte for byte.
 *
 * A family is a file with a table of traces. Each is compiled twice: NAME.c with the switch, and
 * NAME_labels.c, which includes it, with labels as values.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <cedo/core.h>
#include <cedo/port/sim.h>

#include <string.h>

typedef struct oracle_trace oracle_trace;
struct oracle_trace {
    const char *name;
    void (*run)(void);
};

#define ORACLE_FAMILIES(X) \
    X(task) \
    X(loop) \
    X(sleep) \
    X(sync) \
    X(timeout) \
    X(waitfor) \
    X(future) \
    X(group) \
    X(queue) \
    X(reader) \
    X(runner) \
    X(eager) \
    X(generator) \
    X(context) \
    X(debug) \
    X(cancel)

/* The table of a family, which ends with a NULL name. */
#ifdef CEDO_LABELS
#define ORACLE_TABLE(family) const oracle_trace oracle_##family##_labels[]
#else
#define ORACLE_TABLE(family) const oracle_trace oracle_##family[]
#endif

#define ORACLE_DECLARE_(family) \
    extern const oracle_trace oracle_##family[]; \
    extern const oracle_trace oracle_##family##_labels[];
ORACLE_FAMILIES(ORACLE_DECLARE_)

/* The trace at `index` over all families, or NULL behind the last. */
const oracle_trace *oracle_trace_at(unsigned index, bool labels);

/* Runs it and gives what it printed, a string that is valid until the next call. Allocating memory
 * meanwhile aborts, where that can be seen. */
const char *oracle_output(const oracle_trace *trace);

/* ------------------------------------------------------------- for the traces */

/* Prints a line. */
void p(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints what has no meaning in C, as the trace has it; `why` is for the reader. */
void p_not_applicable(const char *line, const char *why);

static inline const char *py_bool(bool value)
{
    return value ? "True" : "False";
}

/* What stands for Python's exceptions that the library has no word for. */
enum { VALUE_ERROR = CEDO_EUSER, KEY_ERROR = CEDO_EUSER - 1 };

/* The class of the exception that a status stands for. */
const char *py_error(cedo_status status);

/* "None" for NULL. */
static inline const char *py_text(const char *text)
{
    return text ? text : "None";
}

/* The loop of the running trace. */
extern cedo_loop py_loop;

/* asyncio.run(coro()), with the arguments .field = value: in a loop of its own. Gives the outcome. */
#define PY_RUN(...) PY_RUN_(__VA_ARGS__, )
#define PY_RUN_(name, ...) py_run(&(struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}.coro)

cedo_status py_run(cedo_coro *coro);

/* The port of all loops. */
const cedo_port *py_port(void);

/* For traces that make a loop and close it. */
void py_open(void);
void py_close(void);

#endif
