// mm/vmalloc.c - vmalloc, ioremap, memremap, guarded kernel stacks
// SPDX-License-Identifier: MIT
//
// One list of areas, sorted by address, first fit. Every area is followed by an
// unmapped guard page, and a kernel stack also has one below: running over
// either end faults instead of corrupting what lies there.
//
// All page tables of the range exist since boot (mm/layout.h), so mapping never
// allocates a table and is seen by every address space at once.
//
// Stacks that are freed are kept for the next fork (STACKS_KEPT at most): the
// mapping and its frames stay as they are.
//
// Context: tasks only; the list is not touched by interrupt handlers.

#include <mm/vmalloc.h>

#include <arch/thread.h>
#include <base/list.h>
#include <mm/boot.h>
#include <mm/highmem.h>
#include <mm/layout.h>
#include <mm/owner.h>
#include <mm/pmap.h>
#include <mm/shrinker.h>
#include <mm/slab.h>
#include <mm/vmalloc_stat.h>

#define LOG_NAME "vmalloc"
#include <kernel/log.h>

#define STACK_PAGES (KERNEL_STACK_BYTES / PAGE_SIZE)
#define STACKS_KEPT 16u

struct vm_range {
    struct list_head link;
    u32 start; // first byte, page aligned
    u32 pages; // mapped ones and the lower guard; the upper guard is extra
    enum area_kind kind;
    u32 caller; // for /proc/vmallocinfo
};

#define CALLER ((u32)(uintptr_t)__builtin_return_address(0))

static LIST_HEAD(ranges);
static u32 pages_used; // without guards

static void *kept_stacks[STACKS_KEPT];
static u32 kept_stack_count;
static u32 stack_count;

// Reserve @pages and a guard page behind.
static struct vm_range *range_create(u32 pages, enum area_kind kind)
{
    struct vm_range *range = kmalloc(sizeof(*range), GFP_KERNEL);
    struct list_head *at;
    u32 start = VMALLOC_START;

    if (!range)
        return NULL;
    list_for_each (at, &ranges) {
        struct vm_range *other = list_entry(at, struct vm_range, link);

        if ((other->start - start) / PAGE_SIZE > pages)
            break;
        start = other->start + (other->pages + 1) * PAGE_SIZE;
    }
    if (at == &ranges && (VMALLOC_END - start) / PAGE_SIZE <= pages) {
        log_warn("no room for %u pages", pages);
        kfree(range);
        return NULL;
    }
    *range = (struct vm_range){.start = start, .pages = pages, .kind = kind};
    list_add_tail(&range->link, at); // before the one behind the gap
    return range;
}

static struct vm_range *range_find(u32 addr)
{
    struct vm_range *range;

    list_for_each_entry (range, &ranges, link) {
        if (addr - range->start < range->pages * PAGE_SIZE)
            return range;
    }
    return NULL;
}

static void range_destroy(struct vm_range *range)
{
    list_del(&range->link);
    kfree(range);
}

static void unmap_frames(u32 start, u32 pages)
{
    for (u32 i = 0; i < pages; i++) {
        void *addr = (void *)(uintptr_t)(start + i * PAGE_SIZE);
        pte_t pte = pte_read(pmap_kernel_slot(addr));

        pmap_kernel_unmap(addr);
        page_put(pfn_to_page(pte_pfn(pte)));
    }
    pages_used -= pages;
}

// Return: false when memory ran out; nothing is mapped then.
static bool map_new_frames(u32 start, u32 pages, u32 gfp)
{
    for (u32 i = 0; i < pages; i++) {
        struct page *page = page_alloc(gfp | GFP_ZONE_HIGHMEM);

        if (!page) {
            pages_used += i;
            unmap_frames(start, i);
            return false;
        }
        pmap_kernel_map((void *)(uintptr_t)(start + i * PAGE_SIZE),
                        page_to_pfn(page), PMAP_READ | PMAP_WRITE);
    }
    pages_used += pages;
    return true;
}

