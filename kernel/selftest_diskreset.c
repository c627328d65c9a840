// kernel/selftest_diskreset.c - selftest=diskreset: controllers that are reset
// SPDX-License-Identifier: MIT
//
// Reads the first disk with many requests under way, and has its controller
// reset in the middle, as after an error of the host bus: all requests have to
// end well, with the same content. Resets that do not help are given up after
// three; then everything must end with -ENODEV, and soon. So this test costs
// the disks of that controller: for machines with their root in memory. Skipped
// where a driver has no such reset (IDE: each channel is reset for itself).

#include "selftest_private.h"

#include <base/errno.h>
#include <drivers/block.h>
#include <kernel/wait.h>
#include <lib/crc32.h>
#include <mm/highmem.h>
#include <mm/owner.h>
#include <mm/vmalloc.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define REQUESTS 16u
#define PAGES    8u // of each
#define RESETS   3u // that are taken for accidents

struct reset_test {
    struct block_device *disk;
    struct block_request requests[REQUESTS];
    u32 in_flight;
    int error; // the last
    struct wait_queue done;
};

static void request_done(struct block_request *request)
{
    struct reset_test *test = request->private;

    if (request->error)
        test->error = request->error;
    if (--test->in_flight == 0)
        wake_up(&test->done);
}

// Return: 0; how the last that failed ended.
static int read_all(struct reset_test *test, bool reset)
{
    u32 flags = irq_save();
    int err = 0;

    test->error = 0;
    for (u32 i = 0; i < REQUESTS && !err; i++) {
        test->in_flight++;
        err = block_submit(&test->requests[i]);
        if (err)
            test->in_flight--;
    }
    if (reset && !err)
        err = block_reset(test->disk);
    irq_restore(flags);
    wait_event(&test->done, READ_ONCE(test->in_flight) == 0);
    return err ? err : test->error;
}

static u32 content(const struct reset_test *test)
{
    u32 crc = 0;

    for (u32 i = 0; i < REQUESTS; i++)
        for (u32 j = 0; j < PAGES; j++) {
            void *data = kmap_atomic(test->requests[i].segment[j].page);

            crc = crc32(crc, data, PAGE_SIZE);
            kunmap_atomic(data);
        }
    return crc;
}

static enum selftest_result run(struct reset_test *test)
{
    u32 before;

    EXPECT(read_all(test, false) == 0);
    before = content(test);
    for (u32 i = 0; i < RESETS; i++) {
        EXPECT(read_all(test, true) == 0);
        EXPECT(content(test) == before);
    }
    EXPECT(read_all(test, true) == -ENODEV);
    EXPECT(read_all(test, false) == -ENODEV);
    return SELFTEST_OK;
}

// Return: whether all requests have their pages.
static bool take_pages(struct reset_test *test)
{
    for (u32 i = 0; i < REQUESTS; i++) {
        struct block_request *request = &test->requests[i];

        request->device = test->disk;
        request->op = BLOCK_READ;
        request->sector = (u64)i * PAGES * SECTORS_PER_PAGE;
        request->done = request_done;
        request->private = test;
        for (u32 j = 0; j < PAGES; j++) {
            struct page *page = page_alloc(GFP_KERNEL | GFP_OWNER(OWNER_IO));

            if (!page)
                return false;
            request->segment[j] =
                (struct block_segment){.page = page, .bytes = PAGE_SIZE};
            request->segments++;
        }
    }
    return true;
}

static void give_pages(struct reset_test *test)
{
    for (u32 i = 0; i < REQUESTS; i++)
        for (u32 j = 0; j < test->requests[i].segments; j++)
            page_put(test->requests[i].segment[j].page);
}

enum selftest_result selftest_diskreset(void)
{
    enum selftest_result result = SELFTEST_SKIPPED;
    struct block_device *disk = block_next(NULL);
    struct reset_test *test;

    if (!disk || !disk->ops->reset ||
        disk->sectors < REQUESTS * PAGES * SECTORS_PER_PAGE)
        return result;
    test = vzalloc(sizeof(*test));
    EXPECT(test);
    test->disk = disk;
    wait_queue_init(&test->done);
    if (take_pages(test))
        result = run(test);
    give_pages(test);
    vfree(test);
    return result;
}
