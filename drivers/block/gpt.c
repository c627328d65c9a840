// drivers/block/gpt.c - GUID partition tables [P]
// SPDX-License-Identifier: MIT
//
// How it works: fields are fetched byte by byte from the buffers, so alignment
// and byte order of the host do not matter. A header is taken only when its
// checksum fits and every range that it names lies on the disk, in the order
// that the specification draws; the array only when its checksum fits and no
// two partitions share a sector. One bad entry refuses the whole table: a table
// that lies once is not to be believed about where it may be written.
//
// Source: UEFI 2.10 sections 5.2.3 (protective MBR), 5.3.2 (header), 5.3.3
// (entries), appendix A (GUID text).

#include <drivers/gpt.h>

#include <base/bits.h>
#include <base/errno.h>
#include <base/le.h>
#include <lib/crc32.h>
#include <lib/string.h>

// Protective MBR: four records of 16 bytes, the signature behind them.
enum {
    MBR_RECORDS = 446,
    MBR_RECORD_BYTES = 16,
    MBR_RECORD_COUNT = 4,
    MBR_RECORD_TYPE = 4,
    MBR_RECORD_START = 8,
    MBR_SIGNATURE = 510,
    MBR_TYPE_GPT = 0xee,
};

// Header, table 5.5.
enum {
    HEADER_SIGNATURE = 0, // "EFI PART"
    HEADER_REVISION = 8,
    HEADER_BYTES = 12,
    HEADER_CRC = 16,
    HEADER_OWN_LBA = 24,
    HEADER_ALTERNATE_LBA = 32,
    HEADER_FIRST_USABLE = 40,
    HEADER_LAST_USABLE = 48,
    HEADER_DISK_GUID = 56,
    HEADER_ENTRIES_LBA = 72,
    HEADER_ENTRY_COUNT = 80,
    HEADER_ENTRY_BYTES = 84,
    HEADER_ENTRIES_CRC = 88,
    HEADER_BYTES_MIN = 92,
};
#define GPT_REVISION_1 0x00010000u

// Entry, table 5.6.
enum {
    ENTRY_TYPE_GUID = 0,
    ENTRY_PART_GUID = 16,
    ENTRY_FIRST = 32,
    ENTRY_LAST = 40,
    ENTRY_NAME = 56, // 36 characters of UTF-16
    ENTRY_BYTES_MIN = 128,
    ENTRY_BYTES_MAX = 4096,
};

bool gpt_is_protective_mbr(const void *sector)
{
    const u8 *mbr = sector;

    if (mbr[MBR_SIGNATURE] != 0x55 || mbr[MBR_SIGNATURE + 1] != 0xaa)
        return false;
    for (u32 i = 0; i < MBR_RECORD_COUNT; i++) {
        const u8 *record = mbr + MBR_RECORDS + i * MBR_RECORD_BYTES;

        if (record[MBR_RECORD_TYPE] == MBR_TYPE_GPT &&
            get_le32(record + MBR_RECORD_START) == GPT_HEADER_LBA)
            return true;
    }
    return false;
}

// header_crc - over the header with its own checksum field taken as 0.
static u32 header_crc(const u8 *sector, u32 bytes)
{
    static const u8 zero[4];
    u32 crc = crc32(0, sector, HEADER_CRC);

    crc = crc32(crc, zero, sizeof(zero));
    return crc32(crc, sector + HEADER_CRC + 4, bytes - HEADER_CRC - 4);
}

// header_ranges_valid - entries and usable sectors lie on the disk, behind MBR
// and primary header, before the backup header, and apart from each other.
static bool header_ranges_valid(const struct gpt_header *header,
                                const struct gpt_disk *disk)
{
    u64 entries_sectors =
        DIV_ROUND_UP(gpt_entries_bytes(header), disk->sector_bytes);
    u64 first = header->entries_lba;

    if (header->first_usable > header->last_usable ||
        header->first_usable <= GPT_HEADER_LBA ||
        header->last_usable >= disk->sectors)
        return false;
    if (first <= GPT_HEADER_LBA || first >= disk->sectors ||
        entries_sectors > disk->sectors - first)
        return false;
    if (header->own_lba >= header->first_usable &&
        header->own_lba <= header->last_usable)
        return false;
    if (header->own_lba >= first && header->own_lba - first < entries_sectors)
        return false;
    return first > header->last_usable ||
           first + entries_sectors <= header->first_usable;
}

static bool header_entry_format_valid(const struct gpt_header *header)
{
    u32 bytes = header->entry_bytes;

    if (bytes < ENTRY_BYTES_MIN || bytes > ENTRY_BYTES_MAX ||
        (bytes & (bytes - 1)))
        return false;
    return header->entry_count > 0 &&
           header->entry_count <= GPT_ENTRIES_BYTES_MAX / bytes;
}

int gpt_header_parse(const void *sector, u64 lba, const struct gpt_disk *disk,
                     struct gpt_header *out)
{
    const u8 *at = sector;
    u32 bytes = get_le32(at + HEADER_BYTES);

    if (memcmp(at + HEADER_SIGNATURE, "EFI PART", 8) != 0)
        return -ENOENT;
    if (bytes < HEADER_BYTES_MIN || bytes > disk->sector_bytes)
        return -EINVAL;
    if (header_crc(at, bytes) != get_le32(at + HEADER_CRC))
        return -EBADMSG;
    if (get_le32(at + HEADER_REVISION) != GPT_REVISION_1)
        return -EINVAL;

