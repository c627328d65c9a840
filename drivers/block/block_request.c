// drivers/block/block_request.c - requests: the one way to reach a device
// SPDX-License-Identifier: MIT
//
// A request goes through block_submit, which is the only caller of a driver's
// start(): bounds, form and permission are checked there, for every request,
// and the sector becomes the disk's. The driver queues, in order of arrival.
// What is not whole sectors of a disk with larger ones is refused here and
// nowhere else: it would be read or written next to where it was meant.
// Segments that the disk does not reach are exchanged on the way (bounce.c).
//
// Locking: statistics change with interrupts off; drivers end requests so.
//
// Rejected: merging and sorting of requests: the page cache and swap build
// requests of up to 128 KiB themselves.

#include <drivers/block.h>

#include <arch/cpu.h>
#include <base/assert.h>
#include <base/bits.h>
#include <base/errno.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <kernel/wait.h>

#include "bounce.h"

#define LOG_NAME "block"
#include <kernel/log.h>

// request_sectors - how long the request is. 0: badly formed.
static u32 request_sectors(const struct block_request *request)
{
    u32 bytes = 0;

    if (request->segments == 0 || request->segments > BLOCK_SEGMENTS_MAX)
        return 0;
    for (u32 i = 0; i < request->segments; i++) {
        const struct block_segment *segment = &request->segment[i];

        if (!segment->page || segment->offset % 2 || segment->bytes == 0 ||
            segment->bytes % SECTOR_BYTES || segment->bytes > PAGE_SIZE ||
            segment->offset > PAGE_SIZE - segment->bytes)
            return 0;
        bytes += segment->bytes;
    }
    return bytes / SECTOR_BYTES;
}

// is_whole_blocks - a request that is well formed starts and ends, and each of
// its segments does, where a sector of the disk's does.
static bool is_whole_blocks(const struct block_request *request)
{
    u32 block = block_logical_bytes(request->device);

    if (!IS_ALIGNED(request->sector, block / SECTOR_BYTES))
        return false;
    for (u32 i = 0; i < request->segments; i++)
        if (!IS_ALIGNED(request->segment[i].bytes, block))
            return false;
    return true;
}

// ---- statistics, of the device and of its disk -----------------------------

static void stats_begin(struct block_stats *stats, u64 now)
{
    if (!stats->in_flight++)
        stats->busy_since_ns = now;
}

static void stats_end(struct block_stats *stats,
                      const struct block_request *request, u64 now)
{
    stats->done[request->op].count++;
    stats->done[request->op].sectors += request->sectors;
    stats->done[request->op].ns += now - request->begun_ns;
    if (!--stats->in_flight)
        stats->busy_ns += now - stats->busy_since_ns;
}

static void account_begin(struct block_request *request)
{
    struct block_device *device = request->device;
    u32 flags = irq_save();

    request->begun_ns = time_ns();
    stats_begin(&device->stats, request->begun_ns);
    if (device->whole != device)
        stats_begin(&device->whole->stats, request->begun_ns);
    irq_restore(flags);
}

static void trace_end(const struct block_request *request)
{
    static_assert((u32)BLOCK_READ == (u32)TRACE_DISK_READ &&
                      (u32)BLOCK_WRITE == (u32)TRACE_DISK_WRITE &&
                      (u32)BLOCK_FLUSH == (u32)TRACE_DISK_FLUSH,
                  "one numbering");
    u32 disk = request->device->whole->number;

    trace_write_of(request->pid, TRACE_DISK, (u32)request->driver_sector,
                   request->sectors, request->op | disk << TRACE_DISK_SHIFT,
                   trace_ns(time_ns() - request->begun_ns),
                   (u32)-request->error);
}

// Interrupts off.
static void account_end(const struct block_request *request)
{
    struct block_device *device = request->device;
    u64 now = time_ns();

    stats_end(&device->stats, request, now);
    if (device->whole != device)
        stats_end(&device->whole->stats, request, now);
}

