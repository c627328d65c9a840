// mm/readahead.c - reading pages before they are asked for
// SPDX-License-Identifier: MIT
//
// What to read is decided in readahead_plan.c. Here the cache is asked what it
// has, and pages are brought into it: first all, so that the layer below finds
// neighbours on the disk and makes one request of them, which is then started.
// Reading ahead may fail; then less was read ahead.

#include <mm/readahead.h>

#include <base/errno.h>
#include <kernel/trace.h>
#include <mm/zone.h>

#include "pagecache_private.h"

#define GFP_AHEAD (GFP_HIGHUSER | GFP_NORETRY | GFP_NOWARN)

bool readahead_single;

static bool is_cached(struct mapping *mapping, u32 index)
{
    const void *item = radix_tree_lookup(&mapping->pages, index);

    return item && !radix_is_value(item);
}

// ---- in the trace -----------------------------------------------------------

// A page that is read ahead has PG_AHEAD while that is traced: until somebody
// finds it in the cache, or reclaim finds it used through a mapping, or it
// leaves.

static void trace_page(const struct page *page, enum trace_readahead what)
{
    trace_write(TRACE_READAHEAD, trace_file(page->owner), page->index, 1, what,
                0);
}

void readahead_used(struct page *page)
{
    page_clear(page, PG_AHEAD);
    trace_page(page, TRACE_READAHEAD_USED);
}

void readahead_unused(struct page *page)
{
    page_clear(page, PG_AHEAD);
    trace_page(page, TRACE_READAHEAD_UNUSED);
}

// @page has just been read, beside the one that was asked for.
static void note_ahead(struct page *page)
{
    page_set(page, PG_AHEAD);
    trace_page(page, TRACE_READAHEAD_READ);
}

// ----------------------------------------------------------------------------

#define NOBODY_WAITS (~0u)

// Start reading what of [start, start + count) is missing; @wanted is waited
// for. The mark goes on the page at @mark, or the first behind it that is read
// here.
static void read_range(struct mapping *mapping, u32 start, u32 count, u32 mark,
                       u32 wanted)
{
    u32 pages = mapping_pages(mapping);
    u32 end = start < pages ? start + min(count, pages - start) : start;

    for (u32 i = start; i < end; i++) {
        struct page *page;
        int err;

        if (is_cached(mapping, i))
            continue;
        err = pagecache_read_new(mapping, i, GFP_AHEAD, &page);
        if (err == -EEXIST)
            continue;
        if (err)
            break;
        if (i >= mark) {
            page_set(page, PG_READAHEAD);
            mark = end;
        }
        if (trace_on(cache) && i != wanted)
            note_ahead(page);
        page_put(page);
    }
    pagecache_submit();
}

static u32 cached_before(struct mapping *mapping, u32 index, u32 max)
{
    u32 n = 0;

    while (n < max && n < index && is_cached(mapping, index - n - 1))
        n++;
    return n;
}

// Up to one more than @max pages on.
static u32 hole_behind(struct mapping *mapping, u32 index, u32 max)
{
    u32 n = 1;

    while (n <= max && is_cached(mapping, index + n))
        n++;
    return index + n;
}

static void read_planned(struct mapping *mapping, struct readahead *ra,
                         struct readahead_request *rq)
{
    struct readahead_plan plan;

    rq->max = READAHEAD_MAX;
    if (ra->hint == READAHEAD_SEQUENTIAL)
        rq->max *= 2;
    if (rq->at_mark)
        rq->hole = hole_behind(mapping, rq->index, rq->max);
    else
        rq->before = cached_before(mapping, rq->index, rq->max);
    readahead_plan(ra, rq, &plan);
    read_range(mapping, plan.start, plan.count, plan.mark,
               rq->at_mark ? NOBODY_WAITS : rq->index);
}

void readahead_miss(struct mapping *mapping, u32 index, u32 want,
                    struct readahead *ra)
{
    struct readahead_request rq = {.index = index, .want = want};

    if (!mapping->ops->readpage)
        return;
    if (readahead_single && (ra || mapping->readahead_pages))
        read_range(mapping, index, 2, index + 1, index);
    else if (ra)
        read_planned(mapping, ra, &rq);
    else
        read_range(mapping, index, 1 + mapping->readahead_pages, ~0u, index);
}

void readahead_mark(struct mapping *mapping, struct page *page, u32 want,
                    struct readahead *ra)
{
    struct readahead_request rq = {
        .index = page->index, .want = want, .at_mark = true};

    page_clear(page, PG_READAHEAD);
    if (readahead_single)
        read_range(mapping, page->index + 1, 1, page->index + 1, NOBODY_WAITS);
    else if (ra)
        read_planned(mapping, ra, &rq);
}

bool readahead_around(struct mapping *mapping, u32 index)
{
    u32 start = index - min(index, READAHEAD_AROUND / 2);

    if (!mapping->ops->readpage || readahead_single ||
        is_cached(mapping, index) || index >= mapping_pages(mapping))
        return false;
    read_range(mapping, start, READAHEAD_AROUND, ~0u, index);
    return true;
}

void mapping_will_need(struct mapping *mapping, u32 first, u32 last)
{
    if (mapping->ops->readpage && first <= last)
        read_range(mapping, first, last - first + 1, ~0u, NOBODY_WAITS);
}
