/* Traps: what happens when a program misuses the library in a way that would corrupt it.
 *
 * A trap never returns to the misuse. By default a host prints "file:line: function: what is wrong
 * and what to do" to standard error and aborts; firmware loops for ever, so that a debugger shows
 * the place, and the text if CEDO_ADVICE is 1.
 */
#ifndef CEDO_TRAP_H
#define CEDO_TRAP_H

#include <cedo/config.h>

#ifdef __cplusplus
extern "C" {
#endif

/* CEDO_TEXT_: a literal. gcc before 8 puts all those of a file into one section, of which the linker
 * keeps all or none, and on AVR that is RAM. A variable goes with the function that uses it.
 * CEDO_ADVICE_: one that need not be kept. CEDO_TRAP_: traps with such; on AVR it lies in flash. */
#if defined(__AVR__) && defined(__GNUC__)
#define CEDO_TEXT_IN_(where, text) \
    __extension__({ \
        static const char cedo_text_[] where = text; \
        cedo_text_; \
    })
#define CEDO_TEXT_(text) CEDO_TEXT_IN_(, text)
#else
#define CEDO_TEXT_(text) text
#endif

#if CEDO_ADVICE
#define CEDO_ADVICE_(text) CEDO_TEXT_(text)
#else
#define CEDO_ADVICE_(text) ((const char *)NULL)
#endif

#if CEDO_ADVICE && defined(__AVR__) && defined(__GNUC__)
#define CEDO_TRAP_(where, text) \
    cedo_trap_flash_(where, CEDO_TEXT_IN_(__attribute__((progmem)), text))
#else
#define CEDO_TRAP_(where, text) cedo_trap(where, CEDO_ADVICE_(text))
#endif

/* Where a trap was met. `file` and `function` may be NULL and `line` 0 where the build does not
 * keep them. */
typedef struct cedo_where cedo_where;
struct cedo_where {
    const char *file;
    const char *function;
    int line;
};

/* A trap handler: gets the place and the advice, both valid for ever (CEDO_ADVICE 0: no advice,
 * NULL). It must not return; if it does, the default action follows. It may longjmp out of the loop
 * in a test; the loop is then unusable. */
typedef void cedo_trap_handler(const cedo_where *where, const char *advice);

#if CEDO_TRAP_HANDLER
/* Replaces the handler of the program (all threads); NULL restores the default. Returns the one
 * before. */
cedo_trap_handler *cedo_set_trap_handler(cedo_trap_handler *handler);
#endif

/* Traps. For operations of your own that find themselves misused; see CEDO_TRAP. */
CEDO_NORETURN_ void cedo_trap(const cedo_where *where, const char *advice);

#if CEDO_ADVICE && defined(__AVR__)
/* Private: `advice` is an address in flash. */
CEDO_NORETURN_ void cedo_trap_flash_(const cedo_where *where, const char *advice);
#endif

#if CEDO_TRACE
#define CEDO_TRAP(advice) \
    do { \
        static const cedo_where cedo_where_ = {__FILE__, __func__, __LINE__}; \
        CEDO_TRAP_(&cedo_where_, advice); \
    } while (0)
#else
#define CEDO_TRAP(advice) CEDO_TRAP_(NULL, advice)
#endif

#if CEDO_CHECKS
#define CEDO_CHECK_(condition, advice) \
    do { \
        if (CEDO_UNLIKELY_(!(condition))) CEDO_TRAP(advice); \
    } while (0)
#else
#define CEDO_CHECK_(condition, advice) ((void)0)
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_TRAP_IMPLEMENTED_)
#define CEDO_TRAP_IMPLEMENTED_
#if CEDO_HOSTED
#include <stdio.h>
#include <stdlib.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_TRAP_HANDLER
static cedo_trap_handler *cedo_trap_handler_;

cedo_trap_handler *cedo_set_trap_handler(cedo_trap_handler *handler)
{
    cedo_trap_handler *const before = cedo_trap_handler_;
    cedo_trap_handler_ = handler;
    return before;
}
#endif

void cedo_trap(const cedo_where *where, const char *advice)
{
#if CEDO_TRAP_HANDLER
    static const cedo_where nowhere = {NULL, NULL, 0};
    if (!where) where = &nowhere;
    if (cedo_trap_handler_) cedo_trap_handler_(where, advice);
#else
    (void)where, (void)advice;
#endif
#if CEDO_HOSTED
    fprintf(stderr, "%s:%d: %s: %s\n", where->file ? where->file : "?", where->line,
            where->function ? where->function : "?", advice ? advice : "trap");
    abort();
#else
    for (;;) {
#if CEDO_ADVICE
        /* a volatile read, so that `advice` is kept for the debugger */
        (void)*(const char *const volatile *)&advice;
#endif
    }
#endif
}

#if CEDO_ADVICE && defined(__AVR__)
void cedo_trap_flash_(const cedo_where *where, const char *advice)
{
    char text[128]; /* never left, so it stays for ever; all of the library's fit */
    uint8_t length = 0;
    do {
        __asm__("lpm %0, Z" : "=r"(text[length]) : "z"(advice++));
    } while (text[length] != '\0' && ++length < sizeof text - 1);
    text[length] = '\0';
    cedo_trap(where, text);
}
#endif

#ifdef __cplusplus
}
#endif
#endif
