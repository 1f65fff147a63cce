/* Intrusive doubly linked lists, in two shapes over the same node.
 *
 * cedo_list: a sentinel node. Must be initialised. Unlinking needs no list: for what is queued and
 * unqueued often. cedo_ring: one pointer to the first node. All zero is empty: for the waiters of
 * an object, of which there are many.
 *
 * All operations are O(1). A node is on at most one list; its owner knows on which. Not for
 * concurrent use.
 */
#ifndef CEDO_LIST_H
#define CEDO_LIST_H

#include <cedo/config.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cedo_node cedo_node;
struct cedo_node {
    cedo_node *next;
    cedo_node *prev;
};

static inline void cedo_list_init(cedo_node *list)
{
    list->next = list;
    list->prev = list;
}

static inline bool cedo_list_is_empty(const cedo_node *list)
{
    return list->next == list;
}

/* Puts `node` behind `place`: behind the sentinel is the front. */
static inline void cedo_list_insert_after(cedo_node *place, cedo_node *node)
{
    cedo_node *const next = place->next;
    node->next = next;
    node->prev = place;
    place->next = node;
    next->prev = node;
}

static inline void cedo_list_push(cedo_node *list, cedo_node *node)
{
    cedo_node *const last = list->prev;
    /* in this order gcc does not make one vector of two pointers, which costs more than it saves */
    node->next = list;
    last->next = node;
    node->prev = last;
    list->prev = node;
}

static inline void cedo_list_unlink(cedo_node *node)
{
    cedo_node *const next = node->next;
    cedo_node *const prev = node->prev;
    prev->next = next;
    next->prev = prev;
}

/* Takes out the first node, which is `first`. */
static inline void cedo_list_pop_(cedo_node *list, const cedo_node *first)
{
    cedo_node *const next = first->next;
    list->next = next;
    next->prev = list;
}

/* Moves all nodes of `from`, which is not empty, to the front of `list`. */
static inline void cedo_list_splice_(cedo_node *list, cedo_node *from)
{
    cedo_node *const first = from->next;
    cedo_node *const last = from->prev;
    cedo_node *const next = list->next;
    first->prev = list;
    list->next = first;
    last->next = next;
    next->prev = last;
    cedo_list_init(from);
}

typedef struct cedo_ring cedo_ring;
struct cedo_ring {
    cedo_node *first; /* NULL: empty */
};

static inline void cedo_ring_push(cedo_ring *ring, cedo_node *node)
{
#if CEDO_HOSTED
    if (CEDO_LIKELY_(!ring->first)) {
        node->next = node;
        ring->first = node; /* here, as above */
        node->prev = node;
        return;
    }
    cedo_list_push(ring->first, node);
#else
    if (ring->first) {
        cedo_list_push(ring->first, node);
    }
    else {
        cedo_list_init(node);
        ring->first = node;
    }
#endif
}

/* Takes out the first one, which is `first`. */
static CEDO_ALWAYS_INLINE_ inline void cedo_ring_pop_(cedo_ring *ring, cedo_node *first)
{
    cedo_node *const next = first->next;
    ring->first = NULL;
    if (CEDO_UNLIKELY_(next != first)) {
        cedo_list_unlink(first);
        ring->first = next;
    }
}

static CEDO_ALWAYS_INLINE_ inline void cedo_ring_unlink(cedo_ring *ring, cedo_node *node)
{
    if (node->next == node) {
        ring->first = NULL;
        return;
    }
    if (ring->first == node) ring->first = node->next;
    cedo_list_unlink(node);
}

#ifdef __cplusplus
}
#endif
#endif
