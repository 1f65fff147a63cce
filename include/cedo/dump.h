/* Dumps: who waits for whom, where, and for how long, as text.
 *
 *     cedo_dump(loop, NULL, NULL);
 *
 * prints the tasks of a loop as a tree, those that wait for a task above it:
 *
 *     loop 0x7ffc10: 3 tasks
 *     Task-1 at 0x404100: join of Task-2 at 0x404180, for 1.250 s
 *       in app, app.c:30
 *       in load, app.c:12
 *         Task-2 at 0x404180: queue get at 0x404080, for 0.250 s
 *           in worker, app.c:50
 *     Task-3 at 0x404200: sleep, 0.750 s left
 *       in blink, app.c:61
 *
 * All may be called from tasks, callbacks, and by a debugger while the program stands still (gdb:
 * call cedo_dump(0, 0, 0)); not from another thread or an interrupt while the loop runs. Nothing
 * changes, nothing is allocated. Costs time in proportion to what is printed, and about 250 bytes
 * of stack. Everything here needs CEDO_TRACE; what is not called costs no flash.
 *
 * Counterparts: python -m asyncio pstree and ps, Task.print_stack(), the repr() of tasks, futures and
 * handles. Their data is in inspect.h, call graphs are in graph.h.
 */
#ifndef CEDO_DUMP_H
#define CEDO_DUMP_H

#include <cedo/inspect.h>

#if CEDO_TRACE

#ifdef __cplusplus
extern "C" {
#endif

/* Where a `sink` is asked for, NULL is standard error on a host; on firmware nothing is printed.
 * A line comes in one piece; one of more than 160 bytes, on firmware 64, in several. */

#if CEDO_REGISTRY
/* The tasks of `loop` (NULL: the running one) as a tree, in the order in which they began. A task
 * that several wait for stands under the first of them, a child of a group under the task that
 * opened it, a member of a set under who waits for the set. Tasks that wait for each other (by
 * shielded joins, or they would have failed) stand at the end, as "a circle". Time: by the clock of
 * the loop; "for" is how long a task waits, known in debug mode only (debug.h). */
void cedo_dump(cedo_loop *loop, cedo_sink *sink, void *arg);

/* The same as a table for other programs, with tabs between its columns: a line for each task and
 * each one that awaits it: address, name, coroutines, innermost first; then those of the awaiter,
 * its name and address. Counterpart: python -m asyncio ps. */
void cedo_dump_table(cedo_loop *loop, cedo_sink *sink, void *arg);
#endif

/* One task, also one that is done: its state, its outcome, and where it stands. Counterparts:
 * Task.print_stack(), repr(task). */
void cedo_dump_task(cedo_task *task, cedo_sink *sink, void *arg);

/* A future in one line: pending, or its outcome. Counterpart: repr(future). */
void cedo_dump_future(const cedo_future *future, cedo_sink *sink, void *arg);

#if CEDO_HANDLES
/* A handle in one line: what it calls and when. Counterpart: repr(handle). */
void cedo_dump_handle(const cedo_handle *handle, cedo_sink *sink, void *arg);
#endif

#ifdef __cplusplus
}
#endif
#endif

#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && (CEDO_TRACE || CEDO_DEBUG) && !defined(CEDO_DUMP_IMPLEMENTED_)
#define CEDO_DUMP_IMPLEMENTED_

#if CEDO_HOSTED
#include <stdio.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- lines */

#define CEDO_LINE_MAX_ (CEDO_HOSTED ? 160 : 64)

/* A line on its way to a sink. */
typedef struct cedo_writer_ cedo_writer_;
struct cedo_writer_ {
    cedo_sink *sink;
    void *arg;
    unsigned length;
    char text[CEDO_LINE_MAX_];
};

static void cedo_no_sink_(void *arg, const char *text, size_t length)
{
    (void)arg;
#if CEDO_HOSTED
    (void)fwrite(text, 1, length, stderr);
#else
    (void)text, (void)length;
#endif
}

static void cedo_line_begin_(cedo_writer_ *line, cedo_sink *sink, void *arg)
{
    line->sink = sink ? sink : cedo_no_sink_;
    line->arg = arg;
    line->length = 0;
}

