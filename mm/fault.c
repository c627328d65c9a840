// mm/fault.c - a page fault: find its cause, then make the access possible
// SPDX-License-Identifier: MIT
//
// The causes, numbered (include/mm/fault_cause.h); tests bear the numbers
// (userland/tests/causes.c, tests/system/test_causes.py). 1 to 15 are mm's,
// whoever made the access; 16 and 17 are the kernel's own accesses that mm
// cannot answer, or is not asked for: kernel/dispatch.c.
//
// clang-format off
//
//     area?  access?  entry      what it is                   what is done
//  1  no     -        -          a hole, or the kernel's      SEGV_MAPERR
//  2  below  -        -          next to a stack              grow it, go on; or 1
//  3  yes    no       -          forbidden                    SEGV_ACCERR
//  4  anon   read     none       never written                map the zero page
//  5  anon   write    none       first write                  a zeroed page
//  6  file   read     none       page of a file               map the cache's page,
//                                                             and cached ones around
//                                (or a frame of the kernel's own: mm/special.c)
//  7  priv.  write    none       first write to it            map a copy
//  8  shared write    none       the same, for everybody      page_mkwrite, map it
//  9  any    any      swapped    paged out                    swap cache, or read it
//                                                             and what lies around
// 10  priv.  write    read-only  copy-on-write: after fork,   reuse if nobody else
//                                a file's page, zero page     has it, else copy
// 11  shared write    read-only  first write since clean      page_mkwrite
// 12  any    any      allows it  stale translation, or came   flush
//                                while the lock was waited for
// 13  file   any      none       beyond its end               BUS
// 14  any    any      any        cannot be read; or no room   BUS
//                                on the disk for a store
// 15  any    any      any        no memory                    OOM
// 16  kernel access   -          by a copy function           its fixup: EFAULT, or
//                                                             a short copy
// 17  kernel access   -          by anything else: a bug      oops
//
// clang-format on
//
// Here a fault is understood and handed on: to mm/fault_anon.c (4, 5, 9, 10) or
// mm/fault_file.c (6 to 8, 11, 13, 14).
//
// Number 0: in an address space whose content was taken from it
// (mm/oom_reap.c), and of a task that is being killed and would have to try
// again, a fault is not answered but a BUS, which nobody lives to see.
//
// Each handler that sleeps (allocation, I/O, page lock) compares the entry
// afterwards with what it was before, and returns FAULT_RETRY when it differs;
// only mm_fault looks up again. The slot itself stays valid: tables of an
// address space are freed only under its lock, which is held throughout.
// Reclaim changes entries without the lock, never while we run.

#include <mm/mm.h>

#include <arch/cpu.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <mm/commit.h>
#include <mm/limits.h>
#include <mm/pagecache.h>
#include <mm/stack_gap.h>
#include <mm/stat.h>
#include <mm/writeback.h>

#include "fault_private.h"
#include "mmap_private.h"
#include "vma_ops.h"

static __always_inline enum fault_result handle_entry(struct fault *f)
{
    f->slot = pmap_slot(&f->mm->pmap, f->addr);
    if (!f->slot)
        return FAULT_OOM;
    f->pte = pte_read(f->slot);
    if (pte_is_none(f->pte))
        return !f->vma->ops         ? anonymous_fault(f)
               : f->vma->ops->frame ? special_fault(f)
                                    : file_fault(f);
    if (pte_is_swap(f->pte))
        return swap_fault(f);
    if (f->write && !pte_is_writable(f->pte))
        return f->vma->flags & VM_SHARED ? clean_write_fault(f)
                                         : copy_on_write_fault(f);
    // Cause 12. A PROT_NONE entry in an area that allows the access cannot
    // be: mprotect changes both.
    ASSERT(pte_is_accessible(f->pte));
    f->cause = CAUSE_STALE;
    pte_write(f->slot, f->write ? pte_mkdirty(pte_mkyoung(f->pte))
                                : pte_mkyoung(f->pte));
    pmap_flush_page(&f->mm->pmap, f->addr);
    return FAULT_DONE;
}

