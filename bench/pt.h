/* Protothreads in the manner of Adam Dunkels: a function that goes on at the line where it left.
 *
 * The body of a protothread is one switch over the line number. Locals do not survive a wait, two
 * waits cannot stand on one line, a wait cannot stand inside another switch: see the library's
 * documentation for what cedo does about that. A protothread function answers PT_WAITING or
 * PT_ENDED.
 */
#ifndef PT_H
#define PT_H

struct pt {
    unsigned short line;
};

enum { PT_ENDED, PT_WAITING };

#define PT_BEGIN(pt) \
    switch ((pt)->line) { \
    case 0:

/* Ends the function; the protothread can be started again. */
#define PT_END(pt) \
    } \
    (pt)->line = 0; \
    return PT_ENDED

/* Leaves, to go on behind the yield at the next call. */
#define PT_YIELD(pt) \
    do { \
        (pt)->line = __LINE__; \
        return PT_WAITING; \
    case __LINE__:; \
    } while (0)

/* Leaves as long as the condition, which each call asks anew, is false. */
#define PT_WAIT_UNTIL(pt, condition) \
    do { \
        (pt)->line = __LINE__; \
        __attribute__((fallthrough)); \
    case __LINE__: \
        if (!(condition)) return PT_WAITING; \
    } while (0)

/* Runs a child protothread to its end: each call of the parent calls the child. */
#define PT_SPAWN(pt, child, call) \
    do { \
        (child)->line = 0; \
        PT_WAIT_UNTIL(pt, (call) == PT_ENDED); \
    } while (0)

#endif
