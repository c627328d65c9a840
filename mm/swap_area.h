// mm/swap_area.h - swap areas, as swap.c, swap_io.c and swap_cache.c share them
// SPDX-License-Identifier: MIT
#pragma once

#include <kernel/wait.h>
#include <mm/swap.h>
#include <mm/swap_map.h>

struct swap_area {
    const struct swap_backing_ops *ops;
    void *device;
    struct swap_map map;
    u32 number; // index in the table of areas
    u32 pages;  // slots, the header's included
    s32 priority;
    bool write_ok; // slots may be given out; false while it is going off
    char name[32];
    struct list_head free_ios;
    struct wait_queue io_waiters;
    struct swap_io *gather; // a write that may still grow, or NULL
};

// The area of an entry; NULL: none (a damaged entry).
struct swap_area *swap_area_of(swap_entry_t entry);

// The next area to take a slot from; NULL: all full.
struct swap_area *swap_area_choose(void);

// Transfers (swap_io.c).
void swap_io_init(struct swap_area *area, struct swap_io *ios);

// swap_io_read - read @count consecutive slots from @slot into @pages (locked;
// unlocked when done). A failure to start counts as a failed read. Sleeps for a
// free transfer.
void swap_io_read(struct swap_area *area, u32 slot, struct page **pages,
                  u32 count);

// swap_io_write - write one page; gathers unless @alone. PG_WRITEBACK is set.
void swap_io_write(struct swap_area *area, u32 slot, struct page *page,
                   bool alone);
void swap_io_flush(struct swap_area *area);
