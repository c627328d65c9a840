// kernel/selftest_bounce.c - selftest=bounce: a disk that reaches 16 MiB
// SPDX-License-Identifier: MIT
//
// The disk is a piece of memory. It keeps requests until it is told to answer
// them, in any order, and can die. So what is rare with real disks is certain
// here: requests that wait for bounce pages, in which order they start, what
// those see that end within their start; and what a disk with larger sectors
// is never asked for.

#include "selftest_private.h"

#include <arch/cpu.h>
#include <base/errno.h>
#include <drivers/block.h>
#include <lib/string.h>
#include <mm/highmem.h>
#include <mm/slab.h>
#include <mm/stat.h>
#include <mm/vmalloc.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define REQUESTS     8u
#define PAGES_EACH   20u // of 64 bounce pages: three requests at a time
#define AT_A_TIME    3u
#define DISK_SECTORS (REQUESTS * PAGES_EACH * SECTORS_PER_PAGE)

static struct {
    u8 *content;
    struct block_request *held[REQUESTS + 1]; // in order of arrival
    u32 count;
    u32 depth, depth_max; // of start within start
    bool keeps, dead;
} fake;

static struct block_device *disk;
static struct block_request *requests; // [REQUESTS + 1]
static u32 done_count;

static void fake_transfer(const struct block_request *request)
{
    u8 *at = fake.content + request->driver_sector * SECTOR_BYTES;

    for (u32 i = 0; i < request->segments; i++) {
        const struct block_segment *s = &request->segment[i];

        ASSERT(dma_reaches(s->page, DMA_END_LEAST));
        if (request->op == BLOCK_READ)
            page_write_bytes(s->page, s->offset, at, s->bytes);
        else
            page_read(at, s->page, s->offset, s->bytes);
        at += s->bytes;
    }
}

static void fake_answer(struct block_request *request)
{
    u32 flags = irq_save();

    if (!fake.dead)
        fake_transfer(request);
    block_request_done(request, fake.dead ? -ENODEV : 0);
    irq_restore(flags);
}

static void fake_start(void *unused, struct block_request *request)
{
    (void)unused;
    fake.depth_max = max(fake.depth_max, ++fake.depth);
    if (fake.keeps)
        fake.held[fake.count++] = request;
    else
        fake_answer(request);
    fake.depth--;
}

static const struct block_disk_ops fake_ops = {.start = fake_start};

static struct block_request *fake_take(u32 index)
{
    struct block_request *request = fake.held[index];

    fake.count--;
    for (u32 i = index; i < fake.count; i++)
        fake.held[i] = fake.held[i + 1];
    return request;
}

static void count_done(struct block_request *request)
{
    (void)request;
    done_count++;
}

// Request n is about the n-th part of the disk, and pages of its own.
static bool request_make(struct block_request *request, u32 n, u32 gfp,
                         u32 pages)
{
    request->device = disk;
    request->sector = (u64)n * PAGES_EACH * SECTORS_PER_PAGE;
    request->segments = pages;
    request->done = count_done;
    for (u32 i = 0; i < pages; i++) {
        struct page *page = page_alloc(gfp);

        if (!page)
            return false;
        // Two sectors of each, not at its start.
        request->segment[i] = (struct block_segment){page, 1024, 1024};
        request->private = page; // the last one
    }
    return true;
}

static bool submit_all(enum block_op op)
{
    done_count = 0;
    fake.depth_max = 0;
    for (u32 n = 0; n < REQUESTS; n++) {
        requests[n].op = op;
        if (block_submit(&requests[n]))
            return false;
    }
    return true;
}

static u8 pattern(u32 n, u32 segment, u32 round)
{
    return (u8)(n * PAGES_EACH + segment + round * 101 + 1);
}

static void fill_pages(u32 round)
{
    u8 bytes[16];

    for (u32 n = 0; n < REQUESTS; n++) {
        for (u32 i = 0; i < PAGES_EACH; i++) {
            memset(bytes, pattern(n, i, round), sizeof(bytes));
            for (u32 at = 0; at < PAGE_SIZE; at += sizeof(bytes))
                page_write_bytes(requests[n].segment[i].page, at, bytes,
                                 sizeof(bytes));
        }
    }
}

// The part that was transferred is of round @within, the rest of @around.
static bool pages_hold(u32 within, u32 around)
{
    static const u32 places[] = {0, 1023, 1024, 2047, 2048, PAGE_SIZE - 1};
    u8 byte;

    for (u32 n = 0; n < REQUESTS; n++) {
        for (u32 i = 0; i < PAGES_EACH; i++) {
            for (u32 p = 0; p < ARRAY_SIZE(places); p++) {
                bool inside = places[p] >= 1024 && places[p] < 2048;

                page_read(&byte, requests[n].segment[i].page, places[p], 1);
                if (byte != pattern(n, i, inside ? within : around))
                    return false;
            }
        }
    }
    return requests[REQUESTS - 1].segment[PAGES_EACH - 1].page ==
           requests[REQUESTS - 1].private;
}

static u32 bounce_pages_in_use(void)
{
    struct vm_numbers n;

    vm_numbers(&n);
    return n.bounce;
}

