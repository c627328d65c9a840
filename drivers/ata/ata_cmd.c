// drivers/ata/ata_cmd.c - ATA commands and IDENTIFY DEVICE [P]
// SPDX-License-Identifier: MIT
//
// Sectors are of 512 bytes for everybody else, as the block layer counts them.
// What an address, a count and the capacity mean to the disk are its logical
// sectors, of 512 or 4096 bytes (words 106, 117 and 118): sectors_read brings
// the capacity from there, disk_range addresses and counts to there, and nobody
// else has to know.
//
// Sources: ACS-3 sections 7.12 (IDENTIFY DEVICE), 7.15/7.16 (FLUSH CACHE),
// 7.21-7.66 (READ/WRITE DMA and FPDMA QUEUED); Serial ATA 3.1 section 10.3.4.

#include <drivers/ata.h>

#include <base/bits.h>
#include <base/errno.h>
#include <lib/string.h>

enum {
    CMD_READ_SECTORS = 0x20,
    CMD_WRITE_SECTORS = 0x30,
    CMD_READ_SECTORS_EXT = 0x24,
    CMD_WRITE_SECTORS_EXT = 0x34,
    CMD_READ_DMA = 0xc8,
    CMD_WRITE_DMA = 0xca,
    CMD_READ_DMA_EXT = 0x25,
    CMD_WRITE_DMA_EXT = 0x35,
    CMD_READ_FPDMA_QUEUED = 0x60,
    CMD_WRITE_FPDMA_QUEUED = 0x61,
    CMD_FLUSH_CACHE = 0xe7,
    CMD_FLUSH_CACHE_EXT = 0xea,
    CMD_IDENTIFY_DEVICE = 0xec,
};

#define SECTOR_BYTES    512u
#define SECTOR_BYTES_4K 4096u
#define DEVICE_LBA      0x40u
#define LBA28_SECTORS   (1ull << 28)
#define LBA48_SECTORS   (1ull << 48)
#define LBA28_COUNT_MAX 256u
#define LBA48_COUNT_MAX 65536u
#define NCQ_TAGS        32u
#define NCQ_TAG_SHIFT   3u // in the count field

// Words of IDENTIFY DEVICE, ACS-3 table 45, and bits of them.
enum {
    ID_GENERAL = 0,
    ID_SERIAL = 10,
    ID_FIRMWARE = 23,
    ID_MODEL = 27,
    ID_CAPABILITIES = 49,
    ID_FIELDS_VALID = 53,
    ID_SECTORS_28 = 60,
    ID_MULTIWORD_DMA = 63,
    ID_QUEUE_DEPTH = 75,
    ID_SATA_CAPABILITIES = 76,
    ID_COMMAND_SETS = 83,
    ID_SETS_ENABLED = 85,
    ID_SETS_DEFAULT = 87,
    ID_ULTRA_DMA = 88,
    ID_SECTORS_48 = 100,
    ID_SECTOR_SIZE = 106,
    ID_LOGICAL_WORDS = 117,
    ID_SECURITY = 128,
    ID_ALIGNMENT = 209,
    ID_INTEGRITY = 255,
};
enum {
    ID_GENERAL_NOT_ATA = 1u << 15,
    ID_GENERAL_INCOMPLETE = 1u << 2,
    ID_GENERAL_CFA = 0x848a, // a CompactFlash card, which is a disk
    ID_MULTIWORD_SELECTED = 7u << 8,
    ID_ULTRA_SELECTED = 0x7fu << 8,
    ID_FIELDS_VALID_ULTRA = 1u << 2,
    ID_CAPABILITIES_LBA = 1u << 9,
    ID_CAPABILITIES_DMA = 1u << 8,
    ID_SATA_NCQ = 1u << 8,
    ID_SETS_LBA48 = 1u << 10,
    ID_SETS_FLUSH = 1u << 12,
    ID_SETS_FLUSH_EXT = 1u << 13,
    ID_ENABLED_WRITE_CACHE = 1u << 5,
    ID_SECTOR_LARGE_LOGICAL = 1u << 12,
    ID_SECTOR_LARGE_PHYSICAL = 1u << 13,
    ID_SECURITY_LOCKED = 1u << 2,
    ID_ALIGNMENT_SECTORS = 0x3fff,
    ID_INTEGRITY_SIGNATURE = 0xa5,
};

