// tests/unit/test_acpi_madt.c - the MADT: good, cut, random
// sources: drivers/acpi/madt.c
// SPDX-License-Identifier: MIT
//
// Tables are built by hand and copied into allocations of their exact length,
// so that a read beyond the end is found. A plain model keeps what overrides
// mean; damaged tables must be survived, with counts that fit their arrays.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <base/bits.h>

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

static void madt_begin(u32 address, u32 flags)
{
    begin(44);
    put(36, address, 4);
    put(40, flags, 4);
}

static u32 entry(u8 type, u8 bytes)
{
    u32 at = length;

    table[at] = type;
    table[at + 1] = bytes;
    length += bytes;
    return at;
}

static void io_apic(u8 id, u32 address, u32 base)
{
    u32 at = entry(1, 12);

    put(at + 2, id, 1);
    put(at + 4, address, 4);
    put(at + 8, base, 4);
}

static void override(u8 bus, u8 irq, u32 gsi, u16 flags)
{
    u32 at = entry(2, 10);

    put(at + 2, bus, 1);
    put(at + 3, irq, 1);
    put(at + 4, gsi, 4);
    put(at + 8, flags, 2);
}

static void cpu(u8 uid, u8 id, u32 flags)
{
    u32 at = entry(0, 8);

    put(at + 2, uid, 1);
    put(at + 3, id, 1);
    put(at + 4, flags, 4);
}

static int parse_bytes(u32 bytes, struct platform_interrupts *out)
{
    u8 *exact = malloc(bytes ? bytes : 1);
    int error;

    memcpy(exact, table, bytes);
    error = madt_parse(exact, bytes, out);
    free(exact);
    return error;
}

TEST(madt_as_qemu_writes_it)
{
    struct platform_interrupts found;
    u32 at;

    madt_begin(0xfee00000, 1);
    cpu(0, 0, 1);
    cpu(1, 1, 0); // a free socket
    io_apic(0, 0xfec00000, 0);
    override(0, 0, 2, 0);
    override(0, 9, 9, 0xd);
    override(0, 10, 10, 0xf);
    at = entry(4, 6);
    put(at + 2, 0xff, 1);
    put(at + 5, 1, 1);

    CHECK_EQ(parse_bytes(length, &found), 0);
    CHECK(found.known && found.has_8259);
    CHECK_EQ(found.local_apic, 0xfee00000);
    CHECK_EQ(found.cpu_count, 1);
    CHECK_EQ(found.io_apic_count, 1);
    CHECK_EQ(found.io_apics[0].address, 0xfec00000);
    CHECK_EQ(found.isa[0].gsi, 2);
    CHECK_EQ(found.isa[1].gsi, 1);
    CHECK(found.isa[9].polarity == PLATFORM_ACTIVE_HIGH &&
          found.isa[9].trigger == PLATFORM_LEVEL);
    CHECK_EQ(found.isa[10].polarity, PLATFORM_ACTIVE_LOW);
    CHECK_EQ(found.local_nmi_count, 1);
    CHECK(found.local_nmis[0].lint == 1 &&
          found.local_nmis[0].cpu_uid == PLATFORM_ALL_CPUS);
    CHECK_EQ(found.ignored, 0);
}

TEST(madt_of_a_legacy_free_board)
{
    struct platform_interrupts found;
    u32 at;

    madt_begin(0xfee00000, 0);
    at = entry(5, 12);
    put(at + 4, 0x1fee00000ull, 8);
    at = entry(9, 16); // x2APIC, number 3
    put(at + 4, 3, 4);
    put(at + 8, 1, 4);
    put(at + 12, 7, 4);
    at = entry(10, 12);
    put(at + 2, 0xd, 2);
    put(at + 4, ~0u, 4);
    put(at + 8, 0, 1);
    CHECK_EQ(parse_bytes(length, &found), 0);
    CHECK(!found.has_8259);
    CHECK_EQ(found.local_apic, 0x1fee00000ull);
    CHECK(found.cpus_kept == 1 && found.cpus[0].uid == 7 &&
          found.cpus[0].apic_id == 3);
    CHECK(found.local_nmi_count == 1 && found.local_nmis[0].lint == 0 &&
          found.local_nmis[0].trigger == PLATFORM_LEVEL);
}

