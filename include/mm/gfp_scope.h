// include/mm/gfp_scope.h - what allocations of a task may do, for a while
// SPDX-License-Identifier: MIT
//
// Who holds a lock, or is in a state, that reclaim would need says so once,
// around all it calls, instead of passing flags through every function:
//
//     u32 scope = memalloc_nofs_save();
//     ... anything that allocates ...
//     memalloc_nofs_restore(scope);
//
// noio: on the way to a disk, or holding what a transfer waits for: reclaim
// starts no I/O and enters no file system. nofs: inside a file system: reclaim
// may swap, but frees no names and inodes. Scopes nest. Context: task.
#pragma once

#include <kernel/task.h>
#include <mm/page_alloc.h>

#define GFP_SCOPE_FLAGS ((u32)(TF_NOIO | TF_NOFS))

static inline u32 memalloc_scope_save(u32 flags)
{
    u32 was = current->flags & GFP_SCOPE_FLAGS;

    current->flags |= flags;
    return was;
}
static inline void memalloc_scope_restore(u32 was)
{
    current->flags = (current->flags & ~GFP_SCOPE_FLAGS) | was;
}

static inline u32 memalloc_noio_save(void)
{
    return memalloc_scope_save(TF_NOIO | TF_NOFS);
}
static inline void memalloc_noio_restore(u32 was)
{
    memalloc_scope_restore(was);
}
static inline u32 memalloc_nofs_save(void)
{
    return memalloc_scope_save(TF_NOFS);
}
static inline void memalloc_nofs_restore(u32 was)
{
    memalloc_scope_restore(was);
}

// gfp_in_scope - @gfp less what the current task's scopes forbid. Only for
// requests that may wait: others reclaim nothing, and may come from a handler.
static inline u32 gfp_in_scope(u32 gfp)
{
    if (likely(!(current->flags & GFP_SCOPE_FLAGS)) || !(gfp & GFP_WAIT))
        return gfp;
    if (current->flags & TF_NOIO)
        gfp &= ~(u32)GFP_IO;
    return gfp & ~(u32)GFP_FS;
}
