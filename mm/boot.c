// mm/boot.c - from the firmware's memory map to zones
// SPDX-License-Identifier: MIT
//
// The order:
//  1. the table of physical ranges, from boot_info and the kernel's own image;
//  2. page tables for low memory, their pages from what start.S has mapped;
//  3. mem_map, as high in low memory as it fits, so that DMA stays free;
//  4. zones; every whole frame of free RAM goes to the buddy lists.
//
// Memory that boot services used is free here too: kernel_main has cleared the
// bus-master bits before (pci_init), so no device writes there any more.
// The first MiB is left alone: firmware is known to scribble there.
// RAM that the page tables cannot reach, or that is above MEM_MAP_END_PFN, is
// reported as unused.

#include <mm/mm.h>

#include <arch/init.h>
#include <kernel/panic.h>
#include <lib/string.h>
#include <mm/boot.h>
#include <mm/layout.h>
#include <mm/memmap.h>
#include <mm/slab_stat.h>
#include <mm/vmalloc_stat.h>
#include <mm/zone.h>

#define LOG_NAME "memory"
#include <kernel/log.h>

#define LOW_RESERVED_BYTES MIB
#define ZONE_DMA_END_PFN   ((16u * MIB) >> PAGE_SHIFT)
#define LEAST_MEMORY_PFN   ((4u * MIB) >> PAGE_SHIFT) // less holds no program
// 16 GiB of RAM, of which a part may have been moved up by 4 GiB to leave room
// for devices. mem_map takes 8 MiB of low memory for each GiB of addresses.
#define MEM_MAP_END_PFN (20u << (30 - PAGE_SHIFT))
#define RANGES_MAX      2048u

extern char kernel_start[], kernel_end[]; // kernel.ld, virtual addresses

static struct memmap_range range_storage[RANGES_MAX];
static struct memmap memmap;

static void build_memmap(void)
{
    int err;

    memmap_init(&memmap, range_storage, RANGES_MAX);
    for (u32 i = 0; i < boot_info.range_count; i++) {
        const struct boot_range *r = &boot_ranges[i];

        err = memmap_add(&memmap, r->start, r->length, r->type);
        if (err)
            log_warn("range start=%#llx bytes=%#llx type=%u ignored err=%d",
                     r->start, r->length, r->type, err);
    }
    err = memmap_add(&memmap, 0, LOW_RESERVED_BYTES, BOOT_RANGE_RESERVED);
    if (!err)
        err = memmap_add(&memmap, virt_to_phys(kernel_start).v,
                         (u64)(kernel_end - kernel_start), BOOT_RANGE_KERNEL);
    if (err)
        panic("no room for the kernel in the table of ranges");
}

// The first frame that is not used, whatever is there.
static u32 frames_end(void)
{
    return min(pmap_frames_end().v, MEM_MAP_END_PFN);
}

static void log_memmap(void)
{
    u64 end = pfn_to_phys(pfn(frames_end())).v, unused = 0;

    for (u32 i = 0; i < memmap.count; i++) {
        const struct memmap_range *r = &memmap.ranges[i];

        log_info("range=%09llx-%09llx kib=%llu owner=\"%s\"", r->start, r->end,
                 (r->end - r->start) / KIB, memmap_type_name(r->type));
        if (r->end > end &&
            (r->type == BOOT_RANGE_FREE || r->type == BOOT_RANGE_BOOT))
            unused += r->end - max(r->start, end);
    }
    if (unused)
        log_warn("unused_mib=%llu: RAM above %llu MiB, which %s", unused / MIB,
                 end / MIB,
                 frames_end() == MEM_MAP_END_PFN ? "mem_map does not cover"
                                                 : "page tables cannot reach");
}

// The end of the last usable frame below @limit.
static u32 usable_end(u32 limit)
{
    u32 from = 0, first, end, last = 0;

    while (memmap_next_usable(&memmap, from, limit, true, &first, &end)) {
        last = end;
        from = end;
    }
    return last;
}

// The end of the direct map: low memory in use, and the area of the surviving
// log, which is written all the time. It is reserved, and may be the last.
static u32 direct_map_end(u32 lowmem_end)
{
    u64 log_end = boot_info.crash_log + boot_info.crash_log_bytes;

    return max(lowmem_end,
               (u32)(min(log_end, (u64)LOWMEM_MAX_BYTES) >> PAGE_SHIFT));
}

static void *boot_alloc_page(void)
{
    u64 where;
    void *page;

    if (memmap_alloc(&memmap, PAGE_SIZE, PAGE_SIZE, LOW_RESERVED_BYTES,
                     pmap_direct_end().v, BOOT_RANGE_KERNEL, &where))
        return NULL;
    page = phys_to_virt(phys_addr(where));
    memset(page, 0, PAGE_SIZE);
    return page;
}

