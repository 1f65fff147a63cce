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

/* On a host the word of a ring in which one node is alone may be one more than its address: the
 * node has no links then. Most rings never have more, and two stores are saved each time. */
typedef struct cedo_ring cedo_ring;
struct cedo_ring {
    cedo_node *word; /* the first node; NULL: empty */
};

static inline void cedo_ring_init(cedo_ring *ring)
{
    ring->word = NULL;
}

static inline bool cedo_ring_is_empty(const cedo_ring *ring)
{
    return !ring->word;
}

/* Private: is there one without links? */
static inline bool cedo_ring_is_lone_(const cedo_ring *ring)
{
#if CEDO_HOSTED
    return ((uintptr_t)ring->word & 1) != 0;
#else
    (void)ring;
    return false;
#endif
}

#if CEDO_HOSTED
/* Private: is there one without links, at this address? */
static inline bool cedo_ring_has_lone_(const cedo_ring *ring, uintptr_t node)
{
    return (uintptr_t)ring->word == node + 1;
}
#endif

/* Private: that one. */
static inline cedo_node *cedo_ring_lone_(const cedo_ring *ring)
{
    return (cedo_node *)(void *)((char *)ring->word - 1);
}

/* NULL: none. */
static inline cedo_node *cedo_ring_first(const cedo_ring *ring)
{
    return cedo_ring_is_lone_(ring) ? cedo_ring_lone_(ring) : ring->word;
}

/* The one behind `node`; NULL: that is the last one. */
static inline cedo_node *cedo_ring_next(const cedo_ring *ring, const cedo_node *node)
{
    if (cedo_ring_is_lone_(ring) || node->next == ring->word) return NULL;
    return node->next;
}

/* Private: the first node of a ring that is not empty, now with links in any case. */
static inline cedo_node *cedo_ring_linked_(cedo_ring *ring)
{
    if (cedo_ring_is_lone_(ring)) {
        ring->word = cedo_ring_lone_(ring);
        cedo_list_init(ring->word);
    }
    return ring->word;
}

static inline void cedo_ring_push(cedo_ring *ring, cedo_node *node)
{
    if (CEDO_LIKELY_(!ring->word)) {
#if CEDO_HOSTED
        ring->word = (cedo_node *)(void *)((char *)node + 1);
#else
        cedo_list_init(node);
        ring->word = node;
#endif
        return;
    }
    cedo_list_push(cedo_ring_linked_(ring), node);
}

/* Takes out the first one, which is `first`. */
static CEDO_ALWAYS_INLINE_ inline void cedo_ring_pop_(cedo_ring *ring, cedo_node *first)
{
    const bool is_lone = cedo_ring_is_lone_(ring);
    cedo_node *next;
    ring->word = NULL;
    if (CEDO_LIKELY_(is_lone)) return;
    next = first->next;
    if (CEDO_UNLIKELY_(next != first)) {
        cedo_list_unlink(first);
        ring->word = next;
    }
}

static CEDO_ALWAYS_INLINE_ inline void cedo_ring_unlink(cedo_ring *ring, cedo_node *node)
{
    if (cedo_ring_is_lone_(ring) || node->next == node) {
        ring->word = NULL;
        return;
    }
    if (ring->word == node) ring->word = node->next;
    cedo_list_unlink(node);
}

#ifdef __cplusplus
}
#endif
#endif
