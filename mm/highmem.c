// mm/highmem.c - windows onto pages that the direct map does not cover
// SPDX-License-Identifier: MIT
//
// kmap, the pool: PKMAP_WINDOWS page-sized windows with a counter each:
//   0      free, no translation cached
//   1      nobody uses it, but its translation may still be cached
//   n + 1  n users
// The search goes round; when it wraps, all windows at 1 are unmapped and the
// translations flushed in one go. When every window is used, the caller sleeps
// until one is given back, and then looks whether somebody else mapped the
// page meanwhile. A page that has a window is found through a small hash.
//
// kmap_atomic, the stack: windows are given out and given back in reverse
// order. Whoever holds one does not sleep, so one stack does for all tasks; an
// interrupt handler pushes on top of what it interrupted and pops before it
// returns.
//
// Both count in the task, so that might_sleep can tell who forgot one.

#include <mm/highmem.h>

#include <arch/cpu.h>
#include <kernel/task.h>
#include <kernel/wait.h>
#include <lib/string.h>
#include <mm/layout.h>
#include <mm/pmap.h>

#define PKMAP_HASH 128u
#define NO_WINDOW  0xffffu

static struct {
    u16 count[PKMAP_WINDOWS];
    u16 hash_next[PKMAP_WINDOWS];
    struct page *page[PKMAP_WINDOWS];
    u16 hash[PKMAP_HASH]; // window + 1; 0: empty
    u32 last;             // where the search goes on
    struct wait_queue waiters;
} pool = {.waiters = WAIT_QUEUE_INIT(pool.waiters)};

static u32 atomic_depth; // windows of the stack in use

static void *pkmap_address(u32 window)
{
    return (void *)(uintptr_t)(PKMAP_START + window * PAGE_SIZE);
}

static u32 pkmap_bucket(const struct page *page)
{
    return page_to_pfn(page).v % PKMAP_HASH;
}

// The window that @page has; NO_WINDOW.
static u32 pkmap_find(const struct page *page)
{
    u32 link = pool.hash[pkmap_bucket(page)];

    while (link) {
        if (pool.page[link - 1] == page)
            return link - 1;
        link = pool.hash_next[link - 1];
    }
    return NO_WINDOW;
}

static void pkmap_unhash(u32 window)
{
    u16 *link = &pool.hash[pkmap_bucket(pool.page[window])];

    while (*link != window + 1)
        link = &pool.hash_next[*link - 1];
    *link = pool.hash_next[window];
    pool.page[window] = NULL;
}

// Windows that nobody uses any more become free for good.
static void pkmap_flush_unused(void)
{
    for (u32 i = 0; i < PKMAP_WINDOWS; i++) {
        if (pool.count[i] != 1)
            continue;
        pool.count[i] = 0;
        pkmap_unhash(i);
        pmap_kernel_unmap(pkmap_address(i));
    }
}

// A free window; NO_WINDOW when all are used.
static u32 pkmap_take(void)
{
    for (u32 tries = 0; tries < PKMAP_WINDOWS; tries++) {
        pool.last = (pool.last + 1) % PKMAP_WINDOWS;
        if (pool.last == 0)
            pkmap_flush_unused();
        if (pool.count[pool.last] == 0)
            return pool.last;
    }
    return NO_WINDOW;
}

void *kmap(struct page *page)
{
    u32 window;

    might_sleep();
    if (!page_is_highmem(page))
        return page_address(page);
    for (;;) {
        window = pkmap_find(page);
        if (window != NO_WINDOW)
            break;
        window = pkmap_take();
        if (window != NO_WINDOW) {
            u16 *bucket = &pool.hash[pkmap_bucket(page)];

            pmap_kernel_map(pkmap_address(window), page_to_pfn(page),
                            PMAP_READ | PMAP_WRITE);
            pool.page[window] = page;
            pool.hash_next[window] = *bucket;
            *bucket = (u16)(window + 1);
            pool.count[window] = 1;
            break;
        }
        wait_event(&pool.waiters, pkmap_take() != NO_WINDOW);
    }
    pool.count[window]++;
    return pkmap_address(window);
}

void kunmap(struct page *page)
{
    u32 window;

    if (!page_is_highmem(page))
        return;
    window = pkmap_find(page);
    ASSERT(window != NO_WINDOW && pool.count[window] > 1);
    if (--pool.count[window] == 1)
        wake_up(&pool.waiters);
}

static void *fixmap_address(u32 window)
{
    return (void *)(uintptr_t)(FIXMAP_START + window * PAGE_SIZE);
}

void *kmap_atomic(struct page *page)
{
    void *addr;

    current->kmap_depth++;
    if (!page_is_highmem(page))
        return page_address(page);
    ASSERT(atomic_depth < KMAP_ATOMIC_WINDOWS);
    addr = fixmap_address(atomic_depth++);
    pmap_kernel_map(addr, page_to_pfn(page), PMAP_READ | PMAP_WRITE);
    return addr;
}

void kunmap_atomic(void *addr)
{
    u32 a = (u32)(uintptr_t)addr & PAGE_MASK;

    ASSERT(current->kmap_depth > 0);
    current->kmap_depth--;
    if (a < FIXMAP_START)
        return;
    ASSERT(a == FIXMAP_START + (atomic_depth - 1) * PAGE_SIZE);
    // The translation may stay: the next user of the window drops it.
    atomic_depth--;
}

// Whole pages, which are cleared and copied more than all else, know their
// length; docs/performance.md has why in this way.
static __always_inline void clear_bytes(void *to)
{
    u32 words = PAGE_SIZE / 4;

    __asm__ volatile("rep stosl" : "+D"(to), "+c"(words) : "a"(0) : "memory");
}

static __always_inline void copy_bytes(void *to, const void *from)
{
    u32 words = PAGE_SIZE / 4;

    __asm__ volatile("rep movsl"
                     : "+D"(to), "+S"(from), "+c"(words)
                     :
                     : "memory");
}

void page_clear_content(struct page *page)
{
    void *p;

    if (!page_is_highmem(page)) {
        clear_bytes(page_address(page));
        return;
    }
    p = kmap_atomic(page);
    clear_bytes(p);
    kunmap_atomic(p);
}

void page_copy(struct page *dst, struct page *src)
{
    void *to, *from;

    if (!page_is_highmem(dst) && !page_is_highmem(src)) {
        copy_bytes(page_address(dst), page_address(src));
        return;
    }
    to = kmap_atomic(dst);
    from = kmap_atomic(src);
    copy_bytes(to, from);
    kunmap_atomic(from);
    kunmap_atomic(to);
}

void page_read(void *dst, struct page *page, u32 offset, u32 bytes)
{
    char *p = kmap_atomic(page);

    ASSERT(offset + bytes <= PAGE_SIZE);
    memcpy(dst, p + offset, bytes);
    kunmap_atomic(p);
}

void page_write_bytes(struct page *page, u32 offset, const void *src, u32 bytes)
{
    char *p = kmap_atomic(page);

    ASSERT(offset + bytes <= PAGE_SIZE);
    memcpy(p + offset, src, bytes);
    kunmap_atomic(p);
}

void page_zero_bytes(struct page *page, u32 offset, u32 bytes)
{
    char *p = kmap_atomic(page);

    ASSERT(offset + bytes <= PAGE_SIZE);
    memset(p + offset, 0, bytes);
    kunmap_atomic(p);
}
