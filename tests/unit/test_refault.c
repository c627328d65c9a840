// tests/unit/test_refault.c - mm/refault.c: shadows and distances
// sources: mm/refault.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <mm/refault.h>

TEST(shadows_come_back_as_they_were)
{
    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        struct refault_shadow in = {
            .zone = test_random_below(4),
            .age = test_random() & REFAULT_AGE_MASK,
            .was_active = test_random_one_in(2),
        };
        struct refault_shadow out;
        u32 value = refault_pack(&in);

        CHECK_EQ(value >> 29, 0); // bit 29 and above are the cache's
        refault_unpack(value, &out);
        CHECK_EQ(out.zone, in.zone);
        CHECK_EQ(out.age, in.age);
        CHECK_EQ(out.was_active, in.was_active);
    }
}

TEST(a_fifth_zone_is_refused)
{
    struct refault_shadow bad = {.zone = 4};

    CHECK_ASSERTS(refault_pack(&bad));
}

TEST(only_26_bits_of_the_age_are_kept)
{
    struct refault_shadow in = {.age = 0xffffffffu}, out;

    refault_unpack(refault_pack(&in), &out);
    CHECK_EQ(out.age, REFAULT_AGE_MASK);
    CHECK_EQ(out.zone, 0);
}

TEST(distances_over_the_end)
{
    CHECK_EQ(refault_distance(5, 5), 0);
    CHECK_EQ(refault_distance(5, 12), 7);
    CHECK_EQ(refault_distance(REFAULT_AGE_MASK, 2), 3);
    // An age that has gone on beyond 26 bits.
    CHECK_EQ(refault_distance(10, (1u << REFAULT_AGE_BITS) + 14), 4);
}

TEST(what_is_worth_a_place)
{
    struct refault_lists lists = {.active_file = 100,
                                  .inactive_file = 20,
                                  .active_anon = 30,
                                  .inactive_anon = 5};

    CHECK(refault_activates(100, true, &lists));
    CHECK(!refault_activates(101, true, &lists));
    CHECK(refault_activates(120, false, &lists));
    CHECK(!refault_activates(121, false, &lists));
    lists.can_swap = true; // now anonymous pages could make room, too
    CHECK(refault_activates(135, true, &lists));
    CHECK(!refault_activates(136, true, &lists));
    CHECK(refault_activates(150, false, &lists)); // its own list is the rest
    CHECK(!refault_activates(151, false, &lists));
}
