// mm/swap_area.h - one swap area, shared by swap.c, swap_cache.c, swap_io.c
// SPDX-License-Identifier: MIT
#pragma once

#include <kernel/trace.h>
#include <kernel/wait.h>
#include <lib/radix_tree.h>
#include <mm/swap.h>
#include <mm/swap_map.h>

struct swap_area {
    const struct swap_backing_ops *ops;
    void *device;
    enum swap_kind kind;
    u32 number;
    struct swap_map map;
    u32 good_pages; // that could hold something when it was set up
    s32 priority;
    bool write_ok;   // slots may be given out; false while it is going off
    bool failed;     // (i) nothing is written to it any more (swap_io.c)
    u32 failures;    // (i) writes that failed, since one succeeded
    u32 round_slots; // given out since its turn among equals began
    u32 users;       // who sleeps while holding a pointer to this
    struct wait_queue users_gone;
    char name[48]; // for the log
    struct list_head free_ios;
    struct wait_queue io_waiters;
    struct swap_io *gather; // a write that may still grow, or NULL
};

// By number; NULL: none. All are below swap_areas_end: most machines have one
// area, and what there is is asked several times for each page that goes out.
extern struct swap_area *swap_areas[SWAP_AREAS_MAX];
extern u32 swap_areas_end;

// The area of an entry; NULL: none (a damaged entry).
static inline struct swap_area *swap_area_of(swap_entry_t entry)
{
    u32 number = swap_entry_area(entry);

    return number < SWAP_AREAS_MAX ? swap_areas[number] : NULL;
}

// swap_area_get, swap_area_put - it stays allocated while the caller sleeps,
// even if it goes off. NULL: there is none.
struct swap_area *swap_area_get(swap_entry_t entry);
void swap_area_put(struct swap_area *area);

// The area to take the next slot from, which is then counted as taken; NULL:
// all full.
struct swap_area *swap_area_choose(void);

// swap_cache_insert - put @page into the cache under @entry, whose slot has
// been claimed for it. *@out_shadow: of whom it takes the place; 0: nobody's.
// Return: 0; -ENOMEM as radix_tree_insert. No sleep.
__must_check int swap_cache_insert(struct page *page, swap_entry_t entry,
                                   struct radix_preload *pre, u32 *out_shadow);

// swap_areas_stay - slots are given out again in areas that were going off.
void swap_areas_stay(void);

// Transfers (swap_io.c).
void swap_io_init(struct swap_area *area, struct swap_io *ios);

// swap_area_takes_writes - it is neither going off nor has it failed.
static inline bool swap_area_takes_writes(const struct swap_area *area)
{
    return area->write_ok && !area->failed;
}

// What a read is for.
struct swap_need {
    u32 slot; // others are read ahead
    enum trace_swap why;
};

// swap_io_read - read @count consecutive slots from @slot into @pages (locked;
// unlocked when done). A failure to start counts as a failed read. Sleeps for a
// free transfer.
void swap_io_read(struct swap_area *area, u32 slot, struct page **pages,
                  u32 count, const struct swap_need *need);

// swap_io_write - write one page; gathers unless @alone. PG_WRITEBACK is set.
void swap_io_write(struct swap_area *area, u32 slot, struct page *page,
                   bool alone);
void swap_io_flush(struct swap_area *area);
