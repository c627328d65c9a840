// tests/unit/test_gpt.c - drivers/block/gpt.c: tables good, damaged and random
// sources: drivers/block/gpt.c lib/crc32.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <drivers/gpt.h>
#include <lib/crc32.h>

#define SECTORS 400u
#define ENTRIES 128u
#define FIRST   34u
#define LAST    (SECTORS - 34u)

static const struct gpt_disk disk = {.sectors = SECTORS, .sector_bytes = 512};
static u8 header[4096]; // in a sector of either size
static u8 entries[ENTRIES * 128];

static void put32(u8 *at, u32 value)
{
    for (u32 i = 0; i < 4; i++)
        at[i] = (u8)(value >> 8 * i);
}

static void put64(u8 *at, u64 value)
{
    put32(at, (u32)value);
    put32(at + 4, (u32)(value >> 32));
}

static void header_seal(void)
{
    put32(header + 88, crc32(0, entries, sizeof(entries)));
    put32(header + 16, 0);
    put32(header + 16, crc32(0, header, 92));
}

static void header_make(u64 own, u64 alternate, u64 entries_lba)
{
    memset(header, 0, sizeof(header));
    memcpy(header, "EFI PART", 8);
    put32(header + 8, 0x10000);
    put32(header + 12, 92);
    put64(header + 24, own);
    put64(header + 32, alternate);
    put64(header + 40, FIRST);
    put64(header + 48, LAST);
    memset(header + 56, 0xd1, 16);
    put64(header + 72, entries_lba);
    put32(header + 80, ENTRIES);
    put32(header + 84, 128);
    header_seal();
}

static void entry_make(u32 index, u64 first, u64 last, const char *label)
{
    u8 *entry = entries + index * 128;

    memset(entry, 0xaa, 16);
    memset(entry + 16, (int)index + 1, 16);
    put64(entry + 32, first);
    put64(entry + 40, last);
    for (u32 i = 0; i < 36 && label[i]; i++)
        entry[56 + 2 * i] = (u8)label[i];
}

static void table_make(void)
{
    memset(entries, 0, sizeof(entries));
    entry_make(0, FIRST, 99, "root");
    entry_make(2, 100, LAST, "swap");
    header_make(1, SECTORS - 1, 2);
}

static int parse(struct gpt_header *out)
{
    return gpt_header_parse(header, 1, &disk, out);
}

TEST(good_table)
{
    struct gpt_header h;
    struct gpt_partition part;

    table_make();
    CHECK_EQ(parse(&h), 0);
    CHECK_EQ(gpt_entries_bytes(&h), sizeof(entries));
    CHECK_EQ(gpt_entries_check(&h, entries), 0);
    CHECK(gpt_entry_read(&h, entries, 0, &part));
    CHECK_EQ(part.first, FIRST);
    CHECK_EQ(part.last, 99);
    CHECK(strcmp(part.label, "root") == 0);
    CHECK(!gpt_entry_read(&h, entries, 1, &part));
    CHECK(gpt_entry_read(&h, entries, 2, &part));
    CHECK_EQ(part.last, LAST);
    CHECK_EQ(part.part_guid[15], 3);
}

TEST(backup_agrees)
{
    struct gpt_header primary, backup;

    table_make();
    CHECK_EQ(parse(&primary), 0);
    header_make(SECTORS - 1, 1, SECTORS - 33);
    CHECK_EQ(gpt_header_parse(header, SECTORS - 1, &disk, &backup), 0);
    CHECK(gpt_headers_agree(&primary, &backup));
    backup.entries_crc++;
    CHECK(!gpt_headers_agree(&primary, &backup));
}

TEST(any_flipped_bit_is_found)
{
    struct gpt_header h;

    table_make();
    CHECK_EQ(parse(&h), 0);
    for (u32 bit = 0; bit < 92 * 8; bit++) {
        struct gpt_header damaged;

        header[bit / 8] ^= (u8)(1u << bit % 8);
        CHECK(parse(&damaged) != 0);
        header[bit / 8] ^= (u8)(1u << bit % 8);
    }
    for (u32 bit = 0; bit < sizeof(entries) * 8; bit += 13) {
        entries[bit / 8] ^= (u8)(1u << bit % 8);
        CHECK_EQ(gpt_entries_check(&h, entries), -EBADMSG);
        entries[bit / 8] ^= (u8)(1u << bit % 8);
    }
}

// A field that contradicts the disk, under a right checksum.
static void check_refused(u32 offset, u64 value, u32 bytes)
{
    struct gpt_header h;

    table_make();
    if (bytes == 8)
        put64(header + offset, value);
    else
        put32(header + offset, (u32)value);
    header_seal();
    CHECK_EQ(parse(&h), -EINVAL);
}

TEST(header_values)
{
    struct gpt_header h;

    check_refused(24, 2, 8);        // own place
    check_refused(32, 1, 8);        // alternate is itself
    check_refused(32, SECTORS, 8);  // alternate outside
    check_refused(40, 1, 8);        // usable from the header on
    check_refused(40, LAST + 1, 8); // usable range is empty
    check_refused(48, SECTORS, 8);  // usable beyond the end
    check_refused(48, ~0ull, 8);
    check_refused(72, 1, 8);            // entries over the header
    check_refused(72, 3, 8);            // entries into the usable range
    check_refused(72, SECTORS - 31, 8); // entries beyond the end
    check_refused(72, ~0ull, 8);
    check_refused(80, 0, 4);   // no entries
    check_refused(80, 513, 4); // too many
    check_refused(80, ~0u, 4);
    check_refused(84, 64, 4);  // too small
    check_refused(84, 192, 4); // no power of two
    check_refused(84, 1u << 31, 4);
    check_refused(8, 0x20000, 4); // revision

    table_make();
    put32(header + 12, 513); // size of the header
    CHECK_EQ(parse(&h), -EINVAL);
    table_make();
    header[0] = 'e';
    CHECK_EQ(parse(&h), -ENOENT);
    table_make();
    header[16] ^= 1;
    CHECK_EQ(parse(&h), -EBADMSG);
}

