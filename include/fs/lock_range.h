// include/fs/lock_range.h - ranges of bytes and who holds them [P]
// SPDX-License-Identifier: MIT
//
// A list of ranges, by start. Those of one owner are disjoint, and adjacent
// ones differ in mode. Ranges of different owners may overlap if both are
// shared; nobody but the caller, who asks lock_range_conflict first, sees to
// that.
#pragma once

#include <base/list.h>
#include <base/types.h>

enum lock_mode {
    LOCK_MODE_NONE,
    LOCK_MODE_SHARED,
    LOCK_MODE_EXCLUSIVE,
};

#define LOCK_RANGE_END 0x7fffffffffffffffull // as @last: to the end of the file

struct lock_range {
    struct list_head link;
    const void *owner;
    u64 start, last; // the last byte belongs to it
    enum lock_mode mode;
    s32 pid; // of who asked for it
};

// lock_range_conflict - the first range of somebody else that is in the way of
// @want (owner, range and mode). NULL: none.
struct lock_range *lock_range_conflict(const struct list_head *list,
                                       const struct lock_range *want);

#define LOCK_RANGE_SPARES 2u

// lock_range_set - @want->owner holds @want's range in its mode from now on
// (LOCK_MODE_NONE: not at all). @spare has LOCK_RANGE_SPARES ranges to take,
// none for LOCK_MODE_NONE over all; it gets those that are no longer needed.
// Return: whether anything was given up that others may wait for.
bool lock_range_set(struct list_head *list, const struct lock_range *want,
                    struct list_head *spare);

// lock_range_check - sorted, disjoint by owner, merged. For tests.
bool lock_range_check(const struct list_head *list);
