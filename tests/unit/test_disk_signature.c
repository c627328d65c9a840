// tests/unit/test_disk_signature.c - drivers/block/disk_signature.c
// sources: drivers/block/disk_signature.c
// SPDX-License-Identifier: MIT
//
// Images are made by the tools that make the real ones, where they are among
// the packages that a build needs (mke2fs, mkswap, mformat, xorriso, sfdisk);
// the others' marks are put where their documentation says.

#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <drivers/disk_signature.h>

#define SIZE (8u << 20)

static u8 image[SIZE + 4096];
static u8 scratch[DISK_SIGNATURE_SCRATCH];
static u64 size = SIZE;
static u32 sector = 512;   // of the disk
static u64 reads, fail_at; // the read that fails; 0: none

static int image_read(void *arg, u64 offset, void *buf, u32 bytes)
{
    CHECK(arg == image);
    CHECK(offset % sector == 0 && bytes % sector == 0 && bytes > 0);
    CHECK(bytes <= DISK_SIGNATURE_SCRATCH);
    CHECK(offset <= size && bytes <= size - offset);
    if (++reads == fail_at)
        return -5;
    memcpy(buf, image + offset, bytes);
    return 0;
}

static int find(struct disk_signature *out)
{
    const struct disk_reader reader = {.read = image_read,
                                       .arg = image,
                                       .bytes = size,
                                       .sector_bytes = sector,
                                       .scratch = scratch};

    memset(scratch, 0xee, sizeof(scratch));
    return disk_signature_find(&reader, out);
}

static enum disk_owner find_raid(void)
{
    const struct disk_reader reader = {.read = image_read,
                                       .arg = image,
                                       .bytes = size,
                                       .sector_bytes = sector,
                                       .scratch = scratch};
    struct disk_signature out;

    CHECK_EQ(disk_signature_find_raid(&reader, &out), 0);
    return out.owner;
}

static enum disk_owner owner(void)
{
    struct disk_signature out;

    CHECK_EQ(find(&out), 0);
    return out.owner;
}

static const char *name(void)
{
    struct disk_signature out;

    CHECK_EQ(find(&out), 0);
    return out.name;
}

static void wipe(void)
{
    size = SIZE;
    fail_at = 0;
    memset(image, 0, sizeof(image));
}

static void put(u64 at, const void *bytes, u32 count)
{
    memcpy(image + at, bytes, count);
}

static void put_u32(u64 at, u32 value)
{
    put(at, &value, sizeof(value));
}

// The image that @command makes of a file of 8 MiB, named $f there.
static void make(const char *command)
{
    char path[] = "/tmp/faultline-signature-XXXXXX", line[512];
    int fd = mkstemp(path);
    ssize_t got;

    CHECK(fd >= 0);
    CHECK_EQ(ftruncate(fd, SIZE), 0);
    snprintf(line, sizeof(line),
             "f=%s; PATH=$PATH:/usr/sbin:/sbin; export MTOOLS_SKIP_CHECK=1; "
             "{ %s; } >/dev/null 2>&1",
             path, command);
    CHECK_EQ(system(line), 0);
    wipe();
    // The tool may have made the file anew, and shorter.
    close(fd);
    FILE *file = fopen(path, "rb");
    CHECK(file);
    got = (ssize_t)fread(image, 1, SIZE, file);
    CHECK(got > 0);
    fclose(file);
    unlink(path);
}

TEST(nothing)
{
    wipe();
    CHECK_EQ(owner(), DISK_OWNER_NONE);
    memset(image, 0xff, SIZE);
    CHECK_EQ(owner(), DISK_OWNER_NONE);
    // As small as can be: only what is there is read.
    for (size = 0; size < 20000; size += 512)
        CHECK_EQ(owner(), DISK_OWNER_NONE);
}

TEST(swap_areas_are_nobodys)
{
    make("mkswap $f");
    CHECK(memcmp(image + 4086, "SWAPSPACE2", 10) == 0);
    CHECK_EQ(owner(), DISK_OWNER_NONE);
}

