// tests/unit/test_crc32.c - lib/crc32.c against a bit-by-bit division
// sources: lib/crc32.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include <lib/crc32.h>

static u32 slow_crc32(const u8 *data, size_t bytes)
{
    u32 crc = ~0u;

    for (size_t i = 0; i < bytes * 8; i++) {
        u32 bit = (crc ^ data[i / 8] >> i % 8) & 1;

        crc = crc >> 1 ^ (bit ? 0xedb88320u : 0);
    }
    return ~crc;
}

TEST(check_value)
{
    CHECK_EQ(crc32(0, "123456789", 9), 0xcbf43926u);
    CHECK_EQ(crc32(0, "", 0), 0);
}

TEST(random_data_in_two_parts)
{
    u8 data[64];

    for (u32 i = 0; i < TEST_ROUNDS / 10; i++) {
        u32 bytes = test_random_below(sizeof(data)) + 1;
        u32 cut = test_random_below(bytes);

        for (u32 j = 0; j < bytes; j++)
            data[j] = (u8)test_random();
        CHECK_EQ(crc32(0, data, bytes), slow_crc32(data, bytes));
        CHECK_EQ(crc32(crc32(0, data, cut), data + cut, bytes - cut),
                 slow_crc32(data, bytes));
    }
}
