// include/mm/mlock.h - memory that stays in memory
// SPDX-License-Identifier: MIT
//
// An area with VM_LOCKED is faulted in when it becomes so (VM_LOCKONFAULT: page
// by page, when touched), and reclaim leaves its pages alone: they are
// PG_MLOCKED and on LRU_UNEVICTABLE. Pages of the areas count once for the
// process (mm->locked_pages, RLIMIT_MEMLOCK), however often they are locked.
#pragma once

#include <mm/mm.h>

// mm_lock - mlock(2), mlock2(2): @lock_flags of VM_LOCKED, VM_LOCKONFAULT.
// Return: 0; -EPERM: RLIMIT_MEMLOCK is 0; -ENOMEM: above it, or a hole, or
// pages that cannot be accessed (the others are locked); -EAGAIN: no memory for
// all; -EINVAL: the range wraps. Takes mm->lock, may sleep, long.
__must_check int mm_lock(struct mm *mm, user_addr_t start, u32 bytes,
                         u32 lock_flags);

// mm_unlock - munlock(2). Return: 0; -ENOMEM: a hole; -EINVAL.
__must_check int mm_unlock(struct mm *mm, user_addr_t start, u32 bytes);

// mm_lock_all - mlockall(2): @now: lock flags for all areas that are there
// (with @set_now; else they stay), @future: for those to come.
// Return: 0; -EPERM; -ENOMEM: above the limit.
__must_check int mm_lock_all(struct mm *mm, bool set_now, u32 now, u32 future);

// mm_unlock_all - munlockall(2).
void mm_unlock_all(struct mm *mm);

// mm_populate - fault in what is mapped in [start, start + bytes), as locking
// does: private writable pages for writing, else for reading.
// Return: 0; -EFAULT: a page that cannot be had; -ENOMEM; -EINTR: being killed.
// Takes mm->lock, may sleep, long.
__must_check int mm_populate(struct mm *mm, user_addr_t start, u32 bytes);

// mm_populate_quietly - the same for areas that are new: what of them cannot be
// had is found out by the access.
void mm_populate_quietly(struct mm *mm, user_addr_t start, u32 bytes);

// mm_populate_for - the same, each page for @access, which the areas must
// allow. Return: also -EINVAL: one does not; -ENOMEM: holes, the rest is done.
__must_check int mm_populate_for(struct mm *mm, user_addr_t start, u32 bytes,
                                 enum fault_access access);

// mapping_set_unevictable - no page of @mapping leaves memory any more, or they
// may again: SHM_LOCK. May sleep.
void mapping_set_unevictable(struct mapping *mapping, bool unevictable);
