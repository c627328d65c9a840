// fs/procfs/frames.c - kpagecount and kpageflags: eight bytes for each frame
// SPDX-License-Identifier: MIT
//
// Frame n is at byte 8 n. Reads are of whole entries, as on Linux: position and
// length are multiples of 8. The flags are those of linux/kernel-page-flags.h.

#include "procfs.h"

#include <linux/kernel-page-flags.h>
#include <mm/highmem.h>
#include <mm/zero_page.h>

#define ENTRY_BYTES  8u
#define KPF_RESERVED 32 // Linux's own, not in the header for programs

static u64 count_of(const struct page *page)
{
    // A slab keeps other numbers in that place.
    return page_state(page) == PAGE_STATE_SLAB ? 0 : (u64)page->mapcount;
}

static u64 bits_of_flags(const struct page *page)
{
    static const struct {
        enum page_flag flag;
        u8 bit;
    } bits[] = {
        {PG_LOCKED, KPF_LOCKED},
        {PG_UPTODATE, KPF_UPTODATE},
        {PG_DIRTY, KPF_DIRTY},
        {PG_WRITEBACK, KPF_WRITEBACK},
        {PG_ERROR, KPF_ERROR},
        {PG_REFERENCED, KPF_REFERENCED},
        {PG_LRU, KPF_LRU},
        {PG_ACTIVE, KPF_ACTIVE},
        {PG_SWAPCACHE, KPF_SWAPCACHE},
        {PG_RECLAIM, KPF_RECLAIM},
        {PG_UNEVICTABLE, KPF_UNEVICTABLE},
    };
    u64 result = 0;

    for (u32 i = 0; i < ARRAY_SIZE(bits); i++)
        if (page_test(page, bits[i].flag))
            result |= 1ull << bits[i].bit;
    return result;
}

static u64 flags_of(const struct page *page)
{
    u64 flags = bits_of_flags(page);

    switch (page_state(page)) {
    case PAGE_STATE_RESERVED:
        flags |=
            page == zero_page ? 1ull << KPF_ZERO_PAGE : 1ull << KPF_RESERVED;
        break;
    case PAGE_STATE_FREE: flags |= 1ull << KPF_BUDDY; break;
    case PAGE_STATE_SLAB: return flags | 1ull << KPF_SLAB;
    case PAGE_STATE_TABLE: flags |= 1ull << KPF_PGTABLE; break;
    case PAGE_STATE_ANON:
        flags |= 1ull << KPF_ANON | 1ull << KPF_SWAPBACKED;
        break;
    case PAGE_STATE_CACHE:
        if (page_test(page, PG_SWAPBACKED)) // tmpfs
            flags |= 1ull << KPF_SWAPBACKED;
        break;
    case PAGE_STATE_KERNEL:
    case PAGE_STATES: break;
    }
    if (page->mapcount > 0)
        flags |= 1ull << KPF_MMAP;
    return flags;
}

static ssize_t frames_read(struct io_iter *it, u64 *pos,
                           u64 (*entry_of)(const struct page *page))
{
    u64 entries[32];
    u32 total = 0;

    if (*pos % ENTRY_BYTES || it->left % ENTRY_BYTES)
        return -EINVAL;
    while (it->left) {
        u64 frame = *pos / ENTRY_BYTES;
        u32 count = min(it->left / ENTRY_BYTES, (u32)ARRAY_SIZE(entries));
        u32 moved;

        if (frame >= mem_map_frames)
            break;
        count = min(count, mem_map_frames - (u32)frame);
        for (u32 i = 0; i < count; i++)
            entries[i] = entry_of(pfn_to_page(pfn((u32)frame + i)));
        moved = io_put(it, entries, count * ENTRY_BYTES);
        *pos += moved;
        total += moved;
        if (moved < count * ENTRY_BYTES)
            return total ? (ssize_t)total : -EFAULT;
    }
    return (ssize_t)total;
}

static ssize_t kpagecount_read(struct file *file, struct io_iter *it, u64 *pos)
{
    (void)file;
    return frames_read(it, pos, count_of);
}

static ssize_t kpageflags_read(struct file *file, struct io_iter *it, u64 *pos)
{
    (void)file;
    return frames_read(it, pos, flags_of);
}

const struct file_ops proc_kpagecount_file_ops = {
    .read = kpagecount_read,
    .llseek = dir_llseek,
};
const struct file_ops proc_kpageflags_file_ops = {
    .read = kpageflags_read,
    .llseek = dir_llseek,
};