// word_valid - words with this mark (bits 15:14 are 01) mean something.
static bool word_valid(u16 word)
{
    return word >> 14 == 1;
}

static u32 words_u32(const u16 *words)
{
    return words[0] | (u32)words[1] << 16;
}

static u64 words_u64(const u16 *words)
{
    return words_u32(words) | (u64)words_u32(words + 2) << 32;
}

// checksum_valid - the bytes sum to 0, where the disk gives a checksum.
static bool checksum_valid(const u16 *words)
{
    u32 sum = 0;

    if ((words[ID_INTEGRITY] & 0xffu) != ID_INTEGRITY_SIGNATURE)
        return true;
    for (u32 i = 0; i < ATA_IDENTIFY_WORDS; i++)
        sum += (words[i] & 0xffu) + (words[i] >> 8);
    return (sum & 0xffu) == 0;
}

// string_read - two characters a word, the first in the high byte, padded with
// blanks on either side.
static void string_read(const u16 *words, u32 count, char *out)
{
    u32 length = 0;

    for (u32 i = 0; i < 2 * count; i++) {
        char c = (char)(i % 2 ? words[i / 2] & 0xffu : words[i / 2] >> 8);

        if (length == 0 && c == ' ')
            continue;
        out[length++] = c >= 0x20 && c < 0x7f ? c : '?';
    }
    while (length > 0 && out[length - 1] == ' ')
        length--;
    out[length] = '\0';
}

static void sectors_read(const u16 *words, struct ata_identity *out)
{
    u16 sets = words[ID_COMMAND_SETS];
    u64 sectors = min((u64)words_u32(&words[ID_SECTORS_28]), LBA28_SECTORS);

    out->addressing = ATA_LBA28;
    if (word_valid(sets) && (sets & ID_SETS_LBA48)) {
        out->addressing = ATA_LBA48;
        sectors = min(words_u64(&words[ID_SECTORS_48]), LBA48_SECTORS);
    }
    out->sectors = sectors * (out->logical_bytes / SECTOR_BYTES);
}

// flush_read - how to empty the write cache. Before ATA-6 no bit tells of FLUSH
// CACHE; a disk that writes through a cache is taken to have it, as ATA-5
// wants.
static void flush_read(const u16 *words, struct ata_identity *out)
{
    u16 sets = words[ID_COMMAND_SETS];

    if (word_valid(sets)) {
        out->flush_ext = sets & ID_SETS_FLUSH_EXT;
        out->flush = sets & (ID_SETS_FLUSH | ID_SETS_FLUSH_EXT);
    }
    // Bits 15:14 of word 87 are the mark of words 85 to 87.
    if (word_valid(words[ID_SETS_DEFAULT]) &&
        (words[ID_SETS_ENABLED] & ID_ENABLED_WRITE_CACHE))
        out->flush = true;
}

// logical_sector_bytes - 512 is also what a disk has that does not say.
static u32 logical_sector_bytes(const u16 *words)
{
    u16 size = words[ID_SECTOR_SIZE];

    if (!word_valid(size) || !(size & ID_SECTOR_LARGE_LOGICAL))
        return SECTOR_BYTES;
    return words_u32(&words[ID_LOGICAL_WORDS]) * 2;
}

static u32 physical_sector_bytes(const u16 *words, u32 logical_bytes)
{
    u16 size = words[ID_SECTOR_SIZE];

    if (!word_valid(size) || !(size & ID_SECTOR_LARGE_PHYSICAL))
        return logical_bytes;
    return logical_bytes << (size & 15u);
}

// alignment_bytes - sector 0 is the n-th of its physical one. ACS-3 7.12.7.81
static u32 alignment_bytes(const u16 *words,
                           const struct ata_identity *identity)
{
    u16 alignment = words[ID_ALIGNMENT];

    if (!word_valid(alignment))
        return 0;
    return (alignment & ID_ALIGNMENT_SECTORS) * identity->logical_bytes %
           identity->physical_bytes;
}

