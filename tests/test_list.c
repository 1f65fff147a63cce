/* Lists and rings against an array. */
#include "random.h"
#include "world.h"

#define NODES 12

static cedo_node nodes[NODES];
static int order[NODES], length;

static int position(int node)
{
    for (int i = 0; i < length; i++)
        if (order[i] == node) return i;
    return -1;
}

static void insert(int at, int node)
{
    for (int i = length; i > at; i--) order[i] = order[i - 1];
    order[at] = node;
    length++;
}

static void drop(int at)
{
    length--;
    for (int i = at; i < length; i++) order[i] = order[i + 1];
}

START_TEST(a_list_keeps_its_order)
{
    cedo_node list;
    cedo_list_init(&list);
    random_state = 1;
    length = 0;
    ck_assert(cedo_list_is_empty(&list));
    for (int step = 0; step < 5000; step++) {
        const int node = draw(NODES), at = position(node);
        cedo_node *n = &list;
        if (at >= 0) {
            cedo_list_unlink(&nodes[node]);
            drop(at);
        }
        else if (draw(2)) {
            cedo_list_push(&list, &nodes[node]);
            insert(length, node);
        }
        else {
            const int behind = draw(length + 1);
            cedo_list_insert_after(behind ? &nodes[order[behind - 1]] : &list, &nodes[node]);
            insert(behind, node);
        }
        ck_assert_int_eq(cedo_list_is_empty(&list), length == 0);
        for (int i = 0; i < length; i++) {
            n = n->next;
            ck_assert_ptr_eq(n, &nodes[order[i]]);
            ck_assert_ptr_eq(n->prev->next, n);
        }
        ck_assert_ptr_eq(n->next, &list);
        ck_assert_ptr_eq(list.prev, n);
    }
}
END_TEST

START_TEST(a_ring_keeps_its_order)
{
    cedo_ring ring = {NULL};
    random_state = 2;
    length = 0;
    for (int step = 0; step < 5000; step++) {
        const int node = draw(NODES), at = position(node);
        cedo_node *n;
        if (at >= 0) {
            cedo_ring_unlink(&ring, &nodes[node]);
            drop(at);
        }
        else {
            cedo_ring_push(&ring, &nodes[node]);
            insert(length, node);
        }
        n = cedo_ring_first(&ring);
        ck_assert_int_eq(cedo_ring_is_empty(&ring), length == 0);
        for (int i = 0; i < length; i++) {
            ck_assert_ptr_eq(n, &nodes[order[i]]);
            n = cedo_ring_next(&ring, n);
        }
        ck_assert_ptr_null(n);
        if (length > 1 && step % 7 == 0) {
            n = cedo_ring_first(&ring);
            cedo_ring_pop_(&ring, n);
            drop(0);
        }
    }
}
END_TEST

SUITE("list", a_list_keeps_its_order, a_ring_keeps_its_order)
