// tests/unit/test_ata_cmd.c - drivers/ata/ata_cmd.c: IDENTIFY and commands
// sources: drivers/ata/ata_cmd.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <drivers/ata.h>

static u16 words[ATA_IDENTIFY_WORDS];

static void text_put(u32 word, u32 count, const char *text)
{
    for (u32 i = 0; i < 2 * count; i++) {
        u8 c = *text ? (u8)*text++ : ' ';

        words[word + i / 2] |= (u16)(i % 2 ? c : c << 8);
    }
}

static void checksum_put(void)
{
    u32 sum = 0;

    words[255] = 0xa5;
    for (u32 i = 0; i < ATA_IDENTIFY_WORDS; i++)
        sum += (words[i] & 0xff) + (words[i] >> 8);
    words[255] |= (u16)((0x100 - (sum & 0xff)) << 8);
}

// A disk of 2^32 + 8 sectors with queuing and 4 KiB physical sectors.
static void disk_make(void)
{
    memset(words, 0, sizeof(words));
    words[0] = 0x0040;
    text_put(10, 10, "   SERIAL-1");
    text_put(23, 4, "1.0");
    text_put(27, 20, "A DISK");
    words[49] = 0x0300;
    words[60] = 0xffff;
    words[61] = 0x0fff;
    words[75] = 31;
    words[76] = 0x0100;
    words[83] = 0x7400;
    words[100] = 8;
    words[102] = 1;
    words[106] = 0x6003;
    checksum_put();
}

TEST(identify)
{
    struct ata_identity id;

    disk_make();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK(strcmp(id.model, "A DISK") == 0);
    CHECK(strcmp(id.serial, "SERIAL-1") == 0);
    CHECK(strcmp(id.firmware, "1.0") == 0);
    CHECK_EQ(id.sectors, (1ull << 32) + 8);
    CHECK_EQ(id.addressing, ATA_LBA48);
    CHECK_EQ(id.queue_depth, 32);
    CHECK_EQ(id.physical_bytes, 4096);
    CHECK(id.flush_ext);
}

TEST(identify_of_a_small_old_disk)
{
    struct ata_identity id;

    disk_make();
    words[60] = 1000;
    words[61] = 0;
    words[83] = 0x4000;
    words[106] = 0xffff; // says nothing
    words[255] = 0;      // no checksum
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.sectors, 1000);
    CHECK_EQ(id.addressing, ATA_LBA28);
    CHECK_EQ(id.queue_depth, 1);
    CHECK_EQ(id.physical_bytes, 512);
    CHECK(!id.flush_ext);
    words[61] = 0xffff; // more than 28 bits can name
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.sectors, 1ull << 28);
}

TEST(identify_flush)
{
    static const struct {
        u16 sets, enabled, defaults;
        bool flush, ext;
    } rows[] = {
        {0x7400, 0x0000, 0x4000, true, true},   // a disk of today
        {0x5400, 0x0020, 0x4000, true, false},  // 48 bits, and no EXT
        {0x5000, 0x0000, 0x4000, true, false},  // ATA-6
        {0x4000, 0x0020, 0x4000, true, false},  // ATA-5: it has a cache
        {0x4000, 0x0000, 0x4000, false, false}, // ... which is off
        {0x4000, 0x0020, 0x0000, false, false}, // the word means nothing
        {0x0000, 0x0000, 0x0000, false, false}, // before ATA-4
        {0xffff, 0xffff, 0xffff, false, false},
        {0x3000, 0x0000, 0x4000, false, false},
    };
    struct ata_identity id;

    for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
        disk_make();
        words[83] = rows[i].sets;
        words[85] = rows[i].enabled;
        words[87] = rows[i].defaults;
        checksum_put();
        CHECK_EQ(ata_identify_parse(words, &id), 0);
        CHECK_EQ(id.flush, rows[i].flush);
        CHECK_EQ(id.flush_ext, rows[i].ext);
    }
}

static int refused_with(u32 word, u16 value)
{
    struct ata_identity id;

    disk_make();
    words[word] = value;
    checksum_put();
    return ata_identify_parse(words, &id);
}

TEST(identify_dma)
{
    struct ata_identity id;

    disk_make();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK(id.dma && !id.dma_mode); // it can, and none is selected
    words[63] = 0x0407;            // multiword mode 2
    words[255] = 0;
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK(id.dma && id.dma_mode);
    words[63] = 0x0007;
    words[88] = 0x203f; // Ultra DMA 5
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK(!id.dma_mode); // the word means nothing
    words[53] = 0x0004;
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK(id.dma_mode);
    words[49] = 0x0200; // LBA only: of use to IDE
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK(!id.dma && !id.dma_mode);
    words[0] = 0x848a; // a CompactFlash card
    CHECK_EQ(ata_identify_parse(words, &id), 0);
}

