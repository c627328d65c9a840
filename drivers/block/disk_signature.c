// drivers/block/disk_signature.c - whose a disk or partition is [P]
// SPDX-License-Identifier: MIT
//
// How it works: most owners are a few bytes at a fixed place: the table. Those
// whose mark is short have their other fields checked as well: FAT (2 bytes),
// md (4 bytes, and where it says it lies). Two bytes are enough for ext: they
// are in the first page, which mkswap has zeroed there.
//
// Everything outside the first page could be content of an area of ours, which
// is anybody's memory. A mark there has 6 bytes or more, or says itself where
// it lies, or is in the last sector (DDF, 4 bytes). If by chance memory had
// been paged out that looks like one, the area would be refused, with the name
// and the place; nothing would be lost.
//
// Rejected: refusing whatever is not zero: a swap area that has been used is
// not. Checksums of superblocks: a damaged one is somebody's, too.
//
// Sources: the kernel's documentation of ext4 (super.rst), squashfs, erofs,
// f2fs; Microsoft's FAT and exFAT specifications; the NTFS documentation of
// linux-ntfs; XFS Algorithms & Data Structures; the btrfs on-disk format;
// ECMA-119 and ECMA-167; md(4) and mdadm's manual for the four places of its
// superblock; the SNIA DDF 2.0 specification; LVM2's and LUKS's on-disk format
// documents; the ZFS On-Disk Specification; swsusp in the kernel's
// documentation of suspend (power/swsusp.rst).

#include <drivers/disk_signature.h>

#include <base/le.h>
#include <lib/string.h>

#define SECTOR_BYTES 512u
#define PAGE_BYTES   4096u

struct mark {
    u32 offset;
    u8 length;
    u8 owner;
    char bytes[17];
    const char *name;
};

#define HIBERNATED DISK_OWNER_HIBERNATION
#define VOLUME     DISK_OWNER_VOLUME
#define FILES      DISK_OWNER_FILE_SYSTEM

// In order of importance: what is lost for good if it is overwritten is first.
// clang-format off
static const struct mark marks[] = {
    // The end of the first page, where mkswap's own signature was.
    {4086,   9, HIBERNATED, "S1SUSPEND", "a hibernated system (S1SUSPEND)"},
    {4086,   9, HIBERNATED, "S2SUSPEND", "a hibernated system (S2SUSPEND)"},
    {4086,   9, HIBERNATED, "ULSUSPEND", "a hibernated system (ULSUSPEND)"},
    {4086,  10, HIBERNATED, "LINHIB0001", "a hibernated system (LINHIB0001)"},
    {0,      8, HIBERNATED, "\xed\xc3\x02\xe9\x98\x56\xe5\x0c",
     "a hibernated system (TuxOnIce)"},
    {0,      6, VOLUME, "LUKS\xba\xbe", "an encrypted volume (LUKS)"},
    {16384,  6, VOLUME, "SKUL\xba\xbe", "an encrypted volume (LUKS2)"},
    {3,      8, VOLUME, "-FVE-FS-", "an encrypted volume (BitLocker)"},
    {0,      8, VOLUME, "LABELONE", "a physical volume of LVM"},
    {512,    8, VOLUME, "LABELONE", "a physical volume of LVM"},
    {1024,   8, VOLUME, "LABELONE", "a physical volume of LVM"},
    {1536,   8, VOLUME, "LABELONE", "a physical volume of LVM"},
    {4120,  16, VOLUME, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca"
                        "\x82\x65\xf5\x7f\x48\xba\x6d\x81", "bcache"},
    {4120,  16, FILES,  "\xc6\x85\x73\xf6\x66\xce\x90\xa9"
                        "\xd9\x6a\x60\xcf\x80\x3d\xf7\xef", "bcachefs"},
    {3,      8, FILES, "NTFS    ", "NTFS"},
    {3,      8, FILES, "EXFAT   ", "exFAT"},
    {3,      8, FILES, "ReFS\0\0\0\0", "ReFS"},
    {0,      4, FILES, "XFSB", "XFS"},
    {0,      4, FILES, "hsqs", "squashfs"},
    {0,      8, FILES, "-rom1fs-", "romfs"},
    {32,     4, FILES, "NXSB", "APFS"},
    {1024,   4, FILES, "\x10\x20\xf5\xf2", "F2FS"},
    {1024,   4, FILES, "\xe2\xe1\xf5\xe0", "EROFS"},
    {32768,  8, FILES, "JFS1\1\0\0\0", "JFS"},
    {32768,  8, FILES, "JFS1\2\0\0\0", "JFS"},
    {32768,  7, FILES, "\1CD001\1", "ISO 9660"},
    {32769,  6, FILES, "BEA01\1", "UDF"},
    {65600,  8, FILES, "_BHRfS_M", "btrfs"},
    {65588,  8, FILES, "ReIsErFs", "ReiserFS"},
    {65588,  9, FILES, "ReIsEr2Fs", "ReiserFS"},
    {65588,  9, FILES, "ReIsEr3Fs", "ReiserFS"},
    {512,    8, DISK_OWNER_TABLE, "EFI PART", "a GUID partition table"},
    {4096,   8, DISK_OWNER_TABLE, "EFI PART", "a GUID partition table"},
};
// clang-format on

