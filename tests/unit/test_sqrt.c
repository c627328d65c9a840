// tests/unit/test_sqrt.c - lib/sqrt.h against the definition
// sources:
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <lib/sqrt.h>

static void check_root(u32 n)
{
    u64 root = u32_sqrt(n);

    CHECK(root * root <= n);
    CHECK((root + 1) * (root + 1) > n);
}

// All squares there are, and what is next to them.
TEST(squares)
{
    for (u32 root = 1; root <= 0xffff; root++) {
        CHECK_EQ(u32_sqrt(root * root), root);
        CHECK_EQ(u32_sqrt(root * root - 1), root - 1);
    }
    CHECK_EQ(u32_sqrt(0), 0);
    CHECK_EQ(u32_sqrt(~0u), 0xffff);
}

TEST(random_numbers)
{
    for (u32 i = 0; i < TEST_ROUNDS; i++)
        check_root(test_random() >> test_random_below(32));
}
