// fs/page_read.c - filling a page of the cache from a block device
// SPDX-License-Identifier: MIT
//
// How it works: one request for each extent, all allocated before the first is
// started, so that there is nothing to undo. The last one to end, in interrupt
// context, reports to the page and frees them all. The starter counts as one,
// so that the end cannot come before all are started.

#include <fs/bdev.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <drivers/block.h>
#include <mm/highmem.h>
#include <mm/pagecache.h>
#include <mm/slab.h>

struct page_read {
    struct page *page;
    u32 pending; // requests under way, and the starter
    int error;   // the first
    struct block_request requests[];
};

// One part has ended. Any context.
static void part_done(struct page_read *read, int error)
{
    u32 flags = irq_save();
    bool last;

    if (error && !read->error)
        read->error = error;
    last = --read->pending == 0;
    irq_restore(flags);
    if (!last)
        return;
    page_read_done(read->page, read->error);
    kfree(read);
}

static void request_done(struct block_request *request)
{
    part_done(request->private, request->error);
}

static void zero_gaps(struct page *page, const struct page_extent *extents,
                      u32 count)
{
    u32 at = 0, i;

    for (i = 0; i < count; i++) {
        ASSERT(extents[i].offset >= at);
        if (extents[i].offset > at)
            page_zero_bytes(page, at, extents[i].offset - at);
        at = extents[i].offset + extents[i].bytes;
    }
    ASSERT(at <= PAGE_SIZE);
    if (at < PAGE_SIZE)
        page_zero_bytes(page, at, PAGE_SIZE - at);
}

int page_read_extents(struct block_device *device, struct page *page,
                      const struct page_extent *extents, u32 count)
{
    struct page_read *read;
    struct block_request *request;
    u32 i;
    int rc;

    ASSERT(count <= PAGE_EXTENTS_MAX);
    zero_gaps(page, extents, count);
    if (count == 0) {
        page_read_done(page, 0);
        return 0;
    }
    read = kmalloc(sizeof(*read) + count * sizeof(*request), GFP_KERNEL);
    if (!read)
        return -ENOMEM;
    read->page = page;
    read->pending = 1 + count;
    read->error = 0;
    for (i = 0; i < count; i++) {
        request = &read->requests[i];
        request->device = device;
        request->op = BLOCK_READ;
        request->sector = extents[i].sector;
        request->segments = 1;
        request->segment[0] =
            (struct block_segment){page, extents[i].offset, extents[i].bytes};
        request->done = request_done;
        request->private = read;
        rc = block_submit(request);
        if (rc) // not started: done() will not come
            part_done(read, rc);
    }
    part_done(read, 0);
    return 0;
}
