// kernel/selftest_swapraw.c - selftest=swapraw: what the swap partition gives
// SPDX-License-Identifier: MIT
//
// Writes and then reads the first RAW_MIB of the partition that is swapped to,
// front to back, past everything but the block layer: requests as long and as
// many at a time as swapping has. Logs KiB/s, for comparison with what programs
// get by being swapped (memwalk) in the same boot. Only while no slot is used;
// the header is left alone.

#include "selftest_private.h"

#include <drivers/block.h>
#include <kernel/cmdline.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/div64.h>
#include <mm/owner.h>
#include <mm/swap.h>
#include <mm/vmalloc.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define RAW_MIB        192u // times 1024 times 1000 ms is less than 2^32
#define REQUEST_PAGES  SWAP_IO_PAGES
#define REQUESTS       SWAP_IO_MAX
#define REQUEST_SECTOR (REQUEST_PAGES * SECTORS_PER_PAGE)

struct raw {
    struct block_device *device;
    struct block_request requests[REQUESTS];
    u64 next, end; // sectors
    u32 in_flight;
    int error;
    struct wait_queue done;
};

static void request_done(struct block_request *request);

// Start the next one with @request, if there is one. Interrupts off, or nothing
// in flight.
static void start_next(struct raw *raw, struct block_request *request)
{
    int err;

    if (raw->error || raw->next >= raw->end)
        return;
    request->sector = raw->next;
    raw->next += REQUEST_SECTOR;
    raw->in_flight++;
    err = block_submit(request);
    if (err) {
        raw->error = err;
        raw->in_flight--;
    }
}

static void request_done(struct block_request *request)
{
    struct raw *raw = request->private;

    raw->in_flight--;
    if (request->error)
        raw->error = request->error;
    start_next(raw, request);
    if (!raw->in_flight)
        wake_up(&raw->done);
}

static u32 ms_since(u64 start_ns)
{
    u64 ns = time_ns() - start_ns;

    u64_div(&ns, (u32)NSEC_PER_MSEC);
    return (u32)ns + 1;
}

// Return: KiB/s; 0: it failed.
static u32 transfer(struct raw *raw, enum block_op op, u32 mib)
{
    u64 start_ns = time_ns();
    u32 flags;

    raw->next = SECTORS_PER_PAGE;
    raw->end = raw->next + (u64)mib * (MIB / SECTOR_BYTES);
    flags = irq_save();
    for (u32 i = 0; i < REQUESTS; i++) {
        raw->requests[i].op = op;
        start_next(raw, &raw->requests[i]);
    }
    irq_restore(flags);
    wait_event(&raw->done, READ_ONCE(raw->in_flight) == 0);
    if (raw->error)
        return 0;
    return mib * 1024 * 1000 / ms_since(start_ns);
}

static enum selftest_result measure(struct raw *raw, u32 mib)
{
    u32 out = transfer(raw, BLOCK_WRITE, mib);
    u32 in = transfer(raw, BLOCK_READ, mib);

    log_info("swapraw device=%s mib=%u write_kib_s=%u read_kib_s=%u",
             raw->device->name, mib, out, in);
    return out && in ? SELFTEST_OK : SELFTEST_FAILED;
}

// Fill the requests in. Return: how many pages they got.
static u32 take_pages(struct raw *raw)
{
    u32 count = 0;

    for (u32 i = 0; i < REQUESTS; i++) {
        struct block_request *request = &raw->requests[i];

        request->device = raw->device;
        request->segments = REQUEST_PAGES;
        request->done = request_done;
        request->private = raw;
        for (u32 j = 0; j < REQUEST_PAGES; j++) {
            struct page *page = page_alloc(GFP_KERNEL | GFP_OWNER(OWNER_IO));

            if (!page)
                return count;
            request->segment[j] =
                (struct block_segment){.page = page, .bytes = PAGE_SIZE};
            count++;
        }
    }
    return count;
}

static void give_pages(struct raw *raw, u32 count)
{
    for (u32 i = 0; i < count; i++)
        page_put(
            raw->requests[i / REQUEST_PAGES].segment[i % REQUEST_PAGES].page);
}

// The partition of the word swap=, if it is on and empty. NULL: none.
static struct block_device *find_device(u32 *out_mib)
{
    char spec[64], name[64];
    struct swap_info info;

    if (!cmdline_get("swap", spec, sizeof(spec)) ||
        !swap_get_info(0, &info, name, sizeof(name)) || info.used_pages)
        return NULL;
    *out_mib = min(info.total_pages / (MIB / PAGE_SIZE), RAW_MIB);
    return *out_mib ? block_find(spec) : NULL;
}

enum selftest_result selftest_swapraw(void)
{
    enum selftest_result result = SELFTEST_SKIPPED;
    u32 mib, pages;
    struct block_device *device = find_device(&mib);
    struct raw *raw;

    if (!device)
        return result;
    raw = vzalloc(sizeof(*raw));
    EXPECT(raw);
    raw->device = device;
    wait_queue_init(&raw->done);
    pages = take_pages(raw);
    if (pages == REQUESTS * REQUEST_PAGES)
        result = measure(raw, mib);
    give_pages(raw, pages);
    vfree(raw);
    return result;
}
