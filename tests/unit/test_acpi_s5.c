// tests/unit/test_acpi_s5.c - drivers/acpi/s5.c: \_S5 in AML, good and damaged
// sources: drivers/acpi/s5.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <drivers/acpi.h>

static int parse(const char *aml, u32 bytes, u8 *a, u8 *b)
{
    // An exact allocation, so that a read beyond it is found.
    u8 *copy = malloc(bytes ? bytes : 1);
    int err;

    memcpy(copy, aml, bytes);
    err = acpi_parse_s5(copy, bytes, a, b);
    free(copy);
    return err;
}

#define PARSE(text) parse(text, sizeof(text) - 1, &a, &b)

TEST(packages)
{
    u8 a = 0, b = 0;

    CHECK_EQ(PARSE("xx\x08_S5_\x12\x05\x04\x0a\x05\x0a\x03\x00\x00"), -EINVAL);
    CHECK_EQ(PARSE("xx\x08_S5_\x12\x08\x04\x0a\x05\x0a\x03\x00\x00"), 0);
    CHECK(a == 5 && b == 3);
    CHECK_EQ(PARSE("\x08\\_S5_\x12\x07\x04\x00\x01\x00\x00"), -EINVAL);
    CHECK_EQ(PARSE("\x08\\_S5_\x12\x06\x04\x00\x01\x00\x00"), 0);
    CHECK(a == 0 && b == 1);
    CHECK_EQ(PARSE("\x08_S5_\x12\x47\x00\x02\x0b\x07\x00\x01"), 0);
    CHECK(a == 7 && b == 1);
}

TEST(refusals)
{
    u8 a, b;

    CHECK_EQ(PARSE(""), -ENOENT);
    CHECK_EQ(PARSE("_S5_"), -ENOENT);
    CHECK_EQ(PARSE("\x08_S5_"), -ENOENT);                  // nothing behind
    CHECK_EQ(PARSE("x_S5_\x12\x05\x02\x01\x01"), -ENOENT); // only a reference
    CHECK_EQ(PARSE("\x08_S5_\x11\x04\x02\x01\x01"), -EINVAL);     // a buffer
    CHECK_EQ(PARSE("\x08_S5_\x12\x04\x01\x01\x01"), -EINVAL);     // one element
    CHECK_EQ(PARSE("\x08_S5_\x12\x05\x02\x0a\x08\x01"), -EINVAL); // 8
    CHECK_EQ(PARSE("\x08_S5_\x12\x06\x02\x0b\x01\x01\x01"), -EINVAL);
    CHECK_EQ(PARSE("\x08_S5_\x12\x00\x02\x01\x01"), -EINVAL);
    CHECK_EQ(PARSE("\x08_S5_\x12\xff\x02\x01\x01"), -EINVAL);
}

TEST(random_bytes_behind_the_name)
{
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        char aml[24] = "\x08_S5_\x12";
        u32 bytes = 6 + test_random_below(sizeof(aml) - 5);
        u8 a = 0, b = 0;

        for (u32 j = 6; j < bytes; j++)
            aml[j] = (char)test_random_below(20);
        if (parse(aml, bytes, &a, &b) == 0)
            CHECK(a <= 7 && b <= 7);
    }
}
