// kernel/swap_backing.c - swap areas on block devices
// SPDX-License-Identifier: MIT
//
// mm speaks of slots and pages, drivers of sectors and requests: this file
// turns the one into the other. Each of mm's transfers has its own request,
// allocated with it at swapon, so that writing a page out needs no memory.
//
// An area is a list of extents: a partition has one, a file as many as it has
// pieces (swap_file.c). A transfer that lies in several is done piece by piece,
// the next one started by the end of the one before.

#include <kernel/swap_backing.h>

#include <base/assert.h>
#include <base/errno.h>
#include <fs/bdev.h>
#include <fs/context.h>
#include <fs/vfs.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/mount.h>
#include <mm/highmem.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#include "swap_private.h"

#define LOG_NAME "swap"
#include <kernel/log.h>

static_assert(SWAP_IO_PAGES <= BLOCK_SEGMENTS_MAX, "one request a transfer");

static LIST_HEAD(devices); // of struct swap_device, by link

// ---- transfers -------------------------------------------------------------

// The extent with @slot. There is one.
static const struct swap_extent *find_extent(const struct swap_device *device,
                                             u32 slot)
{
    u32 low = 0, high = device->extent_count;

    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;

        if (device->extents[middle].slot <= slot)
            low = middle;
        else
            high = middle;
    }
    ASSERT(slot - device->extents[low].slot < device->extents[low].pages);
    return &device->extents[low];
}

static void request_done(struct block_request *request);

// Start what of @io is left and lies in one extent. Return: as block_submit.
static int submit_part(struct swap_device *device, struct swap_io *io)
{
    struct swap_transfer *transfer = io->backing;
    struct block_request *request = &transfer->request;
    u32 done = transfer->pages_done, slot = io->slot + done;
    const struct swap_extent *extent = find_extent(device, slot);
    u32 skip = slot - extent->slot;
    u32 pages = min(io->count - done, extent->pages - skip);

    transfer->pages_asked = pages;
    request->device = device->block;
    request->op = io->write ? BLOCK_WRITE : BLOCK_READ;
    request->sector = extent->sector + (u64)skip * SECTORS_PER_PAGE;
    request->segments = pages;
    for (u32 i = 0; i < pages; i++)
        request->segment[i] = (struct block_segment){
            .page = io->pages[done + i], .bytes = PAGE_SIZE};
    request->done = request_done;
    request->private = io;
    return block_submit(request);
}

static void request_done(struct block_request *request)
{
    struct swap_io *io = request->private;
    struct swap_transfer *transfer = io->backing;

    io->error = request->error;
    transfer->pages_done += transfer->pages_asked;
    if (!io->error && transfer->pages_done < io->count) {
        io->error = submit_part(transfer->device, io);
        if (!io->error)
            return;
    }
    io->done(io);
}

static int swap_submit(void *device, struct swap_io *io)
{
    struct swap_transfer *transfer = io->backing;

    ASSERT(io->count > 0 && io->count <= SWAP_IO_PAGES);
    transfer->pages_done = 0;
    return submit_part(device, io);
}

// ---- devices ---------------------------------------------------------------

static void device_free(struct swap_device *device)
{
    if (device->file)
        file_put(device->file);
    if (device->path.mount)
        path_put(&device->path);
    vfree(device);
}

// A new one, on the list; @path may be NULL. NULL: no memory. Sleeps.
static struct swap_device *device_create(const struct path *path)
{
    struct swap_device *device = vzalloc(sizeof(*device));

    if (!device)
        return NULL;
    for (u32 i = 0; i < SWAP_IO_MAX; i++) {
        device->transfers[i].device = device;
        device->ios[i].backing = &device->transfers[i];
    }
    if (path) {
        device->path = *path;
        path_get(path);
    }
    list_add_tail(&device->link, &devices);
    return device;
}

static void release(struct swap_device *device)
{
    if (device->file) {
        swap_file_unlock(device);
        return;
    }
    block_release(device->block);
    bdev_drop(device->block);
}

static void swap_close(void *arg)
{
    struct swap_device *device = arg;

    list_del(&device->link);
    release(device);
    device_free(device);
}

static const char *device_name(const struct swap_device *device, char *buf,
                               u32 bytes)
{
    const char *name = buf;
    struct path root;

    if (!device->path.mount) {
        fmt_print(buf, bytes, "/dev/%s", device->block->name);
    } else {
        fs_context_root(current->fs, &root);
        name = path_print(&device->path, &root, buf, bytes);
        path_put(&root);
    }
    return name;
}

static const char *swap_name(void *device, char *buf, u32 bytes)
{
    return device_name(device, buf, bytes);
}

static const struct swap_backing_ops swap_ops = {
    .submit = swap_submit,
    .close = swap_close,
    .name = swap_name,
};

// ---- on --------------------------------------------------------------------