    out->own_lba = get_le64(at + HEADER_OWN_LBA);
    out->alternate_lba = get_le64(at + HEADER_ALTERNATE_LBA);
    out->first_usable = get_le64(at + HEADER_FIRST_USABLE);
    out->last_usable = get_le64(at + HEADER_LAST_USABLE);
    out->entries_lba = get_le64(at + HEADER_ENTRIES_LBA);
    out->entry_count = get_le32(at + HEADER_ENTRY_COUNT);
    out->entry_bytes = get_le32(at + HEADER_ENTRY_BYTES);
    out->entries_crc = get_le32(at + HEADER_ENTRIES_CRC);
    memcpy(out->disk_guid, at + HEADER_DISK_GUID, GPT_GUID_BYTES);

    if (out->own_lba != lba || out->alternate_lba >= disk->sectors ||
        out->alternate_lba == lba)
        return -EINVAL;
    if (!header_entry_format_valid(out) || !header_ranges_valid(out, disk))
        return -EINVAL;
    return 0;
}

bool gpt_headers_agree(const struct gpt_header *primary,
                       const struct gpt_header *backup)
{
    return primary->alternate_lba == backup->own_lba &&
           backup->alternate_lba == primary->own_lba &&
           primary->first_usable == backup->first_usable &&
           primary->last_usable == backup->last_usable &&
           primary->entry_count == backup->entry_count &&
           primary->entry_bytes == backup->entry_bytes &&
           primary->entries_crc == backup->entries_crc &&
           memcmp(primary->disk_guid, backup->disk_guid, GPT_GUID_BYTES) == 0;
}

static const u8 *entry_at(const struct gpt_header *header, const void *entries,
                          u32 index)
{
    return (const u8 *)entries + index * header->entry_bytes;
}

static bool entry_used(const u8 *entry)
{
    static const u8 none[GPT_GUID_BYTES];

    return memcmp(entry + ENTRY_TYPE_GUID, none, GPT_GUID_BYTES) != 0;
}

// entry_overlaps_before - shares a sector with an entry of a lower index.
static bool entry_overlaps_before(const struct gpt_header *header,
                                  const void *entries, u32 index)
{
    const u8 *entry = entry_at(header, entries, index);

    for (u32 i = 0; i < index; i++) {
        const u8 *other = entry_at(header, entries, i);

        if (entry_used(other) &&
            get_le64(entry + ENTRY_FIRST) <= get_le64(other + ENTRY_LAST) &&
            get_le64(other + ENTRY_FIRST) <= get_le64(entry + ENTRY_LAST))
            return true;
    }
    return false;
}

int gpt_entries_check(const struct gpt_header *header, const void *entries)
{
    if (crc32(0, entries, gpt_entries_bytes(header)) != header->entries_crc)
        return -EBADMSG;
    for (u32 i = 0; i < header->entry_count; i++) {
        const u8 *entry = entry_at(header, entries, i);
        u64 first = get_le64(entry + ENTRY_FIRST);
        u64 last = get_le64(entry + ENTRY_LAST);

        if (!entry_used(entry))
            continue;
        if (first > last || first < header->first_usable ||
            last > header->last_usable)
            return -EINVAL;
        if (entry_overlaps_before(header, entries, i))
            return -EINVAL;
    }
    return 0;
}

static void label_read(const u8 *utf16, char label[GPT_LABEL_BYTES])
{
    u32 i;

    for (i = 0; i < GPT_LABEL_BYTES - 1; i++) {
        u32 c = get_le16(utf16 + 2 * i);

        if (!c)
            break;
        label[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    label[i] = '\0';
}

bool gpt_entry_read(const struct gpt_header *header, const void *entries,
                    u32 index, struct gpt_partition *out)
{
    const u8 *entry = entry_at(header, entries, index);

    if (!entry_used(entry))
        return false;
    out->first = get_le64(entry + ENTRY_FIRST);
    out->last = get_le64(entry + ENTRY_LAST);
    memcpy(out->type_guid, entry + ENTRY_TYPE_GUID, GPT_GUID_BYTES);
    memcpy(out->part_guid, entry + ENTRY_PART_GUID, GPT_GUID_BYTES);
    label_read(entry + ENTRY_NAME, out->label);
    return true;
}

// GUID text: the first three groups are little-endian numbers, the last two
// bytes in order. Index of the byte behind each pair of digits; -1: a dash.
static const s8 guid_text_order[] = {3,  2, 1, 0,  -1, 5,  4,  -1, 7,  6,
                                     -1, 8, 9, -1, 10, 11, 12, 13, 14, 15};

void gpt_guid_print(const u8 guid[GPT_GUID_BYTES],
                    char text[GPT_GUID_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    for (u32 i = 0; i < sizeof(guid_text_order); i++) {
        if (guid_text_order[i] < 0) {
            *text++ = '-';
            continue;
        }
        *text++ = digits[guid[guid_text_order[i]] >> 4];
        *text++ = digits[guid[guid_text_order[i]] & 15];
    }
    *text = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int gpt_guid_parse(const char *text, u8 guid[GPT_GUID_BYTES])
{
    if (strlen(text) != GPT_GUID_TEXT_BYTES - 1)
        return -EINVAL;
    for (u32 i = 0; i < sizeof(guid_text_order); i++) {
        int high, low;

        if (guid_text_order[i] < 0) {
            if (*text++ != '-')
                return -EINVAL;
            continue;
        }
        high = hex_digit(*text++);
        low = hex_digit(*text++);
        if (high < 0 || low < 0)
            return -EINVAL;
        guid[guid_text_order[i]] = (u8)(high << 4 | low);
    }
    return 0;
}
