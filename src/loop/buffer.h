/* Buffers that the streams of a loop share. Private to the library.
 *
 * A buffer of the standard size is taken for a moment, while there is something to read or write,
 * and put back: a busy server works in one or two of them, whose memory stays in the cache. Smaller
 * ones keep what cannot be used yet, larger ones what does not fit. All in use are on a list, since
 * closing a loop must free what its frames, gone by then, have left.
 */
#ifndef CEDO_BUFFER_H
#define CEDO_BUFFER_H

#include <cedo/list.h>
#include <cedo/status.h>

/* The two sizes of which some are kept when they are put back: for reading and writing, and for
 * small leftovers. */
#define CEDO_BUFFER_SIZE_ 65536u
#define CEDO_BUFFER_SMALL_ 192u
#define CEDO_BUFFERS_KEPT_ 8
#define CEDO_BUFFERS_SMALL_KEPT_ 256

typedef struct cedo_buffer cedo_buffer;
struct cedo_buffer {
    cedo_node node;
    uint32_t begin; /* of the bytes in it */
    uint32_t end;
    uint32_t capacity;
    _Alignas(16) char data[];
};

typedef struct cedo_buffers cedo_buffers;
struct cedo_buffers {
    cedo_node used;
    struct {
        cedo_node list;
        int count;
    } spare[2]; /* of the standard size; small ones */
};

void cedo_buffers_init_(cedo_buffers *buffers);
void cedo_buffers_free_(cedo_buffers *buffers);

/* An empty one for `capacity` bytes, or NULL. */
cedo_buffer *cedo_buffer_take_(cedo_buffers *buffers, size_t capacity);
void cedo_buffer_put_(cedo_buffers *buffers, cedo_buffer *buffer);

static inline uint32_t cedo_buffer_length_(const cedo_buffer *buffer)
{
    return buffer->end - buffer->begin;
}

/* Moves the bytes of *buffer to one for `capacity` bytes. False: no memory, nothing changed. */
bool cedo_buffer_resize_(cedo_buffers *buffers, cedo_buffer **buffer, size_t capacity);

/* Makes room for `size` bytes behind those in *buffer, which may be NULL. False: no memory, nothing
 * changed. */
bool cedo_buffer_reserve_(cedo_buffers *buffers, cedo_buffer **buffer, size_t size);

#endif