// More requests than the pool is for, answered in one order or the other.
static enum selftest_result test_waiting(enum block_op op, bool last_first)
{
    fake.keeps = true;
    EXPECT(submit_all(op));
    EXPECT(fake.count == AT_A_TIME);
    EXPECT(bounce_pages_in_use() == AT_A_TIME * PAGES_EACH);
    for (u32 n = 0; n < REQUESTS; n++) {
        u32 started = min(n + AT_A_TIME, REQUESTS);

        EXPECT(done_count == n && fake.count == started - n);
        // The last to start is the last of those that could: first come.
        EXPECT(fake.held[fake.count - 1] == &requests[started - 1] ||
               last_first);
        fake_answer(fake_take(last_first ? fake.count - 1 : 0));
    }
    EXPECT(done_count == REQUESTS && bounce_pages_in_use() == 0);
    return SELFTEST_OK;
}

static enum selftest_result test_content(void)
{
    fill_pages(1);
    EXPECT(test_waiting(BLOCK_WRITE, false) == SELFTEST_OK);
    EXPECT(pages_hold(1, 1));
    fill_pages(2);
    EXPECT(test_waiting(BLOCK_READ, true) == SELFTEST_OK);
    EXPECT(pages_hold(1, 2));
    fill_pages(3);
    fake.keeps = false;
    EXPECT(submit_all(BLOCK_READ) && done_count == REQUESTS);
    EXPECT(pages_hold(1, 3));
    return SELFTEST_OK;
}

// A request that needs no bounce page does not wait for those that do.
static enum selftest_result test_overtaking(void)
{
    struct block_request *low = &requests[REQUESTS];

    fake.keeps = true;
    low->op = BLOCK_READ;
    EXPECT(submit_all(BLOCK_READ) && fake.count == AT_A_TIME);
    EXPECT(block_submit(low) == 0);
    EXPECT(fake.count == AT_A_TIME + 1 && fake.held[AT_A_TIME] == low);
    EXPECT(low->segment[0].page == low->private);
    while (fake.count)
        fake_answer(fake_take(0));
    EXPECT(done_count == REQUESTS + 1 && bounce_pages_in_use() == 0);
    return SELFTEST_OK;
}

// Nobody waits for a disk that has died, nothing is copied, and requests that
// end within their start do not nest.
static enum selftest_result test_death(void)
{
    fill_pages(4);
    fake.keeps = true;
    EXPECT(submit_all(BLOCK_READ) && fake.count == AT_A_TIME);
    fake.keeps = false;
    fake.dead = true;
    fake_answer(fake_take(0));
    EXPECT(done_count == REQUESTS - (AT_A_TIME - 1));
    while (fake.count)
        fake_answer(fake_take(0));
    EXPECT(done_count == REQUESTS && fake.depth_max == 1);
    for (u32 n = 0; n < REQUESTS; n++)
        EXPECT(requests[n].error == -ENODEV);
    EXPECT(pages_hold(4, 4) && bounce_pages_in_use() == 0);
    return SELFTEST_OK;
}

// Of sectors of 4096 bytes only whole ones are asked for.
static enum selftest_result test_large_sectors(void)
{
    struct page *page = requests[0].segment[0].page;

    fake.keeps = false;
    disk->logical_bytes = PAGE_SIZE;
    EXPECT(block_rw_page(disk, BLOCK_READ, 1, page, 0, PAGE_SIZE) == -EINVAL);
    EXPECT(block_rw_page(disk, BLOCK_WRITE, 4, page, 0, PAGE_SIZE) == -EINVAL);
    EXPECT(block_rw_page(disk, BLOCK_READ, 8, page, 0, 512) == -EINVAL);
    EXPECT(block_rw_page(disk, BLOCK_WRITE, 8, page, 2048, 2048) == -EINVAL);
    EXPECT(block_rw_page(disk, BLOCK_READ, 8, page, 0, PAGE_SIZE) == 0);
    EXPECT(block_rw_page(disk, BLOCK_WRITE, 0, page, 0, PAGE_SIZE) == 0);
    disk->logical_bytes = SECTOR_BYTES;
    return SELFTEST_OK;
}

static struct block_device *disk_make(void)
{
    const struct block_disk_info info = {
        .sectors = DISK_SECTORS,
        .model = "selftest",
        .dma_end = DMA_END_LEAST,
    };
    struct block_device *device, *last = NULL;

    fake.content = vzalloc(DISK_SECTORS * SECTOR_BYTES);
    if (!fake.content || block_register(NULL, &fake_ops, &info))
        return NULL;
    for (device = NULL; (device = block_next(device));)
        last = device;
    // No partition is armed for it: it is nobody's disk.
    last->writable = true;
    return last;
}

static bool make_all(void)
{
    requests = kzalloc((REQUESTS + 1) * sizeof(*requests), GFP_KERNEL);
    if (!requests)
        return false;
    for (u32 n = 0; n < REQUESTS; n++)
        if (!request_make(&requests[n], n, GFP_HIGHUSER, PAGES_EACH))
            return false;
    return request_make(&requests[REQUESTS], 0, GFP_DMA, 1);
}

static void free_pages(void)
{
    for (u32 n = 0; n < REQUESTS + 1; n++)
        for (u32 i = 0; i < requests[n].segments; i++)
            page_put(requests[n].segment[i].page);
    kfree(requests);
}

enum selftest_result selftest_bounce(void)
{
    disk = disk_make();
    EXPECT(disk && make_all());
    EXPECT(test_content() == SELFTEST_OK);
    EXPECT(test_overtaking() == SELFTEST_OK);
    EXPECT(test_large_sectors() == SELFTEST_OK);
    EXPECT(test_death() == SELFTEST_OK);
    free_pages();
    vfree(fake.content); // the disk stays, and is dead
    return SELFTEST_OK;
}
