// tests/unit/test_div64.c - lib/div64.h against the compiler's division
// sources:
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <lib/div64.h>

static void check_division(u64 n, u32 d)
{
    u64 quotient = n;
    u32 rem = u64_div(&quotient, d);

    CHECK_EQ(quotient, n / d);
    CHECK_EQ(rem, n % d);
}

TEST(edges)
{
    static const u64 numbers[] = {0, 1, ~0u, 1ull << 32, ~0ull, 1ull << 63};
    static const u32 divisors[] = {1, 2, 3, 10, 512, 1u << 31, ~0u};

    for (u32 i = 0; i < ARRAY_SIZE(numbers); i++) {
        for (u32 j = 0; j < ARRAY_SIZE(divisors); j++)
            check_division(numbers[i], divisors[j]);
    }
}

TEST(random_divisions)
{
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u64 n = (u64)test_random() << 32 | test_random();

        check_division(n >> test_random_below(64),
                       test_random() >> test_random_below(32) | 1);
    }
}

TEST(by_64_bits)
{
    CHECK_EQ(u64_div64(~0ull, 1), ~0ull);
    CHECK_EQ(u64_div64(~0ull, ~0ull), 1);
    CHECK_EQ(u64_div64(5, 6), 0);
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u64 n = (u64)test_random() << 32 | test_random();
        u64 d =
            ((u64)test_random() << 32 | test_random()) >> test_random_below(64);

        if (d)
            CHECK_EQ(u64_div64(n, d), n / d);
    }
}