#define EXT_SUPER 1024u // of the partition
#define EXT_MAGIC 56u   // from there

#define MD_MAGIC     0xa92b4efcu
#define MD1_PLACE    144u // superblock's own offset in sectors, 64 bits
#define MD09_RESERVE 65536u
#define MD10_RESERVE 8192u

#define IMSM_MARK  "Intel Raid ISM Cfg Sig. "
#define DDF_MAGIC  "\xde\x11\xde\x11"
#define ZFS_AREA   131072u // of the uberblocks in the first label
#define ZFS_MAGIC  0x00bab10cull
#define ZFS_BLOCKS 8u // pages looked at: the first transactions are there

static bool is_power_of_two(u32 n)
{
    return n && !(n & (n - 1));
}

static void found(struct disk_signature *out, enum disk_owner owner,
                  const char *name, u64 offset)
{
    *out =
        (struct disk_signature){.owner = owner, .name = name, .offset = offset};
}

// read_some - to the scratch buffer: the page at @offset, or what there is of
// it. Return: 0: *@out_bytes says how much; -errno.
static int read_some(const struct disk_reader *reader, u64 offset,
                     u32 *out_bytes)
{
    u64 left = reader->bytes > offset ? reader->bytes - offset : 0;

    *out_bytes = 0;
    if (left < reader->sector_bytes)
        return 0;
    *out_bytes = left < PAGE_BYTES ? (u32)left & ~(reader->sector_bytes - 1)
                                   : PAGE_BYTES;
    return reader->read(reader->arg, offset, reader->scratch, *out_bytes);
}

// page_marks - look for the marks of the page at @offset, in the scratch
// buffer. No mark lies across a page.
static bool page_marks(const struct disk_reader *reader, u32 offset, u32 bytes,
                       struct disk_signature *out)
{
    for (u32 i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const struct mark *mark = &marks[i];
        u32 at = mark->offset % PAGE_BYTES;

        if (mark->offset - at != offset || at + mark->length > bytes)
            continue;
        if (memcmp(reader->scratch + at, mark->bytes, mark->length) != 0)
            continue;
        found(out, (enum disk_owner)mark->owner, mark->name, mark->offset);
        return true;
    }
    return false;
}

static bool is_ext(const u8 *page)
{
    return get_le16(page + EXT_SUPER + EXT_MAGIC) == 0xef53;
}

// The boot sector's signature, and fields that only make sense together.
static bool is_fat(const u8 *page)
{
    u32 sector = get_le16(page + 11);

    if (page[510] != 0x55 || page[511] != 0xaa ||
        (page[0] != 0xeb && page[0] != 0xe9))
        return false;
    return is_power_of_two(sector) && sector >= 512 && sector <= 4096 &&
           is_power_of_two(page[13]) && get_le16(page + 14) > 0 &&
           page[16] >= 1 && page[16] <= 2 && page[21] >= 0xf0;
}

static bool is_md1(const u8 *at, u64 offset)
{
    return get_le32(at) == MD_MAGIC && get_le32(at + 4) == 1 &&
           get_le64(at + MD1_PLACE) == offset / SECTOR_BYTES;
}

static int find_first_page(const struct disk_reader *reader,
                           struct disk_signature *out)
{
    const u8 *page = reader->scratch;
    u32 bytes;
    int err = read_some(reader, 0, &bytes);

    if (err || bytes < SECTOR_BYTES)
        return err;
    if (page_marks(reader, 0, bytes, out))
        return 0;
    if (is_md1(page, 0))
        found(out, DISK_OWNER_RAID, "a member of a RAID (md 1.1)", 0);
    else if (bytes >= EXT_SUPER + 2 * SECTOR_BYTES && is_ext(page))
        found(out, DISK_OWNER_FILE_SYSTEM, "ext2, ext3 or ext4", EXT_SUPER);
    else if (is_fat(page))
        found(out, DISK_OWNER_FILE_SYSTEM, "FAT", 0);
    return 0;
}

static int find_later_pages(const struct disk_reader *reader,
                            struct disk_signature *out)
{
    static const u32 offsets[] = {4096, 16384, 32768, 65536};

    for (u32 i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        u32 bytes;
        int err = read_some(reader, offsets[i], &bytes);

        if (err)
            return err;
        if (page_marks(reader, offsets[i], bytes, out))
            return 0;
        if (offsets[i] == PAGE_BYTES && bytes >= SECTOR_BYTES &&
            is_md1(reader->scratch, PAGE_BYTES)) {
            found(out, DISK_OWNER_RAID, "a member of a RAID (md 1.2)",
                  PAGE_BYTES);
            return 0;
        }
    }
    return 0;
}

