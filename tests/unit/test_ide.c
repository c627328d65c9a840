// tests/unit/test_ide.c - drivers/ata: tables of memory, registers, signatures
// sources: drivers/ata/ide_prd.c drivers/ata/ide_taskfile.c
// sources: drivers/ata/ata_error.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "../../drivers/ata/ide_prd.h"
#include "../../drivers/ata/ide_taskfile.h"

// ---- tables of memory ------------------------------------------------------

#define TABLE 64u

static struct ide_prd table[TABLE];
static u32 count;

static int append(u64 address, u32 bytes)
{
    return ide_prd_append(table, TABLE, &count, address, bytes);
}

static void check_prd(u32 i, u32 address, u32 bytes, u32 flags)
{
    CHECK_EQ(table[i].address, address);
    CHECK_EQ(table[i].bytes, bytes);
    CHECK_EQ(table[i].flags, flags);
}

TEST(prd_examples)
{
    count = 0;
    CHECK_EQ(append(0x12000, 4096), 0);
    CHECK_EQ(append(0x15000, 512), 0);
    CHECK_EQ(append(0x15200, 1024), 0); // goes on: the same descriptor
    CHECK_EQ(append(0x1f000, 8192), 0); // across 64 KiB: two
    CHECK_EQ(append(0x21000, 4096), 0);
    ide_prd_end(table, count);
    CHECK_EQ(count, 4);
    check_prd(0, 0x12000, 4096, 0);
    check_prd(1, 0x15000, 1536, 0);
    check_prd(2, 0x1f000, 4096, 0);
    check_prd(3, 0x20000, 8192, 0x8000);
}

TEST(prd_never_of_64_kib)
{
    count = 0;
    CHECK_EQ(append(0x30000, 0x10000), 0);
    CHECK_EQ(count, 2);
    check_prd(0, 0x30000, 0x8000, 0);
    check_prd(1, 0x38000, 0x8000, 0);
    count = 0;
    for (u32 i = 0; i < 16; i++)
        CHECK_EQ(append(0x40000 + i * 4096, 4096), 0);
    CHECK_EQ(count, 2);
    check_prd(0, 0x40000, 0xf000, 0);
    check_prd(1, 0x4f000, 0x1000, 0);
}

TEST(prd_refusals)
{
    count = 0;
    CHECK_EQ(append(0x1001, 512), -EINVAL);
    CHECK_EQ(append(0x1000, 511), -EINVAL);
    CHECK_EQ(append(0x1000, 0), -EINVAL);
    CHECK_EQ(append(1ull << 32, 512), -EINVAL);
    CHECK_EQ(append(0xfffff000u, 8192), -EINVAL);
    CHECK_EQ(append(0xfffff000u, 4096), 0);
    CHECK_EQ(count, 1);
    for (u32 i = 1; i < TABLE; i++)
        CHECK_EQ(append(0x100000 + i * 8192, 4096), 0);
    CHECK_EQ(append(0x100000, 4096), -ENOSPC);
    CHECK_EQ(append(0x100000 + (TABLE - 1) * 8192 + 4096, 512), 0);
    CHECK_EQ(count, TABLE);
    // One descriptor is left, and two are wanted.
    count = TABLE - 1;
    CHECK_EQ(append(0x3f000, 8192), -ENOSPC);
    CHECK_EQ(count, TABLE - 1);
}

// Against a list of where each sector lies: all is named, in order.
TEST(prd_random)
{
    static u64 unit[1024]; // where each sector lies

    for (u32 round = 0; round < TEST_ROUNDS / 100; round++) {
        u32 units = 0, seen = 0;

        count = 0;
        while (units < 512) {
            u32 sectors = 1 + test_random() % 24;
            u64 address = units && test_random() % 2
                              ? unit[units - 1] + 512
                              : (test_random() % 0x400000) * 2;

            if (append(address, sectors * 512))
                break;
            for (u32 i = 0; i < sectors; i++)
                unit[units++] = address + i * 512;
        }
        CHECK(count >= 1 && count <= TABLE);
        ide_prd_end(table, count);
        for (u32 i = 0, offset = 0; i < count; i++) {
            u32 last = table[i].address + table[i].bytes - 1;

            CHECK(table[i].bytes != 0 && table[i].bytes % 2 == 0);
            CHECK_EQ(table[i].address >> 16, last >> 16);
            CHECK_EQ(table[i].flags, i == count - 1 ? 0x8000 : 0);
            // Pieces may be cut inside of a sector: 2 bytes at a time.
            for (u32 b = 0; b < table[i].bytes; b += 2) {
                CHECK_EQ(table[i].address + b, unit[seen] + offset);
                offset += 2;
                if (offset == 512) {
                    offset = 0;
                    seen++;
                }
            }
        }
        CHECK_EQ(seen, units);
    }
}

