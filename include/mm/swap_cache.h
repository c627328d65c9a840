// include/mm/swap_cache.h - pages that have a swap slot; slots in PTEs
// SPDX-License-Identifier: MIT
//
// Between memory and disk a page is in the swap cache: found by its entry, so
// that all who fault on the entry get the same page, and that a page being
// written is not read back stale. The cache holds one reference and the flag
// SWAP_HAS_CACHE of the slot.
#pragma once

#include <kernel/trace_bits.h>
#include <mm/page_alloc.h>
#include <mm/vma.h>

struct radix_tree;

// swap_get, swap_put - one more, one less entry in page tables for a slot.
// Return of get: 0; -ENOENT: not a slot in use (a damaged entry); -EOVERFLOW.
// No sleep.
__must_check int swap_get(swap_entry_t entry);
void swap_put(swap_entry_t entry);

// swap_put_mapped - swap_put by who has mapped the slot's page, which is in the
// cache and stays there.
void swap_put_mapped(swap_entry_t entry);

// swap_cache_add - give the anonymous page (locked, unmapped or not) a slot.
// Return: 0; -ENOSPC; -ENOMEM. Context: reclaim; does not sleep.
__must_check int swap_cache_add(struct page *page);

// swap_cache_find - the cached page of an entry, with a reference; or NULL.
struct page *swap_cache_find(swap_entry_t entry);

// swap_cache_tree - the tree that finds them: by entry.v, a page, or the shadow
// of one that has left (mm/workingset.h). For the list of its leaves.
struct radix_tree *swap_cache_tree(void);

// swap_has_shadow - whether a shadow is in the place of an entry's page, for
// the census.
bool swap_has_shadow(swap_entry_t entry);

// swap_cache_nodes - nodes of the tree that finds them, for the census.
u32 swap_cache_nodes(void);

// swap_cache_delete - the page (locked or not in use by others, not under
// writeback) leaves the cache; its content is then only in the page, to which
// the caller has a reference.
void swap_cache_delete(struct page *page);

// swap_cache_evict - the same for reclaim, which takes the page (clean): its
// content is only in the slot, and its place keeps a shadow.
void swap_cache_evict(struct page *page);

// swap_cache_try_free - drop the slot when no page table names it and it is not
// being written. Return: true when the page is out of the cache.
bool swap_cache_try_free(struct page *page);

// swap_entry_is_leaving - whether the entry's area is going off: what is in it
// is not to be unmapped into it again.
bool swap_entry_is_leaving(swap_entry_t entry);

// swap_is_bad - whether the page's slot could not be written.
bool swap_is_bad(swap_entry_t entry);

// swap_read - the page of an entry, uptodate, in the cache, with a reference.
// The caller has seen the entry since it last slept. @why: for the trace.
// *@waited: I/O was waited for. Return: 0; -ENOMEM; -EIO; -EINTR: being killed;
// -ENOENT: the entry was freed meanwhile (look again). May sleep.
__must_check int swap_read(swap_entry_t entry, enum trace_swap why,
                           struct page **out, bool *waited);

// swap_write - start writing a page of the cache (locked, dirty, unmapped);
// sets PG_WRITEBACK, clears PG_DIRTY. Neighbouring slots gather in one
// transfer until swap_write_flush, which page_wait_writeback does itself.
// Return: 0; -EAGAIN: nothing started.
__must_check int swap_write(struct page *page);
void swap_write_flush(void);

// Less than half of the slots are free: slots of pages in memory are given up.
bool swap_is_short(void);

// swap_unuse_area - bring everything that is in area @number back to memory
// (mm/swapoff.c). Return: as swap_off. May sleep, long.
__must_check int swap_unuse_area(u32 number);

// swapoff_check - whether the current task, if it is in swapoff, is to end
// that. Return: 0; -EINTR: a signal is pending; -ENOMEM: it was asked to give
// up.
__must_check int swapoff_check(void);

// swapoff_give_up - memory is so short that somebody would be killed: have
// every swapoff that runs end with -ENOMEM, and use what was going off. Return:
// whether there was something to give up. No sleep.
bool swapoff_give_up(void);

// swap_cache_drop_unused - give up the slots of area @number that only the
// cache names; waits for pages being written. Return: 0; as swapoff_check. May
// sleep.
__must_check int swap_cache_drop_unused(u32 number);

// swap_area_used - slots of an area that somebody names or caches.
u32 swap_area_used(u32 number);