// Claimed, but not yet for writing: first it is read.
static int claim_partition(struct swap_device *device, struct swap_setup *setup)
{
    u64 pages = device->block->sectors / SECTORS_PER_PAGE;
    int err = block_claim(device->block, false);

    if (err)
        return err;
    if (!block_may_arm(device->block)) {
        block_release(device->block);
        return -EPERM;
    }
    setup->kind = SWAP_PARTITION;
    setup->pages = (u32)min(pages, (u64)0xffffffffu);
    setup->slots_max = min(setup->pages, SWAP_SLOTS_MAX);
    device->whole = (struct swap_extent){.pages = setup->slots_max};
    device->extents = &device->whole;
    device->extent_count = 1;
    return 0;
}

// The first page of the partition, or of the file: which need not be slot 0.
static int read_header(struct swap_device *device, u8 *header)
{
    struct page *page;
    int err;

    if (!device->file)
        return block_read_twice(device->block, header, PAGE_SIZE);
    err = mapping_get_page(&device->file->inode->mapping, 0, &page, NULL);
    if (err)
        return err;
    page_read(header, page, 0, PAGE_SIZE);
    page_put(page);
    return 0;
}

// A partition whose header is good may still be somebody else's. From here on
// it can be written.
static int arm_partition(struct swap_device *device)
{
    int err = block_check_unowned(device->block);

    if (err)
        return err;
    if (!block_may_arm(device->block))
        return -EPERM;            // set read-only meanwhile
    block_release(device->block); // nobody runs before it is claimed again
    return block_claim(device->block, true);
}

static int start(struct swap_device *device, struct swap_setup *setup)
{
    u8 *header = kmalloc(PAGE_SIZE, GFP_KERNEL);
    char name[64];
    int err;

    if (!header)
        return -ENOMEM;
    err = device->file ? swap_file_lock(device, setup)
                       : claim_partition(device, setup);
    if (err)
        goto out_free;
    err = read_header(device, header);
    if (!err && !device->file)
        err = arm_partition(device);
    if (!err) {
        setup->ops = &swap_ops;
        setup->device = device;
        setup->ios = device->ios;
        setup->name = device_name(device, name, sizeof(name));
        setup->header = header;
        err = swap_on(setup);
    }
    if (err)
        release(device);
out_free:
    kfree(header);
    return err;
}

// @block or @file (used up) is what it is on; @path may be NULL.
static int swap_on_device(struct block_device *block, struct file *file,
                          const struct path *path, s32 priority)
{
    struct swap_setup setup = {.priority = priority};
    struct swap_device *device = device_create(path);
    int err;

    if (!device) {
        if (file)
            file_put(file);
        return -ENOMEM;
    }
    device->block = block;
    device->file = file;
    err = start(device, &setup);
    if (err) {
        list_del(&device->link);
        device_free(device);
    }
    return err;
}

// What @path names: *@out_block, or *@out_file, open for writing.
static int open_place(const struct path *path, struct block_device **out_block,
                      struct file **out_file)
{
    const struct inode *inode = path->dentry->inode;

    *out_block = NULL;
    *out_file = NULL;
    if (!S_ISBLK(inode->mode))
        return file_open_path(path, O_RDWR | O_LARGEFILE, out_file);
    if (path->mount->flags & MS_NODEV)
        return -EACCES;
    *out_block = block_find_number(inode->rdev);
    return *out_block ? 0 : -ENXIO;
}

int swap_on_path(const struct path *path, s32 priority)
{
    struct block_device *block;
    struct file *file;
    int err;

    if (swap_is_full())
        return -EPERM;
    err = open_place(path, &block, &file);
    return err ? err : swap_on_device(block, file, path, priority);
}

// Without anybody who asks: only what is meant for us.
static int swap_on_at_boot(struct block_device *block)
{
    if (!block_is_our_swap(block)) {
        log_err("%s is not of Faultline's own type: only swapon(8) takes it",
                block->name);
        return -EPERM;
    }
    return swap_on_device(block, NULL, NULL, SWAP_PRIORITY_DEFAULT);
}

static void swap_on_all(void)
{
    struct block_device *block = NULL;
    int err;

    block_settle(); // some may be spinning up
    while ((block = block_next(block))) {
        if (!block_is_our_swap(block))
            continue;
        err = swap_on_at_boot(block);
        if (err)
            log_err("not used: device=/dev/%s error=%d", block->name, err);
    }
}

void swap_on_by_word(const char *word)
{
    struct block_device *block;
    int err;

    if (strcmp(word, "auto") == 0) {
        swap_on_all();
        return;
    }
    block = block_find(word);
    if (!block) {
        block_settle(); // it may be spinning up
        block = block_find(word);
    }
    err = block ? swap_on_at_boot(block) : -ENODEV;
    if (err)
        log_err("not used: device=%s error=%d", word, err);
}

// ---- off -------------------------------------------------------------------

static struct swap_device *find(const struct block_device *block,
                                const struct file *file)
{
    struct swap_device *device;

    list_for_each_entry (device, &devices, link)
        if (file ? device->file && device->file->inode == file->inode
                 : !device->file && device->block == block)
            return device;
    return NULL;
}

int swap_off_path(const struct path *path)
{
    struct swap_device *device;
    struct block_device *block;
    struct file *file;
    int err = open_place(path, &block, &file);

    if (err)
        return err;
    device = find(block, file);
    err = device ? swap_off(device) : -EINVAL;
    if (file)
        file_put(file);
    return err;
}
