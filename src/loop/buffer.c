#include "buffer.h"

#include <stdlib.h>
#include <string.h>

static cedo_buffer *buffer_of(cedo_node *node)
{
    return CEDO_CONTAINER_(node, cedo_buffer, node);
}

void cedo_buffers_init_(cedo_buffers *buffers)
{
    cedo_list_init(&buffers->used);
    for (int i = 0; i < 2; i++) {
        cedo_list_init(&buffers->spare[i].list);
        buffers->spare[i].count = 0;
    }
}

static void free_all(cedo_node *list)
{
    while (!cedo_list_is_empty(list)) {
        cedo_buffer *const buffer = buffer_of(list->next);
        cedo_list_unlink(&buffer->node);
        free(buffer);
    }
}

void cedo_buffers_free_(cedo_buffers *buffers)
{
    free_all(&buffers->used);
    for (int i = 0; i < 2; i++) free_all(&buffers->spare[i].list);
}

/* Which spare ones a capacity belongs to; -1: none. */
static int class_of(size_t capacity)
{
    if (capacity == CEDO_BUFFER_SIZE_) return 0;
    return capacity == CEDO_BUFFER_SMALL_ ? 1 : -1;
}

cedo_buffer *cedo_buffer_take_(cedo_buffers *buffers, size_t capacity)
{
    cedo_buffer *buffer;
    int class;
    if (capacity < CEDO_BUFFER_SMALL_) capacity = CEDO_BUFFER_SMALL_;
    class = class_of(capacity);
    if (class >= 0 && buffers->spare[class].count) {
        /* the one put back last, which is in the cache */
        buffer = buffer_of(buffers->spare[class].list.next);
        cedo_list_unlink(&buffer->node);
        buffers->spare[class].count--;
    }
    else {
        buffer = malloc(sizeof *buffer + capacity);
        if (!buffer) return NULL;
        buffer->capacity = (uint32_t)capacity;
    }
    buffer->begin = 0;
    buffer->end = 0;
    cedo_list_push(&buffers->used, &buffer->node);
    return buffer;
}

void cedo_buffer_put_(cedo_buffers *buffers, cedo_buffer *buffer)
{
    static const int kept[] = {CEDO_BUFFERS_KEPT_, CEDO_BUFFERS_SMALL_KEPT_};
    const int class = class_of(buffer->capacity);
    cedo_list_unlink(&buffer->node);
    if (class >= 0 && buffers->spare[class].count < kept[class]) {
        cedo_list_insert_after(&buffers->spare[class].list, &buffer->node);
        buffers->spare[class].count++;
    }
    else {
        free(buffer);
    }
}

bool cedo_buffer_resize_(cedo_buffers *buffers, cedo_buffer **buffer, size_t capacity)
{
    cedo_buffer *const from = *buffer;
    cedo_buffer *const to = cedo_buffer_take_(buffers, capacity);
    if (!to) return false;
    to->end = cedo_buffer_length_(from);
    memcpy(to->data, from->data + from->begin, to->end);
    cedo_buffer_put_(buffers, from);
    *buffer = to;
    return true;
}

bool cedo_buffer_reserve_(cedo_buffers *buffers, cedo_buffer **buffer, size_t size)
{
    cedo_buffer *const b = *buffer;
    uint32_t length;
    size_t capacity;
    if (!b) {
        *buffer = cedo_buffer_take_(buffers, size > CEDO_BUFFER_SIZE_ ? size : CEDO_BUFFER_SIZE_);
        return *buffer != NULL;
    }
    length = cedo_buffer_length_(b);
    if (!length) b->begin = b->end = 0;
    if (b->capacity - b->end >= size) return true;
    /* only where it pays: bytes at the end of a full buffer are moved to its front once */
    if (b->capacity >= CEDO_BUFFER_SIZE_ && length <= b->capacity / 2 &&
        b->capacity - length >= size) {
        memmove(b->data, b->data + b->begin, length);
        b->begin = 0;
        b->end = length;
        return true;
    }
    if (size > INT32_MAX || length > INT32_MAX - size) return false;
    capacity = CEDO_BUFFER_SIZE_;
    while (capacity < length + size) capacity *= 2;
    return cedo_buffer_resize_(buffers, buffer, capacity);
}
