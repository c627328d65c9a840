// tests/unit/test_oom_score.c - mm/oom_score.c: who is the worst
// sources: mm/oom_score.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <mm/oom.h>

#define TOTAL 100000u

TEST(what_is_given_back)
{
    struct oom_size size = {.rss = 100, .swap = 30, .tables = 5};

    CHECK_EQ(oom_badness(&size, 0, TOTAL), 135);
    CHECK_EQ(oom_badness(&size, 10, TOTAL), 135 + 1000);
    CHECK_EQ(oom_badness(&size, -10, TOTAL), 135 - 1000);
    CHECK_EQ(oom_badness(&size, OOM_ADJ_MAX, TOTAL), 135 + (s32)TOTAL);
    CHECK_EQ(oom_badness(&size, OOM_ADJ_MIN, TOTAL), OOM_NEVER);
    CHECK_EQ(oom_badness(&size, OOM_ADJ_MAX, 15711), 135 + 15711);
    // Of 16 GiB and as much swap, nothing overflows.
    size = (struct oom_size){.rss = 1u << 22, .swap = 1u << 22};
    CHECK(oom_badness(&size, OOM_ADJ_MAX, 1u << 23) > 0);
    CHECK(oom_badness(&size, -999, 1u << 23) < oom_badness(&size, 0, 1u << 23));
}

TEST(scores)
{
    struct oom_size none = {0}, all = {.rss = TOTAL};

    CHECK_EQ(oom_scale(OOM_NEVER, TOTAL), 0);
    CHECK_EQ(oom_scale(oom_badness(&none, 0, TOTAL), TOTAL), 666);
    CHECK_EQ(oom_scale(oom_badness(&all, 0, TOTAL), TOTAL), 1333);
    CHECK_EQ(oom_scale(oom_badness(&all, OOM_ADJ_MAX, TOTAL), TOTAL), 2000);
    CHECK_EQ(oom_scale(oom_badness(&none, -999, TOTAL), TOTAL), 0);
    CHECK_EQ(oom_scale(0, 0), 666); // of no memory at all
}

TEST(the_older_scale)
{
    CHECK_EQ(oom_adj_from_old(OOM_OLD_ADJ_NEVER), OOM_ADJ_MIN);
    CHECK_EQ(oom_adj_from_old(OOM_OLD_ADJ_MAX), OOM_ADJ_MAX);
    CHECK_EQ(oom_adj_from_old(8), 470);
    CHECK_EQ(oom_adj_to_old(OOM_ADJ_MIN), OOM_OLD_ADJ_NEVER);
    CHECK_EQ(oom_adj_to_old(OOM_ADJ_MAX), OOM_OLD_ADJ_MAX);
    CHECK_EQ(oom_adj_to_old(470), 7);
    for (s32 old = OOM_OLD_ADJ_NEVER; old < OOM_OLD_ADJ_MAX; old++)
        CHECK(oom_adj_from_old(old) < oom_adj_from_old(old + 1));
}
