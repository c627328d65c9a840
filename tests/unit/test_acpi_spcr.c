// tests/unit/test_acpi_spcr.c - drivers/acpi/spcr.c: the firmware's console
// sources: drivers/acpi/spcr.c drivers/acpi/gas.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <drivers/acpi.h>

#define SPCR_BYTES 88u

static u8 table[SPCR_BYTES];
static struct acpi_console console;

static void begin(u8 revision)
{
    memset(table, 0, sizeof(table));
    table[8] = revision;
}

static void base(u8 space, u8 bit_width, u8 access, u64 address)
{
    table[40] = space;
    table[41] = bit_width;
    table[42] = 0;
    table[43] = access;
    memcpy(table + 44, &address, 8); // little-endian, as are we
}

static int parse(u32 bytes)
{
    u8 *copy = malloc(bytes ? bytes : 1);
    int err;

    memcpy(copy, table, bytes);
    err = acpi_parse_spcr(copy, bytes, &console);
    free(copy);
    return err;
}

TEST(ports)
{
    begin(1);
    base(1, 8, 0, 0x3f8);
    table[52] = 1;
    table[53] = 4;
    table[58] = 7;
    CHECK_EQ(parse(80), 0);
    CHECK(!console.in_memory && console.address == 0x3f8);
    CHECK(console.shift == 0 && console.width == 1);
    CHECK(console.irq == 4 && console.baud == 115200 && !console.flow);
    CHECK_EQ(console.clock_hz, 0);
    table[58] = 0; // as it is
    table[61] = 2;
    CHECK_EQ(parse(80), 0);
    CHECK(console.baud == 0 && console.flow);
    table[58] = 5; // no such code
    CHECK_EQ(parse(80), 0);
    CHECK_EQ(console.baud, 0);
    // Ports are bytes, whatever is said.
    base(1, 32, 3, 0x3f8);
    CHECK_EQ(parse(80), 0);
    CHECK(console.shift == 0 && console.width == 1);
}

TEST(memory)
{
    static const struct {
        u8 bit_width, access, shift, width;
    } layouts[] = {
        {8, 1, 0, 1},  {8, 0, 0, 1},  {32, 3, 2, 4}, {32, 1, 2, 1},
        {32, 0, 2, 1}, {16, 2, 1, 2}, {8, 3, 2, 4},  {8, 2, 1, 2},
        {64, 3, 3, 4}, {7, 9, 0, 1},  {0, 0, 0, 1},
    };

    for (u32 i = 0; i < ARRAY_SIZE(layouts); i++) {
        begin(2);
        table[36] = 0x12;
        base(0, layouts[i].bit_width, layouts[i].access, 0xfe030000);
        CHECK_EQ(parse(80), 0);
        CHECK(console.in_memory && console.address == 0xfe030000);
        CHECK_EQ(console.shift, layouts[i].shift);
        CHECK_EQ(console.width, layouts[i].width);
        CHECK_EQ(console.irq, 0);
    }
}

TEST(later_revisions)
{
    u32 clock = 48000000, baud = 1500000;

    begin(2);
    base(0, 32, 3, 0xfe030000);
    table[58] = 7;
    memcpy(table + 76, &clock, 4);
    memcpy(table + 80, &baud, 4);
    CHECK_EQ(parse(88), 0);
    CHECK(console.clock_hz == 0 && console.baud == 115200);
    table[8] = 3;
    CHECK_EQ(parse(88), 0);
    CHECK(console.clock_hz == clock && console.baud == 115200);
    table[8] = 4;
    CHECK_EQ(parse(88), 0);
    CHECK(console.clock_hz == clock && console.baud == baud);
    CHECK_EQ(parse(83), 0); // shorter than it says
    CHECK_EQ(console.baud, 115200);
}

TEST(refusals)
{
    begin(2);
    base(1, 8, 1, 0x3f8);
    CHECK_EQ(parse(79), -EINVAL);
    table[36] = 3; // a PL011
    CHECK_EQ(parse(80), -ENODEV);
    table[36] = 0;
    base(1, 8, 1, 0); // redirection is off
    CHECK_EQ(parse(80), -ENODEV);
    base(1, 8, 1, 0xfff9); // registers 0 to 7 do not fit
    CHECK_EQ(parse(80), -ENODEV);
    base(2, 8, 1, 0x10);
    CHECK_EQ(parse(80), -ENODEV);
    begin(2);
    base(1, 8, 1, 0x3f8);
    table[52] = 1;
    table[53] = 16; // no line of the 8259
    CHECK_EQ(parse(80), 0);
    CHECK_EQ(console.irq, 0);
}

TEST(random_tables)
{
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u32 bytes = 80 + test_random_below(SPCR_BYTES - 79);

        for (u32 j = 0; j < SPCR_BYTES; j++)
            table[j] = (u8)test_random_below(test_random_below(2) ? 4 : 256);
        if (parse(bytes))
            continue;
        CHECK(console.shift <= 3 && console.width <= 1u << console.shift);
        CHECK(console.irq <= 15);
    }
}