// 512e: 4096 bytes are 2^3 logical sectors; some disks start within one, so
// that partitions that begin at sector 63 are aligned.
TEST(identify_of_512e)
{
    struct ata_identity id;

    disk_make();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.logical_bytes, 512);
    CHECK_EQ(id.physical_bytes, 4096);
    CHECK_EQ(id.alignment_bytes, 0);
    words[209] = 0x4001;
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.alignment_bytes, 512);
    words[209] = 0x4008; // no less than a whole one
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.alignment_bytes, 0);
    words[209] = 0x8001; // means nothing
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.alignment_bytes, 0);
}

// A disk that counts in 4096 bytes: its capacity is in those.
static void disk_make_4kn(void)
{
    disk_make();
    words[106] = 0x5000; // larger logical sectors, one in a physical one
    words[117] = 2048;
    checksum_put();
}

TEST(identify_of_4kn)
{
    struct ata_identity id;

    disk_make_4kn();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.logical_bytes, 4096);
    CHECK_EQ(id.address_bytes, 4096);
    CHECK_EQ(id.physical_bytes, 4096);
    CHECK_EQ(id.alignment_bytes, 0);
    CHECK_EQ(id.sectors, 8 * ((1ull << 32) + 8));
    words[106] = 0x7002; // four of them in a physical one
    words[209] = 0x4001; // of which the first is the second
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.physical_bytes, 16384);
    CHECK_EQ(id.alignment_bytes, 4096);
    words[83] = 0x4000; // 28 bits
    words[60] = 0xffff;
    words[61] = 0xffff; // more than these can name
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.sectors, 8ull << 28);
    words[83] = 0x4400;
    words[103] = 0xffff; // and more than 48 can
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.sectors, 8ull << 48);
    words[106] = 0x9000; // says nothing
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    CHECK_EQ(id.logical_bytes, 512);
}

TEST(pretending)
{
    struct ata_identity id, before;

    disk_make();
    words[100] = 15;
    words[106] = 0x4000; // 512 bytes, physical ones too
    words[209] = 0x4001;
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    ata_identity_pretend_4kn(&id);
    CHECK_EQ(id.logical_bytes, 4096);
    CHECK_EQ(id.address_bytes, 512);
    CHECK_EQ(id.physical_bytes, 4096);
    CHECK_EQ(id.alignment_bytes, 0);
    CHECK_EQ(id.sectors, (1ull << 32) + 8);
    disk_make_4kn(); // that is one
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    before = id;
    ata_identity_pretend_4kn(&id);
    CHECK(memcmp(&before, &id, sizeof(id)) == 0);
}

TEST(identify_refusals)
{
    struct ata_identity id;

    CHECK_EQ(refused_with(0, 0x8580), -ENODEV);
    CHECK_EQ(refused_with(0, 0x0044), -ENODEV);
    CHECK_EQ(refused_with(49, 0x0100), -EOPNOTSUPP);
    CHECK_EQ(refused_with(106, 0x5000), -EOPNOTSUPP); // of 0 words
    CHECK_EQ(refused_with(128, 0x0007), -EACCES);
    CHECK_EQ(refused_with(128, 0x0009), 0); // frozen, not locked
    disk_make();
    words[106] = 0x5000;
    words[117] = 260; // as some disks of arrays have
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), -EOPNOTSUPP);
    CHECK_EQ(id.logical_bytes, 520); // for the log
    words[117] = 2048;
    words[118] = 1; // 128 KiB more
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), -EOPNOTSUPP);
    words[117] = 256;
    words[118] = 0;
    checksum_put();
    CHECK_EQ(ata_identify_parse(words, &id), 0);
    words[30] ^= 1;
    CHECK_EQ(ata_identify_parse(words, &id), -EBADMSG);
    memset(words, 0, sizeof(words));
    CHECK(ata_identify_parse(words, &id) != 0);
    memset(words, 0xff, sizeof(words));
    CHECK(ata_identify_parse(words, &id) != 0);
}

TEST(same_disk)
{
    struct ata_identity a, b;

    disk_make();
    CHECK_EQ(ata_identify_parse(words, &a), 0);
    b = a;
    CHECK(ata_identity_same(&a, &b));
    b.serial[0]++;
    CHECK(!ata_identity_same(&a, &b));
}