// dma_mode_selected - by the firmware, or by power-on: ATA/ATAPI-6 sections
// 6.17.43 and 6.17.57.
static bool dma_mode_selected(const u16 *words)
{
    if (words[ID_MULTIWORD_DMA] & ID_MULTIWORD_SELECTED)
        return true;
    return (words[ID_FIELDS_VALID] & ID_FIELDS_VALID_ULTRA) &&
           (words[ID_ULTRA_DMA] & ID_ULTRA_SELECTED);
}

int ata_identify_parse(const u16 words[ATA_IDENTIFY_WORDS],
                       struct ata_identity *out)
{
    u16 capabilities = words[ID_CAPABILITIES];
    u16 sata = words[ID_SATA_CAPABILITIES];

    if (!checksum_valid(words))
        return -EBADMSG;
    if (words[ID_GENERAL] != ID_GENERAL_CFA &&
        (words[ID_GENERAL] & (ID_GENERAL_NOT_ATA | ID_GENERAL_INCOMPLETE)))
        return -ENODEV;

    memset(out, 0, sizeof(*out));
    string_read(&words[ID_MODEL], 20, out->model);
    string_read(&words[ID_SERIAL], 10, out->serial);
    string_read(&words[ID_FIRMWARE], 4, out->firmware);
    out->logical_bytes = logical_sector_bytes(words);
    out->address_bytes = out->logical_bytes;
    sectors_read(words, out);
    flush_read(words, out);
    out->queue_depth = 1;
    if (sata != 0xffff && (sata & ID_SATA_NCQ) && out->addressing == ATA_LBA48)
        out->queue_depth = (words[ID_QUEUE_DEPTH] & 31u) + 1;

    out->dma = capabilities & ID_CAPABILITIES_DMA;
    out->dma_mode = out->dma && dma_mode_selected(words);
    if (!(capabilities & ID_CAPABILITIES_LBA) ||
        (out->logical_bytes != SECTOR_BYTES &&
         out->logical_bytes != SECTOR_BYTES_4K))
        return -EOPNOTSUPP;
    out->physical_bytes = physical_sector_bytes(words, out->logical_bytes);
    out->alignment_bytes = alignment_bytes(words, out);
    if (words[ID_SECURITY] & ID_SECURITY_LOCKED)
        return -EACCES;
    return out->sectors ? 0 : -ENODEV;
}

void ata_identity_pretend_4kn(struct ata_identity *identity)
{
    if (identity->logical_bytes != SECTOR_BYTES)
        return;
    identity->logical_bytes = SECTOR_BYTES_4K;
    identity->physical_bytes = max(identity->physical_bytes, SECTOR_BYTES_4K);
    identity->alignment_bytes = 0;
    identity->sectors =
        ALIGN_DOWN(identity->sectors, SECTOR_BYTES_4K / SECTOR_BYTES);
}

bool ata_identity_same(const struct ata_identity *a,
                       const struct ata_identity *b)
{
    return a->sectors == b->sectors && strcmp(a->model, b->model) == 0 &&
           strcmp(a->serial, b->serial) == 0;
}

// The commands that move sectors: by DMA or not, 28 or 48 bits, read or write.
static const u8 rw_commands[2][2][2] = {
    [false] =
        {[false] =
             {[ATA_READ] = CMD_READ_SECTORS, [ATA_WRITE] = CMD_WRITE_SECTORS},
         [true] = {[ATA_READ] = CMD_READ_SECTORS_EXT,
                   [ATA_WRITE] = CMD_WRITE_SECTORS_EXT}},
    [true] =
        {[false] = {[ATA_READ] = CMD_READ_DMA, [ATA_WRITE] = CMD_WRITE_DMA},
         [true] =
             {[ATA_READ] = CMD_READ_DMA_EXT, [ATA_WRITE] = CMD_WRITE_DMA_EXT}},
};

// A run of the disk's own sectors.
struct range {
    u64 lba;
    u32 count;
};