// Where a sector has 4096 bytes, 16 KiB of entries take four, and a header may
// be as long as one.
TEST(large_sectors)
{
    const struct gpt_disk large = {.sectors = SECTORS, .sector_bytes = 4096};
    struct gpt_header h;

    table_make();
    put64(header + 40, 6); // usable: MBR, header and four sectors before
    put64(header + 48, SECTORS - 6);
    header_seal();
    CHECK_EQ(gpt_header_parse(header, 1, &large, &h), 0);
    CHECK_EQ(parse(&h), -EINVAL); // 32 sectors of 512 bytes do not fit in there
    put64(header + 40, 5);
    header_seal();
    CHECK_EQ(gpt_header_parse(header, 1, &large, &h), -EINVAL);
    put64(header + 40, 6);
    put64(header + 72, SECTORS - 4); // up to the end
    header_seal();
    CHECK_EQ(gpt_header_parse(header, 1, &large, &h), 0);
    put64(header + 72, SECTORS - 3);
    header_seal();
    CHECK_EQ(gpt_header_parse(header, 1, &large, &h), -EINVAL);

    header_make(1, SECTORS - 1, 2);
    put32(header + 12, 4096);
    put32(header + 16, 0);
    put32(header + 16, crc32(0, header, 4096));
    CHECK_EQ(gpt_header_parse(header, 1, &large, &h), 0);
    CHECK_EQ(parse(&h), -EINVAL);
    put32(header + 12, 4097);
    CHECK_EQ(gpt_header_parse(header, 1, &large, &h), -EINVAL);
}

// Random partitions, checked against one owner a sector.
TEST(random_entries_against_owner_map)
{
    for (u32 round = 0; round < TEST_ROUNDS / 20; round++) {
        u32 owners[SECTORS] = {0};
        u32 count = test_random_below(4) + 1;
        bool good = true;
        struct gpt_header h;

        memset(entries, 0, sizeof(entries));
        for (u32 i = 0; i < count; i++) {
            u32 first = test_random_below(SECTORS);
            u32 last = first + test_random_below(80);

            entry_make(test_random_below(ENTRIES / 4) * 4 + i, first, last, "");
            good &= first >= FIRST && last <= LAST;
            for (u32 s = first; s <= last && s < SECTORS; s++)
                good &= owners[s]++ == 0;
        }
        header_make(1, SECTORS - 1, 2);
        CHECK_EQ(parse(&h), 0);
        CHECK_EQ(gpt_entries_check(&h, entries), good ? 0 : -EINVAL);
    }
}

TEST(entry_with_last_before_first)
{
    struct gpt_header h;

    table_make();
    entry_make(5, 200, 199, "");
    header_make(1, SECTORS - 1, 2);
    CHECK_EQ(parse(&h), 0);
    CHECK_EQ(gpt_entries_check(&h, entries), -EINVAL);
}

TEST(labels_are_ascii_and_bounded)
{
    struct gpt_header h;
    struct gpt_partition part;

    table_make();
    memset(entries + 56, 'x', 72); // 36 characters, none of them ASCII
    entries[56] = 'a';
    entries[57] = 0;
    header_seal();
    CHECK_EQ(parse(&h), 0);
    CHECK(gpt_entry_read(&h, entries, 0, &part));
    CHECK_EQ(strlen(part.label), 36);
    CHECK(strncmp(part.label, "a??", 3) == 0);
}

TEST(protective_mbr)
{
    u8 mbr[512] = {0};

    CHECK(!gpt_is_protective_mbr(mbr));
    mbr[510] = 0x55;
    mbr[511] = 0xaa;
    CHECK(!gpt_is_protective_mbr(mbr));
    mbr[446 + 16 + 4] = 0xee; // the second record
    put32(mbr + 446 + 16 + 8, 1);
    CHECK(gpt_is_protective_mbr(mbr));
    put32(mbr + 446 + 16 + 8, 63);
    CHECK(!gpt_is_protective_mbr(mbr));
}

TEST(guid_text)
{
    static const u8 esp[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
                               0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};
    char text[GPT_GUID_TEXT_BYTES];
    u8 guid[16];

    gpt_guid_print(esp, text);
    CHECK(strcmp(text, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b") == 0);
    CHECK_EQ(gpt_guid_parse("C12A7328-F81F-11D2-BA4B-00A0C93EC93B", guid), 0);
    CHECK(memcmp(guid, esp, 16) == 0);
    CHECK_EQ(gpt_guid_parse("", guid), -EINVAL);
    CHECK_EQ(gpt_guid_parse("c12a7328-f81f-11d2-ba4b-00a0c93ec93", guid),
             -EINVAL);
    CHECK_EQ(gpt_guid_parse("c12a7328-f81f-11d2-ba4b-00a0c93ec93bb", guid),
             -EINVAL);
    CHECK_EQ(gpt_guid_parse("c12a7328-f81f-11d2+ba4b-00a0c93ec93b", guid),
             -EINVAL);
    CHECK_EQ(gpt_guid_parse("g12a7328-f81f-11d2-ba4b-00a0c93ec93b", guid),
             -EINVAL);
}
