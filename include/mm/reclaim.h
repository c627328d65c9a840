// include/mm/reclaim.h - making free frames out of used ones
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/zone.h>

// reclaim_direct - free some frames in zones up to @highest on behalf of the
// current task. Return: whether it made progress. Context: task, may sleep
// (and start I/O, with GFP_IO).
bool reclaim_direct(enum zone_id highest, u32 gfp, u32 order);

// reclaim_drop_clean - let go of all clean pages of files that nobody maps.
// Context: task, may sleep.
void reclaim_drop_clean(void);

// kswapd_wake - there is work for it. Any context; nothing before it runs.
void kswapd_wake(enum zone_id highest, u32 order);
void kswapd_init(void);

// reclaim_write_done - a page that reclaim had written is clean (or not, on
// error): wakes those who wait for that. Any context.
void reclaim_write_done(void);

// oom_kill - nothing can be reclaimed: choose a task and kill it, or wait for
// the last victim to be gone. Return: false: nobody can be killed.
// Context: task, may sleep.
bool oom_kill(enum zone_id highest, u32 order);
