// tests/unit/test_balance.c - mm/balance.c: how much of which list
// sources: mm/balance.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <mm/balance.h>

#define GIB_PAGES (1u << 18)

// As the table in Linux's description of the ratio has it.
TEST(inactive_ratio)
{
    CHECK_EQ(balance_inactive_ratio(0), 1);
    CHECK_EQ(balance_inactive_ratio(GIB_PAGES - 1), 1);
    CHECK_EQ(balance_inactive_ratio(GIB_PAGES), 3);
    CHECK_EQ(balance_inactive_ratio(10 * GIB_PAGES), 10);
    CHECK(!balance_inactive_is_low(10, 10));
    CHECK(balance_inactive_is_low(9, 10));
    CHECK(balance_inactive_is_low(0, 1));
    CHECK(!balance_inactive_is_low(0, 0));
    CHECK(!balance_inactive_is_low(0xffffffffu / 2, 0xffffffffu / 2));
}

TEST(shares_follow_swappiness)
{
    struct balance_cost none = {0, 0};
    struct balance_share share;

    balance_share(&none, 100, &share);
    CHECK_EQ(share.anon, share.file);
    balance_share(&none, 0, &share);
    CHECK(share.anon == 0 && share.file > 0);
    balance_share(&none, 200, &share);
    CHECK(share.anon > 0 && share.file == 0);
    balance_share(&none, 60, &share);
    CHECK_EQ(share.anon * 140 / 60, share.file);
}

TEST(shares_follow_cost)
{
    struct balance_cost cost = {.anon = 300, .file = 0};
    struct balance_share share;

    balance_share(&cost, 100, &share);
    CHECK(share.file > share.anon);
    // However much it has cost, it is not forgotten: a third of the effort.
    CHECK(share.anon * 3 >= share.file);
    cost = (struct balance_cost){.anon = 0, .file = 0x0fffffff};
    balance_share(&cost, 100, &share);
    CHECK(share.anon > share.file && share.file * 3 >= share.anon);
}

TEST(the_past_fades)
{
    struct balance_cost cost = {0, 0};

    balance_note(&cost, false, 20, 100);
    CHECK(cost.anon == 20 && cost.file == 0);
    balance_note(&cost, true, 20, 100); // 40 are more than a quarter
    CHECK(cost.anon == 10 && cost.file == 10);
    balance_note(&cost, true, 1000000, 0);
    CHECK(cost.anon + cost.file <= 1);
}

TEST(parts_round_up)
{
    CHECK_EQ(balance_part(100, 1, 3), 34);
    CHECK_EQ(balance_part(0, 1, 3), 0);
    CHECK_EQ(balance_part(100, 0, 3), 0);
    CHECK_EQ(balance_part(0xffffffffu, 7, 7), 0xffffffffu);
    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        u32 pages = test_random_below(1u << 24);
        u32 whole = test_random_below(1u << 20) + 1;
        u32 part = test_random_below(whole + 1);
        u32 got = balance_part(pages, part, whole);

        CHECK(got <= pages);
        CHECK((u64)got * whole >= (u64)pages * part);
        CHECK(!got || (u64)(got - 1) * whole < (u64)pages * part);
    }
}
