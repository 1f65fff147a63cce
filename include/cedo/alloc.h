/* Allocators: where tasks and frames come from that have no storage of their own (cedo_spawn_new,
 * cedo_call_new).
 *
 * A loop has one. On a host it is malloc behind a cache unless another is set; on firmware there is
 * none unless one is set. An allocator is a struct with two functions that you embed in your own;
 * the library ships a pool, an arena and, on hosts, the cache. Nothing else in the core allocates.
 */
#ifndef CEDO_ALLOC_H
#define CEDO_ALLOC_H

#include <cedo/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cedo_allocator cedo_allocator;
struct cedo_allocator {
    /* A block of at least `size` bytes, aligned for any frame, or NULL: then the await or spawn
     * fails with CEDO_ENOMEM. */
    void *(*alloc)(cedo_allocator *allocator, size_t size);
    /* Takes back a block of alloc. */
    void (*free)(cedo_allocator *allocator, void *block);
};

/* What every pointer and number may be aligned to. */
typedef union cedo_max_align cedo_max_align;
union cedo_max_align {
    void *pointer;
    void (*function)(void);
    long integer;
    int64_t wide;
    double real;
} CEDO_FRAME_ALIGN_;

/* Private: the size of the frame of coroutine `name`, for an allocator. Does not compile (the size of an
 * array would be negative) if the frame must be aligned more than that, as with a long double or a
 * vector in it: such a frame needs storage of yours. */
#ifdef __GNUC__
#define CEDO_SIZE_OF_FRAME_(name) \
    (sizeof(struct name) + \
     0 * sizeof(char[__alignof__(struct name) <= sizeof(cedo_max_align) ? 1 : -1]))
#else
#define CEDO_SIZE_OF_FRAME_(name) sizeof(struct name)
#endif

/* A pool: `count` blocks of one size in storage of yours. O(1), no fragmentation; a request for
 * more than the block size fails. Not thread-safe. */
typedef struct cedo_pool cedo_pool;
struct cedo_pool {
    cedo_allocator allocator; /* give &pool.allocator to the loop */
    void *free_blocks;
    size_t block_size;
    size_t used; /* blocks in use now */
    size_t most; /* and at most so far */
};

/* Storage for a pool: `static CEDO_POOL_STORAGE(storage, sizeof(...), 8);` */
#define CEDO_BLOCK_SIZE(size) \
    (((size) + sizeof(cedo_max_align) - 1) / sizeof(cedo_max_align) * sizeof(cedo_max_align))
#define CEDO_POOL_STORAGE(name, size, count) \
    cedo_max_align name[CEDO_BLOCK_SIZE(size) / sizeof(cedo_max_align) * (count)]

/* `storage` has `bytes` bytes, aligned as cedo_max_align, and must outlive the pool; as many blocks
 * as fit are made. */
void cedo_pool_init(cedo_pool *pool, void *storage, size_t bytes, size_t block_size);

/* An arena: hands out storage of yours from one end to the other. Freeing does nothing; all comes
 * back at once with cedo_arena_reset. For what lives for ever, and for work that ends as a whole.
 * Not thread-safe. */
typedef struct cedo_arena cedo_arena;
struct cedo_arena {
    cedo_allocator allocator;
    unsigned char *storage;
    size_t size;
    size_t used; /* bytes */
};

void cedo_arena_init(cedo_arena *arena, void *storage, size_t bytes);

/* Everything is free again: nothing that came from the arena may be in use. */
void cedo_arena_reset(cedo_arena *arena);

#if CEDO_HOSTED
/* malloc and free as they are. */
extern cedo_allocator cedo_allocator_malloc;

/* malloc, behind lists of freed blocks by size: a task that follows another one of its kind costs
 * no malloc. Keeps at most CEDO_CACHE_BLOCKS blocks of each size up to 1 KiB; 0 keeps none, for
 * tools that watch malloc. Each loop has one. Not thread-safe. */
#ifndef CEDO_CACHE_BLOCKS
#if defined(__SANITIZE_ADDRESS__)
#define CEDO_CACHE_BLOCKS 0
#else
#define CEDO_CACHE_BLOCKS 1024
#endif
#endif

#define CEDO_CACHE_CLASSES_ 64

/* The freed blocks of one size. */
typedef struct cedo_shelf_ cedo_shelf_;
struct cedo_shelf_ {
    struct cedo_cached_ *first;
    long room; /* for so many more */
};

typedef struct cedo_cache cedo_cache;
struct cedo_cache {
    cedo_allocator allocator;
    /* by size in 16 bytes; the first, which has no room, for those of any other size */
    cedo_shelf_ shelves[CEDO_CACHE_CLASSES_];
};

void cedo_cache_init(cedo_cache *cache);

/* Gives all freed blocks back. */
void cedo_cache_empty(cedo_cache *cache);

/* The head of a block says where it belongs, while it is free what comes next. */
struct cedo_cached_ {
    cedo_shelf_ *shelf;
    struct cedo_cached_ *next;
};

/* Private: a freed block for `size` bytes, which is constant mostly, or NULL. */
static inline void *cedo_cache_find_(cedo_cache *cache, size_t size)
{
    const size_t class_ = (size + 15) / 16;
    cedo_shelf_ *const shelf = &cache->shelves[class_ < CEDO_CACHE_CLASSES_ ? class_ : 0];
    struct cedo_cached_ *const block = shelf->first;
    if (!block) return NULL;
    shelf->first = block->next;
    shelf->room++;
    return &block->next;
}
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_ALLOC_IMPLEMENTED_)
#define CEDO_ALLOC_IMPLEMENTED_

