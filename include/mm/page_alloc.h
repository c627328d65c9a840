// include/mm/page_alloc.h - page frames: zones, GFP flags, alloc and free
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/page.h>

enum zone_id {
    ZONE_DMA,
    ZONE_NORMAL,
    ZONE_HIGHMEM,
    ZONES
};

// What an allocation may do and where it may come from.
enum gfp_flag {
    GFP_ZONE_DMA = 1u << 0,     // below 16 MiB only
    GFP_ZONE_HIGHMEM = 1u << 1, // HighMem allowed (and preferred)
    GFP_WAIT = 1u << 2,         // may sleep and reclaim
    GFP_IO = 1u << 3,           // ... and start I/O
    GFP_HIGH = 1u << 4,         // may go below the min mark
    GFP_ZERO = 1u << 5,         // cleared
    GFP_NORETRY = 1u << 6,      // rather fail than try hard
    GFP_NOWARN = 1u << 7,       // failing is expected: no log line
    GFP_MEMALLOC = 1u << 8,     // ignore the marks: frees memory soon
    GFP_FS = 1u << 11,          // reclaim may enter a file system
    // What becomes of it, as enum migrate_type; neither: it stays in place.
    GFP_MOVABLE = 1u << 9,      // user memory and page cache
    GFP_RECLAIMABLE = 1u << 10, // slabs of caches that have a shrinker
};

// Whose a frame in state KERNEL is, for the census (mm/census.c): GFP_OWNER in
// the flags, kept in the index of the first frame.
enum page_owner {
    OWNER_OTHER,   // who gave no tag, and does not keep it in that state
    OWNER_KMALLOC, // above the largest cache
    OWNER_VMALLOC,
    OWNER_STACK,
    OWNER_DMA,
    OWNER_PIPE,
    OWNER_EXEC,   // buffers of execve
    OWNER_BOUNCE, // of a bounce pool (mm/dma.h)
    OWNER_IO,     // of transfers on the kernel's own behalf
    OWNERS
};
#define GFP_TYPE_SHIFT   9
#define GFP_OWNER_SHIFT  12
#define GFP_OWNER_MASK   0xfu
#define GFP_OWNER(owner) ((u32)(owner) << GFP_OWNER_SHIFT)

#define GFP_KERNEL   (GFP_WAIT | GFP_IO | GFP_FS)
#define GFP_ATOMIC   (GFP_HIGH)
#define GFP_NOWAIT   (GFP_NOWARN) // nor from the reserve
#define GFP_NOIO     (GFP_WAIT)
#define GFP_NOFS     (GFP_WAIT | GFP_IO)
#define GFP_HIGHUSER (GFP_KERNEL | GFP_ZONE_HIGHMEM | GFP_MOVABLE)
#define GFP_DMA      (GFP_KERNEL | GFP_ZONE_DMA)

// page_alloc_order - 2^order frames, first page returned; refcount 1 (of the
// first), state KERNEL. Zones are tried from the highest allowed down.
// Context: GFP_WAIT: task, may sleep; else any. NULL: no memory.
__must_check struct page *page_alloc_order(u32 gfp, u32 order);

__must_check struct page *page_alloc(u32 gfp); // one frame

// page_alloc_table - one of zeros for a page table (mm/page_table.c), by
// GFP_KERNEL; @caller: told to fault injection.
__must_check struct page *page_alloc_table(u32 caller);

// page_alloc_watch - allocations are looked at by @who from now on, or not.
enum page_alloc_watcher {
    PAGE_ALLOC_INJECT = 1u << 0, // mm/inject.h
    PAGE_ALLOC_TRACE = 1u << 1,  // group page of kernel/trace.h
};
extern u32 page_alloc_watchers;
void page_alloc_watch(enum page_alloc_watcher who, bool on);

// page_free_order - give back what page_alloc_order gave (refcount is 1 or 0).
// Asserted: it is not free, of that order, and nobody's any more.
void page_free_order(struct page *page, u32 order);
void page_free(struct page *page);

// The same by address, for low memory (GFP_ZONE_HIGHMEM not allowed).
__must_check void *page_alloc_lowmem(u32 gfp, u32 order);
void page_free_lowmem(void *addr, u32 order);

extern struct page *mem_map; // by frame number
extern u32 mem_map_frames;   // frames that have a struct page

static inline struct page *pfn_to_page(pfn_t n)
{
    ASSERT(n.v < mem_map_frames);
    return &mem_map[n.v];
}
static inline bool pfn_has_page(pfn_t n)
{
    return n.v < mem_map_frames;
}
static inline pfn_t page_to_pfn(const struct page *page)
{
    return pfn((u32)(page - mem_map));
}
static inline phys_addr_t page_to_phys(const struct page *page)
{
    return pfn_to_phys(page_to_pfn(page));
}
static inline struct page *virt_to_page(const void *addr)
{
    return pfn_to_page(phys_to_pfn(virt_to_phys(addr)));
}

// Whether the direct map covers it; if so page_address is its address.
static inline bool page_is_highmem(const struct page *page)
{
    return page_zone_id(page) == ZONE_HIGHMEM;
}
static inline void *page_address(const struct page *page)
{
    ASSERT(!page_is_highmem(page));
    return phys_to_virt(page_to_phys(page));
}