// ---- registers -------------------------------------------------------------

TEST(taskfile)
{
    struct ata_command command = {
        .command = 0x25,
        .device = 0x40,
        .count = 0x0102,
        .lba = 0x060504030201ull,
        .wide = true,
    };
    struct ide_taskfile t;

    ide_taskfile_build(&t, &command, 1);
    CHECK(t.wide);
    CHECK_EQ(t.command, 0x25);
    CHECK_EQ(t.device, 0xf0);
    CHECK(t.count[0] == 2 && t.count[1] == 1);
    CHECK(t.lba_low[0] == 1 && t.lba_low[1] == 4);
    CHECK(t.lba_mid[0] == 2 && t.lba_mid[1] == 5);
    CHECK(t.lba_high[0] == 3 && t.lba_high[1] == 6);
    command = (struct ata_command){
        .command = 0xc8, .device = 0x4a, .count = 0, .lba = 0xbcdef1};
    ide_taskfile_build(&t, &command, 0);
    CHECK(!t.wide);
    CHECK_EQ(t.device, 0xea);
    CHECK(t.count[0] == 0 && t.lba_low[0] == 0xf1 && t.lba_mid[0] == 0xde &&
          t.lba_high[0] == 0xbc);
}

TEST(addressing)
{
    CHECK_EQ(ide_addressing(ATA_LBA48, 0, 256), ATA_LBA28);
    CHECK_EQ(ide_addressing(ATA_LBA48, (1u << 28) - 8, 8), ATA_LBA28);
    CHECK_EQ(ide_addressing(ATA_LBA48, (1u << 28) - 7, 8), ATA_LBA48);
    CHECK_EQ(ide_addressing(ATA_LBA48, 1ull << 40, 1), ATA_LBA48);
    CHECK_EQ(ide_addressing(ATA_LBA28, (1u << 28) - 7, 8), ATA_LBA28);
}

TEST(signatures)
{
    CHECK_EQ(ide_signature_of(0x50, 0, 0), IDE_SIGNATURE_ATA);
    CHECK_EQ(ide_signature_of(0x50, 0x3c, 0xc3), IDE_SIGNATURE_ATA);
    CHECK_EQ(ide_signature_of(0x00, 0x14, 0xeb), IDE_SIGNATURE_ATAPI);
    CHECK_EQ(ide_signature_of(0x00, 0x69, 0x96), IDE_SIGNATURE_ATAPI);
    // Nobody: the master in place of the slave, all zeros; a floating bus.
    CHECK_EQ(ide_signature_of(0x00, 0, 0), IDE_SIGNATURE_NONE);
    CHECK_EQ(ide_signature_of(0xff, 0xff, 0xff), IDE_SIGNATURE_NONE);
    CHECK_EQ(ide_signature_of(0xff, 0, 0), IDE_SIGNATURE_NONE);
    CHECK_EQ(ide_signature_of(0x7f, 0x7f, 0x7f), IDE_SIGNATURE_NONE);
    CHECK_EQ(ide_signature_of(0x50, 0xeb, 0x14), IDE_SIGNATURE_OTHER);
}

TEST(error_classes)
{
    CHECK_EQ(ide_error_class(0x51, 0x40, 0x04), ATA_ERROR_MEDIUM);
    CHECK_EQ(ide_error_class(0x51, 0x10, 0x05), ATA_ERROR_MEDIUM);
    CHECK_EQ(ide_error_class(0x51, 0x84, 0x04), ATA_ERROR_INTERFACE);
    CHECK_EQ(ide_error_class(0x41, 0x04, 0x04), ATA_ERROR_ABORTED);
    CHECK_EQ(ide_error_class(0x70, 0x00, 0x04), ATA_ERROR_FAULT);
    CHECK_EQ(ide_error_class(0x51, 0x40, 0x06), ATA_ERROR_MEDIUM);
    CHECK_EQ(ide_error_class(0x50, 0x40, 0x06), ATA_ERROR_HOST); // old error
    CHECK_EQ(ide_error_class(0x50, 0x40, 0x05), ATA_ERROR_PROTOCOL);
    CHECK_EQ(ide_error_class(0xd1, 0x40, 0x05), ATA_ERROR_PROTOCOL);
    CHECK_EQ(ide_error_class(0x58, 0x00, 0x00), ATA_ERROR_PROTOCOL);
}
