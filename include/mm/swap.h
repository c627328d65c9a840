// include/mm/swap.h - swap areas and the swap cache
// SPDX-License-Identifier: MIT
//
// mm knows nothing of disks: an area is read and written through
// swap_backing_ops, bound to a block device by kernel/swap_backing.c.
#pragma once

#include <mm/page_alloc.h>

#define SWAP_IO_PAGES 32u // one transfer: consecutive slots
#define SWAP_IO_MAX   16u // transfers in flight per area

struct swap_area;

// A transfer of consecutive slots. Preallocated by mm/swap.c.
struct swap_io {
    struct list_head link;
    struct swap_area *area;
    u32 slot;  // the first
    u32 count; // pages
    struct page *pages[SWAP_IO_PAGES];
    bool write;
    int error;                        // set before done
    void (*done)(struct swap_io *io); // any context
    void *backing; // the backing's own, set once by ops->open
};

struct swap_backing_ops {
    // submit - start it; io->done later or at once. Never allocates. Return: 0
    // or -errno (done is then not called). Any context.
    int (*submit)(void *device, struct swap_io *io);
    // close - the area is off: release the device.
    void (*close)(void *device);
};

// swap_on - start swapping to @device.
// @pages: its size; @name for /proc/swaps. The header (page 0) has been read
// by the caller into @header (4096 bytes) and is checked here.
// @ios: SWAP_IO_MAX transfers with ->backing set. Return: 0; -EINVAL: no
// signature, a hibernation image, bad numbers; -EPERM: too many areas; -ENOMEM.
__must_check int swap_on(const struct swap_backing_ops *ops, void *device,
                         u32 pages, const void *header, s32 priority,
                         const char *name, struct swap_io *ios);

// swap_off - bring everything back and stop. Return: 0; -EINVAL: no such area;
// -ENOMEM; -EINTR. May sleep, long.
__must_check int swap_off(const char *name);

struct swap_info {
    char name[32];
    u32 total_pages, used_pages;
    s32 priority;
};
// swap_get_info - the @n-th active area. Return: false: no more.
bool swap_get_info(u32 n, struct swap_info *out);
u32 swap_total_pages(void);
u32 swap_free_pages(void);