static void *vmalloc_gfp(u32 bytes, u32 gfp, u32 caller)
{
    u32 pages = (u32)(((u64)bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
    struct vm_range *range;

    if (!pages || pages > (VMALLOC_END - VMALLOC_START) / PAGE_SIZE)
        return NULL;
    range = range_create(pages, AREA_VMALLOC);
    if (!range)
        return NULL;
    if (!map_new_frames(range->start, pages, gfp | GFP_OWNER(OWNER_VMALLOC))) {
        range_destroy(range);
        return NULL;
    }
    owner_take(OWNER_VMALLOC, pages);
    range->caller = caller;
    return (void *)(uintptr_t)range->start;
}

void *vmalloc(u32 bytes)
{
    return vmalloc_gfp(bytes, GFP_KERNEL, CALLER);
}
void *vzalloc(u32 bytes)
{
    return vmalloc_gfp(bytes, GFP_KERNEL | GFP_ZERO, CALLER);
}

void vfree(void *addr)
{
    struct vm_range *range;

    if (!addr)
        return;
    range = range_find((u32)(uintptr_t)addr);
    ASSERT(range && range->kind == AREA_VMALLOC &&
           range->start == (u32)(uintptr_t)addr);
    owner_give(OWNER_VMALLOC, range->pages);
    unmap_frames(range->start, range->pages);
    range_destroy(range);
}

static void *remap(phys_addr_t phys, u32 bytes, enum area_kind kind, u32 prot,
                   u32 caller)
{
    u32 offset = (u32)phys.v & (PAGE_SIZE - 1);
    u64 first = phys.v >> PAGE_SHIFT;
    u64 end = (phys.v + bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
    struct vm_range *range;

    // The first comparison is for an address so high that `end` wraps.
    if (!bytes || first >= pmap_frames_end().v || end > pmap_frames_end().v) {
        log_warn("cannot map phys=%#llx bytes=%u", phys.v, bytes);
        return NULL;
    }
    range = range_create((u32)(end - first), kind);
    if (!range)
        return NULL;
    for (u32 i = 0; i < range->pages; i++)
        pmap_kernel_map((void *)(uintptr_t)(range->start + i * PAGE_SIZE),
                        pfn((u32)first + i), prot);
    pages_used += range->pages;
    range->caller = caller;
    return (void *)(uintptr_t)(range->start + offset);
}

static void unremap(u32 addr, enum area_kind kind)
{
    struct vm_range *range = range_find(addr);

    ASSERT(range && range->kind == kind);
    for (u32 i = 0; i < range->pages; i++)
        pmap_kernel_unmap((void *)(uintptr_t)(range->start + i * PAGE_SIZE));
    pages_used -= range->pages;
    range_destroy(range);
}

static void __iomem *remap_device(phys_addr_t phys, u32 bytes, u32 caching,
                                  u32 caller)
{
    if (memory_is_ours(phys, bytes)) {
        log_err("ioremap of RAM refused phys=%#llx bytes=%u", phys.v, bytes);
        return NULL;
    }
    return (void __iomem __force *)remap(
        phys, bytes, AREA_DEVICE, PMAP_READ | PMAP_WRITE | caching, caller);
}

void __iomem *ioremap(phys_addr_t phys, u32 bytes)
{
    return remap_device(phys, bytes, PMAP_UNCACHED, CALLER);
}

void __iomem *ioremap_wc(phys_addr_t phys, u32 bytes)
{
    return remap_device(phys, bytes, PMAP_WRITE_COMBINE, CALLER);
}

void iounmap(volatile void __iomem *addr)
{
    unremap((u32)(uintptr_t)(volatile void __force *)addr, AREA_DEVICE);
}

void *memremap(phys_addr_t phys, u32 bytes)
{
    return remap(phys, bytes, AREA_FIRMWARE, PMAP_READ | PMAP_WRITE, CALLER);
}

void memunmap(void *addr)
{
    unremap((u32)(uintptr_t)addr, AREA_FIRMWARE);
}

void *kernel_stack_alloc(void)
{
    struct vm_range *range;

    stack_count++;
    if (kept_stack_count)
        return kept_stacks[--kept_stack_count];
    range = range_create(STACK_PAGES + 1, AREA_STACK);
    if (!range)
        goto err_count;
    range->caller = CALLER;
    if (!map_new_frames(range->start + PAGE_SIZE, STACK_PAGES,
                        GFP_KERNEL | GFP_OWNER(OWNER_STACK)))
        goto err_range;
    owner_take(OWNER_STACK, STACK_PAGES);
    return (void *)(uintptr_t)(range->start + PAGE_SIZE);

err_range:
    range_destroy(range);
err_count:
    stack_count--;
    return NULL;
}

static void destroy_stack(void *stack)
{
    struct vm_range *range = range_find((u32)(uintptr_t)stack);

    ASSERT(range && range->kind == AREA_STACK);
    owner_give(OWNER_STACK, STACK_PAGES);
    unmap_frames(range->start + PAGE_SIZE, STACK_PAGES);
    range_destroy(range);
}

void kernel_stack_free(void *stack)
{
    stack_count--;
    if (kept_stack_count < STACKS_KEPT)
        kept_stacks[kept_stack_count++] = stack;
    else
        destroy_stack(stack);
}

static u32 count_kept(void)
{
    return kept_stack_count;
}

static u32 shrink_kept(u32 want)
{
    u32 freed = 0;

    for (; freed < want && kept_stack_count; freed++)
        destroy_stack(kept_stacks[--kept_stack_count]);
    return freed;
}

static struct shrinker kept_stack_shrinker = {
    .name = "stacks",
    .count = count_kept,
    .scan = shrink_kept,
};

void kernel_stacks_init(void)
{
    shrinker_register(&kept_stack_shrinker);
}

bool kernel_stack_is_guard(u32 addr)
{
    struct vm_range *range = range_find(addr);

    return range && range->kind == AREA_STACK &&
           addr - range->start < PAGE_SIZE;
}

bool vmalloc_next(u32 addr, struct vmalloc_info *out)
{
    const struct vm_range *range;

    list_for_each_entry (range, &ranges, link) {
        u32 guard = range->kind == AREA_STACK;

        if (range->start < addr)
            continue;
        *out = (struct vmalloc_info){
            .start = range->start,
            .pages = range->pages,
            .kind = range->kind,
            .mapped = range->start + guard * PAGE_SIZE,
            .mapped_pages = range->pages - guard,
            .caller = range->caller,
        };
        if (range->kind == AREA_DEVICE || range->kind == AREA_FIRMWARE)
            out->phys = pfn_to_phys(pte_pfn(pte_read(
                pmap_kernel_slot((const void *)(uintptr_t)range->start))));
        return true;
    }
    return false;
}

u64 ioremap_end(void)
{
    return pfn_to_phys(pmap_frames_end()).v;
}

u32 vmalloc_pages_used(void)
{
    return pages_used;
}
u32 kernel_stack_pages(void)
{
    return (stack_count + kept_stack_count) * STACK_PAGES;
}
