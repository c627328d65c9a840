// mm/swap_io.c - transfers between pages and swap slots
// SPDX-License-Identifier: MIT
//
// Each area has SWAP_IO_MAX transfers, allocated at swapon: writing a page out
// must not need memory. Who finds none free sleeps until one is done, which
// needs nothing but the disk. Writes of consecutive slots gather in one
// transfer until it is full, a slot elsewhere comes, or it is flushed.
//
// A slot that cannot be written, alone either, is marked bad, and its page
// stays (swap_cache.c). When FAILURES_MAX transfers fail, of whatever slots,
// and none in between succeeds, it is not the slots: the area has failed.
// Nothing is written to it any more, since each try may take the disk's driver
// a minute; what is in it can still be read. So it is at once when there is no
// disk any more.

#include "swap_area.h"

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/task.h>
#include <mm/pagecache.h>
#include <mm/stat.h>
#include <mm/swap_cache.h>

#include "counts.h"

#define LOG_NAME "swap"
#include <kernel/log.h>

#define FAILURES_MAX 8u

// Give the transfer back. Any context.
static void io_release(struct swap_io *io)
{
    u32 flags = irq_save();

    list_add(&io->link, &io->area->free_ios);
    irq_restore(flags);
    wake_up(&io->area->io_waiters);
}

// Any context.
static void note_write(struct swap_area *area, int error)
{
    u32 flags = irq_save();

    area->failures = error ? area->failures + 1 : 0;
    if (!area->failed && (error == -ENODEV || area->failures == FAILURES_MAX)) {
        area->failed = true;
        log_err("area=%u on=%s has failed: nothing is written to it any more "
                "(error=%d)",
                area->number, area->name, error);
    }
    irq_restore(flags);
}

// A record for each page, as PSWPIN and PSWPOUT count.
static void trace_io(const struct swap_io *io)
{
    u32 ns = time_since(io->begun);

    for (u32 i = 0; i < io->count; i++) {
        u32 slot = io->slot + i, frame = page_to_pfn(io->pages[i]).v;
        u32 entry = swap_entry(io->area->number, slot).v;

        if (io->write)
            trace_write_of(io->pid, TRACE_SWAP_OUT, entry, frame, ns, 0, 0);
        else
            trace_write_of(io->pid, TRACE_SWAP_IN, entry, frame, ns,
                           slot == io->needed ? io->why : TRACE_SWAP_READAHEAD,
                           0);
    }
}

static void io_done(struct swap_io *io)
{
    if (trace_on(swap) && io->begun)
        trace_io(io);
    if (io->write)
        note_write(io->area, io->error);
    for (u32 i = 0; i < io->count; i++) {
        if (io->write)
            page_write_done(io->pages[i], io->error);
        else
            page_read_done(io->pages[i], io->error);
    }
    io_release(io);
}

void swap_io_init(struct swap_area *area, struct swap_io *ios)
{
    list_init(&area->free_ios);
    wait_queue_init(&area->io_waiters);
    for (u32 i = 0; i < SWAP_IO_MAX; i++) {
        ios[i].area = area;
        ios[i].done = io_done;
        list_add_tail(&ios[i].link, &area->free_ios);
    }
}

static struct swap_io *io_take(struct swap_area *area)
{
    struct swap_io *io;
    u32 flags;

    for (;;) {
        flags = irq_save();
        if (!list_empty(&area->free_ios))
            break;
        irq_restore(flags);
        // What is being gathered may be all there is.
        swap_io_flush(area);
        wait_event_io(&area->io_waiters, !list_empty(&area->free_ios));
    }
    io = list_first_entry(&area->free_ios, struct swap_io, link);
    list_del(&io->link);
    irq_restore(flags);
    io->count = 0;
    io->error = 0;
    return io;
}

static void io_submit(struct swap_io *io)
{
    int err;

    io->begun = trace_start(swap);
    io->pid = current->pid;
    if (io->write) {
        vm_count_many(VM_PSWPOUT, io->count);
        vm_count_many(VM_PGPGOUT, io->count * (PAGE_SIZE / KIB));
    } else {
        vm_count_many(VM_PSWPIN, io->count);
        vm_count_many(VM_PGPGIN, io->count * (PAGE_SIZE / KIB));
    }
    err = io->area->ops->submit(io->area->device, io);
    if (err) {
        io->error = err;
        io_done(io);
    }
}

void swap_io_read(struct swap_area *area, u32 slot, struct page **pages,
                  u32 count, const struct swap_need *need)
{
    struct swap_io *io = io_take(area);

    ASSERT(count > 0 && count <= SWAP_IO_PAGES);
    io->write = false;
    io->slot = slot;
    io->count = count;
    io->needed = need->slot;
    io->why = need->why;
    for (u32 i = 0; i < count; i++)
        io->pages[i] = pages[i];
    io_submit(io);
}

void swap_io_flush(struct swap_area *area)
{
    struct swap_io *io = area->gather;

    area->gather = NULL;
    if (io)
        io_submit(io);
}

void swap_io_write(struct swap_area *area, u32 slot, struct page *page,
                   bool alone)
{
    struct swap_io *io = area->gather;
    u32 flags;

    if (io && (alone || slot != io->slot + io->count)) {
        swap_io_flush(area);
        io = NULL;
    }
    if (!io) {
        io = io_take(area); // may sleep: somebody else may gather now
        swap_io_flush(area);
        io->write = true;
        io->slot = slot;
        area->gather = io;
    }
    flags = irq_save(); // handlers count it down
    vm_counts.writeback++;
    irq_restore(flags);
    page_set(page, PG_WRITEBACK);
    io->pages[io->count++] = page;
    if (alone || io->count == SWAP_IO_PAGES)
        swap_io_flush(area);
}
