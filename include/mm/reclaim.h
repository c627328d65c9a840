// include/mm/reclaim.h - making free frames out of used ones
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/zone.h>

// reclaim_direct - free some frames in zones up to @highest on behalf of the
// current task. Return: whether it made progress. Context: task, may sleep
// (and start I/O, with GFP_IO).
bool reclaim_direct(enum zone_id highest, u32 gfp, u32 order);

// reclaim_could_help - whether free pages up to @highest and all that could be
// reclaimed together would be above the min mark, or writes are under way.
bool reclaim_could_help(enum zone_id highest);

// reclaim_pages - take the pages on @list (by lru; from lru_isolate), used
// recently or not, if they can be taken; the rest goes back to the LRU lists.
// What has to be written leaves when that is done. Return: pages freed.
// Context: task, may sleep.
u32 reclaim_pages(struct list_head *list);

// reclaim_drop_clean - let go of all clean pages of files that nobody maps.
// Context: task, may sleep.
void reclaim_drop_clean(void);

// kswapd_wake - there is work for it. Any context; nothing before it runs.
void kswapd_wake(enum zone_id highest, u32 order);
void kswapd_init(void);

// reclaim_note_min - a request that may use zones up to @highest has found none
// above its min mark: MARK of the trace. Any context.
void reclaim_note_min(enum zone_id highest);

// reclaim_write_done - a page that reclaim had written is clean (or not, on
// error): wakes those who wait for that. Any context.
void reclaim_write_done(void);
