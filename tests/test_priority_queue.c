/* Priority queues; what all kinds of queues have in common is tested in test_queue.c. */
#include "numbers.h"
#include "random.h"

START_TEST(QUEUE_11_a_priority_queue_gives_the_smallest_and_equal_ones_in_order)
{
    static cedo_priority_queue_of(int, 50) many;
    int kept[50], count = 0;
    random_state = 1;
    cedo_priority_queue_init(&many, compare_tens);
    for (int i = 0; i < 2000; i++) {
        if (count < 50 && !chance(4)) {
            /* numbered, so that the order of equal ones can be seen; the tens decide */
            kept[count] = draw(8) * 10 + i % 10;
            put(&many.queue, kept[count++]);
        }
        else if (count) {
            int best = 0;
            for (int j = 1; j < count; j++)
                if (kept[j] / 10 < kept[best] / 10) best = j;
            ck_assert_int_eq(get(&many.queue), kept[best]);
            for (count--; best < count; best++) kept[best] = kept[best + 1];
        }
        ck_assert_uint_eq(cedo_queue_size(&many.queue), (unsigned)count);
    }
}
END_TEST

SUITE("priority_queue", QUEUE_11_a_priority_queue_gives_the_smallest_and_equal_ones_in_order)
