// drivers/block/bounce.c - requests to disks that do not reach all memory
// SPDX-License-Identifier: MIT
//
// How it works: a disk whose controller does not reach every frame of RAM has a
// pool of pages that it does reach. A segment above the limit is exchanged for
// such a page before the driver sees it; of a write the content is copied
// there, of a read it is copied back before done() is called, and done() sees
// the segments as they were submitted. Other segments go as they are.
//
//   block_submit -> waiting? -> take pages, copy (write) -> ops->start
//   .. block_request_done -> copy back (read), give pages -> done -> waiting
//
// The pool is filled when the disk is registered and never asks the allocator
// again: a page that reclaim writes to swap goes out with what there is. A
// request takes all its pages or none, and the pool holds the largest request
// twice. So whoever waits, waits for requests that are with the driver, and
// these end in bounded time.
//
// Requests wait in order of arrival, not their submitters: block_submit does
// not sleep, and may be called from done(). A request that needs no page does
// not queue behind those that do: order between requests in flight has never
// been promised, not by disks either.
//
// A retry of the driver's sends the same copy again, also when the page has
// been written to in the meantime; it is dirty then, and will be written again.
//
// Invariants (interrupts off): bit n of bounced <=> segment n names a page of
// the pool, whose owner is the submitter's page. With nothing in flight all
// pages are free, and nobody waits.
//
// Context: any, interrupts off. A transfer of 32 pages copies 128 KiB with them
// off, some 50 us: the price of such a controller.
//
// Rejected: one pool for all disks: requests for one that has died would wait
// for those of another. Sleeping in block_submit: would need a second way for
// handlers.
//
// Source: none; Linux had the like in mm/bounce.c until 6.x.

#include "bounce.h"

#include <arch/cpu.h>
#include <base/assert.h>
#include <base/errno.h>
#include <kernel/cmdline.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/slab.h>

#define LOG_NAME "block"
#include <kernel/log.h>

#define POOL_PAGES (2u * BLOCK_SEGMENTS_MAX)

static_assert(BLOCK_SEGMENTS_MAX <= 32, "bits of block_request.bounced");

struct bounce {
    phys_addr_t end;          // (c) what the disk reaches
    struct bounce_pool pool;  // (i)
    struct list_head waiting; // (i) requests, in order of arrival
    bool starting;            // (i) somebody goes through them
};

// dma_limit - the command line's; DMA_END_64BIT: none.
static phys_addr_t dma_limit(void)
{
    char word[16];
    const char *end;
    u64 mib;

    if (!cmdline_get("dma_limit", word, sizeof(word)))
        return DMA_END_64BIT;
    if (str_to_u64(word, 10, &mib, &end) || *end || mib > ~0u ||
        mib * MIB < DMA_END_LEAST.v) {
        log_warn("dma_limit=%s ignored: at least %llu MiB", word,
                 DMA_END_LEAST.v / MIB);
        return DMA_END_64BIT;
    }
    return phys_addr(mib * MIB);
}

int bounce_create(phys_addr_t dma_end, struct bounce **out)
{
    phys_addr_t end = phys_addr(min(dma_end.v, dma_limit().v));
    struct bounce *bounce;
    int err;

    *out = NULL;
    if (dma_reaches_all(end))
        return 0;
    bounce = kzalloc(sizeof(*bounce), GFP_KERNEL);
    if (!bounce)
        return -ENOMEM;
    bounce->end = end;
    list_init(&bounce->waiting);
    err = bounce_pool_init(&bounce->pool, POOL_PAGES, end);
    if (err) {
        kfree(bounce);
        return err;
    }
    *out = bounce;
    return 0;
}

void bounce_log(const struct block_device *disk)
{
    log_info("%s reaches_mib=%llu bounce_pages=%u", disk->name,
             disk->bounce->end.v / MIB, disk->bounce->pool.pages);
}

// Which segments the disk does not reach, as bits.
static u32 segments_out_of_reach(const struct bounce *bounce,
                                 const struct block_request *request)
{
    u32 bits = 0;

    for (u32 i = 0; i < request->segments; i++)
        if (!dma_reaches(request->segment[i].page, bounce->end))
            bits |= 1u << i;
    return bits;
}

static u32 bits_set(u32 bits)
{
    u32 n = 0;

    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

// The part of @from that the segment is about, to the same place of @to.
static void segment_copy(struct page *to, struct page *from,
                         const struct block_segment *segment)
{
    char *dst = kmap_atomic(to);
    char *src = kmap_atomic(from);

    memcpy(dst + segment->offset, src + segment->offset, segment->bytes);
    kunmap_atomic(src);
    kunmap_atomic(dst);
}

static void exchange_pages(struct bounce *bounce, struct block_request *request)
{
    for (u32 bits = request->bounced; bits; bits &= bits - 1) {
        struct block_segment *segment = &request->segment[__builtin_ctz(bits)];
        struct page *original = segment->page;

        segment->page = bounce_page_take(&bounce->pool, original);
        if (request->op == BLOCK_WRITE)
            segment_copy(segment->page, original, segment);
    }
}

void bounce_finish(struct bounce *bounce, struct block_request *request)
{
    for (u32 bits = request->bounced; bits; bits &= bits - 1) {
        struct block_segment *segment = &request->segment[__builtin_ctz(bits)];
        struct page *page = segment->page;

        segment->page = bounce_page_give(&bounce->pool, page);
        if (request->op == BLOCK_READ && !request->error)
            segment_copy(segment->page, page, segment);
    }
    request->bounced = 0;
}

void bounce_start_waiting(struct block_device *disk)
{
    struct bounce *bounce = disk->bounce;

    // A request that ends within start() comes here again: the loop below will
    // see what it gave back. So a dead disk does not nest as deep as its queue.
    if (bounce->starting)
        return;
    bounce->starting = true;
    while (!list_empty(&bounce->waiting)) {
        struct block_request *request =
            list_first_entry(&bounce->waiting, struct block_request, link);

        if (bits_set(request->bounced) > bounce->pool.free_pages)
            break;
        list_del(&request->link);
        exchange_pages(bounce, request);
        disk->ops->start(disk->disk, request);
    }
    bounce->starting = false;
}

void bounce_submit(struct block_device *disk, struct block_request *request)
{
    u32 flags;

    request->bounced = segments_out_of_reach(disk->bounce, request);
    if (!request->bounced) {
        disk->ops->start(disk->disk, request);
        return;
    }
    flags = irq_save();
    list_add_tail(&request->link, &disk->bounce->waiting);
    bounce_start_waiting(disk);
    irq_restore(flags);
}
