/* Traces: the await stack of an error, or of a suspended chain.
 *
 * Each frame that an error leaves adds the place where it awaited, so whoever takes the error at
 * last, such as the handler of what nobody waits for, can tell where it came from. A frame of a
 * suspended chain is asked for its place.
 */
#ifndef CEDO_TRACE_H
#define CEDO_TRACE_H

#include <cedo/config.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cedo_coro cedo_coro;

/* One line of an await stack. */
typedef struct cedo_trace_entry cedo_trace_entry;
struct cedo_trace_entry {
    const char *file;
    /* as the compiler spells it: the name given to cedo_async, then "_coro" */
    const char *function;
    int line; /* 0: not known */
};

#define CEDO_TRACE_MAX 32

/* An await stack, innermost frame first. `depth` may exceed CEDO_TRACE_MAX: then the outermost are
 * missing. */
typedef struct cedo_trace cedo_trace;
struct cedo_trace {
    cedo_trace_entry entries[CEDO_TRACE_MAX];
    unsigned depth;
};

#if CEDO_TRACE
/* Fills `trace` with the await stack of a suspended chain that begins at frame `top`. Costs a call
 * per frame. Any context of the loop's thread. Counterpart: Task.get_stack(),
 * asyncio.capture_call_graph(). */
void cedo_coro_trace(cedo_coro *top, cedo_trace *trace);
#endif

/* ------------------------------------------------------------- private */

#define CEDO_DESCRIBE_ INT_MIN /* as status: say where you stand, change nothing */

#if CEDO_TRACE
/* The trace of the error that is on its way in this thread. */
void cedo_trace_forget_(void);
void cedo_trace_add_(const char *file, const char *function, int line);
void cedo_trace_through_(const cedo_coro *coro);
void cedo_trace_taken_(cedo_trace *trace);

/* What a body tells of the place where it stands. */
#define CEDO_LINE_VARIABLE_ int cedo_line_ = 0;
#define CEDO_LINE_SET_ cedo_line_ = __LINE__
#define CEDO_HERE_PARAM_ , const char *cedo_file, const char *cedo_function, int cedo_line
#define CEDO_HERE_ , __FILE__, __func__, __LINE__
#define CEDO_HERE_LINE_ , __FILE__, __func__, cedo_line_
#else
#define CEDO_LINE_VARIABLE_
#define CEDO_LINE_SET_ ((void)0)
#define CEDO_HERE_PARAM_
#define CEDO_HERE_
#define CEDO_HERE_LINE_
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_TRACE_IMPLEMENTED_)
#define CEDO_TRACE_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_TRACE

/* The trace of the error that is on its way: each frame that it leaves adds its line. */
static CEDO_THREAD_LOCAL struct {
    cedo_trace trace;
    /* the frame that the error reaches next; anything else starts a new trace */
    const cedo_coro *next;
} cedo_tracer_;

void cedo_trace_forget_(void)
{
    cedo_tracer_.trace.depth = 0;
    cedo_tracer_.next = NULL;
}

static void cedo_trace_leaving_(const cedo_coro *coro, const char *file, const char *function,
                                int line)
{
    if (cedo_tracer_.next != coro) cedo_trace_forget_();
    cedo_trace_add_(file, function, line);
    cedo_tracer_.next = coro->caller;
}

/* For frames of the library that only pass a status on. */
void cedo_trace_through_(const cedo_coro *coro)
{
    if (cedo_tracer_.next == coro) cedo_tracer_.next = coro->caller;
}

/* Entry by entry: for the whole, a compiler calls memcpy, which a program without a C library
 * lacks. */
static void cedo_trace_copy_(cedo_trace *to, const cedo_trace *from)
{
    to->depth = from->depth;
    for (unsigned i = 0; i < CEDO_TRACE_MAX && i < from->depth; i++) {
        to->entries[i].file = from->entries[i].file;
        to->entries[i].function = from->entries[i].function;
        to->entries[i].line = from->entries[i].line;
    }
}

void cedo_trace_taken_(cedo_trace *trace)
{
    cedo_trace_copy_(trace, &cedo_tracer_.trace);
    cedo_trace_forget_();
}

void cedo_trace_add_(const char *file, const char *function, int line)
{
    cedo_trace *const trace = &cedo_tracer_.trace;
    if (trace->depth < CEDO_TRACE_MAX) {
        trace->entries[trace->depth].file = file;
        trace->entries[trace->depth].function = function;
        trace->entries[trace->depth].line = line;
    }
    trace->depth++;
}

void cedo_coro_trace(cedo_coro *top, cedo_trace *trace)
{
    cedo_trace kept;
    cedo_trace_copy_(&kept, &cedo_tracer_.trace);
    cedo_tracer_.trace.depth = 0;
    for (cedo_coro *coro = top; coro; coro = coro->caller) {
        /* a frame that was never started has no place yet, and its body would begin */
        if (cedo_coro_is_busy_(coro)) (void)coro->body(coro, CEDO_DESCRIBE_);
    }
    cedo_trace_copy_(trace, &cedo_tracer_.trace);
    cedo_trace_copy_(&cedo_tracer_.trace, &kept);
}

#endif

#ifdef __cplusplus
}
#endif
#endif