#if CEDO_HOSTED
#include <stdlib.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

static void *cedo_pool_alloc_(cedo_allocator *allocator, size_t size)
{
    cedo_pool *const pool = CEDO_CONTAINER_(allocator, cedo_pool, allocator);
    void *const block = pool->free_blocks;
    if (!block || size > pool->block_size) return NULL;
    pool->free_blocks = *(void **)block;
    pool->used++;
    if (pool->used > pool->most) pool->most = pool->used;
    return block;
}

static void cedo_pool_free_(cedo_allocator *allocator, void *block)
{
    cedo_pool *const pool = CEDO_CONTAINER_(allocator, cedo_pool, allocator);
    *(void **)block = pool->free_blocks;
    pool->free_blocks = block;
    pool->used--;
}

void cedo_pool_init(cedo_pool *pool, void *storage, size_t bytes, size_t block_size)
{
    unsigned char *const start = (unsigned char *)storage;
    pool->allocator.alloc = cedo_pool_alloc_;
    pool->allocator.free = cedo_pool_free_;
    pool->free_blocks = NULL;
    pool->block_size = CEDO_BLOCK_SIZE(block_size);
    pool->used = 0;
    pool->most = 0;
    /* from the end, so that blocks are handed out in the order of their addresses */
    for (size_t left = bytes / pool->block_size; left > 0; left--) {
        void *const block = start + (left - 1) * pool->block_size;
        *(void **)block = pool->free_blocks;
        pool->free_blocks = block;
    }
}

static void *cedo_arena_alloc_(cedo_allocator *allocator, size_t size)
{
    cedo_arena *const arena = CEDO_CONTAINER_(allocator, cedo_arena, allocator);
    const size_t left = arena->size - arena->used;
    void *const block = arena->storage + arena->used;
    if (size > left || CEDO_BLOCK_SIZE(size) > left) return NULL;
    arena->used += CEDO_BLOCK_SIZE(size);
    return block;
}

static void cedo_arena_free_(cedo_allocator *allocator, void *block)
{
    (void)allocator, (void)block;
}

void cedo_arena_init(cedo_arena *arena, void *storage, size_t bytes)
{
    arena->allocator.alloc = cedo_arena_alloc_;
    arena->allocator.free = cedo_arena_free_;
    arena->storage = (unsigned char *)storage;
    arena->size = bytes;
    arena->used = 0;
}

void cedo_arena_reset(cedo_arena *arena)
{
    arena->used = 0;
}

#if CEDO_HOSTED

static void *cedo_malloc_(cedo_allocator *allocator, size_t size)
{
    (void)allocator;
    return malloc(size);
}

static void cedo_malloc_free_(cedo_allocator *allocator, void *block)
{
    (void)allocator;
    free(block);
}

cedo_allocator cedo_allocator_malloc = {cedo_malloc_, cedo_malloc_free_};

/* A block from malloc, with room for any size of its class, and for `next`. */
CEDO_NOINLINE_ static void *cedo_cache_make_(cedo_shelf_ *shelf, size_t class_)
{
    struct cedo_cached_ *const block =
        (struct cedo_cached_ *)malloc(sizeof block->shelf + (class_ + !class_) * 16);
    if (!block) return NULL;
    block->shelf = shelf;
    return &block->next;
}

static void *cedo_cache_take_(cedo_cache *cache, size_t size)
{
    const size_t class_ = (size + 15) / 16;
    void *const found = cedo_cache_find_(cache, size);
    if (found) return found;
    return cedo_cache_make_(class_ < CEDO_CACHE_CLASSES_ ? &cache->shelves[class_] : cache->shelves,
                            class_);
}

/* It is full. */
CEDO_NOINLINE_ static void cedo_cache_drop_(struct cedo_cached_ *block)
{
    block->shelf->room++;
    free(block);
}

static inline void cedo_cache_give_(void *memory)
{
    struct cedo_cached_ *const block = CEDO_CONTAINER_(memory, struct cedo_cached_, next);
    cedo_shelf_ *const shelf = block->shelf;
    if (CEDO_UNLIKELY_(--shelf->room < 0)) {
        cedo_cache_drop_(block);
        return;
    }
    block->next = shelf->first;
    shelf->first = block;
}

static void *cedo_cache_alloc_(cedo_allocator *allocator, size_t size)
{
    return cedo_cache_take_(CEDO_CONTAINER_(allocator, cedo_cache, allocator), size);
}

static void cedo_cache_free_(cedo_allocator *allocator, void *memory)
{
    (void)allocator;
    cedo_cache_give_(memory);
}

void cedo_cache_init(cedo_cache *cache)
{
    cache->allocator.alloc = cedo_cache_alloc_;
    cache->allocator.free = cedo_cache_free_;
    for (unsigned class_ = 0; class_ < CEDO_CACHE_CLASSES_; class_++) {
        cache->shelves[class_].first = NULL;
        cache->shelves[class_].room = class_ ? CEDO_CACHE_BLOCKS : 0;
    }
}

void cedo_cache_empty(cedo_cache *cache)
{
    for (unsigned class_ = 0; class_ < CEDO_CACHE_CLASSES_; class_++) {
        cedo_shelf_ *const shelf = &cache->shelves[class_];
        while (shelf->first) {
            struct cedo_cached_ *const block = shelf->first;
            shelf->first = block->next;
            shelf->room++;
            free(block);
        }
    }
}

#endif

#ifdef __cplusplus
}
#endif
#endif
