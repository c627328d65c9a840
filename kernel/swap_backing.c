// kernel/swap_backing.c - swap areas on block devices
// SPDX-License-Identifier: MIT
//
// mm speaks of slots and pages, drivers of sectors and requests: this file
// turns the one into the other. Each of mm's transfers has its own request,
// allocated with it at swapon, so that writing a page out needs no memory.

#include <kernel/swap_backing.h>

#include <base/assert.h>
#include <base/errno.h>
#include <drivers/block.h>
#include <lib/fmt.h>
#include <mm/highmem.h>
#include <mm/slab.h>
#include <mm/swap.h>

#define LOG_NAME "swap"
#include <kernel/log.h>

#define NAME_BYTES 32u // of struct swap_info

static_assert(SWAP_IO_PAGES <= BLOCK_SEGMENTS_MAX, "one request a transfer");

struct swap_device {
    struct block_device *block;
    struct swap_io ios[SWAP_IO_MAX];
    struct block_request requests[SWAP_IO_MAX];
};

static void request_done(struct block_request *request)
{
    struct swap_io *io = request->private;

    io->error = request->error;
    io->done(io);
}

static int swap_submit(void *device, struct swap_io *io)
{
    struct swap_device *swap = device;
    struct block_request *request = io->backing;

    ASSERT(io->count > 0 && io->count <= SWAP_IO_PAGES);
    request->device = swap->block;
    request->op = io->write ? BLOCK_WRITE : BLOCK_READ;
    request->sector = (u64)io->slot * SECTORS_PER_PAGE;
    request->segments = io->count;
    for (u32 i = 0; i < io->count; i++)
        request->segment[i] =
            (struct block_segment){.page = io->pages[i], .bytes = PAGE_SIZE};
    request->error = 0;
    request->done = request_done;
    request->private = io;
    return block_submit(request);
}

static void swap_close(void *device)
{
    struct swap_device *swap = device;

    block_release(swap->block);
    kfree(swap);
}

static const struct swap_backing_ops swap_ops = {
    .submit = swap_submit,
    .close = swap_close,
};

static void name_of(char *buf, const struct block_device *block)
{
    fmt_print(buf, NAME_BYTES, "/dev/%s", block->name);
}

// start - with the header in @page. On success mm owns @swap.
static int start(struct swap_device *swap, struct page *page, s32 priority)
{
    struct block_device *block = swap->block;
    u64 pages = block->sectors / SECTORS_PER_PAGE;
    char name[NAME_BYTES];
    void *header;
    int error;

    error = block_rw_page(block, BLOCK_READ, 0, page, 0, PAGE_SIZE);
    if (error)
        return error;
    for (u32 i = 0; i < SWAP_IO_MAX; i++)
        swap->ios[i].backing = &swap->requests[i];
    name_of(name, block);
    header = kmap(page);
    error = swap_on(&swap_ops, swap,
                    pages < SWAP_SLOTS_MAX ? (u32)pages : SWAP_SLOTS_MAX,
                    header, priority, name, swap->ios);
    kunmap(page);
    return error;
}

int swap_on_device(struct block_device *device, s32 priority)
{
    struct swap_device *swap = kzalloc(sizeof(*swap), GFP_KERNEL);
    struct page *page = page_alloc(GFP_KERNEL);
    int error = -ENOMEM;

    if (!swap || !page)
        goto out;
    swap->block = device;
    error = block_claim(device, true);
    if (error)
        goto out;
    error = start(swap, page, priority);
    if (error)
        block_release(device);
    else
        swap = NULL; // mm's now
out:
    if (page)
        page_put(page);
    kfree(swap);
    return error;
}

int swap_on_by_name(const char *spec)
{
    struct block_device *device = block_find(spec);
    int error =
        device ? swap_on_device(device, SWAP_PRIORITY_DEFAULT) : -ENODEV;

    if (error)
        log_err("not used: device=%s error=%d", spec, error);
    return error;
}

int swap_off_device(const struct block_device *device)
{
    char name[NAME_BYTES];

    name_of(name, device);
    return swap_off(name);
}
