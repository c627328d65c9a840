// tests/unit/test_symbols.c - kernel/symbols.c with a table of our own
// sources: kernel/symbols.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include <kernel/symbols.h>

extern const u32 ksyms_count, ksyms_addresses[3], ksyms_name_offsets[3];
extern const char ksyms_names[];

const u32 ksyms_count = 3;
const u32 ksyms_addresses[3] = {0xc0100000, 0xc0100010, 0xc0100100};
const u32 ksyms_name_offsets[3] = {0, 6, 11};
const char ksyms_names[] = "start\0main\0panic";

static void check_symbol(u32 address, const char *name, u32 expected)
{
    u32 offset = ~0u;
    const char *found = symbol_find(address, &offset);

    CHECK(found && strcmp(found, name) == 0);
    CHECK_EQ(offset, expected);
}

TEST(every_boundary)
{
    u32 offset;

    CHECK(!symbol_find(0, &offset));
    CHECK(!symbol_find(0xc00fffff, &offset));
    check_symbol(0xc0100000, "start", 0);
    check_symbol(0xc010000f, "start", 15);
    check_symbol(0xc0100010, "main", 0);
    check_symbol(0xc01000ff, "main", 0xef);
    check_symbol(0xc0100100, "panic", 0);
    check_symbol(0xffffffff, "panic", 0x3feffeff);
}
