// mm/swapoff.c - bringing back everything that is in a swap area
// SPDX-License-Identifier: MIT
//
// Each address space is walked, and every entry that names the area is replaced
// by its page; then the trees of shmem; then the slots that only the swap cache
// names are given up. Repeated until the area is empty: pages may have been on
// their way in or out.
//
// Why it ends: no new slots are given out meanwhile (write_ok is false),
// reclaim does not unmap a page into the area again (swap_entry_is_leaving),
// and a child that fork gives entries to is behind its parent in the list. So
// after one pass only what others hold for a moment is left, like a page that a
// fault has read and not mapped yet.
//
// It takes only memory that can be had: if there is none, it fails rather than
// having somebody killed (TF_NO_OOM); and first it compares. That may have been
// true when it began and not any more: so before the OOM killer looks for a
// victim it has swapoff end (swapoff_give_up), and there is swap again.
//
// Each walk holds a user count of the address space it is in, so that the list
// can be followed on after it slept.

#include <mm/swap_cache.h>

#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <mm/mm.h>
#include <mm/shmem.h>
#include <mm/swap.h>
#include <mm/zone.h>

#include "mm_list.h"
#include "swap_area.h"

#define LOG_NAME "swap"
#include <kernel/log.h>

// Passes in a row that bring nothing back, with a rest between them.
#define IDLE_PASSES_MAX 500u
#define IDLE_REST_MS    20u

static u32 running;  // swapoffs
static bool give_up; // those that run now

// The areas are used again at once, not when swapoff sees to it: it may be
// waiting for a lock of the one who asks.
bool swapoff_give_up(void)
{
    if (!running || give_up)
        return false;
    give_up = true;
    swap_areas_stay();
    return true;
}

int swapoff_check(void)
{
    if (!(current->flags & TF_NO_OOM))
        return 0;
    if (give_up)
        return -ENOMEM;
    return signal_pending(current) ? -EINTR : 0;
}

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

    // Those that it does not have cannot be in the area.
    while (mm->swap_entries && find_entry(mm, number, &addr)) {
        int err = mm_swap_in(mm, addr);

        if (!err || err == -EAGAIN)
            err = swapoff_check();
        if (err)
            return err;
        addr = user_add(addr, PAGE_SIZE);
        cond_resched();
    }
    return 0;
}

// The one behind @mm (NULL: the first) that is not being taken down (that lets
// go of its entries itself), with a user more; NULL: no more. @mm loses one.
static struct mm *next_mm(struct mm *mm)
{
    struct list_head *at = mm ? mm->link.next : mm_list.next;
    struct mm *next = NULL;

    for (; at != &mm_list; at = at->next) {
        next = list_entry(at, struct mm, link);
        if (next->users)
            break;
        next = NULL;
    }
    if (next)
        mm_get(next);
    if (mm)
        mm_put(mm);
    return next;
}

static int unuse_all(u32 number)
{
    int err = 0;

    for (struct mm *mm = next_mm(NULL); mm; mm = next_mm(mm)) {
        err = unuse_mm(mm, number);
        if (err) {
            mm_put(mm);
            break;
        }
        cond_resched();
    }
    return err;
}

// Whether what is in the area fits into memory and the other areas.
static bool fits(u32 used)
{
    u32 room = swap_free_pages();

    zone_for_each (zone) {
        u32 free = zone->buddy.free_frames, low = zone->mark[MARK_LOW];

        room += free > low ? free - low : 0;
        room += zone->lru_pages[LRU_ACTIVE_FILE] +
                zone->lru_pages[LRU_INACTIVE_FILE];
    }
    return used <= room;
}

static int one_pass(u32 number)
{
    int err = unuse_all(number);

    if (!err)
        err = shmem_unuse(number);
    if (!err)
        err = swap_cache_drop_unused(number);
    return err;
}

// Return: 0; -EINTR: a signal came.
static int rest(void)
{
    static WAIT_QUEUE(nobody_wakes_it);
    int err = wait_event_full(&nobody_wakes_it, false, WAIT_INTERRUPTIBLE,
                              time_ns() + IDLE_REST_MS * NSEC_PER_MSEC);

    return err == -EINTR ? err : 0;
}

static int unuse_until_empty(u32 number)
{
    u32 left = swap_area_used(number), idle = 0;

    while (left) {
        int err = swapoff_check();
        u32 now;

        if (!err)
            err = one_pass(number);
        if (err)
            return err;
        now = swap_area_used(number);
        if (now < left) {
            idle = 0;
        } else if (++idle == IDLE_PASSES_MAX) {
            log_err("area=%u does not get empty used=%u", number, now);
            return -EBUSY;
        } else {
            err = rest();
            if (err)
                return err;
        }
        left = now;
    }
    return 0;
}

int swap_unuse_area(u32 number)
{
    int err;

    ASSERT(!(current->flags & TF_NO_OOM));
    if (!fits(swap_area_used(number)))
        return -ENOMEM;
    current->flags |= TF_NO_OOM;
    running++;
    err = unuse_until_empty(number);
    if (!err && give_up)
        err = -ENOMEM; // empty, but in use again
    current->flags &= ~(u32)TF_NO_OOM;
    if (--running == 0)
        give_up = false;
    return err;
}
