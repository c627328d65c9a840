// include/drivers/block.h - block devices and requests to them
// SPDX-License-Identifier: MIT
//
// A struct block_device is a whole disk or a partition. Sectors are 512 bytes
// and count from the start of the DEVICE: block_submit checks the bounds, adds
// the partition's offset and refuses writes to devices that are not armed
// (writable), so that there is no way to write outside what was opened for
// writing. Whole disks are never armed.
//
// A disk may have sectors of its own that are larger: 4096 bytes, a page
// (block_logical_bytes). Numbers and lengths stay in 512 bytes; but what is
// read and written of it is whole sectors of the disk's, each in one segment.
//
// A request is owned by its submitter, embedded where memory must not be
// allocated (swap). It is given back by calling done(), in interrupt context,
// with error set. Retries and recovery have happened by then, in bounded time.
//
// Any frame will do. What the disk does not reach goes through bounce pages
// (drivers/block/bounce.c): between block_submit and done() a segment may name
// another page than the submitter's.
#pragma once

#include <base/compiler.h>
#include <base/list.h>
#include <kernel/dev_node.h>
#include <mm/dma.h>

#define SECTOR_BYTES       512u
#define SECTORS_PER_PAGE   (PAGE_SIZE / SECTOR_BYTES)
#define BLOCK_SEGMENTS_MAX 32u

struct block_device;
struct bounce;
struct file;
struct mapping;

enum block_op {
    BLOCK_READ,
    BLOCK_WRITE,
    BLOCK_FLUSH, // no data: what was written before is on the medium after
    BLOCK_OPS
};

struct block_segment {
    struct page *page; // HighMem allowed
    u32 offset;        // bytes, even
    u32 bytes;         // whole sectors of the disk; offset + bytes <= PAGE_SIZE
};

struct block_request {
    struct list_head link; // the device's queue
    struct block_device *device;
    enum block_op op;
    u64 sector;   // of the device (block_submit makes it the disk's)
    u32 segments; // 1 to BLOCK_SEGMENTS_MAX; 0 for a flush
    struct block_segment segment[BLOCK_SEGMENTS_MAX];
    int error; // 0 or -EIO, -ETIMEDOUT, -ENODEV; valid in done()
    void (*done)(struct block_request *request);
    void *private;     // the submitter's
    u64 driver_sector; // block layer and driver: sector of the disk
    u32 sectors;       // block layer: how long it is; 0: a flush
    u32 attempts;      // driver
    u64 begun_ns;      // block layer: when it was submitted,
    s32 pid;           // ... and by which task
    u32 bounced;       // block layer: bit n: segment n is a bounce page
};

struct block_disk_ops {
    // start - take the request (driver_sector set, bounds checked); calls
    // block_request_done once, later or at once. Any context.
    void (*start)(void *disk, struct block_request *request);
    // reset - as if the host bus had failed with what is in flight. Optional.
    // Any context.
    void (*reset)(void *disk);
};

// What has been done, since boot: for /proc/diskstats.
struct block_stats {
    struct {
        u32 count;
        u64 sectors, ns; // ns: from submission to the end
    } done[BLOCK_OPS];
    u32 in_flight;
    u64 busy_ns, busy_since_ns; // with something in flight
};

struct block_device {
    struct list_head link;      // all devices
    char name[16];              // "sda", "sda1"
    struct block_device *whole; // the disk; itself for a whole disk
    u64 start_sector;           // of the disk
    u64 sectors;
    u32 number; // as st_rdev: major << 8 | minor (8:0, 8:1, ...)
    struct dev_node node;
    bool writable;          // armed; only ever a partition
    bool read_only;         // by BLKROSET: never armed
    bool claimed;           // by a mount, a swap area, or open files:
    u32 files;              // ... how many (fs/bdev_file.c)
    struct file *exclusive; // ... the one of O_EXCL, or NULL
    bool table_damaged;     // its GPT is not intact: never armed
    const char *protection; // of a whole disk: why no partition of it is ever
                            // armed; NULL: no such reason
    u32 logical_bytes;      // of a whole disk: its sectors, 512 or 4096
    u32 physical_bytes;     // ... sector of the medium
    u32 alignment_bytes;    // ... how far sector 0 lies into one
    u8 type_guid[16];       // GPT, as on disk
    u8 part_guid[16];
    char part_label[37];              // ASCII ('?' for the rest)
    const struct block_disk_ops *ops; // of the whole disk
    void *disk;                       // for ops
    struct bounce *bounce;   // of a whole disk; NULL: it reaches all memory
    struct mapping *mapping; // page cache of its content (fs/bdev.c)
    // Times that all that was dirty of it was to be brought to the medium: the
    // number of the youngest begun, and of the youngest that has succeeded.
    u64 syncs_begun, syncs_done;
    struct block_stats stats; // a disk's include those of its partitions
};

