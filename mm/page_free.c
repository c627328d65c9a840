// mm/page_free.c - frames and blocks of frames given back to their zone
// SPDX-License-Identifier: MIT
//
// What is wrong with a frame that is freed (a reference left, still on a list,
// free already) is a bug of ours: asserted, not passed over, since memory that
// is given out twice is found out much later, elsewhere.

#include <mm/page_alloc.h>

#include <arch/cpu.h>
#include <kernel/trace.h>
#include <mm/stat.h>
#include <mm/zone.h>

// Few instructions: this is on the way of every frame.
static __always_inline void check_freed(const struct page *page, u32 order)
{
    static_assert(PAGE_STATE_RESERVED == 0 && PAGE_STATE_FREE == 1, "below");
    // One reference or none, no mapping; and of the order that it had.
    ASSERT(((u32)page->refcount >> 1 | page->mapcount |
            (page->private ^ order)) == 0);
    ASSERT(
        !(page->flags & (1u << PG_LRU | 1u << PG_LOCKED | 1u << PG_SWAPCACHE)));
    ASSERT(page_state(page) > PAGE_STATE_FREE); // not freed twice
}

// Not inline: it would be in the way of frees that are not traced.
static __noinline void trace_free(const struct page *page, u32 order)
{
    trace_write(TRACE_FREE, page_to_pfn(page).v,
                order | page_zone_id(page) << TRACE_ZONE_SHIFT, 0, 0, 0);
}

void page_free(struct page *page)
{
    struct zone *zone = page_zone(page);
    u32 flags;

    // Else the compiler works out &zones[...] anew for each member.
    __asm__("" : "+r"(zone));
    check_freed(page, 0);
    flags = irq_save();
    page->refcount = 0;
    page->flags = (page->flags & PAGE_ZONE_MASK) | PAGE_STATE_FREE;
    buddy_free_frame(&zone->buddy, page);
    zone->failed_scans = 0;
    irq_restore(flags);
    vm_count(VM_PGFREE);
    if (trace_on(page))
        trace_free(page, 0);
}

void page_free_order(struct page *page, u32 order)
{
    struct zone *zone = page_zone(page);
    u32 free_flags = (page->flags & PAGE_ZONE_MASK) | PAGE_STATE_FREE;
    u32 flags;

    if (order == 0) {
        page_free(page);
        return;
    }
    check_freed(page, order);
    page->refcount = 0;
    flags = irq_save();
#if !FAULTLINE_DEBUG // with its checks the compiler refuses
#pragma GCC unroll 8
#endif
    for (struct page *p = page; p < page + (1u << order); p++)
        p->flags = free_flags;
    buddy_free(&zone->buddy, page, order);
    zone->failed_scans = 0;
    irq_restore(flags);
    vm_count_many(VM_PGFREE, 1u << order);
    if (trace_on(page))
        trace_free(page, order);
}

void page_put(struct page *page)
{
    bool last;

    ASSERT(page->refcount > 0);
    // One instruction: handlers put pages, too. Who holds none, as all but us
    // from the last one on, does not touch it.
    __asm__ volatile("decl %0"
                     : "+m"(page->refcount), "=@ccz"(last)
                     :
                     : "memory");
    if (!last)
        return;
    if (page_test(page, PG_LRU))
        lru_remove(page);
    page_free(page);
}

void page_free_lowmem(void *addr, u32 order)
{
    page_free_order(virt_to_page(addr), order);
}
