// tests/unit/test_errseq.c - include/lib/errseq.h
// sources:
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>

#include <lib/errseq.h>

TEST(nothing_has_happened)
{
    errseq_t seq = 0, mine = errseq_sample(&seq);

    CHECK_EQ(errseq_check(&seq, &mine), 0);
}

TEST(each_is_told_once)
{
    errseq_t seq = 0, one = errseq_sample(&seq), two = errseq_sample(&seq);

    errseq_set(&seq, -EIO);
    CHECK_EQ(errseq_check(&seq, &one), -EIO);
    CHECK_EQ(errseq_check(&seq, &one), 0);
    CHECK_EQ(errseq_check(&seq, &two), -EIO);
    CHECK_EQ(errseq_check(&seq, &two), 0);
}

TEST(the_same_error_again)
{
    errseq_t seq = 0, mine = errseq_sample(&seq);

    for (int i = 0; i < 100000; i++) {
        errseq_set(&seq, -EIO);
        CHECK_EQ(errseq_check(&seq, &mine), -EIO);
        CHECK_EQ(errseq_check(&seq, &mine), 0);
    }
}

TEST(many_errors_are_one_until_seen)
{
    errseq_t seq = 0, mine = errseq_sample(&seq);

    errseq_set(&seq, -EIO);
    errseq_set(&seq, -ENOSPC);
    CHECK_EQ(errseq_check(&seq, &mine), -ENOSPC);
    CHECK_EQ(errseq_check(&seq, &mine), 0);
}

TEST(who_comes_later)
{
    errseq_t seq = 0, first, second;

    errseq_set(&seq, -EIO); // nobody had it open
    first = errseq_sample(&seq);
    CHECK_EQ(errseq_check(&seq, &first), -EIO);
    second = errseq_sample(&seq); // it has been reported
    CHECK_EQ(errseq_check(&seq, &second), 0);
}
