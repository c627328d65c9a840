// tests/unit/test_efi_gop_mode.c - efi/gop_mode.c
// sources: efi/gop_mode.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include "../../efi/gop_mode.h"

// Two modes of one size differ in their format or rate: if one does not work
// the other may.
TEST(all_are_taken_the_twins_too)
{
    u64 ranks[] = {0, 5, 7, 7, 0, 5, ~0ull};
    static const u32 wanted[] = {6, 2, 3, 1, 5};
    u32 count = ARRAY_SIZE(ranks);

    for (u32 i = 0; i < ARRAY_SIZE(wanted); i++)
        CHECK_EQ(gop_mode_take_best(ranks, count), wanted[i]);
    CHECK_EQ(gop_mode_take_best(ranks, count), count);
    CHECK_EQ(gop_mode_take_best(ranks, 0), 0);
}

TEST(from_the_least_wanted_to_the_most)
{
    static const struct {
        u32 width, height;
    } modes[] = {
        {320, 200},   {0xffffffff, 0xffffffff},
        {3840, 2160}, {2560, 1440},
        {640, 480},   {800, 600},
        {1280, 800},  {1920, 1080},
        {1920, 1200},
    };

    CHECK_EQ(gop_mode_rank(320, 200), 0);
    CHECK_EQ(gop_mode_rank(639, 480), 0);
    CHECK_EQ(gop_mode_rank(640, 399), 0);
    CHECK_EQ(gop_mode_rank(0, 0), 0);
    for (u32 i = 0; i + 1 < ARRAY_SIZE(modes); i++)
        CHECK(gop_mode_rank(modes[i].width, modes[i].height) <
              gop_mode_rank(modes[i + 1].width, modes[i + 1].height));
}