TEST(random_identify_stays_in_bounds)
{
    for (u32 i = 0; i < TEST_ROUNDS / 10; i++) {
        struct ata_identity id;
        int err;

        for (u32 w = 0; w < ATA_IDENTIFY_WORDS; w++)
            words[w] = (u16)test_random();
        words[0] &= 0x7ffb;
        words[255] = 0;
        err = ata_identify_parse(words, &id);
        CHECK(err == 0 || err == -EOPNOTSUPP || err == -EACCES ||
              err == -ENODEV);
        CHECK(strlen(id.model) <= 40 && strlen(id.serial) <= 20);
        CHECK(id.queue_depth >= 1 && id.queue_depth <= 32);
        if (err)
            continue;
        CHECK(id.sectors <= 1ull << 51);
        CHECK(id.sectors % (id.logical_bytes / 512) == 0);
    }
}

static void check_fis(const struct ata_command *command, const char *hex)
{
    u8 fis[ATA_FIS_BYTES];
    char text[2 * ATA_FIS_BYTES + 1];

    ata_fis_build(fis, command);
    for (u32 i = 0; i < ATA_FIS_BYTES; i++)
        sprintf(text + 2 * i, "%02x", fis[i]);
    if (strcmp(text, hex) != 0)
        test_fail(__FILE__, __LINE__, "FIS %s, expected %s", text, hex);
}

// The disk that commands are made for.
static struct ata_identity disk = {.logical_bytes = 512, .address_bytes = 512};

static int rw(struct ata_command *out, enum ata_addressing addressing,
              enum ata_direction direction, u64 sector, u32 sectors)
{
    const struct ata_transfer transfer = {direction, sector, sectors};

    return ata_command_rw(out, &disk, &transfer, addressing);
}

static int rw_pio(struct ata_command *out, enum ata_addressing addressing,
                  enum ata_direction direction, u64 sector, u32 sectors)
{
    const struct ata_transfer transfer = {direction, sector, sectors};

    return ata_command_rw_pio(out, &disk, &transfer, addressing);
}

static int queued(struct ata_command *out, enum ata_direction direction,
                  u64 sector, u32 sectors, u32 tag)
{
    const struct ata_transfer transfer = {direction, sector, sectors};

    return ata_command_queued(out, &disk, &transfer, tag);
}

TEST(commands)
{
    struct ata_identity id = {.flush_ext = true};
    struct ata_command c;

    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, 0x123456789abcull, 0x102), 0);
    check_fis(&c, "27802500bc9a784056341200"
                  "0201000000000000");
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_WRITE, 1, 65536), 0);
    check_fis(&c, "27803500010000400000000000000000"
                  "00000000");
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, 0xabcdef1, 256), 0);
    check_fis(&c, "2780c800f1debc4a0000000000000000"
                  "00000000");
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_WRITE, 2, 3), 0);
    check_fis(&c, "2780ca00020000400000000003000000"
                  "00000000");
    CHECK_EQ(rw_pio(&c, ATA_LBA28, ATA_READ, 2, 3), 0);
    check_fis(&c, "27802000020000400000000003000000"
                  "00000000");
    CHECK_EQ(rw_pio(&c, ATA_LBA28, ATA_WRITE, 2, 3), 0);
    check_fis(&c, "27803000020000400000000003000000"
                  "00000000");
    CHECK_EQ(rw_pio(&c, ATA_LBA48, ATA_READ, 2, 3), 0);
    check_fis(&c, "27802400020000400000000003000000"
                  "00000000");
    CHECK_EQ(rw_pio(&c, ATA_LBA48, ATA_WRITE, 2, 3), 0);
    check_fis(&c, "27803400020000400000000003000000"
                  "00000000");
    CHECK(c.wide);
    CHECK_EQ(queued(&c, ATA_READ, 0x11, 0x108, 5), 0);
    check_fis(&c, "27806008110000400000000128000000"
                  "00000000");
    CHECK_EQ(queued(&c, ATA_WRITE, 0x11, 8, 31), 0);
    check_fis(&c, "278061081100004000000000f8000000"
                  "00000000");
    ata_command_flush(&c, &id);
    check_fis(&c, "2780ea00000000000000000000000000"
                  "00000000");
    id.flush_ext = false;
    ata_command_flush(&c, &id);
    check_fis(&c, "2780e700000000000000000000000000"
                  "00000000");
    ata_command_identify(&c);
    check_fis(&c, "2780ec00000000000000000000000000"
                  "00000000");
}

