// fs/page_io.c - pages of the cache to and from block devices
// SPDX-License-Identifier: MIT
//
// How it works: what is to be transferred comes as extents, page by page. They
// gather in one request as long as each begins on the disk where the one before
// ended; the request is started when one comes that does not, when it is full,
// or by page_io_submit. Whoever reads or writes a number of pages calls that
// at the end, and whoever is about to wait for a page does (mm/page_lock.c): so
// nobody waits for a request that waits to grow.
//
// A page can be in several requests; how many, and whether one of them failed,
// is counted in its private word, above the sectors that fs/bdev.c keeps there.
// The one who adds a page's extents counts as one, so that the end cannot come
// before all are added.
//
// Requests come from a pool that is there from the start: writing a page must
// not need memory. Writers leave some for readers.
//
// Locking: pool and counts with interrupts off, since requests end in handlers.
//
// Rejected: a request by kmalloc for each page (what this replaces): it failed
// when it was most needed, and the disk saw 4 KiB at a time. Gathering per task
// (Linux's plugs): with one CPU and no preemption one place does.

#include <fs/bdev.h>

#include <arch/cpu.h>
#include <drivers/block.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/trace.h>
#include <kernel/wait.h>
#include <mm/highmem.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include <mm/stat.h>

#define POOL_REQUESTS   32u // with 32 pages each: 4 MiB under way
#define KEPT_FOR_READS  8u
#define PART            (1u << 16) // in page->private: parts under way
#define PARTS_MASK      0x00ff0000u
#define PART_FAILED     (1u << 24)
#define PART_FIELD      (PARTS_MASK | PART_FAILED)
#define SECTORS_PER_KIB (KIB / SECTOR_BYTES)

struct io {
    struct block_request request;
    struct list_head link; // free
};

static LIST_HEAD(free_ios);
static u32 free_count;
static WAIT_QUEUE(io_waiters);
static struct io *gathering;  // not started yet, or NULL
static u64 gathering_sectors; // in it

// ---- the parts of a page ---------------------------------------------------

static void part_begin(struct page *page)
{
    u32 flags = irq_save();

    ASSERT((page->private & PARTS_MASK) != PARTS_MASK);
    page->private += PART;
    irq_restore(flags);
}

// Any context.
static void part_end(struct page *page, enum block_op op, int error)
{
    u32 flags = irq_save();
    bool last;

    ASSERT(page->private & PARTS_MASK);
    if (error)
        page->private |= PART_FAILED;
    page->private -= PART;
    last = !(page->private & PARTS_MASK);
    if (last) {
        error = page->private & PART_FAILED ? -EIO : 0;
        page->private &= ~PART_FIELD;
    }
    irq_restore(flags);
    if (!last)
        return;
    if (op == BLOCK_READ)
        page_read_done(page, error);
    else
        page_write_done(page, error);
}

// ---- requests --------------------------------------------------------------

static void io_free(struct io *io)
{
    u32 flags = irq_save();

    list_add(&io->link, &free_ios);
    free_count++;
    irq_restore(flags);
    wake_up(&io_waiters);
}

// By runs of pages that follow each other in a file: most often one. A page
// whose blocks do not lie together is in several requests.
static void trace_written(const struct block_request *request)
{
    u32 ns = trace_ns(time_ns() - request->begun_ns), i = 0;

    while (i < request->segments) {
        const struct page *first = request->segment[i].page, *page = first;

        while (++i < request->segments) {
            const struct page *next = request->segment[i].page;

            if (next != page &&
                (next->owner != first->owner || next->index != page->index + 1))
                break;
            page = next;
        }
        trace_write_of(request->pid, TRACE_WRITEBACK,
                       first->owner ? trace_file(first->owner) : 0,
                       first->index, page->index - first->index + 1, ns, 0);
    }
}

static void io_end(struct io *io, int error)
{
    const struct block_request *request = &io->request;

    if (trace_on(cache) && request->op == BLOCK_WRITE)
        trace_written(request);
    for (u32 i = 0; i < request->segments; i++)
        part_end(request->segment[i].page, request->op, error);
    io_free(io);
}

static void request_done(struct block_request *request)
{
    io_end(request->private, request->error);
}

static void page_io_submit(void)
{
    struct io *io = gathering;
    u32 kib = (u32)gathering_sectors / SECTORS_PER_KIB;
    int error;

    if (!io)
        return;
    gathering = NULL;
    vm_count_many(io->request.op == BLOCK_READ ? VM_PGPGIN : VM_PGPGOUT, kib);
    error = block_submit(&io->request);
    if (error) // not started: done() will not come
        io_end(io, error);
}

static bool may_take(enum block_op op)
{
    return free_count > (op == BLOCK_READ ? 0 : KEPT_FOR_READS);
}

// May sleep; somebody else may gather then.
static struct io *io_take(enum block_op op)
{
    struct io *io;
    u32 flags;

    for (;;) {
        flags = irq_save();
        if (may_take(op))
            break;
        irq_restore(flags);
        page_io_submit();
        wait_event_io(&io_waiters, may_take(op));
    }
    io = list_first_entry(&free_ios, struct io, link);
    list_del(&io->link);
    free_count--;
    irq_restore(flags);
    return io;
}

static bool continues(const struct block_device *device, enum block_op op,
                      u64 sector)
{
    const struct block_request *request;

    if (!gathering)
        return false;
    request = &gathering->request;
    return request->device == device && request->op == op &&
           request->sector + gathering_sectors == sector &&
           request->segments < BLOCK_SEGMENTS_MAX;
}

static void add_part(struct block_device *device, enum block_op op,
                     struct page *page, const struct page_extent *extent)
{
    struct block_request *request;

    part_begin(page);
    while (!continues(device, op, extent->sector)) {
        struct io *io = io_take(op);

        page_io_submit();
        request = &io->request;
        request->device = device;
        request->op = op;
        request->sector = extent->sector;
        request->segments = 0;
        request->done = request_done;
        request->private = io;
        gathering = io;
        gathering_sectors = 0;
    }
    request = &gathering->request;
    request->segment[request->segments++] =
        (struct block_segment){page, extent->offset, extent->bytes};
    gathering_sectors += extent->bytes / SECTOR_BYTES;
    if (op == BLOCK_READ)
        current->usage.io.disk_read_bytes += extent->bytes;
}

static void transfer(struct block_device *device, enum block_op op,
                     struct page *page, const struct page_extent *extents,
                     u32 count)
{
    ASSERT(count <= PAGE_EXTENTS_MAX && !(page->private & PART_FIELD));
    part_begin(page); // us
    for (u32 i = 0; i < count; i++)
        add_part(device, op, page, &extents[i]);
    part_end(page, op, 0);
}

// ----------------------------------------------------------------------------

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
    zero_gaps(page, extents, count);
    transfer(device, BLOCK_READ, page, extents, count);
    return 0;
}

int page_write_extents(struct block_device *device, struct page *page,
                       const struct page_extent *extents, u32 count)
{
    if (!device->writable)
        return -EROFS;
    transfer(device, BLOCK_WRITE, page, extents, count);
    return 0;
}

void page_io_init(void)
{
    for (u32 i = 0; i < POOL_REQUESTS; i++) {
        struct io *io = kzalloc(sizeof(*io), GFP_KERNEL);

        if (!io)
            panic("no memory for requests");
        io_free(io);
    }
    pagecache_set_submit(page_io_submit);
}
