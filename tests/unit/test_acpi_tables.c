// tests/unit/test_acpi_tables.c - FADT, HPET, MCFG: good and damaged
// sources: drivers/acpi/fadt.c drivers/acpi/hpet.c drivers/acpi/mcfg.c
// sources: drivers/acpi/gas.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "../../drivers/acpi/tables.h"

enum {
    TABLE_MAX = 4096
};

static u8 table[TABLE_MAX];
static u32 length;

static void begin(u32 header)
{
    memset(table, 0, sizeof(table));
    length = header;
}

static void put(u32 at, u64 value, u32 bytes)
{
    for (u32 i = 0; i < bytes; i++)
        table[at + i] = (u8)(value >> 8 * i);
}

static int fadt(u32 bytes, struct platform_legacy *out)
{
    u8 *exact = malloc(bytes ? bytes : 1);
    int error;

    memcpy(exact, table, bytes);
    error = fadt_parse(exact, bytes, out);
    free(exact);
    return error;
}

static void fadt_begin(u8 revision, u16 boot, u32 flags)
{
    begin(276);
    put(8, revision, 1);
    put(109, boot, 2);
    put(112, flags, 4);
}

TEST(fadt_bits_by_revision)
{
    struct platform_legacy found;

    fadt_begin(1, 0, 1u << 20); // ACPI 1.0: reserved bytes
    CHECK_EQ(fadt(116, &found), 0);
    CHECK(found.known && found.has_8042 && found.has_rtc && found.has_vga &&
          found.msi_allowed && !found.hardware_reduced);
    CHECK_EQ(fadt(115, &found), -EINVAL);
    CHECK(!found.known && found.has_8042);

    fadt_begin(3, 0x2c, 1u << 20); // bits that came later
    CHECK_EQ(fadt(244, &found), 0);
    CHECK(!found.has_8042 && found.has_rtc && found.has_vga &&
          found.msi_allowed && !found.hardware_reduced);

    fadt_begin(5, 0x2e, 1u << 20);
    put(76, 0x608, 4);
    put(91, 4, 1);
    CHECK_EQ(fadt(268, &found), 0);
    CHECK(found.has_8042 && !found.has_rtc && !found.has_vga &&
          !found.msi_allowed && found.hardware_reduced);
    CHECK_EQ(found.pm_timer_port, 0); // not there when reduced
}

TEST(fadt_pm_timer)
{
    struct platform_legacy found;

    fadt_begin(5, 0, 1 << 8);
    put(76, 0x608, 4);
    put(91, 4, 1);
    CHECK_EQ(fadt(276, &found), 0);
    CHECK(found.pm_timer_port == 0x608 && found.pm_timer_32);
    put(91, 0, 1); // no length, no extended field
    CHECK_EQ(fadt(276, &found), 0);
    CHECK_EQ(found.pm_timer_port, 0);
    put(208, 1, 1); // ports
    put(212, 0x408, 8);
    CHECK_EQ(fadt(276, &found), 0);
    CHECK_EQ(found.pm_timer_port, 0x408);
    CHECK_EQ(fadt(219, &found), 0); // the field is cut
    CHECK_EQ(found.pm_timer_port, 0);
    put(212, 0xffff, 8); // four bytes from there are no ports
    CHECK_EQ(fadt(276, &found), 0);
    CHECK_EQ(found.pm_timer_port, 0);
    put(208, 0, 1); // memory
    put(212, 0x408, 8);
    CHECK_EQ(fadt(276, &found), 0);
    CHECK_EQ(found.pm_timer_port, 0);
}

TEST(fadt_random_bytes)
{
    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        struct platform_legacy found;
        u32 bytes = test_random_below(280);

        for (u32 i = 0; i < bytes; i++)
            table[i] = (u8)test_random_below(256);
        CHECK_EQ(fadt(bytes, &found), bytes < 116 ? -EINVAL : 0);
        CHECK(found.pm_timer_port <= 0xfffc);
    }
}

TEST(hpet_address)
{
    u64 address;

    begin(56);
    put(44, 0xfed00000, 8);
    CHECK_EQ(hpet_parse(table, 55, &address), -EINVAL);
    CHECK_EQ(hpet_parse(table, 56, &address), 0);
    CHECK_EQ(address, 0xfed00000);
    put(40, 1, 1); // ports
    CHECK_EQ(hpet_parse(table, 56, &address), -ENODEV);
    CHECK_EQ(address, 0);
    put(40, 0, 1);
    put(44, 0, 8);
    CHECK_EQ(hpet_parse(table, 56, &address), -ENODEV);
    put(44, ~0xffull, 8); // registers beyond the last address
    CHECK_EQ(hpet_parse(table, 56, &address), -ENODEV);
}

TEST(mcfg_windows)
{
    struct mcfg_window windows[2];
    u32 count;

    begin(44 + 3 * 16);
    for (u32 i = 0; i < 3; i++) {
        put(44 + 16 * i, 0xb0000000ull + i, 8);
        put(44 + 16 * i + 8, i, 2);
        put(44 + 16 * i + 11, 0xff, 1);
    }
    CHECK_EQ(mcfg_parse(table, 43, windows, 2, &count), -EINVAL);
    CHECK_EQ(mcfg_parse(table, length, windows, 2, &count), 0);
    CHECK_EQ(count, 3);
    CHECK(windows[1].segment == 1 && windows[1].last_bus == 0xff &&
          windows[1].address == 0xb0000001);
    CHECK_EQ(mcfg_parse(table, length - 1, windows, 2, &count), 0);
    CHECK_EQ(count, 2);
    put(44 + 10, 5, 1);
    put(44 + 11, 4, 1);
    CHECK_EQ(mcfg_parse(table, length, windows, 2, &count), -EINVAL);
}