TEST(real_file_systems)
{
    make("mke2fs -q -F -t ext2 $f");
    CHECK(strstr(name(), "ext2"));
    make("mke2fs -q -F -t ext4 -b 4096 $f");
    CHECK(strstr(name(), "ext2"));
    make("mke2fs -q -F -t ext3 -b 1024 $f");
    CHECK_EQ(owner(), DISK_OWNER_FILE_SYSTEM);
    make("mformat -i $f -h 16 -s 32 -t 32 ::"); // FAT12 or 16
    CHECK(strcmp(name(), "FAT") == 0);
    make("truncate -s 64M $f; mformat -F -i $f -h 16 -s 32 -t 256 ::");
    CHECK(strcmp(name(), "FAT") == 0);
    make("mkdir $f.d; echo >$f.d/a; xorriso -as mkisofs -o $f $f.d; r=$?; rm "
         "-r $f.d; "
         "test $r = 0");
    CHECK(strstr(name(), "ISO 9660"));
    make("printf 'label: gpt\\nsize=1MiB\\n' | "
         "sfdisk -q --no-reread --no-tell-kernel $f");
    CHECK_EQ(owner(), DISK_OWNER_TABLE);
}

// A signature of mkswap's that was put over something else.
TEST(swap_over_something)
{
    make("mformat -i $f -h 16 -s 32 -t 32 ::");
    put(4086, "SWAPSPACE2", 10);
    CHECK(strcmp(name(), "FAT") == 0);
    make("mke2fs -q -F -t ext4 $f");
    put(4086, "SWAPSPACE2", 10);
    CHECK_EQ(owner(), DISK_OWNER_FILE_SYSTEM);
}

TEST(hibernated)
{
    static const char *const words[] = {"S1SUSPEND", "S2SUSPEND", "ULSUSPEND",
                                        "LINHIB0001"};

    for (u32 i = 0; i < 4; i++) {
        make("mkswap $f");
        put(4086, words[i], (u32)strlen(words[i]));
        CHECK_EQ(owner(), DISK_OWNER_HIBERNATION);
        CHECK(strstr(name(), words[i]));
    }
    // The first of several owners is the one that has most to lose.
    put(0, "LUKS\xba\xbe", 6);
    CHECK_EQ(owner(), DISK_OWNER_HIBERNATION);
}

// place - @bytes at @at are found as @expected, and one byte off they are not.
static void place(u64 at, const char *bytes, u32 count,
                  enum disk_owner expected)
{
    struct disk_signature out;

    wipe();
    put(at, bytes, count);
    CHECK_EQ(find(&out), 0);
    CHECK_EQ(out.owner, expected);
    CHECK_EQ(out.offset, at);
    wipe();
    put(at + 1, bytes, count);
    CHECK_EQ(owner(), DISK_OWNER_NONE);
}

TEST(marks_of_others)
{
    place(0, "LUKS\xba\xbe", 6, DISK_OWNER_VOLUME);
    place(3, "-FVE-FS-", 8, DISK_OWNER_VOLUME);
    place(512, "LABELONE", 8, DISK_OWNER_VOLUME);
    place(1536, "LABELONE", 8, DISK_OWNER_VOLUME);
    place(3, "NTFS    ", 8, DISK_OWNER_FILE_SYSTEM);
    place(3, "EXFAT   ", 8, DISK_OWNER_FILE_SYSTEM);
    place(0, "XFSB", 4, DISK_OWNER_FILE_SYSTEM);
    place(0, "hsqs", 4, DISK_OWNER_FILE_SYSTEM);
    place(32, "NXSB", 4, DISK_OWNER_FILE_SYSTEM);
    place(65600, "_BHRfS_M", 8, DISK_OWNER_FILE_SYSTEM);
    place(65588, "ReIsEr2Fs", 9, DISK_OWNER_FILE_SYSTEM);
    place(32769, "BEA01\1", 6, DISK_OWNER_FILE_SYSTEM);
    place(4120,
          "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d"
          "\x81",
          16, DISK_OWNER_VOLUME);
    place(131072, "\x0c\xb1\xba\0\0\0\0\0", 8, DISK_OWNER_FILE_SYSTEM);
    place(131072 + 5 * 1024, "\x0c\xb1\xba\0\0\0\0\0", 8,
          DISK_OWNER_FILE_SYSTEM);
    place(SIZE - 1024, "Intel Raid ISM Cfg Sig. ", 24, DISK_OWNER_RAID);
    place(SIZE - 512, "\xde\x11\xde\x11", 4, DISK_OWNER_RAID);
    place(512, "EFI PART", 8, DISK_OWNER_TABLE);
    place(4096, "EFI PART", 8, DISK_OWNER_TABLE);
}