TEST(madt_damaged_entries)
{
    struct platform_interrupts found;

    madt_begin(0xfee00000, 1);
    CHECK_EQ(parse_bytes(43, &found), -EINVAL);
    CHECK(!found.known && found.isa[15].gsi == 15);

    override(1, 3, 5, 0);  // not ISA
    override(0, 16, 5, 0); // no such irq
    io_apic(0, 0, 0);      // nowhere
    io_apic(1, 0xfec00000, 0);
    io_apic(2, 0xfec00000, 24); // twice
    io_apic(3, 0xfec10000, 0);  // a base twice
    entry(1, 8);                // too short for its type
    entry(0x7f, 40);            // unknown: not counted
    CHECK_EQ(parse_bytes(length, &found), 0);
    CHECK_EQ(found.ignored, 6);
    CHECK_EQ(found.io_apic_count, 1);

    entry(0, 0); // no length: the walk ends
    length += 8;
    CHECK_EQ(parse_bytes(length, &found), 0);
    CHECK_EQ(found.ignored, 7);
    entry(0, 1);
    CHECK_EQ(parse_bytes(length, &found), 0);
    CHECK_EQ(found.ignored, 7);
}

TEST(madt_cut_anywhere)
{
    struct platform_interrupts found;

    madt_begin(0xfee00000, 1);
    for (u32 i = 0; i < 100; i++) { // more than we keep, too
        cpu((u8)i, (u8)i, 1);
        io_apic((u8)i, 0xfec00000 + 0x1000 * i, 24 * i);
    }
    for (u32 bytes = 0; bytes <= length; bytes++) {
        int error = parse_bytes(bytes, &found);

        CHECK_EQ(error, bytes < 44 ? -EINVAL : 0);
        CHECK(found.io_apic_count <= PLATFORM_IO_APICS);
        CHECK(found.cpus_kept <= PLATFORM_CPUS);
    }
    CHECK_EQ(found.cpu_count, 100);
    CHECK_EQ(found.cpus_kept, PLATFORM_CPUS);
    CHECK_EQ(found.io_apic_count, PLATFORM_IO_APICS);
}

TEST(madt_random_overrides_by_model)
{
    for (u32 round = 0; round < TEST_ROUNDS / 10; round++) {
        struct platform_interrupts found;
        u32 gsi[16], flags[16], ignored = 0;

        for (u32 i = 0; i < 16; i++)
            gsi[i] = i, flags[i] = 0;
        madt_begin(0xfee00000, 1);
        for (u32 n = test_random_below(40); n; n--) {
            u8 bus = (u8)test_random_below(2);
            u8 irq = (u8)test_random_below(20);
            u32 to = test_random_below(1000);
            u16 how = (u16)test_random_below(16);

            override(bus, irq, to, how);
            if (bus || irq >= 16) {
                ignored++;
                continue;
            }
            gsi[irq] = to;
            flags[irq] = how;
        }
        CHECK_EQ(parse_bytes(length, &found), 0);
        CHECK_EQ(found.ignored, ignored);
        for (u32 i = 0; i < 16; i++) {
            CHECK_EQ(found.isa[i].gsi, gsi[i]);
            CHECK_EQ(found.isa[i].polarity, flags[i] & 3);
            CHECK_EQ(found.isa[i].trigger, flags[i] >> 2);
        }
    }
}

TEST(madt_random_bytes)
{
    for (u32 round = 0; round < TEST_ROUNDS; round++) {
        struct platform_interrupts found;
        u32 bytes = test_random_below(300);

        for (u32 i = 0; i < bytes; i++)
            table[i] = (u8)test_random_below(
                i >= 44 && test_random_below(3) ? 14 : 256);
        if (parse_bytes(bytes, &found))
            continue;
        CHECK(found.io_apic_count <= PLATFORM_IO_APICS);
        CHECK(found.nmi_count <= PLATFORM_NMI_SOURCES);
        CHECK(found.local_nmi_count <= PLATFORM_NMI_SOURCES);
        CHECK(found.cpus_kept <= min(found.cpu_count, PLATFORM_CPUS));
        for (u32 i = 0; i < found.local_nmi_count; i++)
            CHECK(found.local_nmis[i].lint <= 1);
        for (u32 i = 0; i < PLATFORM_ISA_IRQS; i++)
            CHECK(found.isa[i].polarity < 4 && found.isa[i].trigger < 4);
    }
}
