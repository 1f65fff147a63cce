/* Call graphs: a task, its frames, the tasks that await it, and those that await these; as data and as
 * text. Context and cost as in inspect.h.
 *
 * Counterparts: asyncio.capture_call_graph(), print_call_graph(), format_call_graph().
 */
#ifndef CEDO_GRAPH_H
#define CEDO_GRAPH_H

#include <cedo/dump.h>

#if CEDO_TRACE

#ifdef __cplusplus
extern "C" {
#endif

/* One line of a call graph: a task, or one of its frames. */
typedef struct cedo_graph_line cedo_graph_line;
struct cedo_graph_line {
    unsigned level;         /* 0: what the graph is of; 1: who awaits it; 2: who awaits these... */
    cedo_task *task;        /* NULL: the future that the graph is of */
    cedo_trace_entry frame; /* `function` is NULL in the line of the task itself */
};

#define CEDO_NO_LIMIT INT_MAX

/* The call graph of `task` (NULL: the running one): a line for it, one for each of its frames,
 * innermost first, then the same for each task that awaits it, and for those that await these.
 * Stores at most `count` lines and gives their number, as if there were room for all; 0: no task
 * is running. `skip`: so many of the innermost frames of `task` are left out. `limit` cuts each
 * stack: at most so many of the innermost frames; a negative one leaves -limit of the outermost; 0
 * none. A task that awaits itself through others is not followed again, nor is what lies more than
 * 32 levels away. Counterpart: asyncio.capture_call_graph(future, depth=, limit=). */
size_t cedo_capture_call_graph(cedo_task *task, unsigned skip, int limit, cedo_graph_line *lines,
                               size_t count);

/* The same of a future, which has no frames. */
size_t cedo_capture_future_graph(const cedo_future *future, int limit, cedo_graph_line *lines,
                                 size_t count);

/* Prints it, as asyncio does. Counterpart: asyncio.print_call_graph(). */
void cedo_print_call_graph(cedo_task *task, unsigned skip, int limit, cedo_sink *sink, void *arg);
void cedo_print_future_graph(const cedo_future *future, int limit, cedo_sink *sink, void *arg);

/* The text of it, cut to fit `size` bytes with its terminator; gives the length that it would have
 * whole, as snprintf does. Counterpart: asyncio.format_call_graph(). */
size_t cedo_format_call_graph(cedo_task *task, unsigned skip, int limit, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif

#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_TRACE && !defined(CEDO_GRAPH_IMPLEMENTED_)
#define CEDO_GRAPH_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* What is done with each line. */
typedef struct cedo_graph_ cedo_graph_;
struct cedo_graph_ {
    void (*line)(cedo_graph_ *graph, const cedo_graph_line *line);
    int limit;
};

/* The task at `level`, with its frames. */
static void cedo_graph_task_(cedo_graph_ *graph, unsigned level, cedo_task *task, unsigned skip)
{
    cedo_graph_line line;
    unsigned end;
    line.level = level;
    line.task = task;
    line.frame.file = NULL;
    line.frame.function = NULL;
    line.frame.line = 0;
    graph->line(graph, &line);
    if (!task) return;
    end = cedo_task_depth_(task);
    if (graph->limit >= 0) {
        if ((unsigned)graph->limit < end && skip < end - (unsigned)graph->limit)
            end = skip + (unsigned)graph->limit;
    }
    else {
        const unsigned most = 0u - (unsigned)graph->limit;
        if (most < end && skip < end - most) skip = end - most;
    }
    for (; skip < end; skip++) {
        if (cedo_coro_place_(cedo_task_frame_(task, skip), &line.frame)) graph->line(graph, &line);
    }
}

/* `ring` is of the future, if there is no task. */
static void cedo_graph_walk_(cedo_graph_ *graph, cedo_task *task, const cedo_ring *ring,
                             unsigned skip)
{
    cedo_task *path[CEDO_TRACE_MAX];
    unsigned level = 0;
    cedo_task *next = NULL;
    path[0] = task;
    cedo_graph_task_(graph, 0, task, skip);
    for (;;) {
        unsigned i;
        next =
            level || task ? cedo_graph_next_(path[level], next) : cedo_ring_next_task_(ring, next);
        if (!next) {
            if (!level) return;
            next = path[level--];
            continue;
        }
        cedo_graph_task_(graph, level + 1, next, 0);
        for (i = 0; i <= level && path[i] != next; i++) continue;
        /* below the last level, and in a circle, only its next sibling is of interest */
        if (i > level && level + 1 < CEDO_TRACE_MAX) {
            path[++level] = next;
            next = NULL;
        }
    }
}

typedef struct cedo_graph_capture_ cedo_graph_capture_;
struct cedo_graph_capture_ {
    cedo_graph_ graph;
    cedo_graph_line *lines;
    size_t room;
    size_t count;
};

static void cedo_graph_capture_line_(cedo_graph_ *graph, const cedo_graph_line *line)
{
    cedo_graph_capture_ *const capture = (cedo_graph_capture_ *)(void *)graph;
    if (capture->count < capture->room) capture->lines[capture->count] = *line;
    capture->count++;
}

static size_t cedo_capture_(cedo_task *task, const cedo_ring *ring, unsigned skip, int limit,
                            cedo_graph_line *lines, size_t count)
{
    cedo_graph_capture_ capture;
    capture.graph.line = cedo_graph_capture_line_;
    capture.graph.limit = limit;
    capture.lines = lines;
    capture.room = count;
    capture.count = 0;
    cedo_graph_walk_(&capture.graph, task, ring, skip);
    return capture.count;
}

size_t cedo_capture_call_graph(cedo_task *task, unsigned skip, int limit, cedo_graph_line *lines,
                               size_t count)
{
    if (!task) task = cedo_current_();
    return task ? cedo_capture_(task, NULL, skip, limit, lines, count) : 0;
}

size_t cedo_capture_future_graph(const cedo_future *future, int limit, cedo_graph_line *lines,
                                 size_t count)
{
    return cedo_capture_(NULL, cedo_future_ring_(future), 0, limit, lines, count);
}

typedef struct cedo_graph_print_ cedo_graph_print_;
struct cedo_graph_print_ {
    cedo_graph_ graph;
    cedo_writer_ line;
    const cedo_future *future;
    unsigned level; /* of the last line */
    bool is_head;   /* it was that of a task */
};

static void cedo_graph_print_line_(cedo_graph_ *graph, const cedo_graph_line *entry)
{
    cedo_graph_print_ *const print = (cedo_graph_print_ *)(void *)graph;
    cedo_writer_ *const line = &print->line;
    const unsigned level = entry->level;
    const bool is_head = !entry->frame.function;
    if (is_head) {
        if (level > print->level) {
            cedo_line_indent_(line, level - 1, 2);
            cedo_line_text_(line, CEDO_TEXT_("+ Awaited by:\n"));
        }
        cedo_line_indent_(line, level, 0);
        if (entry->task) {
            cedo_line_text_(line, CEDO_TEXT_("* Task(name='"));
            cedo_line_name_(line, entry->task);
            cedo_line_text_(line, CEDO_TEXT_("', id="));
            cedo_line_pointer_(line, entry->task);
        }
        else {
            cedo_line_text_(line, CEDO_TEXT_("* Future(id="));
            cedo_line_pointer_(line, print->future);
        }
        cedo_line_text_(line, CEDO_TEXT_(")\n"));
    }
    else {
        if (print->is_head) {
            cedo_line_indent_(line, level, 2);
            cedo_line_text_(line, CEDO_TEXT_("+ Call stack:\n"));
        }
        cedo_line_indent_(line, level, 2);
        cedo_line_text_(line, CEDO_TEXT_("|   File '"));
        cedo_line_text_(line, entry->frame.file);
        cedo_line_text_(line, CEDO_TEXT_("', line "));
        cedo_line_number_(line, (unsigned)entry->frame.line, 10, 1);
        cedo_line_text_(line, CEDO_TEXT_(", in async "));
        cedo_line_function_(line, entry->frame.function);
        cedo_line_text_(line, CEDO_TEXT_("()\n"));
    }
    print->level = level;
    print->is_head = is_head;
}

static void cedo_print_graph_(cedo_task *task, const cedo_future *future, unsigned skip, int limit,
                              cedo_sink *sink, void *arg)
{
    cedo_graph_print_ print;
    print.graph.line = cedo_graph_print_line_;
    print.graph.limit = limit;
    print.future = future;
    print.level = 0;
    print.is_head = false;
    cedo_line_begin_(&print.line, sink, arg);
    cedo_graph_walk_(&print.graph, task, future ? cedo_future_ring_(future) : NULL, skip);
}

void cedo_print_call_graph(cedo_task *task, unsigned skip, int limit, cedo_sink *sink, void *arg)
{
    if (!task) task = cedo_current_();
    if (task) cedo_print_graph_(task, NULL, skip, limit, sink, arg);
}

void cedo_print_future_graph(const cedo_future *future, int limit, cedo_sink *sink, void *arg)
{
    cedo_print_graph_(NULL, future, 0, limit, sink, arg);
}

typedef struct cedo_graph_text_ cedo_graph_text_;
struct cedo_graph_text_ {
    char *text;
    size_t size;
    size_t length;
};

static void cedo_graph_text_sink_(void *arg, const char *text, size_t length)
{
    cedo_graph_text_ *const to = (cedo_graph_text_ *)arg;
    for (size_t i = 0; i < length; i++, to->length++) {
        if (to->length + 1 < to->size) to->text[to->length] = text[i];
    }
}

size_t cedo_format_call_graph(cedo_task *task, unsigned skip, int limit, char *text, size_t size)
{
    cedo_graph_text_ to;
    to.text = text;
    to.size = size;
    to.length = 0;
    cedo_print_call_graph(task, skip, limit, cedo_graph_text_sink_, &to);
    if (size) text[to.length < size ? to.length : size - 1] = '\0';
    return to.length;
}

#ifdef __cplusplus
}
#endif
#endif