void block_get_stats(const struct block_device *device, struct block_stats *out)
{
    u32 flags = irq_save();
    u64 now = time_ns();

    *out = device->stats;
    if (out->in_flight) {
        out->busy_ns += now - out->busy_since_ns;
        out->busy_since_ns = now;
    }
    irq_restore(flags);
}

// ---- submitting ------------------------------------------------------------

// check_range - where a read or write goes. Return: 0; -EINVAL.
static int check_range(const struct block_request *request, u32 sectors)
{
    const struct block_device *device = request->device;

    if (sectors == 0 || sectors > device->sectors ||
        request->sector > device->sectors - sectors)
        return -EINVAL;
    if (is_whole_blocks(request))
        return 0;
    log_err("%s sector=%llu sectors=%u refused: not whole sectors of %u bytes",
            device->name, request->sector, sectors,
            block_logical_bytes(device));
    return -EINVAL;
}

int block_submit(struct block_request *request)
{
    struct block_device *device = request->device;
    u32 sectors = 0;
    int err;

    ASSERT(request->done);
    switch (request->op) {
    case BLOCK_FLUSH:
        if (request->segments != 0)
            return -EINVAL;
        request->driver_sector = 0;
        break;
    case BLOCK_WRITE:
        if (!device->writable)
            return -EROFS;
        // fall through
    case BLOCK_READ:
        sectors = request_sectors(request);
        err = check_range(request, sectors);
        if (err)
            return err;
        request->driver_sector = device->start_sector + request->sector;
        ASSERT(request->driver_sector + sectors <= device->whole->sectors);
        break;
    default: return -EINVAL;
    }
    request->sectors = sectors;
    request->error = 0;
    request->attempts = 0;
    request->bounced = 0;
    request->pid = current->pid;
    account_begin(request);
    if (device->whole->bounce)
        bounce_submit(device->whole, request);
    else
        device->whole->ops->start(device->whole->disk, request);
    return 0;
}

void block_request_done(struct block_request *request, int error)
{
    struct block_device *disk = request->device->whole;

    request->error = error;
    if (request->bounced)
        bounce_finish(disk->bounce, request);
    account_end(request);
    if (trace_on(disk))
        trace_end(request);
    request->done(request);
    // The request may be gone now; its pages may be what others wait for.
    if (disk->bounce)
        bounce_start_waiting(disk);
}

int block_reset(struct block_device *device)
{
    struct block_device *disk = device->whole;

    if (!disk->ops->reset)
        return -EOPNOTSUPP;
    disk->ops->reset(disk->disk);
    return 0;
}

// ---- waiting for it --------------------------------------------------------

// A request and whoever waits for it.
struct waited_request {
    struct block_request request;
    struct wait_queue queue;
    bool finished;
};

static void waited_done(struct block_request *request)
{
    struct waited_request *waited = request->private;

    WRITE_ONCE(waited->finished, true);
    wake_up(&waited->queue);
}

// Return: 0; what block_submit said; how the request ended.
static int submit_and_wait(struct waited_request *waited)
{
    int err;

    might_sleep();
    waited->request.done = waited_done;
    waited->request.private = waited;
    waited->finished = false;
    wait_queue_init(&waited->queue);
    err = block_submit(&waited->request);
    if (err)
        return err;
    wait_event_io(&waited->queue, READ_ONCE(waited->finished));
    return waited->request.error;
}

int block_rw_page(struct block_device *device, enum block_op op, u64 sector,
                  struct page *page, u32 offset, u32 bytes)
{
    struct waited_request waited;

    waited.request.device = device;
    waited.request.op = op;
    waited.request.sector = sector;
    waited.request.segments = 1;
    waited.request.segment[0] = (struct block_segment){page, offset, bytes};
    return submit_and_wait(&waited);
}

int block_flush(struct block_device *device)
{
    struct waited_request waited;

    waited.request.device = device;
    waited.request.op = BLOCK_FLUSH;
    waited.request.sector = 0;
    waited.request.segments = 0;
    return submit_and_wait(&waited);
}