// @vma is the next area above the page @start.
static bool grow_stack(struct mm *mm, struct vm_area *vma, user_addr_t start)
{
    struct vm_area *below = vma_prev(vma);
    u32 more = user_bytes(start, vma->start);

    if (!(vma->flags & VM_GROWSDOWN) || start.v < vm_mmap_min_addr)
        return false;
    // Moved up by mremap(2), its pages keep their numbers, which end at 0.
    if (more >> PAGE_SHIFT > vma->pgoff)
        return false;
    if (below && (below->flags & VM_ACCESS) && !(below->flags & VM_GROWSDOWN) &&
        user_bytes(below->end, start) < STACK_GUARD_BYTES)
        return false;
    if (!limit_may_grow(mm, vma->flags, more >> PAGE_SHIFT) ||
        user_bytes(start, vma->end) > limit_bytes(MM_LIMIT_STACK) ||
        !limit_may_lock(mm, vma->flags, more))
        return false;
    if ((vma->flags & VM_ACCOUNT) && vm_commit(more >> PAGE_SHIFT))
        return false;
    vma_set_bounds(mm, vma, start, vma->end);
    if (trace_of(mm))
        trace_mapped(mm, TRACE_MAP_MMAP, start, vma_bytes(vma));
    return true;
}

static bool is_allowed(const struct vm_area *vma, enum fault_access access)
{
    switch (access) {
    case FAULT_WRITE: return vma->flags & VM_WRITE;
    case FAULT_EXEC: return vma->flags & VM_EXEC;
    case FAULT_READ: break; // i386: what may be written or run may be read
    }
    return vma->flags & VM_ACCESS;
}

static __always_inline enum fault_result area_fault(struct fault *f,
                                                    enum fault_access access)
{
    return is_allowed(f->vma, access) ? handle_entry(f) : FAULT_SEGV_ACCERR;
}

// Cause 2: then as if the area had always been there.
static __noinline enum fault_result stack_fault(struct fault *f,
                                                enum fault_access access)
{
    enum fault_result result;

    if (!grow_stack(f->mm, f->vma, f->addr))
        return FAULT_SEGV_MAPERR;
    result = area_fault(f, access);
    f->cause = CAUSE_STACK_GROWTH;
    return result;
}

// Inline, in both copies of fault_answer: a call costs every fault some twenty
// instructions.
static __always_inline enum fault_result fault_once(struct fault *f,
                                                    enum fault_access access)
{
    if (unlikely(f->mm->is_reaped))
        return FAULT_BUS; // nobody is left to see it, but copies of the kernel
    if (f->addr.v >= TASK_SIZE)
        return FAULT_SEGV_MAPERR;
    f->vma = vma_find(&f->mm->areas, f->addr);
    if (!f->vma)
        return FAULT_SEGV_MAPERR;
    if (user_before(f->addr, f->vma->start))
        return stack_fault(f, access);
    return area_fault(f, access);
}

// A BUS: of what the file does not have, or what the disk does not give.
static enum fault_cause bus_cause(const struct fault *f)
{
    const struct mapping *mapping = f->vma->mapping;

    return pte_is_none(f->pte) && mapping &&
                   vma_pgoff_of(f->vma, f->addr) >= mapping_pages(mapping)
               ? CAUSE_BEYOND_END
               : CAUSE_IO_ERROR;
}

static enum fault_cause failure_cause(const struct fault *f,
                                      enum fault_result result)
{
    switch (result) {
    case FAULT_SEGV_MAPERR: return CAUSE_HOLE;
    case FAULT_SEGV_ACCERR: return CAUSE_FORBIDDEN;
    case FAULT_OOM: return CAUSE_NO_MEMORY;
    case FAULT_BUS:
        return f->mm->is_reaped || task_fatal_pending(current) ? CAUSE_CUT_SHORT
                                                               : bus_cause(f);
    case FAULT_DONE:
    case FAULT_MAJOR:
    case FAULT_RETRY: break;
    }
    panic("fault: result %d is no failure", result);
}

// trace_fault - under the lock, as @f->vma is looked at. Not inline: it would
// be in the way of faults that are not traced.
static __noinline void trace_fault(const struct fault *f, u32 address,
                                   enum fault_access access,
                                   enum fault_result result, u64 start)
{
    u32 info = (u32)f->cause << TRACE_FAULT_CAUSE_SHIFT |
               (u32)access << TRACE_FAULT_ACCESS_SHIFT;
    u32 frame = 0;

