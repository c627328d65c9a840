// include/kernel/shm.h - System V shared memory: segments
// SPDX-License-Identifier: MIT
//
// A segment is an unnamed file in memory (fs/shmem.h) with an owner, a key and
// a number. It lives until it is removed (IPC_RMID) and nobody has it attached.
//
// Context: tasks. What is found stays valid until the caller sleeps, or as long
// as it counts as attached.
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <mm/addr.h>

struct file;

// Bits of mode beside the permissions, as Linux has them.
#define SHM_MODE_DEST   01000u // goes with its last attachment
#define SHM_MODE_LOCKED 02000u // SHM_LOCK

struct shm_segment {
    s32 id;
    s32 key; // 0 (IPC_PRIVATE): cannot be found by it
    u32 mode;
    u32 uid, gid, cuid, cgid;
    u32 bytes;
    struct file *file; // held
    s32 cpid, lpid;    // who made it; who attached or detached it last
    u32 attaches;
    u64 attached_s, detached_s, changed_s; // since 1970
};

struct shm_totals {
    u32 segments;
    u32 pages, resident, swapped; // of all sizes; of what is there
};

// The limits, /proc/sys/kernel/shm*.
extern u32 shm_max_bytes, shm_max_pages, shm_max_segments;

// shm_find - by number. NULL: none. shm_find_slot - by place in the table: the
// one at @slot, for those who list all.
struct shm_segment *shm_find(s32 id);
struct shm_segment *shm_find_slot(u32 slot);
// shm_slots - places below which all segments are.
u32 shm_slots(void);

// shm_get - shmget(2). Return: the number; -errno as in its manual. May sleep.
s32 shm_get(s32 key, u32 bytes, u32 flags);

// shm_may - Return: 0; -EACCES. @wanted as in a mode: 0444 to read ...
__must_check int shm_may(const struct shm_segment *segment, u32 wanted);

// shm_attach - shmat(2), at *@addr (0: anywhere), which becomes the address.
// Return: 0; -errno as in its manual. May sleep.
__must_check int shm_attach(s32 id, u32 *addr, u32 flags);

// shm_detach - shmdt(2). Return: 0; -EINVAL; -ENOMEM. May sleep.
__must_check int shm_detach(u32 addr);

// shm_remove - it cannot be found any more and goes when nobody has it. May
// sleep.
void shm_remove(struct shm_segment *segment);

// shm_set_locked - SHM_LOCK, SHM_UNLOCK.
void shm_set_locked(struct shm_segment *segment, bool locked);

// shm_now_s - the time that segments note: seconds since 1970.
u64 shm_now_s(void);

// Pages of a segment, in memory and in swap.
u32 shm_resident_pages(const struct shm_segment *segment);
u32 shm_swapped_pages(const struct shm_segment *segment);
void shm_totals(struct shm_totals *out);

// For /proc/sys/kernel: as struct proc_setting has it.
void shm_limit_show(const char *name, char *buf, size_t size);
int shm_limit_store(const char *name, const char *text);
