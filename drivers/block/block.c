// drivers/block/block.c - block devices: which there are, and who has them
// SPDX-License-Identifier: MIT
//
// A disk and its partitions are one array of struct block_device, indexed by
// minor number; what is there is on the list `devices`. Requests go through
// block_request.c.
//
// Invariants: a device on the list stays there for ever. writable is only ever
// true of a claimed partition of an intact table.
//
// Locking: the list and the number of probes change in task context without
// sleeping, and so do claims. Nothing here is touched by interrupt handlers.

#include <drivers/block.h>

#include <base/assert.h>
#include <base/errno.h>
#include <drivers/gpt.h>
#include <kernel/wait.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/vmalloc.h>

#include "bounce.h"
#include "owner.h"
#include "partition.h"

#define LOG_NAME "block"
#include <kernel/log.h>

#define BLOCK_MAJOR 8u
// As image/mkimage.py gives it to what it makes.
#define SWAP_TYPE       "9879C0EE-19EB-4A66-9792-583AFEFB9D6C"
#define NODE_MODE       0600u
#define BLOCK_DISKS_MAX 16u // sda to sdp: what 256 minor numbers hold

static LIST_HEAD(devices);
static u32 disk_count;

static u32 probes; // disks that drivers wait for
static WAIT_QUEUE(probes_wait);

struct block_device *block_next(struct block_device *device)
{
    struct list_head *next = device ? device->link.next : devices.next;

    return next == &devices ? NULL
                            : list_entry(next, struct block_device, link);
}

void block_probe_begin(void)
{
    probes++;
}

void block_probe_end(void)
{
    ASSERT(probes > 0);
    if (--probes == 0)
        wake_up(&probes_wait);
}

bool block_probing(void)
{
    return probes > 0;
}

void block_settle(void)
{
    if (!block_probing())
        return;
    log_info("waiting for disks that are not ready: %u", probes);
    wait_event(&probes_wait, probes == 0);
}

static struct block_device *find_name(const char *name)
{
    struct block_device *device;

    list_for_each_entry (device, &devices, link) {
        if (strcmp(device->name, name) == 0)
            return device;
    }
    return NULL;
}

// find_partition - by GUID, or by label with @guid NULL. NULL also when more
// than one fits: which of them was meant cannot be known.
static struct block_device *find_partition(const u8 *guid, const char *label)
{
    struct block_device *device, *found = NULL;

    list_for_each_entry (device, &devices, link) {
        if (device->whole == device)
            continue;
        if (guid ? memcmp(device->part_guid, guid, GPT_GUID_BYTES) != 0
                 : strcmp(device->part_label, label) != 0)
            continue;
        if (found) {
            log_err("%s and %s both fit: none taken", found->name,
                    device->name);
            return NULL;
        }
        found = device;
    }
    return found;
}

struct block_device *block_find(const char *spec)
{
    const char *rest;
    u8 guid[GPT_GUID_BYTES];

    rest = str_starts(spec, "/dev/");
    if (rest)
        return find_name(rest);
    rest = str_starts(spec, "PARTLABEL=");
    if (rest)
        return *rest ? find_partition(NULL, rest) : NULL;
    rest = str_starts(spec, "PARTUUID=");
    if (rest && gpt_guid_parse(rest, guid) == 0)
        return find_partition(guid, NULL);
    return NULL;
}

struct block_device *block_find_number(u32 number)
{
    struct block_device *device;

    list_for_each_entry (device, &devices, link) {
        if (device->number == number)
            return device;
    }
    return NULL;
}

bool block_may_arm(const struct block_device *device)
{
    return device->whole != device && !device->table_damaged &&
           !device->whole->protection && !device->read_only;
}

u32 block_alignment(const struct block_device *device)
{
    u32 physical = device->whole->physical_bytes; // a power of two
    u32 into = (u32)device->start_sector * SECTOR_BYTES +
               device->whole->alignment_bytes;

    return (physical - into) & (physical - 1);
}