    if (likely(result == FAULT_DONE)) {
        frame = pte_pfn(pte_read(f->slot)).v;
        if (f->major) // as they are counted
            info |= TRACE_FAULT_MAJOR;
    } else {
        info |= (u32)result << TRACE_FAULT_RESULT_SHIFT;
    }
    if (likely(result == FAULT_DONE) ||
        (f->vma && vma_contains(f->vma, f->addr)))
        info |= (u32)trace_area_kind(f->vma) << TRACE_FAULT_AREA_SHIFT;
    trace_write(TRACE_FAULT, address, thread_user_frame(&current->thread)->eip,
                frame, time_since(start), info);
}

// What is in the way may be undone by a task that has to run for it: one that
// truncates the file has taken the page from it already, and not from us yet.
static __noinline enum fault_result before_retry(void)
{
    // A task that is being killed is not made to wait for what it needs.
    if (task_fatal_pending(current))
        return FAULT_BUS;
    cond_resched();
    return FAULT_RETRY;
}

static __always_inline void count_answered(bool major)
{
    if (major) {
        vm_count(VM_PGMAJFAULT);
        current->usage.maj_flt++;
    } else {
        current->usage.min_flt++;
    }
}

// fault_answer - @plain is a constant: there are two of this, so that a fault
// as they are on nearly every machine, of which no record is made, asks for
// that once.
static __always_inline enum fault_result fault_answer(struct mm *mm,
                                                      user_addr_t addr,
                                                      enum fault_access access,
                                                      bool plain)
{
    u64 start = plain ? cpu_tsc() : time_stamp();
    enum fault_result result;
    struct fault f;

    // One by one: the compiler would clear all of it first, by a loop.
    f.mm = mm;
    f.addr = user_page(addr);
    f.write = access == FAULT_WRITE;
    f.major = f.dirtied = false;
    if (!plain)
        f.vma = NULL;
    vm_count(VM_PGFAULT);
    mutex_lock(&mm->lock);
    do {
        result = fault_once(&f, access);
        if (result == FAULT_RETRY)
            result = before_retry();
    } while (result == FAULT_RETRY);
    if (result != FAULT_DONE && result != FAULT_MAJOR)
        f.cause = failure_cause(&f, result);
    if (!plain && trace_on(fault))
        trace_fault(&f, addr.v, access, result, start);
    mutex_unlock(&mm->lock);
    if (plain || cpu_has(CPU_TSC))
        fault_count_timed(f.cause, cpu_tsc() - start);
    else
        fault_count(f.cause);
    // Before anything that sleeps: its record is there already, and a COUNTER
    // that comes behind it has to have counted it.
    if (likely(result == FAULT_DONE))
        count_answered(f.major);
    if (f.dirtied)
        writeback_throttle();
    return result;
}

static __noinline enum fault_result fault_rare(struct mm *mm, user_addr_t addr,
                                               enum fault_access access)
{
    return fault_answer(mm, addr, access, false);
}

enum fault_result mm_fault(struct mm *mm, user_addr_t addr,
                           enum fault_access access)
{
    if (trace_on(fault) || unlikely(!cpu_has(CPU_TSC)))
        return fault_rare(mm, addr, access);
    return fault_answer(mm, addr, access, true);
}

int mm_swap_in(struct mm *mm, user_addr_t addr)
{
    struct fault f = {.mm = mm, .addr = user_page(addr)};
    enum fault_result result = FAULT_RETRY;

    mutex_lock(&mm->lock);
    f.vma = vma_find(&mm->areas, addr);
    f.slot = pmap_lookup(&mm->pmap, addr);
    if (f.vma && vma_contains(f.vma, addr) && f.slot) {
        f.pte = pte_read(f.slot);
        if (pte_is_swap(f.pte))
            result = swap_fault(&f);
    }
    mutex_unlock(&mm->lock);
    switch (result) {
    case FAULT_DONE:
    case FAULT_MAJOR: return 0;
    case FAULT_OOM: return -ENOMEM;
    case FAULT_BUS: return -EIO;
    case FAULT_RETRY:
    case FAULT_SEGV_MAPERR:
    case FAULT_SEGV_ACCERR: break;
    }
    return -EAGAIN;
}
