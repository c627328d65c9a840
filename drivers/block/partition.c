// drivers/block/partition.c - the partitions of a disk, from its GPT
// SPDX-License-Identifier: MIT
//
// How it works: protective MBR, primary header with its entries, backup header
// (in the last sector) with its own are read and handed to gpt.c.
//
//   primary  backup          partitions   may be armed for writing
//   good     good, agrees    of primary   yes
//   good     anything else   of primary   no
//   bad      good            of backup    no
//   bad      bad             none
//
// A disk whose first sector is not a protective MBR has no GPT, even when an
// old header is still there: another system may have divided it anew.
//
// The table counts in sectors of the disk's own (LBA), of 512 or 4096 bytes;
// what leaves this file is in sectors of 512.
//
// Rejected: MBR partitions. Nothing that Faultline uses lies in one. A table of
// the other size of sectors, as an adapter may have left it that hides the
// disk's: Linux takes none either.
//
// Source: UEFI 2.10 section 5.3.2.

#include "partition.h"

#include <base/errno.h>
#include <drivers/gpt.h>
#include <lib/string.h>
#include <mm/owner.h>
#include <mm/vmalloc.h>

#define LOG_NAME "gpt"
#include <kernel/log.h>

// One copy of the table, checked.
struct table {
    struct gpt_header header;
    void *entries; // vmalloc; NULL: this copy is bad
};

// to_sectors - of 512 bytes, from the disk's own.
static u64 to_sectors(const struct block_device *disk, u64 lba)
{
    return lba * (block_logical_bytes(disk) / SECTOR_BYTES);
}

static struct gpt_disk disk_of_table(const struct block_device *disk)
{
    u32 bytes = block_logical_bytes(disk);

    return (struct gpt_disk){
        .sectors = disk->sectors >> ilog2(bytes / SECTOR_BYTES),
        .sector_bytes = bytes,
    };
}

// lba_read - one sector of the disk's to the start of the page of @bounce (low
// memory).
static int lba_read(struct block_device *disk, u64 lba, void *bounce)
{
    return block_rw_page(disk, BLOCK_READ, to_sectors(disk, lba),
                         virt_to_page(bounce), 0, block_logical_bytes(disk));
}

// entries_read - the array of @header, through the page of @bounce.
static int entries_read(struct block_device *disk,
                        const struct gpt_header *header, u8 *entries,
                        void *bounce)
{
    u32 bytes = gpt_entries_bytes(header);
    u64 sector = to_sectors(disk, header->entries_lba);

    for (u32 done = 0; done < bytes; done += PAGE_SIZE) {
        u32 part = min(bytes - done, PAGE_SIZE);
        int err = block_rw_page(disk, BLOCK_READ, sector, virt_to_page(bounce),
                                0, ALIGN_UP(part, block_logical_bytes(disk)));

        if (err)
            return err;
        memcpy(entries + done, bounce, part);
        sector += SECTORS_PER_PAGE;
    }
    return 0;
}

// table_load - read and check the copy whose header is at @lba.
// Return: 0; -ENOMEM; else why the copy is bad.
static int table_load(struct block_device *disk, u64 lba, void *bounce,
                      struct table *out)
{
    const struct gpt_disk geometry = disk_of_table(disk);
    void *entries;
    int err;

    err = lba_read(disk, lba, bounce);
    if (err)
        return err;
    err = gpt_header_parse(bounce, lba, &geometry, &out->header);
    if (err)
        return err;
    entries = vmalloc(gpt_entries_bytes(&out->header));
    if (!entries)
        return -ENOMEM;
    err = entries_read(disk, &out->header, entries, bounce);
    if (!err)
        err = gpt_entries_check(&out->header, entries);
    if (err) {
        vfree(entries);
        return err;
    }
    out->entries = entries;
    return 0;
}

static void partitions_fill(struct block_device *disk,
                            const struct table *table, bool damaged,
                            struct block_device *devices)
{
    for (u32 i = 0; i < table->header.entry_count; i++) {
        struct gpt_partition part;
        struct block_device *device;

        if (!gpt_entry_read(&table->header, table->entries, i, &part))
            continue;
        if (i + 1 >= BLOCK_MINORS_PER_DISK) {
            log_warn("disk=%s partition %u not used: no number for it",
                     disk->name, i + 1);
            continue;
        }
        device = &devices[i + 1];
        device->start_sector = to_sectors(disk, part.first);
        device->sectors = to_sectors(disk, part.last - part.first + 1);
        device->table_damaged = damaged;
        memcpy(device->type_guid, part.type_guid, sizeof(device->type_guid));
        memcpy(device->part_guid, part.part_guid, sizeof(device->part_guid));
        str_copy(device->part_label, part.label, sizeof(device->part_label));
    }
}

static int scan(struct block_device *disk, struct block_device *devices,
                void *bounce)
{
    struct table primary = {.entries = NULL}, backup = {.entries = NULL};
    int primary_err, backup_err, err;

    err = lba_read(disk, 0, bounce);
    if (err) {
        log_err("disk=%s sector 0 cannot be read: error=%d", disk->name, err);
        return 0;
    }
    if (!gpt_is_protective_mbr(bounce)) {
        log_info("disk=%s has no GUID partition table", disk->name);
        return 0;
    }
    primary_err = table_load(disk, GPT_HEADER_LBA, bounce, &primary);
    backup_err =
        table_load(disk, disk_of_table(disk).sectors - 1, bounce, &backup);
    if (primary_err || backup_err)
        log_warn("disk=%s table damaged, read-only: primary=%d backup=%d",
                 disk->name, primary_err, backup_err);
    else if (!gpt_headers_agree(&primary.header, &backup.header))
        log_warn("disk=%s primary and backup table differ: read-only",
                 disk->name);

    if (primary.entries)
        partitions_fill(disk, &primary,
                        !backup.entries ||
                            !gpt_headers_agree(&primary.header, &backup.header),
                        devices);
    else if (backup.entries)
        partitions_fill(disk, &backup, true, devices);
    vfree(primary.entries);
    vfree(backup.entries);
    return primary_err == -ENOMEM || backup_err == -ENOMEM ? -ENOMEM : 0;
}

int partition_scan(struct block_device *disk,
                   struct block_device devices[BLOCK_MINORS_PER_DISK])
{
    void *bounce;
    int err;

    if (disk_of_table(disk).sectors <= GPT_HEADER_LBA + 1)
        return 0; // too small for a table and its backup
    bounce = page_alloc_lowmem(GFP_KERNEL | GFP_OWNER(OWNER_IO), 0);
    if (!bounce)
        return -ENOMEM;
    owner_take(OWNER_IO, 1);
    err = scan(disk, devices, bounce);
    owner_give(OWNER_IO, 1);
    page_free_lowmem(bounce, 0);
    return err;
}
