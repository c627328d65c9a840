// mm/pagecache_private.h - what the parts of the page cache share
// SPDX-License-Identifier: MIT
#pragma once

#include <kernel/trace.h>
#include <mm/pagecache.h>

// page_wake - a bit of @page that somebody may wait for was cleared.
void page_wake(struct page *page); // page_lock.c
void page_lock_init(void);

// pagecache_read_new - a new page at @index, its reading started; with a
// reference for the caller. Return: 0; -EEXIST: one is there; -ENOMEM; what
// readpage said. May sleep.
__must_check int pagecache_read_new(struct mapping *mapping, u32 index, u32 gfp,
                                    struct page **out);

// pagecache_remove - take @page (locked, unmapped, not being written) out of
// the cache and drop its reference.
void pagecache_remove(struct page *page);

// pagecache_trace - CACHE of a page that has come into the cache, or leaves it;
// its owner is known. No sleep.
void pagecache_trace(const struct page *page, enum trace_cache what);

// readahead_used, readahead_unused - of a page with PG_AHEAD, for the trace:
// somebody wanted it; it leaves, and nobody has (readahead.c). It is in the
// cache still, or its owner is known. No sleep.
void readahead_used(struct page *page);
void readahead_unused(struct page *page);

// mapping_wait_users - until nobody who sleeps uses @mapping (writeback.c).
void mapping_wait_users(struct mapping *mapping);

// mapping_write_some - write up to @budget dirty pages without waiting, of any
// age; what stays dirty counts as dirtied now. Return: how many.
u32 mapping_write_some(struct mapping *mapping, u32 budget);

// dirty_mapping_oldest - that has been dirty since @before_ns or longer, or
// NULL. Good until the caller sleeps.
struct mapping *dirty_mapping_oldest(u64 before_ns);

// dirty_mappings_wait - for all that is being written now.
void dirty_mappings_wait(void);

// pages_to_write - dirty or being written to a store of files.
u32 pages_to_write(void);

// flusher_wake - look at the limits and the clock. Any context.
void flusher_wake(void);

// flusher_write_done - pages became clean: wake who is throttled. Any context.
void flusher_write_done(void);

// Read-ahead for a reader whose page is missing / marked (readahead.c).
void readahead_miss(struct mapping *mapping, u32 index, u32 want,
                    struct readahead *ra);
void readahead_mark(struct mapping *mapping, struct page *page, u32 want,
                    struct readahead *ra);
// ... around a fault at @index. Return: whether its page was missing.
bool readahead_around(struct mapping *mapping, u32 index);
