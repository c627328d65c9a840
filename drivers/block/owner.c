// drivers/block/owner.c - reading what says whose a disk is
// SPDX-License-Identifier: MIT
//
// The bytes for disk_signature.c, from the disk itself: what is in a cache may
// be what somebody is about to write.

#include "owner.h"

#include <base/errno.h>
#include <drivers/disk_signature.h>
#include <lib/string.h>
#include <mm/owner.h>
#include <mm/page_alloc.h>

#define LOG_NAME "block"
#include <kernel/log.h>

// A device and the page through which it is read.
struct source {
    struct block_device *device;
    void *page;
};

static int source_open(struct source *source, struct block_device *device)
{
    source->device = device;
    source->page = page_alloc_lowmem(GFP_KERNEL | GFP_OWNER(OWNER_IO), 0);
    if (!source->page)
        return -ENOMEM;
    owner_take(OWNER_IO, 1);
    return 0;
}

static void source_close(struct source *source)
{
    owner_give(OWNER_IO, 1);
    page_free_lowmem(source->page, 0);
}

// What is asked for always fills the page from its start: the scratch buffer of
// disk_signature.c is that page.
static int source_read(void *arg, u64 offset, void *buf, u32 bytes)
{
    struct source *source = arg;

    return block_rw_page(source->device, BLOCK_READ, offset / SECTOR_BYTES,
                         virt_to_page(buf), 0, bytes);
}

static struct disk_reader source_reader(struct source *source)
{
    return (struct disk_reader){.read = source_read,
                                .arg = source,
                                .bytes = source->device->sectors * SECTOR_BYTES,
                                .sector_bytes =
                                    block_logical_bytes(source->device),
                                .scratch = source->page};
}

const char *disk_raid_member(struct block_device *disk)
{
    struct disk_signature signature;
    struct disk_reader reader;
    struct source source;
    int err = source_open(&source, disk);

    if (!err) {
        reader = source_reader(&source);
        err = disk_signature_find_raid(&reader, &signature);
        source_close(&source);
    }
    if (err) {
        log_warn("%s cannot be looked at: error=%d", disk->name, err);
        return "it may be a member of a RAID";
    }
    return signature.owner == DISK_OWNER_NONE ? NULL : signature.name;
}

int block_check_unowned(struct block_device *device)
{
    struct disk_signature signature;
    struct disk_reader reader;
    struct source source;
    int err = source_open(&source, device);

    if (err)
        return err;
    reader = source_reader(&source);
    err = disk_signature_find(&reader, &signature);
    source_close(&source);
    if (err || signature.owner == DISK_OWNER_NONE)
        return err;
    log_err("%s is somebody's: it holds %s (at byte %llu); left alone",
            device->name, signature.name, signature.offset);
    return -EINVAL;
}

int block_read_twice(struct block_device *device, void *buf, u32 bytes)
{
    struct source source;
    int err = source_open(&source, device);

    if (err)
        return err;
    err = source_read(&source, 0, source.page, bytes);
    if (!err) {
        memcpy(buf, source.page, bytes);
        memset(source.page, 0, bytes);
        err = source_read(&source, 0, source.page, bytes);
    }
    if (!err && memcmp(buf, source.page, bytes) != 0) {
        log_err("%s reads differently each time", device->name);
        err = -EIO;
    }
    source_close(&source);
    return err;
}
