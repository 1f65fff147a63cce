/* Bytes: a view of memory that belongs to somebody else. Counterpart: memoryview, and bytes as an
 * argument. */
#ifndef CEDO_BYTES_H
#define CEDO_BYTES_H

#include <cedo/config.h>

#include <string.h>

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

#ifdef __cplusplus
}
#endif
#endif