// block_get_stats - as they are at this moment. Any context.
void block_get_stats(const struct block_device *device,
                     struct block_stats *out);

// block_submit - start a request (device, op, sector, segments, done set).
// Return: 0: done() will be or was called; -EINVAL: out of bounds, badly formed
// or not whole sectors of the disk (logged); -EROFS: a write to a device that
// is not armed. Any context.
__must_check int block_submit(struct block_request *request);

// block_rw_page - read or write part of one page and wait.
// Return: 0 or -errno as above and in request->error. Context: may sleep.
__must_check int block_rw_page(struct block_device *device, enum block_op op,
                               u64 sector, struct page *page, u32 offset,
                               u32 bytes);

// block_flush - what was written (and done) before is on the medium after.
// Return: 0; -EIO, -ETIMEDOUT, -ENODEV. Context: may sleep.
__must_check int block_flush(struct block_device *device);

// block_reset - have the controller of a disk reset, with what is in flight: it
// must end as if nothing had been, or with an error. For tests of recovery; too
// often is taken for a broken controller. Return: 0; -EOPNOTSUPP. Any context.
__must_check int block_reset(struct block_device *device);

// block_find - by "/dev/sda2", "PARTLABEL=x" or "PARTUUID=x". NULL: none;
// with PARTLABEL and PARTUUID also when more than one fits (logged).
struct block_device *block_find(const char *spec);

// block_find_number - by st_rdev.
struct block_device *block_find_number(u32 number);

// Walk: block_next(NULL) is the first.
struct block_device *block_next(struct block_device *device);

// block_may_arm - whether it can be written at all: not a whole disk, nor a
// partition of a disk whose partition table is damaged, or that is protected
// (a member of a RAID, say), nor set read-only.
bool block_may_arm(const struct block_device *device);

// block_logical_bytes - what is read and written of it as a whole, and what its
// partition table counts in: 512 or 4096.
static inline u32 block_logical_bytes(const struct block_device *device)
{
    return device->whole->logical_bytes;
}

// block_alignment - how many bytes lie between its start and the next physical
// sector of the disk: 0, unless it was divided badly.
u32 block_alignment(const struct block_device *device);

// block_is_our_swap - its type in the GPT is Faultline's own for swap.
bool block_is_our_swap(const struct block_device *device);

// block_claim - for one owner. With @write the partition is armed.
// Return: 0; -EBUSY; -EPERM: with @write, block_may_arm says no.
__must_check int block_claim(struct block_device *device, bool write);
void block_release(struct block_device *device);

// block_check_unowned - that nobody has left anything in it that is worth
// keeping, but for what mkswap writes: drivers/disk_signature.h. Whose it is
// gets a line in the log. Context: sleeps.
// Return: 0; -EINVAL: it is somebody's; -ENOMEM; as block_rw_page.
__must_check int block_check_unowned(struct block_device *device);

// block_read_twice - the first @bytes (whole sectors of the disk, at most a
// page), from the disk, not from a cache, and the same both times. Context:
// sleeps. Return: 0; -EIO: they differ; -ENOMEM; as block_rw_page.
__must_check int block_read_twice(struct block_device *device, void *buf,
                                  u32 bytes);

// block_report_storage - after all drivers: a line for each storage controller
// that none of them took, and one if there is no disk at all.
void block_report_storage(void);

// block_settle - wait until no driver is waiting any more for a disk that spins
// up. For somebody who misses one. Context: sleeps; bounded by the drivers.
void block_settle(void);

// block_probing - somebody is waiting for one.
bool block_probing(void);

// For drivers: a disk is there that is not ready; now it is registered, or it
// is known that it will not be. Context: task.
void block_probe_begin(void);
void block_probe_end(void);

// What a driver knows of a disk.
struct block_disk_info {
    u64 sectors;
    const char *model;
    phys_addr_t dma_end;    // transfers reach no frame here or above
    u32 logical_bytes;      // 512 or 4096; 0: not known, 512
    u32 physical_bytes;     // 0: not known, as the logical ones
    u32 alignment_bytes;    // how far sector 0 lies into a physical one
    const char *protection; // why it must not be written; NULL: it may be
};

// For drivers: a disk appeared; its partitions are read and registered.
// Context: task (sleeps). Return: 0; -ENOMEM.
__must_check int block_register(void *disk, const struct block_disk_ops *ops,
                                const struct block_disk_info *info);

// For drivers: give a request back, which may be submitted anew from its
// done(). @error: 0 or as in struct block_request. Interrupts off.
void block_request_done(struct block_request *request, int error);
