// mm/mincore.c - which pages are in memory
// SPDX-License-Identifier: MIT
//
// In memory is what is mapped, in the page cache or in the swap cache, and
// uptodate: an access would wait for no disk. Of a file that is not the
// caller's and that it may not write, everything is said to be: else it could
// watch what others read (CVE-2019-5489).

#include <mm/madvise.h>

#include <base/errno.h>
#include <mm/pagecache.h>
#include <mm/swap_cache.h>

static u8 is_uptodate(struct page *page)
{
    bool uptodate;

    if (!page)
        return 0;
    uptodate = page_test(page, PG_UPTODATE);
    page_put(page);
    return uptodate;
}

static u8 in_swap_cache(swap_entry_t entry)
{
    return is_uptodate(swap_cache_find(entry));
}

static u8 in_mapping(struct mapping *mapping, u32 index)
{
    void *item = radix_tree_lookup(&mapping->pages, index);

    if (item && radix_is_value(item)) {
        u32 value = radix_value_of(item);

        return value & MAPPING_VALUE_SHADOW
                   ? 0
                   : in_swap_cache((swap_entry_t){value});
    }
    return is_uptodate(mapping_find_page(mapping, index));
}

static u8 in_memory(const struct vm_area *vma, user_addr_t at)
{
    pte_t *slot = pmap_lookup(&vma->mm->pmap, at);
    pte_t pte = slot ? pte_read(slot) : PTE_NONE;

    if (pte_is_present(pte))
        return 1;
    if (pte_is_swap(pte))
        return in_swap_cache(pte_swap_entry(pte));
    return vma->mapping ? in_mapping(vma->mapping, vma_pgoff_of(vma, at)) : 0;
}

static void fill(const struct vm_area *vma, user_addr_t at, u32 pages, u8 *out)
{
    bool tell = !vma->ops || !vma->ops->is_ours || vma->ops->is_ours(vma);

    for (u32 i = 0; i < pages; i++)
        out[i] = tell ? in_memory(vma, user_add(at, i << PAGE_SHIFT)) : 1;
}

u32 mm_residency(struct mm *mm, user_addr_t start, u32 pages, u8 *out)
{
    u32 done = 0;

    mutex_lock(&mm->lock);
    while (done < pages) {
        user_addr_t at = user_add(start, done << PAGE_SHIFT);
        struct vm_area *vma = vma_find(&mm->areas, at);
        u32 here;

        if (!vma || user_before(at, vma->start))
            break;
        here = min(user_bytes(at, vma->end) >> PAGE_SHIFT, pages - done);
        fill(vma, at, here, out + done);
        done += here;
    }
    mutex_unlock(&mm->lock);
    return done;
}