static int find_zfs(const struct disk_reader *reader,
                    struct disk_signature *out)
{
    for (u32 page = 0; page < ZFS_BLOCKS; page++) {
        u64 offset = ZFS_AREA + page * PAGE_BYTES;
        u32 bytes;
        int err = read_some(reader, offset, &bytes);

        if (err)
            return err;
        for (u32 at = 0; at < bytes; at += 1024) {
            if (get_le64(reader->scratch + at) != ZFS_MAGIC)
                continue;
            found(out, DISK_OWNER_FILE_SYSTEM, "a device of ZFS", offset + at);
            return 0;
        }
    }
    return 0;
}

static int find_md_at_end(const struct disk_reader *reader,
                          struct disk_signature *out)
{
    u64 bytes = reader->bytes, place;
    u32 got;
    int err;

    // 1.0: 8 KiB or more before the end, at a multiple of 4 KiB.
    if (bytes >= 2 * MD10_RESERVE) {
        place = (bytes - MD10_RESERVE) & ~(u64)(PAGE_BYTES - 1);
        err = read_some(reader, place, &got);
        if (err)
            return err;
        if (got && is_md1(reader->scratch, place)) {
            found(out, DISK_OWNER_RAID, "a member of a RAID (md 1.0)", place);
            return 0;
        }
    }
    // 0.90: in the last but one multiple of 64 KiB, the version behind it.
    if (bytes >= 2 * MD09_RESERVE) {
        place = (bytes & ~(u64)(MD09_RESERVE - 1)) - MD09_RESERVE;
        err = read_some(reader, place, &got);
        if (err)
            return err;
        if (got && get_le32(reader->scratch) == MD_MAGIC &&
            get_le32(reader->scratch + 4) == 0 &&
            get_le32(reader->scratch + 8) >= 90)
            found(out, DISK_OWNER_RAID, "a member of a RAID (md 0.90)", place);
    }
    return 0;
}

// mark_at - whether @mark is at @place, where a sector of 512 bytes begins.
// Return: 0; -errno.
static int mark_at(const struct disk_reader *reader, u64 place,
                   const char *mark, bool *out_is)
{
    u32 into = (u32)place & (reader->sector_bytes - 1), got;
    int err = read_some(reader, place - into, &got);

    *out_is = !err && got > into &&
              memcmp(reader->scratch + into, mark, strlen(mark)) == 0;
    return err;
}

// Intel's is in the last sector but one, DDF's in the last; @unit: of so many
// bytes.
static int find_firmware_raid_by(const struct disk_reader *reader, u32 unit,
                                 struct disk_signature *out)
{
    u64 end = reader->bytes & ~(u64)(unit - 1);
    bool is_intels, is_ddf;
    int err;

    if (end < 2 * unit)
        return 0;
    err = mark_at(reader, end - 2 * unit, IMSM_MARK, &is_intels);
    if (!err)
        err = mark_at(reader, end - unit, DDF_MAGIC, &is_ddf);
    if (err)
        return err;
    if (is_intels)
        found(out, DISK_OWNER_RAID, "a member of a RAID (Intel Matrix)",
              end - 2 * unit);
    else if (is_ddf)
        found(out, DISK_OWNER_RAID, "a member of a RAID (DDF)", end - unit);
    return 0;
}

// By the disk's own sectors; and by 512 bytes, as mdadm looks for DDF's on any
// disk, and as they are in a copy of a disk with such sectors.
static int find_firmware_raid(const struct disk_reader *reader,
                              struct disk_signature *out)
{
    int err = find_firmware_raid_by(reader, reader->sector_bytes, out);

    if (err || out->owner != DISK_OWNER_NONE ||
        reader->sector_bytes == SECTOR_BYTES)
        return err;
    return find_firmware_raid_by(reader, SECTOR_BYTES, out);
}

typedef int find_fn(const struct disk_reader *reader,
                    struct disk_signature *out);

static int find_any(find_fn *const *finds, u32 count,
                    const struct disk_reader *reader,
                    struct disk_signature *out)
{
    found(out, DISK_OWNER_NONE, "nothing", 0);
    for (u32 i = 0; i < count && out->owner == DISK_OWNER_NONE; i++) {
        int err = finds[i](reader, out);

        if (err)
            return err;
    }
    return 0;
}

int disk_signature_find(const struct disk_reader *reader,
                        struct disk_signature *out)
{
    static find_fn *const finds[] = {find_first_page, find_later_pages,
                                     find_md_at_end, find_firmware_raid,
                                     find_zfs};

    return find_any(finds, sizeof(finds) / sizeof(finds[0]), reader, out);
}

int disk_signature_find_raid(const struct disk_reader *reader,
                             struct disk_signature *out)
{
    static find_fn *const finds[] = {find_md_at_end, find_firmware_raid};

    return find_any(finds, sizeof(finds) / sizeof(finds[0]), reader, out);
}
