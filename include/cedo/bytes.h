/* Bytes: a view of memory that belongs to somebody else. Counterpart: memoryview, and bytes as an
 * argument. */
#ifndef CEDO_BYTES_H
#define CEDO_BYTES_H

#include <cedo/config.h>

#if CEDO_HOSTED
#include <string.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Not terminated by a zero: print it with printf("%.*s", (int)b.len, b.data). All zero: empty. */
typedef struct cedo_bytes cedo_bytes;
struct cedo_bytes {
    const char *data;
    size_t len;
};

static inline cedo_bytes cedo_bytes_of(const void *data, size_t len)
{
    cedo_bytes bytes;
    bytes.data = (const char *)data;
    bytes.len = len;
    return bytes;
}

/* The static initialiser for a string literal, without its zero. */
#define CEDO_BYTES(literal) \
    { \
        "" literal, sizeof(literal) - 1 \
    }

#if CEDO_HOSTED
/* The text of a C string, without its zero. */
static inline cedo_bytes cedo_str(const char *text)
{
    return cedo_bytes_of(text, strlen(text));
}

/* True if `bytes` is just `text`. */
static inline bool cedo_bytes_equal_str(cedo_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && (!bytes.len || memcmp(bytes.data, text, bytes.len) == 0);
}
#else
/* There may be no C library, and the compiler must not think of one. */
cedo_bytes cedo_str(const char *text);
bool cedo_bytes_equal_str(cedo_bytes bytes, const char *text);
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !CEDO_HOSTED && !defined(CEDO_BYTES_IMPLEMENTED_)
#define CEDO_BYTES_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

cedo_bytes cedo_str(const char *text)
{
    const char *end = text;
    while (*end) {
        end++;
        CEDO_FORGET_VALUE_(end); /* or it were a call of strlen */
    }
    return cedo_bytes_of(text, (size_t)(end - text));
}

bool cedo_bytes_equal_str(cedo_bytes bytes, const char *text)
{
    size_t i;
    for (i = 0; i < bytes.len; i++)
        if (!text[i] || text[i] != bytes.data[i]) return false;
    return !text[i];
}

#ifdef __cplusplus
}
#endif
#endif
