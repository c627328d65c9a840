// include/mm/swap.h - swap areas: on, off, what there is
// SPDX-License-Identifier: MIT
//
// mm knows nothing of disks: an area is read and written through
// swap_backing_ops, bound to a block device by kernel/swap_backing.c.
#pragma once

#include <mm/page_alloc.h>
#include <mm/swap_header.h>

#define SWAP_IO_PAGES 32u // one transfer: consecutive slots
#define SWAP_IO_MAX   16u // transfers in flight per area

// No priority of its own: below all that there are.
#define SWAP_PRIORITY_DEFAULT (-1)

struct swap_area;

// A transfer of consecutive slots. Preallocated by the backing.
struct swap_io {
    struct list_head link;
    struct swap_area *area;
    u32 slot;  // the first
    u32 count; // pages
    struct page *pages[SWAP_IO_PAGES];
    bool write;
    u32 needed; // for the trace: this slot is read for `why`, the others
    u32 why;    // ahead (enum trace_swap); who asked for the transfer; and
    s32 pid;    // when it began (trace_start), 0: not traced
    u64 begun;
    int error;                        // set before done
    void (*done)(struct swap_io *io); // any context
    void *backing;                    // the backing's own, set before swap_on
};

struct swap_backing_ops {
    // submit - start it; io->done later or at once. Never allocates. Return: 0
    // or -errno (done is then not called). Any context.
    int (*submit)(void *device, struct swap_io *io);
    // close - the area is off: release the device. Context: task, may sleep.
    void (*close)(void *device);
    // name - its path, in @buf or constant, for /proc/swaps. No sleep.
    const char *(*name)(void *device, char *buf, u32 bytes);
};

// What is to become an area.
struct swap_setup {
    const struct swap_backing_ops *ops;
    void *device;
    const char *name; // for the log
    enum swap_kind kind;
    const u8 *header; // its first page
    u32 pages;        // that the place has
    u32 slots_max; // ... and that can be used as slots, the header's included
    s32 priority;  // higher ones first; or SWAP_PRIORITY_DEFAULT
    struct swap_io *ios; // SWAP_IO_MAX, with ->backing set
};

// swap_on - start swapping. Return: 0; -EINVAL: the header says no (logged);
// -EPERM: SWAP_AREAS_MAX are on; -ENOMEM. Context: task, sleeps.
__must_check int swap_on(const struct swap_setup *setup);

// swap_is_full - whether there are SWAP_AREAS_MAX areas. No sleep.
bool swap_is_full(void);

// swap_off - bring everything in @device's area back and stop; then
// ops->close. On failure the area is on as before, and nothing is lost.
// Return: 0; -EINVAL: no such area, or it is going off already; -ENOMEM: it
// does not fit into memory and the other areas; -EINTR; -EIO: a slot could not
// be read (logged); -EBUSY: what holds a slot does not let go of it (logged).
// Context: task, sleeps, long.
__must_check int swap_off(const void *device);

struct swap_info {
    const char *name; // in the caller's buffer, or constant
    enum swap_kind kind;
    u32 total_pages, used_pages;
    s32 priority;
};
// swap_get_info - the @n-th area. Return: false: no more. No sleep.
bool swap_get_info(u32 n, struct swap_info *out, char *buf, u32 bytes);
u32 swap_total_pages(void);
u32 swap_free_pages(void);