bool block_is_our_swap(const struct block_device *device)
{
    u8 guid[GPT_GUID_BYTES];

    return gpt_guid_parse(SWAP_TYPE, guid) == 0 &&
           memcmp(device->type_guid, guid, sizeof(guid)) == 0;
}

int block_claim(struct block_device *device, bool write)
{
    if (device->claimed)
        return -EBUSY;
    if (write && !block_may_arm(device))
        return -EPERM;
    device->claimed = true;
    device->writable = write;
    return 0;
}

void block_release(struct block_device *device)
{
    ASSERT(device->claimed);
    device->claimed = false;
    device->writable = false;
}

static void device_add(struct block_device *device, struct block_device *disk,
                       u32 disk_index, u32 minor)
{
    device->whole = disk;
    device->number =
        BLOCK_MAJOR << 8 | (disk_index * BLOCK_MINORS_PER_DISK + minor);
    device->ops = disk->ops;
    device->disk = disk->disk;
    fmt_print(device->name, sizeof(device->name), minor ? "sd%c%u" : "sd%c",
              'a' + (int)disk_index, minor);
    device->node.mode = NODE_MODE;
    list_add_tail(&device->link, &devices);
}

static void partitions_add(struct block_device *disk, u32 disk_index)
{
    for (u32 i = 1; i < BLOCK_MINORS_PER_DISK; i++) {
        struct block_device *device = &disk[i];
        char type[GPT_GUID_TEXT_BYTES], guid[GPT_GUID_TEXT_BYTES];

        if (!device->sectors)
            continue;
        device_add(device, disk, disk_index, i);
        gpt_guid_print(device->type_guid, type);
        gpt_guid_print(device->part_guid, guid);
        log_info("%s start=%llu sectors=%llu label=\"%s\" uuid=%s type=%s",
                 device->name, device->start_sector, device->sectors,
                 device->part_label, guid, type);
    }
}

// disk_set_info - the disk as its driver says, and not to be written if that,
// or what lies at its end, says so.
static void disk_set_info(struct block_device *disk,
                          const struct block_disk_info *info)
{
    disk->logical_bytes =
        info->logical_bytes ? info->logical_bytes : SECTOR_BYTES;
    disk->physical_bytes =
        info->physical_bytes ? info->physical_bytes : disk->logical_bytes;
    disk->alignment_bytes = info->alignment_bytes;
    disk->protection = info->protection;
    log_info("%s sectors=%llu mib=%llu logical=%u physical=%u align=%u "
             "model=\"%s\"",
             disk->name, disk->sectors, disk->sectors / (MIB / SECTOR_BYTES),
             disk->logical_bytes, disk->physical_bytes, disk->alignment_bytes,
             info->model);
    if (disk->bounce)
        bounce_log(disk);
    if (!disk->protection)
        disk->protection = disk_raid_member(disk);
    if (disk->protection)
        log_warn("%s is never written: %s", disk->name, disk->protection);
}

int block_register(void *driver_disk, const struct block_disk_ops *ops,
                   const struct block_disk_info *info)
{
    struct block_device *disk;
    u32 index;
    int err;

    if (disk_count == BLOCK_DISKS_MAX) {
        log_warn("disk \"%s\" not used: no name for it", info->model);
        return 0;
    }
    // Taken at once: what follows sleeps, and disks may appear at the same
    // time.
    index = disk_count++;
    disk = vzalloc(BLOCK_MINORS_PER_DISK * sizeof(*disk));
    if (!disk)
        return -ENOMEM;
    err = bounce_create(info->dma_end, &disk->bounce);
    if (err) {
        vfree(disk);
        return err;
    }
    disk->sectors = info->sectors;
    disk->ops = ops;
    disk->disk = driver_disk;
    device_add(disk, disk, index, 0);
    disk_set_info(disk, info);

    // Without memory for its table the disk is there, its partitions are not.
    err = partition_scan(disk, disk);
    if (!err)
        partitions_add(disk, index);
    return err;
}