TEST(command_bounds)
{
    struct ata_command c;

    CHECK_EQ(rw_pio(&c, ATA_LBA28, ATA_READ, 0, 257), -EINVAL);
    CHECK_EQ(rw_pio(&c, ATA_LBA48, ATA_READ, ~0ull, 1), -EINVAL);

    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, 0, 0), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, 0, 257), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, (1u << 28) - 1, 1), 0);
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, (1u << 28) - 1, 2), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, 0, 65537), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, ~0ull, 1), -EINVAL);
    CHECK_EQ(queued(&c, ATA_READ, 0, 1, 32), -EINVAL);
    CHECK_EQ(queued(&c, ATA_READ, 1ull << 48, 1, 0), -EINVAL);
}

static void disk_set(u32 logical_bytes, u32 address_bytes)
{
    disk.logical_bytes = logical_bytes;
    disk.address_bytes = address_bytes;
}

// Address and count are of 4096 bytes.
TEST(commands_of_4kn)
{
    struct ata_command c;

    disk_set(4096, 4096);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, 8 * 0x123456789abcull, 8 * 0x102), 0);
    check_fis(&c, "27802500bc9a784056341200"
                  "0201000000000000");
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_WRITE, 8 * 0xabcdef1, 8), 0);
    check_fis(&c, "2780ca00f1debc4a0000000001000000"
                  "00000000");
    CHECK_EQ(rw_pio(&c, ATA_LBA28, ATA_READ, 16, 24), 0);
    check_fis(&c, "27802000020000400000000003000000"
                  "00000000");
    CHECK_EQ(queued(&c, ATA_READ, 8 * 0x11, 8 * 0x108, 5), 0);
    check_fis(&c, "27806008110000400000000128000000"
                  "00000000");
    disk_set(512, 512);
}

TEST(command_bounds_of_4kn)
{
    const u64 end28 = 8ull << 28, end48 = 8ull << 48;
    struct ata_command c;

    disk_set(4096, 4096);
    // Nothing but whole ones.
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, 0, 0), -EINVAL);
    for (u32 i = 1; i < 8; i++) {
        CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, i, 8), -EINVAL);
        CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, 8, 8 + i), -EINVAL);
        CHECK_EQ(rw_pio(&c, ATA_LBA28, ATA_WRITE, i, 8), -EINVAL);
        CHECK_EQ(queued(&c, ATA_WRITE, i, 8, 0), -EINVAL);
        CHECK_EQ(queued(&c, ATA_WRITE, 0, i, 0), -EINVAL);
    }
    // As many as a command can count, and as far as it can address.
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, 0, 8 * 256), 0);
    CHECK_EQ(c.count, 0);
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, 0, 8 * 257), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, end28 - 8, 8), 0);
    CHECK_EQ(c.lba, 0xffffff);
    CHECK_EQ(c.device, 0x4f);
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, end28 - 8, 16), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, end28, 8), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, end28, 8 * 65536), 0);
    CHECK_EQ(c.count, 0);
    CHECK_EQ(c.lba, 1ull << 28);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, 0, 8 * 65537), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, end48 - 8, 8), 0);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, end48 - 8, 16), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, ~7ull, 8), -EINVAL);
    CHECK_EQ(queued(&c, ATA_READ, 0, 8 * 65536, 0), 0);
    CHECK_EQ(c.features, 0);
    CHECK_EQ(queued(&c, ATA_READ, 0, 8 * 65537, 0), -EINVAL);
    CHECK_EQ(queued(&c, ATA_READ, end48 - 8, 8, 31), 0);
    CHECK_EQ(c.lba, (1ull << 48) - 1);
    CHECK_EQ(queued(&c, ATA_READ, end48, 8, 0), -EINVAL);
    disk_set(512, 512);
}

// In the play only whole large sectors are asked for, and the disk is told its
// own.
TEST(commands_of_a_pretended_4kn)
{
    struct ata_command c;

    disk_set(4096, 512);
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, 16, 256), 0);
    CHECK_EQ(c.lba, 16);
    CHECK_EQ(c.count, 0); // 256
    CHECK_EQ(rw(&c, ATA_LBA28, ATA_READ, 16, 264), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_WRITE, 17, 8), -EINVAL);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_WRITE, 16, 4), -EINVAL);
    CHECK_EQ(queued(&c, ATA_WRITE, 24, 32, 3), 0);
    CHECK_EQ(c.lba, 24);
    CHECK_EQ(c.features, 32);
    CHECK_EQ(rw(&c, ATA_LBA48, ATA_READ, ~7ull, 8), -EINVAL);
    disk_set(512, 512);
}
