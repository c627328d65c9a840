// mm/aspace.c - address spaces: made, forked, given up
// SPDX-License-Identifier: MIT
//
// fork copies areas and entries (mm/vma_copy.c), not pages: writable private
// pages become read-only in both, and the first who writes gets a copy
// (mm/fault.c). Pages of files that nobody has written to are not copied at
// all: the child faults them in from the page cache.
//
// The child is linked to what its entries name (anon_vma, mapping, slot counts)
// before the entry exists, so that reclaim, which may run at each allocation,
// finds a consistent picture. A child that cannot be finished is torn down as
// any other address space.

#include <mm/mm.h>

#include <arch/vdso.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <mm/commit.h>
#include <mm/pagecache.h>
#include <mm/radix_alloc.h>
#include <mm/reclaim.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/swap_cache.h>
#include <mm/workingset.h>
#include <mm/writeback.h>
#include <mm/zap.h>
#include <mm/zero_page.h>

#include "mm_list.h"
#include "vma_ops.h"

static struct kmem_cache *mm_cache;
LIST_HEAD(mm_list);

void mm_init(void)
{
    pagecache_init();
    radix_alloc_init();
    vma_cache_init();
    mm_cache = kmem_cache_create("mm", sizeof(struct mm), 0);
    if (!mm_cache)
        panic("no memory for the mm cache");
    zero_page_init();
    workingset_init();
    kswapd_init();
    writeback_init();
}

struct mm *mm_create(void)
{
    struct mm *mm = kmem_cache_alloc(mm_cache, GFP_KERNEL | GFP_ZERO);

    if (!mm)
        return NULL;
    if (pmap_create(&mm->pmap)) {
        kmem_cache_free(mm_cache, mm);
        return NULL;
    }
    vma_tree_init(&mm->areas);
    mutex_init(&mm->lock, MUTEX_RANK_MM);
    mm->users = 1;
    list_add_tail(&mm->link, &mm_list);
    return mm;
}

void mm_get(struct mm *mm)
{
    ASSERT(mm->users > 0);
    mm->users++;
}

void mm_activate(struct mm *mm)
{
    // A kernel thread stays in whatever address space is there: it uses only
    // the part that is the same in all. mm_put sees to it that it is not freed
    // under its feet.
    if (mm) {
        pmap_activate(&mm->pmap);
        ldt_activate(&mm->ldt);
        vdso_activate(mm->vdso.v);
    }
}

void mm_put(struct mm *mm)
{
    struct vm_area *vma;

    ASSERT(mm->users > 0);
    if (--mm->users > 0)
        return;
    while ((vma = vma_first(&mm->areas))) {
        zap_range(vma, vma->start, vma->end);
        vma_unlink(mm, vma);
    }
    ASSERT(mm_rss(mm) == 0 && mm->swap_entries == 0 && mm->total_pages == 0 &&
           mm->locked_pages == 0);
    list_del(&mm->link);
    pmap_activate(&kernel_pmap); // it may be the active one
    pmap_destroy(&mm->pmap);
    ldt_drop(&mm->ldt);
    mm_activate(current->mm);
    if (mm->exe)
        mm->exe_put(mm->exe);
    kmem_cache_free(mm_cache, mm);
}

static int fork_area(struct mm *mm, struct vm_area *vma)
{
    u32 promised = vma->flags & VM_ACCOUNT ? vma_pages(vma) : 0;
    struct vm_area *child;

    if (vma->flags & VM_DONTCOPY)
        return 0;
    if (vm_commit(promised))
        return -ENOMEM;
    child = vma_dup(vma, mm);
    if (!child) {
        vm_uncommit(promised);
        return -ENOMEM;
    }
    child->flags &= ~(u32)VM_LOCK_FLAGS;
    if (child->flags & VM_WIPEONFORK)
        rmap_unlink(child); // it begins with no pages
    if (vma_link(mm, child))
        panic("fork: the parent's areas overlap");
    return child->flags & VM_WIPEONFORK ? 0 : vma_copy_entries(vma, child);
}

struct mm *mm_fork(struct mm *mm)
{
    struct mm *child = mm_create();
    struct vm_area *vma;
    int err;

    if (!child)
        return NULL;
    mutex_lock(&mm->lock);
    child->brk_start = mm->brk_start;
    child->brk = mm->brk;
    child->stack_start = mm->stack_start;
    child->arg_start = mm->arg_start;
    child->arg_end = mm->arg_end;
    child->env_start = mm->env_start;
    child->env_end = mm->env_end;
    child->auxv_start = mm->auxv_start;
    child->auxv_end = mm->auxv_end;
    child->code_start = mm->code_start;
    child->code_end = mm->code_end;
    child->data_start = mm->data_start;
    child->data_end = mm->data_end;
    child->vdso = mm->vdso;
    child->stack_limit_bytes = mm->stack_limit_bytes;
    child->legacy_layout = mm->legacy_layout;
    child->is_dumpable = mm->is_dumpable;
    err = ldt_copy(&child->ldt, &mm->ldt);
    vma_for_each (vma, &mm->areas) {
        if (err)
            break;
        err = fork_area(child, vma);
    }
    pmap_flush_all(&mm->pmap); // what was writable is not any more
    mutex_unlock(&mm->lock);
    if (err) {
        mm_put(child);
        return NULL;
    }
    return child;
}