static void cedo_line_char_(cedo_writer_ *line, char c)
{
    line->text[line->length++] = c;
    if (c == '\n' || line->length == CEDO_LINE_MAX_) {
        line->sink(line->arg, line->text, line->length);
        line->length = 0;
    }
}

static void cedo_line_text_(cedo_writer_ *line, const char *text)
{
    while (*text) cedo_line_char_(line, *text++);
}

/* No printf: it is as large as all the rest. */
static void cedo_line_number_(cedo_writer_ *line, uintptr_t number, unsigned base, unsigned digits)
{
    char text[3 * sizeof number];
    unsigned length = 0;
    do {
        text[length++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number || length < digits);
    while (length) cedo_line_char_(line, text[--length]);
}

static void cedo_line_pointer_(cedo_writer_ *line, const void *pointer)
{
    cedo_line_text_(line, CEDO_TEXT_("0x"));
    cedo_line_number_(line, (uintptr_t)pointer, 16, 1);
}

/* "1.250 s"; in milliseconds, whatever the ticks. */
static void cedo_line_duration_(cedo_writer_ *line, cedo_duration duration)
{
#if CEDO_TIME_BITS == 64 || CEDO_TICKS_PER_SECOND > 4000000
    typedef uint64_t wide;
#else
    typedef uint32_t wide;
#endif
    const wide ticks = duration > 0 ? (wide)duration : 0;
    cedo_line_number_(line, (uintptr_t)(ticks / CEDO_TICKS_PER_SECOND), 10, 1);
    cedo_line_char_(line, '.');
    cedo_line_number_(
        line, (uintptr_t)(ticks % CEDO_TICKS_PER_SECOND * 1000u / CEDO_TICKS_PER_SECOND), 10, 3);
    cedo_line_text_(line, CEDO_TEXT_(" s"));
}

#if CEDO_TRACE
static void cedo_line_indent_(cedo_writer_ *line, unsigned level, unsigned more)
{
    /* what is deeper begins at the left again */
    for (unsigned i = 4 * (level % 16) + more; i; i--) cedo_line_char_(line, ' ');
}

static void cedo_line_status_(cedo_writer_ *line, cedo_status status)
{
#if CEDO_HOSTED
    cedo_line_text_(line, cedo_status_name(status));
#else
    if (status < 0) cedo_line_char_(line, '-');
    cedo_line_number_(line, status < 0 ? 0u - (unsigned)status : (unsigned)status, 10, 1);
#endif
}

/* "app", of "app_coro" */
static void cedo_line_function_(cedo_writer_ *line, const char *function)
{
    static const char suffix[] = "_coro";
    for (; *function; function++) {
        unsigned i = 0;
        while (suffix[i] && function[i] == suffix[i]) i++;
        if (!suffix[i] && !function[i]) return;
        cedo_line_char_(line, *function);
    }
}

static void cedo_line_place_(cedo_writer_ *line, const cedo_trace_entry *place)
{
    cedo_line_function_(line, place->function);
    cedo_line_text_(line, CEDO_TEXT_(", "));
    cedo_line_text_(line, place->file);
    if (!place->line) return;
    cedo_line_char_(line, ':');
    cedo_line_number_(line, (unsigned)place->line, 10, 1);
}

/* ------------------------------------------------------------- tasks, futures, handles */

/* A task by its name, or by its function where it has none. */
static void cedo_line_name_(cedo_writer_ *line, const cedo_task *task)
{
#if CEDO_NAMES
    if (task->entry.flags & CEDO_TASK_NAMED_) {
        cedo_line_text_(line, task->name.text);
    }
    else {
        cedo_line_text_(line, CEDO_TEXT_("Task-"));
        cedo_line_number_(line, task->name.number, 10, 1);
    }
#else
    cedo_trace_entry place;
    for (unsigned depth = cedo_task_depth_(task); depth--;) {
        if (cedo_coro_place_(cedo_task_frame_(task, depth), &place)) {
            cedo_line_function_(line, place.function);
            return;
        }
    }
    cedo_line_text_(line, CEDO_TEXT_("task"));
#endif
}

static void cedo_line_at_(cedo_writer_ *line, const void *object)
{
    cedo_line_text_(line, CEDO_TEXT_(" at "));
    cedo_line_pointer_(line, object);
}

static void cedo_line_task_(cedo_writer_ *line, const cedo_task *task)
{
    cedo_line_name_(line, task);
    cedo_line_at_(line, task);
}

/* "Task-1 at 0x404100: queue get at 0x404080, for 0.250 s" */
static void cedo_line_state_(cedo_writer_ *line, const cedo_task *task)
{
    static const char *const phases[] = {"never spawned", "not begun", "ready",
                                         "running",       "",          "done, "};
    cedo_task_state state;
    cedo_task_inspect(task, &state);
    if (state.phase == CEDO_TASK_NEW) {
        cedo_line_text_(line, CEDO_TEXT_("task"));
        cedo_line_at_(line, task);
    }
    else {
        cedo_line_task_(line, task);
    }
    cedo_line_text_(line, CEDO_TEXT_(": "));
    cedo_line_text_(line, phases[state.phase]);
    if (state.phase == CEDO_TASK_HAS_ENDED) cedo_line_status_(line, task->entry.status);
    if (state.wait) {
        if (state.phase == CEDO_TASK_READY) cedo_line_text_(line, CEDO_TEXT_(" after "));
        cedo_line_text_(line, state.wait);
        if (state.task) {
            cedo_line_text_(line, CEDO_TEXT_(" of "));
            cedo_line_task_(line, state.task);
        }
        if (state.object) cedo_line_at_(line, state.object);
        if (state.left > 0) {
            cedo_line_text_(line, CEDO_TEXT_(", "));
            cedo_line_duration_(line, state.left);
            cedo_line_text_(line, CEDO_TEXT_(" left"));
        }
    }
    if (state.age >= 0) {
        cedo_line_text_(line, CEDO_TEXT_(", for "));
        cedo_line_duration_(line, state.age);
    }
    if (task->entry.cancels && !cedo_task_done(task)) {
        cedo_line_text_(line, CEDO_TEXT_(", cancel requests: "));
        cedo_line_number_(line, task->entry.cancels, 10, 1);
    }
    cedo_line_char_(line, '\n');
}

/* A task and, below, its frames, the outermost first. */
static void cedo_dump_at_(cedo_writer_ *line, const cedo_task *task, unsigned level)
{
    cedo_trace_entry place;
    cedo_line_indent_(line, level, 0);
    cedo_line_state_(line, task);
    for (unsigned depth = cedo_task_depth_(task); depth--;) {
        if (!cedo_coro_place_(cedo_task_frame_(task, depth), &place)) continue;
        cedo_line_indent_(line, level, 2);
        cedo_line_text_(line, CEDO_TEXT_("in "));
        cedo_line_place_(line, &place);
        cedo_line_char_(line, '\n');
    }
}

void cedo_dump_task(cedo_task *task, cedo_sink *sink, void *arg)
{
    cedo_writer_ line;
    cedo_line_begin_(&line, sink, arg);
    cedo_dump_at_(&line, task, 0);
}

void cedo_dump_future(const cedo_future *future, cedo_sink *sink, void *arg)
{
    const cedo_task *task = NULL;
    cedo_writer_ line;
    cedo_line_begin_(&line, sink, arg);
    cedo_line_text_(&line, CEDO_TEXT_("future"));
    cedo_line_at_(&line, future);
    cedo_line_text_(&line, future->is_done ? ": done, " : ": pending");
    if (future->is_done) cedo_line_status_(&line, future->status);
    while ((task = cedo_future_next_awaiter(future, task)) != NULL) {
        cedo_line_text_(&line, CEDO_TEXT_(", awaited by "));
        cedo_line_task_(&line, task);
    }
    cedo_line_char_(&line, '\n');
}

#if CEDO_HANDLES
void cedo_dump_handle(const cedo_handle *handle, cedo_sink *sink, void *arg)
{
    const uint8_t flags = handle->entry.flags;
    cedo_writer_ line;
    cedo_line_begin_(&line, sink, arg);
    cedo_line_text_(&line, CEDO_TEXT_("handle"));
    cedo_line_at_(&line, handle);
    cedo_line_text_(&line, flags & CEDO_HANDLE_READY_       ? ": ready"
                           : flags & CEDO_HANDLE_ARMED_     ? ": armed"
                           : flags & CEDO_HANDLE_WATCHES_   ? ": done callback"
                           : flags & CEDO_HANDLE_CANCELLED_ ? ": cancelled"
                                                            : ": idle");
    if (flags & (CEDO_HANDLE_READY_ | CEDO_HANDLE_ARMED_ | CEDO_HANDLE_WATCHES_)) {
        cedo_line_text_(&line, CEDO_TEXT_(", calls "));
        cedo_line_pointer_(&line, (const void *)(uintptr_t)handle->fn);
        cedo_line_text_(&line, CEDO_TEXT_(" with "));
        cedo_line_pointer_(&line, handle->arg);
    }
    cedo_line_char_(&line, '\n');
}
#endif

/* ------------------------------------------------------------- the tree */

#if CEDO_REGISTRY

/* The task that began after `task`; NULL gives the one that began first: the registry has the
 * youngest first, a dump the oldest. */
static cedo_task *cedo_task_after_(const cedo_loop *loop, const cedo_task *task)
{
    cedo_task *after = NULL;
#if CEDO_HOSTED
    if (task) return task->previous_task;
#endif
    for (cedo_task *next = loop->tasks; next != task; next = next->next_task) after = next;
    return after;
}

/* The task under which `task` stands, or NULL. */
static cedo_task *cedo_task_above_(const cedo_task *task)
{
    cedo_task *const parent = cedo_group_parent_(task);
    return parent ? parent : cedo_ring_next_task_(cedo_task_ring_(task), NULL);
}

/* The first task that `task` awaits by a join or a set, or the next one after `last`. */
static cedo_task *cedo_task_awaited_(const cedo_task *task, const cedo_task *last)
{
#if CEDO_SCOPES && CEDO_JOIN
    if (task->ops == &cedo_set_wait_ops_ || task->ops == &cedo_gather_ops_ ||
        task->ops == &cedo_as_completed_ops_) {
        const cedo_set *const set = CEDO_CONTAINER_(task->u.ring, cedo_set, waiting);
        bool found = !last;
        for (cedo_member *member = NULL; (member = cedo_set_next(set, member)) != NULL;) {
            if (cedo_member_done(member) || member->cancel != cedo_member_cancel_task_ ||
                !cedo_member_is_first_(member))
                continue;
            if (found) return (cedo_task *)member->object;
            found = member->object == last;
        }
        return NULL;
    }
#endif
    {
        cedo_task_state state;
        if (last) return NULL;
        cedo_task_inspect(task, &state);
        return state.task;
    }
}

#if CEDO_SCOPES && CEDO_JOIN
/* The child that stands last in the registry, where they stand together, the youngest first;
 * NULL: none lives. */
static cedo_task *cedo_group_oldest_(const cedo_group *group)
{
    cedo_task *task = group->child;
    if (!group->running) return NULL;
    for (unsigned i = 1; i < group->running; i++)
        task = cedo_loop_next_task(cedo_task_loop_(task), task);
    return task;
}
#endif

/* The first one that stands under `task`, or the next one after `last`; NULL: no more. */
static cedo_task *cedo_task_below_(const cedo_task *task, const cedo_task *last)
{
    cedo_task *next = (cedo_task *)(uintptr_t)last;
#if CEDO_SCOPES && CEDO_JOIN
    const cedo_group *group = last ? cedo_group_of_(last) : NULL;
    const cedo_scope *scope = group ? group->scope.next : task->chain.scopes;
    if (group && last != group->child) return cedo_task_after_(cedo_task_loop_(last), last);
    if (!group)
#endif
    {
        /* a child of a group stands under its group only */
        while ((next = cedo_task_awaited_(task, next)) != NULL) {
            if (!cedo_group_parent_(next) && cedo_task_above_(next) == task) return next;
        }
    }
#if CEDO_SCOPES && CEDO_JOIN
    for (; scope; scope = scope->next) {
        if (scope->close != cedo_group_close_) continue;
        next = cedo_group_oldest_(CEDO_CONTAINER_(scope, cedo_group, scope));
        if (next) return next;
    }
#endif
    return NULL;
}

/* The same, but for the root of the tree, under which it may stand in a circle. */
static cedo_task *cedo_task_below_not_(const cedo_task *task, const cedo_task *last,
                                       const cedo_task *root)
{
    cedo_task *next = cedo_task_below_(task, last);
    return next == root ? cedo_task_below_(task, next) : next;
}

/* Prints `root` and all below it, without recursion: a stack may be short. Gives their number. */
static unsigned cedo_dump_tree_(cedo_writer_ *line, const cedo_task *root)
{
    const cedo_task *task = root;
    unsigned level = 0;
    unsigned count = 0;
    for (;;) {
        const cedo_task *next;
        cedo_dump_at_(line, task, level);
        count++;
        next = cedo_task_below_not_(task, NULL, root);
        level++;
        while (!next) {
            if (task == root) return count;
            next = cedo_task_below_not_(cedo_task_above_(task), task, root);
            task = cedo_task_above_(task);
            level--;
        }
        task = next;
    }
}

/* Is `task` in a circle, of at most `count` tasks, and the one to begin with? */
static bool cedo_task_begins_circle_(const cedo_task *task, unsigned count)
{
    const cedo_task *above = task;
    while (count-- && (above = cedo_task_above_(above)) != NULL) {
        if (above == task) return true;
        if ((uintptr_t)above < (uintptr_t)task) return false;
    }
    return false;
}

void cedo_dump(cedo_loop *loop, cedo_sink *sink, void *arg)
{
    cedo_writer_ line;
    unsigned count = 0;
    unsigned printed = 0;
    const cedo_task *task = NULL;
    cedo_line_begin_(&line, sink, arg);
    if (!loop) loop = cedo_running_;
    if (!loop) {
        cedo_line_text_(&line, CEDO_TEXT_("no loop runs in this thread\n"));
        return;
    }
    while ((task = cedo_loop_next_task(loop, task)) != NULL) count++;
    cedo_line_text_(&line, CEDO_TEXT_("loop "));
    cedo_line_pointer_(&line, loop);
    cedo_line_text_(&line, CEDO_TEXT_(": "));
    cedo_line_number_(&line, count, 10, 1);
    cedo_line_text_(&line, count == 1 ? " task\n" : " tasks\n");
    while ((task = cedo_task_after_(loop, task)) != NULL) {
        if (!cedo_task_above_(task)) printed += cedo_dump_tree_(&line, task);
    }
    if (printed == count) return;
    while ((task = cedo_task_after_(loop, task)) != NULL) {
        if (!cedo_task_begins_circle_(task, count)) continue;
        cedo_line_text_(&line, CEDO_TEXT_("a circle:\n"));
        (void)cedo_dump_tree_(&line, task);
    }
}

/* "inner, outer" */
static void cedo_line_stack_(cedo_writer_ *line, const cedo_task *task)
{
    const char *separator = "";
    for (cedo_coro *coro = task->chain.top; coro; coro = coro->caller) {
        cedo_trace_entry place;
        if (!cedo_coro_place_(coro, &place)) continue;
        cedo_line_text_(line, separator);
        cedo_line_function_(line, place.function);
        separator = ", ";
    }
}

void cedo_dump_table(cedo_loop *loop, cedo_sink *sink, void *arg)
{
    cedo_writer_ line;
    const cedo_task *task = NULL;
    cedo_line_begin_(&line, sink, arg);
    if (!loop) loop = cedo_running_;
    cedo_line_text_(
        &line, CEDO_TEXT_("task\tname\tcoroutines\tawaiter's coroutines\tits name\tawaiter\n"));
    while (loop && (task = cedo_task_after_(loop, task)) != NULL) {
        const cedo_task *awaiter = cedo_graph_next_(task, NULL);
        do {
            cedo_line_pointer_(&line, task);
            cedo_line_char_(&line, '\t');
            cedo_line_name_(&line, task);
            cedo_line_char_(&line, '\t');
            cedo_line_stack_(&line, task);
            cedo_line_text_(&line, CEDO_TEXT_("\t"));
            if (awaiter) {
                cedo_line_stack_(&line, awaiter);
                cedo_line_char_(&line, '\t');
                cedo_line_name_(&line, awaiter);
                cedo_line_char_(&line, '\t');
                cedo_line_pointer_(&line, awaiter);
                awaiter = cedo_graph_next_(task, awaiter);
            }
            else {
                cedo_line_text_(&line, CEDO_TEXT_("\t\t"));
            }
            cedo_line_char_(&line, '\n');
        } while (awaiter);
    }
}

#endif

#endif

#ifdef __cplusplus
}
#endif
#endif