// On a disk that counts in 4096 bytes only such are read, what is at a place in
// bytes is there too, and what is a number of sectors from the end is by its
// own, or by 512 bytes.
TEST(large_sectors)
{
    sector = 4096;
    wipe();
    CHECK_EQ(owner(), DISK_OWNER_NONE);
    for (size = 0; size < 20000; size += 4096)
        CHECK_EQ(owner(), DISK_OWNER_NONE);
    place(512, "LABELONE", 8, DISK_OWNER_VOLUME);
    place(1024, "\x10\x20\xf5\xf2", 4, DISK_OWNER_FILE_SYSTEM);
    place(4096, "EFI PART", 8, DISK_OWNER_TABLE);
    place(65600, "_BHRfS_M", 8, DISK_OWNER_FILE_SYSTEM);
    place(SIZE - 8192, "Intel Raid ISM Cfg Sig. ", 24, DISK_OWNER_RAID);
    place(SIZE - 1024, "Intel Raid ISM Cfg Sig. ", 24, DISK_OWNER_RAID);
    place(SIZE - 4096, "\xde\x11\xde\x11", 4, DISK_OWNER_RAID);
    place(SIZE - 512, "\xde\x11\xde\x11", 4, DISK_OWNER_RAID);
    wipe();
    put(SIZE - 8192, "Intel Raid ISM Cfg Sig. ", 24);
    CHECK_EQ(find_raid(), DISK_OWNER_RAID);
    sector = 512; // there it is anybody's
    CHECK_EQ(find_raid(), DISK_OWNER_NONE);
}

static void put_md1(u64 at)
{
    put_u32(at, 0xa92b4efc);
    put_u32(at + 4, 1);
    put_u32(at + 144, (u32)(at / 512));
}

TEST(md)
{
    static const u64 places[] = {0, 4096, SIZE - 8192};

    for (u32 i = 0; i < 3; i++) {
        wipe();
        put_md1(places[i]);
        CHECK_EQ(owner(), DISK_OWNER_RAID);
        put_u32(places[i] + 144, 77); // a copy of one from elsewhere
        CHECK_EQ(owner(), DISK_OWNER_NONE);
    }
    sector = 4096;
    for (u32 i = 0; i < 3; i++) {
        wipe();
        put_md1(places[i]);
        CHECK_EQ(owner(), DISK_OWNER_RAID);
    }
    sector = 512;
    // The size need not be a multiple of anything.
    wipe();
    size = SIZE + 1536;
    put_md1(SIZE - 8192); // (SIZE + 1536 - 8192) rounded down to 4 KiB
    CHECK_EQ(owner(), DISK_OWNER_RAID);
    wipe();
    size = SIZE + 1536;
    put_u32(SIZE - 65536, 0xa92b4efc);
    put_u32(SIZE - 65536 + 8, 90);
    CHECK_EQ(owner(), DISK_OWNER_RAID);
    CHECK(strstr(name(), "0.90"));
}

// Of a whole disk: what lies at the end, not what its first partition has.
TEST(raid_of_a_disk)
{
    make("mke2fs -q -F -t ext4 $f");
    CHECK_EQ(find_raid(), DISK_OWNER_NONE);
    put(SIZE - 1024, "Intel Raid ISM Cfg Sig. ", 24);
    CHECK_EQ(find_raid(), DISK_OWNER_RAID);
    make("printf 'label: gpt\\nsize=1MiB\\n' | "
         "sfdisk -q --no-reread --no-tell-kernel $f");
    CHECK_EQ(find_raid(), DISK_OWNER_NONE);
}

static void check_read_errors(void)
{
    struct disk_signature out;
    u64 total;

    wipe();
    reads = 0;
    CHECK_EQ(find(&out), 0);
    total = reads;
    CHECK(total > 5);
    for (u64 n = 1; n <= total; n++) {
        reads = 0;
        fail_at = n;
        CHECK_EQ(find(&out), -5);
        CHECK_EQ(out.owner, DISK_OWNER_NONE);
    }
}

TEST(read_errors_are_told)
{
    check_read_errors();
    sector = 4096;
    check_read_errors();
    sector = 512;
}

// What a swap area may hold is anybody's memory: none of it in random content.
TEST(random_content)
{
    wipe();
    for (u32 round = 0; round < 20; round++) {
        for (u32 i = 4096; i < SIZE; i += 4)
            put_u32(i, test_random());
        CHECK_EQ(owner(), DISK_OWNER_NONE);
    }
}
