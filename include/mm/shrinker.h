// include/mm/shrinker.h - caches that give memory back when it is short
// SPDX-License-Identifier: MIT
#pragma once

#include <base/list.h>
#include <base/types.h>

enum shrinker_flag {
    // Freeing enters a file system (lets go of inodes): only for reclaim that
    // may (GFP_FS), and by tasks that hold no mutex but a file's position.
    SHRINKER_FS = 1u << 0,
};

// Someone who keeps objects for speed only. Not freed; registered once.
struct shrinker {
    const char *name;
    u32 flags;
    // count - how many could go. Any state, no sleep.
    u32 (*count)(void);
    // scan - free up to @want of them. Return: how many. Context: task, in
    // reclaim: may sleep if SHRINKER_FS, and must not need memory beyond the
    // reserve.
    u32 (*scan)(u32 want);
    struct list_head link;
    u64 debt; // shrinker.c: owed, in 1/256 object
};

void shrinker_register(struct shrinker *shrinker);

// shrink_caches - reclaim has looked at @scanned of @lru_pages pages (or would
// have): let each shrinker look at the same share of its objects.
// Return: objects freed. Context: task, may sleep.
u32 shrink_caches(u32 scanned, u32 lru_pages, u32 gfp);

// shrink_all - everything that can go, for drop_caches.
u32 shrink_all(void);
