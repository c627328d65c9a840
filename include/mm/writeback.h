// include/mm/writeback.h - when dirty pages are written: limits, flusher, sync
// SPDX-License-Identifier: MIT
//
// Numbers and rules are Linux's (admin-guide/sysctl/vm.rst).
#pragma once

#include <base/compiler.h>
#include <base/list.h>
#include <base/types.h>

// What the file systems do when the flusher comes round. mm knows of them only
// through this.
struct writeback_client {
    struct list_head link;
    // flush_metadata - bring what is dirty but has no page (inodes) to where
    // the flusher finds it. Context: the flusher; may sleep.
    void (*flush_metadata)(void);
};
void writeback_register(struct writeback_client *client); // boot

// writeback_wake - there is something to write: reclaim met dirty pages, or a
// limit was passed. Any context.
void writeback_wake(void);

// writeback_throttle - after dirtying a page: waits while there is too much
// that is dirty. Context: task without page locks; may sleep.
void writeback_throttle(void);

// writeback_start_all - start writing all that is dirty now.
// writeback_sync_all - and wait for it. Errors stay with the mappings.
// Context: task, may sleep.
void writeback_start_all(void);
void writeback_sync_all(void);

// writeback_init - boot, when threads can be started.
void writeback_init(void);

// /proc/sys/vm/dirty_*: see mm/dirty_limits.c.
enum dirty_setting {
    DIRTY_RATIO,            // percent of dirtyable memory
    DIRTY_BYTES,            // or so much, not 0
    DIRTY_BACKGROUND_RATIO, // where the flusher starts
    DIRTY_BACKGROUND_BYTES,
    DIRTY_EXPIRE_CENTISECS,    // so old is written by itself
    DIRTY_WRITEBACK_CENTISECS, // how often the flusher looks; 0: never
    DIRTY_HIGHMEM,             // whether high memory counts as dirtyable
    DIRTY_SETTINGS
};
u32 dirty_setting(enum dirty_setting which);
// Return: 0; -EINVAL.
__must_check int dirty_setting_set(enum dirty_setting which, u32 value);

// dirty_limits - pages: writers are stopped above *@limit; the flusher works
// above *@background. Any context.
void dirty_limits(u32 *limit, u32 *background);

// dirty_expire_ns - the age at which a page is written.
u64 dirty_expire_ns(void);
