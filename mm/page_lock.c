// mm/page_lock.c - locks of pages, and waiting for their I/O
// SPDX-License-Identifier: MIT
//
// PG_LOCKED and PG_WRITEBACK are bits; who waits for one of them sleeps on one
// of a few queues, chosen by the page, and looks again when woken. The layer
// below may have gathered a request and not started it: before anybody sleeps,
// it is started.

#include <mm/pagecache.h>

#include <kernel/wait.h>
#include <mm/swap_cache.h>

#include "pagecache_private.h"

#define WAIT_QUEUES 64u
static struct wait_queue wait_queues[WAIT_QUEUES];
static void (*submit_gathered)(void);

void page_lock_init(void)
{
    for (u32 i = 0; i < WAIT_QUEUES; i++)
        wait_queue_init(&wait_queues[i]);
}

void pagecache_set_submit(void (*submit)(void))
{
    submit_gathered = submit;
}

void pagecache_submit(void)
{
    if (submit_gathered)
        submit_gathered();
}

static struct wait_queue *page_queue(const struct page *page)
{
    return &wait_queues[page_to_pfn(page).v % WAIT_QUEUES];
}

void page_wake(struct page *page)
{
    wake_up(page_queue(page));
}

bool page_trylock(struct page *page)
{
    return !page_test_and_set(page, PG_LOCKED);
}

void page_lock(struct page *page)
{
    if (likely(page_trylock(page)))
        return;
    pagecache_submit();
    wait_event_io(page_queue(page), page_trylock(page));
}

int page_lock_killable(struct page *page)
{
    if (likely(page_trylock(page)))
        return 0;
    pagecache_submit();
    return wait_event_killable_io(page_queue(page), page_trylock(page));
}

void page_unlock(struct page *page)
{
    ASSERT(page_test(page, PG_LOCKED));
    page_clear(page, PG_LOCKED);
    page_wake(page);
}

void page_wait_writeback(struct page *page)
{
    if (!page_test(page, PG_WRITEBACK))
        return;
    pagecache_submit();
    swap_write_flush();
    wait_event_io(page_queue(page), !page_test(page, PG_WRITEBACK));
}
