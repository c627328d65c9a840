// tests/unit/test_dmar.c - drivers/acpi/dmar_table.c: tables of any kind
// sources: drivers/acpi/dmar_table.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include <base/errno.h>
#include <drivers/acpi.h>

#define FIRST 48u

static u8 table[512];
static u32 used;

static void begin(void)
{
    memset(table, 0, sizeof(table));
    used = FIRST;
}

static void put(u16 type, u16 length, u64 base)
{
    u8 *at = table + used;

    memcpy(at, &type, 2);
    memcpy(at + 2, &length, 2);
    if (length >= 16)
        memcpy(at + 8, &base, 8);
    used += length;
}

static int next(u32 *offset, u64 *base)
{
    // A copy of this size, so that ASan sees what is beyond.
    u8 *copy = malloc(used);
    int error;

    memcpy(copy, table, used);
    error = dmar_next_unit(copy, used, offset, base);
    free(copy);
    return error;
}

TEST(units_among_others)
{
    u32 offset = 0;
    u64 base;

    begin();
    put(0, 24, 0xfed90000);
    put(1, 32, 0x1234000); // RMRR: no unit
    put(0, 16, 0x3fed91000);
    put(4, 12, 0);
    CHECK_EQ(next(&offset, &base), 0);
    CHECK_EQ(base, 0xfed90000);
    CHECK_EQ(next(&offset, &base), 0);
    CHECK_EQ(base, 0x3fed91000);
    CHECK_EQ(next(&offset, &base), -ENOENT);
}

TEST(no_units)
{
    u32 offset = 0;
    u64 base;

    begin();
    CHECK_EQ(next(&offset, &base), -ENOENT);
    used = 36; // ACPI's header alone
    CHECK_EQ(next(&offset, &base), -ENOENT);
}

TEST(damaged)
{
    static const struct {
        u16 type, length;
        u64 base;
        u32 cut;
    } rows[] = {
        {0, 16, 0, 0},                        // no address
        {0, 16, 0xfed90010, 0},               // not on a page
        {0, 12, 0, 0},                        // too short for a unit
        {0, 16, 0xfed90000, 1},               // beyond the end
        {1, 3, 0, 0},           {1, 0, 0, 0}, // no header
    };

    for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        u32 offset = 0;
        u64 base;

        begin();
        put(rows[i].type, rows[i].length, rows[i].base);
        used += rows[i].length < 4 ? 4 : 0;
        used -= rows[i].cut;
        CHECK_EQ(next(&offset, &base), -EINVAL);
    }
}

// Whatever the bytes: it ends, within the table, and moves on.
TEST(random_bytes)
{
    for (u32 round = 0; round < TEST_ROUNDS / 10; round++) {
        u32 offset = 0, before = 0, calls = 0;
        u64 base;

        begin();
        used = FIRST + test_random_below(sizeof(table) - FIRST);
        for (u32 i = FIRST; i < used; i++)
            table[i] = test_random_one_in(2) ? 0 : (u8)test_random_below(32);
        while (next(&offset, &base) == 0) {
            CHECK(offset > before && offset <= used);
            before = offset;
            CHECK(++calls < sizeof(table));
        }
    }
}
