/* Values that go along: what the caller's caller knows, and the tasks it spawns, without passing it
 * through every frame. A request's number, a user, a logger.
 *
 *     static const cedo_variable request = {NULL};      // a variable, with its initial value
 *
 *     struct handle { cedo_coro coro; cedo_binding request; cedo_task_of(log) log; int n; };
 *         ...
 *         cedo_with_value (&self->request, &request, self->n) {
 *             cedo_await(cedo_call(&self->work, work));  // in it, cedo_value_int(&request) is n
 *         }
 *
 * A value holds in its block, in the coroutines awaited in it, and in the tasks spawned in it. These
 * look it up where it is: so they must have ended when the block is left. Join them, or spawn them
 * into a group inside the block. For what holds in a whole program, see cedo_loop_set_value.
 *
 * Nothing is copied and nothing allocated. Looking up costs a step for each scope that is open between.
 * A callback belongs to no task: it sees the loop's values only, whoever scheduled it.
 *
 * Counterpart: contextvars.
 */
#ifndef CEDO_CONTEXT_H
#define CEDO_CONTEXT_H

#include <cedo/scope.h>
#include <cedo/spawn.h>

#if CEDO_SCOPES && CEDO_SPAWN_HOOK

#ifdef __cplusplus
extern "C" {
#endif

/* Known by its address. Counterpart: ContextVar. */
typedef struct cedo_variable cedo_variable;
struct cedo_variable {
    void *initial; /* where nobody has bound it */
};

/* A value of a variable: one block's. Private fields; all zero: not bound. */
typedef struct cedo_binding cedo_binding;
struct cedo_binding {
    cedo_scope scope;
    const cedo_variable *variable;
    void *value;
};

/* cedo_with_value (&self->binding, &variable, value) { ... }
 * In the block `variable` has `value`, a pointer or an integer as wide as one; what it had before holds
 * again behind the block. Nests. To change a value for those who see it, bind a pointer to it.
 * Checked builds trap if one of the last tasks that were spawned in the block is alive at its end; in
 * debug mode (debug.h) any of them.
 * Counterpart: with variable.set(value). */
#define cedo_with_value(binding, variable, value) \
    cedo_with_(cedo_bind_(binding, variable, (void *)(uintptr_t)(value)), &(binding)->scope)

/* The value of `variable` for the running task, or callback. Any context but an interrupt.
 * Counterpart: ContextVar.get(). */
void *cedo_value(const cedo_variable *variable);

/* The same of an integer. */
static inline intptr_t cedo_value_int(const cedo_variable *variable)
{
    return (intptr_t)cedo_value(variable);
}

/* Gives `variable` a value for what runs in `loop` from now on: callbacks, and tasks spawned from
 * outside of tasks. `binding` must be zero, and outlive the loop. */
#define cedo_loop_set_value(loop, binding, variable, value) \
    cedo_loop_bind_(loop, binding, variable, (void *)(uintptr_t)(value))

void cedo_bind_(cedo_binding *binding, const cedo_variable *variable, void *value);
void cedo_loop_bind_(cedo_loop *loop, cedo_binding *binding, const cedo_variable *variable,
                     void *value);

#ifdef __cplusplus
}
#endif
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_SCOPES && CEDO_SPAWN_HOOK && \
    !defined(CEDO_CONTEXT_IMPLEMENTED_)
#define CEDO_CONTEXT_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* A binding is a scope of the task that has it, and the scopes of a task that inherits it begin with
 * those of its parent, from the innermost binding on: it never closes them, since their owners are not
 * its frames, and a look-up goes on into them. */

#if CEDO_CHECKS && CEDO_REGISTRY
enum { CEDO_HEIRS_LOOKED_AT_ = 8 }; /* to look at all would take long where there are many */

/* Does one of the youngest tasks see `binding`, or, in debug mode, any? */
static bool cedo_binding_is_seen_(const cedo_binding *binding)
{
    const cedo_loop *const loop = cedo_task_loop_(cedo_current_());
    const cedo_task *task = NULL;
    for (int i = 0; i < CEDO_HEIRS_LOOKED_AT_ || cedo_loop_debug(loop); i++) {
        task = cedo_loop_next_task(loop, task);
        if (!task) return false;
        if (task == cedo_current_()) continue;
        for (const cedo_scope *scope = task->chain.scopes; scope; scope = scope->next)
            if (scope == &binding->scope) return true;
    }
    return false;
}
#endif

static cedo_op cedo_binding_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    (void)scope, (void)pending, (void)woke;
#if CEDO_CHECKS && CEDO_REGISTRY
    CEDO_CHECK_(!cedo_binding_is_seen_(CEDO_CONTAINER_(scope, cedo_binding, scope)),
                "a task that was spawned in a block of cedo_with_value outlives the block: join it "
                "there, or spawn it into a group there");
#endif
    return cedo_done(0);
}

static cedo_scope *cedo_values_in_(cedo_scope *scope)
{
    while (scope && scope->close != cedo_binding_close_) scope = scope->next;
    return scope;
}

cedo_scope *cedo_values_(const cedo_loop *loop)
{
    if (!cedo_current_()) return loop ? loop->values : NULL;
    return cedo_values_in_(cedo_current_()->chain.scopes);
}

void *cedo_value(const cedo_variable *variable)
{
    cedo_scope *scope = cedo_values_(cedo_running_);
    for (; scope; scope = cedo_values_in_(scope->next)) {
        const cedo_binding *const binding = CEDO_CONTAINER_(scope, cedo_binding, scope);
        if (binding->variable == variable) return binding->value;
    }
    return variable->initial;
}

void cedo_bind_(cedo_binding *binding, const cedo_variable *variable, void *value)
{
    cedo_scope_open(&binding->scope, cedo_binding_close_);
    binding->variable = variable;
    binding->value = value;
    cedo_task_loop_(cedo_current_())->flags |= CEDO_LOOP_SPAWNS_;
}

void cedo_loop_bind_(cedo_loop *loop, cedo_binding *binding, const cedo_variable *variable,
                     void *value)
{
    CEDO_CHECK_(binding->scope.owner == NULL, "this binding is in use already");
    binding->scope.owner = (cedo_coro *)(void *)binding; /* no frame */
    binding->scope.close = cedo_binding_close_;
    binding->scope.next = loop->values;
    binding->variable = variable;
    binding->value = value;
    loop->values = &binding->scope;
    loop->flags |= CEDO_LOOP_SPAWNS_;
}

#ifdef __cplusplus
}
#endif
#endif