// disk_range - where @transfer is for the disk, which can name @limit sectors,
// and @count_max of them at once. Return: 0; -EINVAL.
static int disk_range(const struct ata_identity *identity,
                      const struct ata_transfer *transfer, u64 limit,
                      u32 count_max, struct range *out)
{
    u32 per_sector = identity->logical_bytes / SECTOR_BYTES;
    u32 addresses = identity->logical_bytes / identity->address_bytes;
    u32 shift = ilog2(per_sector);

    if (!IS_ALIGNED(transfer->sector, per_sector) ||
        !IS_ALIGNED(transfer->sectors, per_sector))
        return -EINVAL;
    out->lba = (transfer->sector >> shift) * addresses;
    out->count = (transfer->sectors >> shift) * addresses;
    if (out->count == 0 || out->count > count_max ||
        out->lba > limit - out->count)
        return -EINVAL;
    return 0;
}

static int command_rw(struct ata_command *out, bool dma,
                      const struct ata_identity *identity,
                      const struct ata_transfer *transfer,
                      enum ata_addressing addressing)
{
    bool wide = addressing == ATA_LBA48;
    struct range range;
    int err =
        disk_range(identity, transfer, wide ? LBA48_SECTORS : LBA28_SECTORS,
                   wide ? LBA48_COUNT_MAX : LBA28_COUNT_MAX, &range);

    if (err)
        return err;
    *out = (struct ata_command){
        .command = rw_commands[dma][wide][transfer->direction],
        .device = DEVICE_LBA,
        .lba = range.lba,
        .wide = wide,
    };
    if (wide) {
        out->count = (u16)range.count; // 65536 is 0
    } else {
        out->count = (u8)range.count; // 256 is 0
        out->lba = range.lba & 0xffffffu;
        out->device |= (u8)(range.lba >> 24);
    }
    return 0;
}

int ata_command_rw(struct ata_command *out, const struct ata_identity *identity,
                   const struct ata_transfer *transfer,
                   enum ata_addressing addressing)
{
    return command_rw(out, true, identity, transfer, addressing);
}

int ata_command_rw_pio(struct ata_command *out,
                       const struct ata_identity *identity,
                       const struct ata_transfer *transfer,
                       enum ata_addressing addressing)
{
    return command_rw(out, false, identity, transfer, addressing);
}

int ata_command_queued(struct ata_command *out,
                       const struct ata_identity *identity,
                       const struct ata_transfer *transfer, u32 tag)
{
    struct range range;
    int err =
        disk_range(identity, transfer, LBA48_SECTORS, LBA48_COUNT_MAX, &range);

    if (err)
        return err;
    if (tag >= NCQ_TAGS)
        return -EINVAL;
    *out = (struct ata_command){
        .command = transfer->direction == ATA_WRITE ? CMD_WRITE_FPDMA_QUEUED
                                                    : CMD_READ_FPDMA_QUEUED,
        .device = DEVICE_LBA,
        .features = (u16)range.count,
        .count = (u16)(tag << NCQ_TAG_SHIFT),
        .lba = range.lba,
    };
    return 0;
}

void ata_command_flush(struct ata_command *out,
                       const struct ata_identity *identity)
{
    *out = (struct ata_command){
        .command = identity->flush_ext ? CMD_FLUSH_CACHE_EXT : CMD_FLUSH_CACHE};
}

void ata_command_identify(struct ata_command *out)
{
    *out = (struct ata_command){.command = CMD_IDENTIFY_DEVICE};
}

void ata_fis_build(u8 fis[ATA_FIS_BYTES], const struct ata_command *command)
{
    memset(fis, 0, ATA_FIS_BYTES);
    fis[0] = 0x27; // Register - Host to Device
    fis[1] = 0x80; // a command, not device control; port 0
    fis[2] = command->command;
    fis[3] = (u8)command->features;
    fis[4] = (u8)command->lba;
    fis[5] = (u8)(command->lba >> 8);
    fis[6] = (u8)(command->lba >> 16);
    fis[7] = command->device;
    fis[8] = (u8)(command->lba >> 24);
    fis[9] = (u8)(command->lba >> 32);
    fis[10] = (u8)(command->lba >> 40);
    fis[11] = (u8)(command->features >> 8);
    fis[12] = (u8)command->count;
    fis[13] = (u8)(command->count >> 8);
}
