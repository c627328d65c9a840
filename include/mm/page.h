// include/mm/page.h - struct page: what is known of each page frame
// SPDX-License-Identifier: MIT
//
// A frame is in exactly one state (enum page_state); transitions go through
// one function each. A reference count above 0 keeps it from being freed:
//
//   references = mappings (PTEs) + caches that hold it (page or swap cache)
//                + transient users (who found it and has not let go)
//
//   state         refcount  owner of the other fields
//   RESERVED      1         nobody; never freed
//   FREE          0         buddy: lru links, private = order (first of block)
//   KERNEL        >= 1      whoever allocated it
//   SLAB          1         slab: owner = cache, lru, slab_*
//   PAGE_TABLE    1         pmap
//   ANON          >= 1      owner = anon_vma, index = address / PAGE_SIZE;
//                           in the swap cache: PG_SWAPCACHE, private = entry
//   CACHE         >= 1      owner = mapping, index = page of the file
//
// The LRU lists hold no reference: a page is taken off them when its last
// reference goes. Fields that interrupt handlers touch (flags at the end of
// I/O) are changed by page_set/page_clear, which are single instructions.
#pragma once

#include <base/assert.h>
#include <base/list.h>
#include <mm/addr.h>

enum page_state {
    PAGE_STATE_RESERVED,
    PAGE_STATE_FREE,
    PAGE_STATE_KERNEL,
    PAGE_STATE_SLAB,
    PAGE_STATE_TABLE,
    PAGE_STATE_ANON,
    PAGE_STATE_CACHE,
    PAGE_STATES
};

// flags: bits 0-3 state, 4-5 zone, 8.. these.
enum page_flag {
    PG_LOCKED = 8,       // content or identity is being changed, I/O runs
    PG_UPTODATE = 9,     // content is what its file or slot says
    PG_DIRTY = 10,       // content is newer than its file or slot
    PG_WRITEBACK = 11,   // being written; a second write must wait
    PG_ERROR = 12,       // the last I/O failed
    PG_REFERENCED = 13,  // touched since reclaim last looked
    PG_LRU = 14,         // on an LRU list
    PG_ACTIVE = 15,      // ... the active one
    PG_SWAPCACHE = 16,   // in the swap cache under the entry in private
    PG_UNEVICTABLE = 17, // on the list of those that reclaim leaves alone
    PG_BUDDY = 18,       // first frame of a free block of order private
    PG_RECLAIM = 19,     // written by reclaim: free it when the write is done
    PG_READAHEAD = 20,   // read because a neighbour was, and not used yet
    PG_AHEAD = 26,       // the same of files' pages, for the trace
    PG_WORKINGSET = 25,  // has been active since it was read or made
    PG_MLOCKED = 23,     // an area that maps it is VM_LOCKED
    PG_LAZYFREE = 24,   // ANON, given up: dropped unless written to (MADV_FREE)
    PG_SWAPBACKED = 21, // a CACHE page that goes to swap, not to a file: shmem
    PG_HOT = 22,        // free, and kept from merging (mm/buddy.h)
};

#define PAGE_STATE_MASK 0xfu
#define PAGE_ZONE_SHIFT 4u
#define PAGE_ZONE_MASK  (3u << PAGE_ZONE_SHIFT)

struct page {
    u32 flags;
    s32 refcount;
    union {
        s32 mapcount; // PTEs that map it; 0: none
        struct {      // SLAB
            u16 slab_inuse;
            u16 slab_objects;
        };
    };
    void *owner; // by state, see above
    u32 index;   // by state; SLAB: address of the first free object
    u32 private; // by state
    struct list_head lru;
};

#if UINTPTR_MAX == 0xffffffffu
static_assert(sizeof(struct page) == 32, "mem_map costs 0.8 % of memory");
#endif

static inline enum page_state page_state(const struct page *page)
{
    return (enum page_state)(page->flags & PAGE_STATE_MASK);
}

static inline void page_set_state(struct page *page, enum page_state state)
{
    page->flags = (page->flags & ~PAGE_STATE_MASK) | (u32)state;
}

static inline bool page_test(const struct page *page, enum page_flag flag)
{
    return READ_ONCE(page->flags) & (1u << flag);
}

#if defined(__i386__) || defined(__x86_64__)
// One read-modify-write instruction: not to be torn by an interrupt handler.
static inline void page_set(struct page *page, enum page_flag flag)
{
    __asm__ volatile("orl %1, %0"
                     : "+m"(page->flags)
                     : "ir"(1u << flag)
                     : "cc");
}

static inline void page_clear(struct page *page, enum page_flag flag)
{
    __asm__ volatile("andl %1, %0"
                     : "+m"(page->flags)
                     : "ir"(~(1u << flag))
                     : "cc");
}

// Set the flag; true when it was set already.
static inline bool page_test_and_set(struct page *page, enum page_flag flag)
{
    bool was;

    __asm__ volatile("btsl %2, %0"
                     : "+m"(page->flags), "=@ccc"(was)
                     : "ir"((u32)flag));
    return was;
}

// One instruction, as in page_put: handlers drop references, too.
static inline void page_get(struct page *page)
{
    ASSERT(page->refcount > 0);
    __asm__ volatile("incl %0" : "+m"(page->refcount) : : "cc");
}

// page_put_shared - page_put by who knows that another reference is left.
static inline void page_put_shared(struct page *page)
{
    ASSERT(page->refcount > 1);
    __asm__ volatile("decl %0" : "+m"(page->refcount) : : "cc");
}
#endif

// Whether its content goes to swap, if anywhere: anonymous memory and shmem.
static inline bool page_is_swap_backed(const struct page *page)
{
    return (page_state(page) == PAGE_STATE_ANON &&
            !page_test(page, PG_LAZYFREE)) ||
           page_test(page, PG_SWAPBACKED);
}

static inline u32 page_zone_id(const struct page *page)
{
    return (page->flags & PAGE_ZONE_MASK) >> PAGE_ZONE_SHIFT;
}

// page_put - drop a reference; the last one frees the page.
// Context: task or interrupt; does not sleep.
void page_put(struct page *page);
