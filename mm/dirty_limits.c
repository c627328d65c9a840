// mm/dirty_limits.c - how much may be dirty, and for how long
// SPDX-License-Identifier: MIT
//
// What can be dirty is memory that is free or holds pages of files, less what
// is kept free. High memory does not count unless vm.highmem_is_dirtyable is
// set: a dirty page needs buffers and tables in low memory to be written, and a
// limit counted over all memory would let low memory fill up with those.
//
// A limit is a ratio of that or a number of bytes, whichever was set last.
//
// Source: admin-guide/sysctl/vm.rst; the rules of Linux 6.1.

#include <mm/writeback.h>

#include <base/errno.h>
#include <kernel/time.h>
#include <mm/zone.h>

#include "pagecache_private.h"

#define RATIO_MAX 100u

static u32 settings[DIRTY_SETTINGS] = {
    [DIRTY_RATIO] = 20,
    [DIRTY_BACKGROUND_RATIO] = 10,
    [DIRTY_EXPIRE_CENTISECS] = 3000,
    [DIRTY_WRITEBACK_CENTISECS] = 500,
};

u32 dirty_setting(enum dirty_setting which)
{
    return settings[which];
}

// The other way of saying the same.
static void set_one_of(enum dirty_setting which, u32 value,
                       enum dirty_setting other)
{
    settings[which] = value;
    settings[other] = 0;
}

int dirty_setting_set(enum dirty_setting which, u32 value)
{
    switch (which) {
    case DIRTY_RATIO:
    case DIRTY_BACKGROUND_RATIO:
        if (value > RATIO_MAX)
            return -EINVAL;
        set_one_of(which, value, which + 1);
        break;
    case DIRTY_BYTES:
        if (value < 2 * PAGE_SIZE)
            return -EINVAL;
        set_one_of(which, value, DIRTY_RATIO);
        break;
    case DIRTY_BACKGROUND_BYTES:
        if (!value)
            return -EINVAL;
        set_one_of(which, value, DIRTY_BACKGROUND_RATIO);
        break;
    case DIRTY_HIGHMEM:
        if (value > 1)
            return -EINVAL;
        settings[which] = value;
        break;
    case DIRTY_EXPIRE_CENTISECS:
    case DIRTY_WRITEBACK_CENTISECS: settings[which] = value; break;
    case DIRTY_SETTINGS: return -EINVAL;
    }
    flusher_wake();
    return 0;
}

static u32 dirtyable_pages(void)
{
    u32 pages = 0;

    static_assert(DIRTY_BYTES == DIRTY_RATIO + 1 &&
                      DIRTY_BACKGROUND_BYTES == DIRTY_BACKGROUND_RATIO + 1,
                  "the other way is the next one");
    zone_for_each (zone) {
        u32 free = zone->buddy.free_frames;

        if (zone->id == ZONE_HIGHMEM && !settings[DIRTY_HIGHMEM])
            continue;
        pages += free - min(free, zone->mark[MARK_HIGH]);
        pages += zone->lru_pages[LRU_ACTIVE_FILE] +
                 zone->lru_pages[LRU_INACTIVE_FILE];
    }
    return pages;
}

static u32 limit_of(enum dirty_setting ratio, u32 dirtyable)
{
    u32 bytes = settings[ratio + 1];

    if (bytes)
        return bytes / PAGE_SIZE + (bytes % PAGE_SIZE != 0);
    return dirtyable / RATIO_MAX * settings[ratio] +
           dirtyable % RATIO_MAX * settings[ratio] / RATIO_MAX;
}

void dirty_limits(u32 *limit, u32 *background)
{
    u32 dirtyable = dirtyable_pages();

    *limit = limit_of(DIRTY_RATIO, dirtyable);
    *background = limit_of(DIRTY_BACKGROUND_RATIO, dirtyable);
    if (*background >= *limit)
        *background = *limit / 2;
}

u64 dirty_expire_ns(void)
{
    return (u64)settings[DIRTY_EXPIRE_CENTISECS] * 10 * NSEC_PER_MSEC;
}
