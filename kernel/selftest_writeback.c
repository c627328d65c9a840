// kernel/selftest_writeback.c - selftest=writeback: a mapping that goes while
// others wait for its writes
// SPDX-License-Identifier: MIT

#include "selftest_private.h"

#include <kernel/task.h>
#include <kernel/time.h>
#include <mm/pagecache.h>
#include <mm/writeback.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define PAGES    2u
#define WRITE_MS 50u // that the write of one takes

static struct mapping mapping;
static struct page *pages[PAGES];
static bool sync_has_ended;

static int start_and_leave(struct mapping *of, struct page *page)
{
    (void)of;
    (void)page;
    return 0;
}

static const struct mapping_ops slow_ops = {.writepage = start_and_leave};

static void end_writes(void *unused)
{
    (void)unused;
    for (u32 i = 0; i < PAGES; i++) {
        sleep_ms(WRITE_MS);
        page_write_done(pages[i], 0);
    }
}

// As sync(2): it finds the mapping by what is being written.
static void sync_all(void *unused)
{
    (void)unused;
    writeback_sync_all();
    sync_has_ended = true;
}

static enum selftest_result start_writes(void)
{
    mapping_init(&mapping, &slow_ops, NULL, PAGES * PAGE_SIZE);
    for (u32 i = 0; i < PAGES; i++) {
        EXPECT(mapping_grab_page(&mapping, i, &pages[i]) == 0);
        page_mark_dirty(pages[i]);
        page_unlock(pages[i]);
    }
    mapping_start_write(&mapping, 0, PAGES - 1);
    for (u32 i = 0; i < PAGES; i++)
        EXPECT(page_test(pages[i], PG_WRITEBACK));
    return SELFTEST_OK;
}

// Both wait for one page and then for the other, and each is the first to be
// woken once: who syncs is still in there when all pages are gone.
enum selftest_result selftest_writeback(void)
{
    u32 users;

    EXPECT(start_writes() == SELFTEST_OK);
    EXPECT(kthread_start(end_writes, NULL, "end_writes"));
    EXPECT(kthread_start(sync_all, NULL, "sync_all"));
    mapping_destroy(&mapping); // sleeps before any of them has run
    users = mapping.users;
    for (u32 i = 0; i < PAGES; i++)
        page_put(pages[i]);
    EXPECT(users == 0);
    EXPECT(COMES_TRUE(sync_has_ended));
    return SELFTEST_OK;
}
