// mm/counts.h - pages by use, counted where they change
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// In frames. Changed in tasks and, dirty and writeback, in handlers too.
struct vm_counts {
    s32 anon_mapped;        // anonymous pages with a mapping
    s32 file_mapped;        // cache pages with a mapping
    s32 cached;             // in page caches
    s32 unevictable_cached; // of these, in tmpfs
    s32 swap_cached;
    s32 dirty;
    s32 writeback;
};

extern struct vm_counts vm_counts;