static void alloc_mem_map(u32 lowmem_end, u32 frames)
{
    u64 bytes = (u64)frames * sizeof(struct page), where;
    u64 top = (u64)lowmem_end << PAGE_SHIFT;

    if (memmap_alloc(&memmap, bytes, PAGE_SIZE, ZONE_DMA_END_PFN << PAGE_SHIFT,
                     top, BOOT_RANGE_KERNEL, &where) &&
        memmap_alloc(&memmap, bytes, PAGE_SIZE, LOW_RESERVED_BYTES, top,
                     BOOT_RANGE_KERNEL, &where))
        panic("no %llu KiB in one piece for mem_map", bytes / KIB);
    mem_map = phys_to_virt(phys_addr(where));
    mem_map_frames = frames;
    memset(mem_map, 0, (size_t)bytes);
    for (u32 n = 0; n < frames; n++)
        mem_map[n].refcount = 1;
    log_info("mem_map=%p frames=%u bytes_each=%u kib=%llu", mem_map, frames,
             (u32)sizeof(struct page), bytes / KIB);
}

// Frames of [first, end) that are RAM and not the firmware's.
static u32 present_frames(u32 first, u32 end)
{
    u32 frames = 0;

    for (u32 i = 0; i < memmap.count; i++) {
        const struct memmap_range *r = &memmap.ranges[i];
        u64 a = max(r->start >> PAGE_SHIFT, (u64)first);
        u64 b = min(r->end >> PAGE_SHIFT, (u64)end);

        switch (r->type) {
        case BOOT_RANGE_FREE:
        case BOOT_RANGE_BOOT_INFO:
        case BOOT_RANGE_INITRAMFS:
        case BOOT_RANGE_KERNEL: frames += a < b ? (u32)(b - a) : 0; break;
        default: break; // none of ours
        }
    }
    return frames;
}

static void fill_zone(enum zone_id id, u32 first, u32 end)
{
    u32 from = first, a, b;

    if (end < first)
        end = first;
    zone_init(id, first, end);
    zones[id].present = present_frames(first, end);
    while (from < end && memmap_next_usable(&memmap, from, end, true, &a, &b) &&
           a < end) {
        zone_add(id, a, b);
        from = b;
    }
}

// From here on boot-services memory is ours like any other (see above).
static void take_boot_memory(void)
{
    for (u32 i = 0; i < memmap.count; i++) {
        struct memmap_range r = memmap.ranges[i];

        if (r.type != BOOT_RANGE_BOOT)
            continue;
        if (memmap_set(&memmap, r.start, r.end - r.start, BOOT_RANGE_FREE))
            return;
        i = (u32)-1; // neighbours have merged: from the start
    }
}

void mm_init_memory(void)
{
    u32 lowmem_end, direct_end, dma_end, frames;

    build_memmap();
    log_memmap();
    take_boot_memory();

    frames = usable_end(frames_end());
    lowmem_end = usable_end(LOWMEM_MAX_PFN);
    if (lowmem_end <= LEAST_MEMORY_PFN)
        panic("only %u KiB of memory", lowmem_end * (PAGE_SIZE / KIB));
    direct_end = direct_map_end(lowmem_end);
    pmap_init_kernel(pfn(direct_end), boot_alloc_page);
    log_info("direct_map=%08x-%08x vmalloc=%08x-%08x pkmap=%08x fixmap=%08x",
             PAGE_OFFSET, PAGE_OFFSET + (direct_end << PAGE_SHIFT),
             VMALLOC_START, VMALLOC_END, PKMAP_START, FIXMAP_START);

    alloc_mem_map(lowmem_end, frames);
    dma_end = min(lowmem_end, ZONE_DMA_END_PFN); // mem_map ends with memory
    fill_zone(ZONE_DMA, 0, dma_end);
    fill_zone(ZONE_NORMAL, dma_end, lowmem_end);
    fill_zone(ZONE_HIGHMEM, max(lowmem_end, min(frames, LOWMEM_MAX_PFN)),
              frames);
    zone_marks_init();
    slab_init();
    kernel_stacks_init();
}

bool memory_is_ours(phys_addr_t start, u64 bytes)
{
    for (u32 i = 0; i < memmap.count; i++) {
        const struct memmap_range *r = &memmap.ranges[i];

        if (r->start < start.v + bytes && start.v < r->end &&
            (r->type == BOOT_RANGE_FREE || r->type == BOOT_RANGE_KERNEL))
            return true;
    }
    return false;
}

void mm_free_boot_range(phys_addr_t start, u64 bytes)
{
    u32 first = phys_to_pfn(phys_add(start, PAGE_SIZE - 1)).v;
    u32 end = phys_to_pfn(phys_add(start, bytes + PAGE_SIZE - 1)).v;

    // The archive is page aligned and its range rounded up by the stub.
    if (memmap_set(&memmap, (u64)first << PAGE_SHIFT,
                   (u64)(end - first) << PAGE_SHIFT, BOOT_RANGE_FREE))
        return;
    zone_for_each (zone) {
        u32 a = max(first, zone->buddy.base);
        u32 b = min(end, zone->buddy.base + zone->buddy.frames);

        if (a < b)
            zone_add(zone->id, a, b);
    }
    log_info("freed boot range start=%#llx kib=%llu", start.v, bytes / KIB);
}
