// mm/swapoff.c - bringing back everything that is in a swap area
// SPDX-License-Identifier: MIT
//
// Each address space is walked, and every entry that names the area is replaced
// by its page; then the slots that only the swap cache names are given up.
// Repeated until the area is empty: a fork may have copied entries behind the
// walk, and pages may have been on their way out. No new slots are given out
// meanwhile (write_ok is false).
//
// Each walk holds a user count of the address space it is in, so that the list
// can be followed on after it slept.

#include <mm/swap_cache.h>

#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <mm/swap.h>
#include <mm/zone.h>

#include "mm_list.h"

// Bad slots and such may make an area that never gets empty: not for ever.
#define PASSES_MAX 16u

// The lowest address >= *@addr in @mm whose entry is in area @number.
static bool find_entry(const struct mm *mm, u32 number, user_addr_t *addr)
{
    user_addr_t end = user_addr(TASK_SIZE);
    pte_t *slot;

    pmap_for_each_slot(slot, &mm->pmap, *addr, end)
    {
        pte_t pte = pte_read(slot);

        if (pte_is_swap(pte) && swap_entry_area(pte_swap_entry(pte)) == number)
            return true;
    }
    return false;
}

static int unuse_mm(struct mm *mm, u32 number)
{
    user_addr_t addr = user_addr(0);

    while (find_entry(mm, number, &addr)) {
        int err = mm_swap_in(mm, addr);

        if (err && err != -EAGAIN)
            return err;
        if (signal_pending(current))
            return -EINTR;
        addr = user_add(addr, PAGE_SIZE);
        cond_resched();
    }
    return 0;
}

static int unuse_all(u32 number)
{
    struct mm *mm = list_first_entry(&mm_list, struct mm, link), *next;
    int err = 0;

    if (list_empty(&mm_list))
        return 0;
    mm_get(mm);
    for (;;) {
        if (!err)
            err = unuse_mm(mm, number);
        next = mm->link.next == &mm_list
                   ? NULL
                   : list_entry(mm->link.next, struct mm, link);
        if (next)
            mm_get(next);
        mm_put(mm);
        if (!next)
            return err;
        mm = next;
    }
}

// Whether what is in the area fits into memory and the other areas.
static bool fits(u32 used)
{
    u32 room = swap_free_pages();

    zone_for_each (zone) {
        room += zone->buddy.free_frames + zone->lru_pages[LRU_ACTIVE_FILE] +
                zone->lru_pages[LRU_INACTIVE_FILE];
    }
    return used < room;
}

int swap_unuse_area(u32 number)
{
    if (!fits(swap_area_used(number)))
        return -ENOMEM;
    for (u32 pass = 0; pass < PASSES_MAX; pass++) {
        int err = unuse_all(number);

        if (err)
            return err;
        swap_cache_drop_unused(number);
        if (swap_area_used(number) == 0)
            return 0;
    }
    return -EAGAIN;
}
