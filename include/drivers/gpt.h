// include/drivers/gpt.h - GUID partition tables [P]
// SPDX-License-Identifier: MIT
//
// Functions over buffers that somebody else read: the protective MBR, a header,
// the array of entries. All of it comes from a disk, so all of it is checked:
// nothing that these functions return lies outside the disk or another
// partition's sectors. A sector (LBA) is what the disk itself counts in, of 512
// or 4096 bytes: the primary header is at byte 512 or 4096.
//
// Source: UEFI 2.10 section 5.3; section 5.2.3 for the protective MBR.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define GPT_HEADER_LBA        1u
#define GPT_ENTRIES_BYTES_MAX (64u * 1024) // 16 KiB is what everybody writes
#define GPT_GUID_BYTES        16u
#define GPT_GUID_TEXT_BYTES   37u // 8-4-4-4-12 and the NUL
#define GPT_LABEL_BYTES       37u

struct gpt_header {
    u64 own_lba;
    u64 alternate_lba; // where the other copy is
    u64 first_usable, last_usable;
    u64 entries_lba;
    u32 entry_count;
    u32 entry_bytes;
    u32 entries_crc;
    u8 disk_guid[GPT_GUID_BYTES];
};

struct gpt_partition {
    u64 first, last; // sectors, both included
    u8 type_guid[GPT_GUID_BYTES];
    u8 part_guid[GPT_GUID_BYTES];
    char label[GPT_LABEL_BYTES]; // ASCII, '?' for the rest
};

// gpt_is_protective_mbr - sector 0 says that the disk belongs to a GPT.
bool gpt_is_protective_mbr(const void *sector);

// A disk as its table sees it.
struct gpt_disk {
    u64 sectors;
    u32 sector_bytes; // 512 or 4096
};

// gpt_header_parse - the header in @sector (all of it), read from @lba of
// @disk. Return: 0; -ENOENT: no signature; -EBADMSG: checksum; -EINVAL: values
// that contradict each other or the disk.
__must_check int gpt_header_parse(const void *sector, u64 lba,
                                  const struct gpt_disk *disk,
                                  struct gpt_header *out);

static inline u32 gpt_entries_bytes(const struct gpt_header *header)
{
    return header->entry_count * header->entry_bytes;
}

// gpt_headers_agree - primary and backup describe the same table, and each
// names the other's place.
bool gpt_headers_agree(const struct gpt_header *primary,
                       const struct gpt_header *backup);

// gpt_entries_check - the array of @header at @entries (gpt_entries_bytes of
// it). Return: 0; -EBADMSG: checksum; -EINVAL: a partition outside the usable
// range, or two that overlap.
__must_check int gpt_entries_check(const struct gpt_header *header,
                                   const void *entries);

// gpt_entry_read - entry @index of a checked array. Return: false: not used.
bool gpt_entry_read(const struct gpt_header *header, const void *entries,
                    u32 index, struct gpt_partition *out);

// gpt_guid_print - as text, lower case. gpt_guid_parse - from text, either
// case, nothing behind it; -EINVAL: not one.
void gpt_guid_print(const u8 guid[GPT_GUID_BYTES],
                    char text[GPT_GUID_TEXT_BYTES]);
__must_check int gpt_guid_parse(const char *text, u8 guid[GPT_GUID_BYTES]);
