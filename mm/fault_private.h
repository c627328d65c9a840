// mm/fault_private.h - one fault, between fault.c and the files of its causes
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/fault_cause.h>
#include <mm/mm.h>

// One fault on its way through the handlers, and through them again.
struct fault {
    struct mm *mm;
    struct vm_area *vma;
    user_addr_t addr; // of the page
    bool write;
    pte_t *slot;
    pte_t pte;    // what was in the slot
    bool major;   // a disk was waited for, in this attempt or before
    bool dirtied; // a page of a file: the writer may have to wait afterwards
    enum fault_cause cause; // set where it is known; of failures: failure_cause
};

// fault_entry_changed - whether somebody has changed the entry since f->pte was
// read: then what was found out about it is void, and the answer FAULT_RETRY.
static inline bool fault_entry_changed(const struct fault *f)
{
    return !pte_eq(pte_read(f->slot), f->pte);
}

// Each answers for some causes, sets f->cause, and may sleep. Return:
// FAULT_DONE (the access is possible), FAULT_RETRY, FAULT_OOM, FAULT_BUS, and
// FAULT_MAJOR of a page that was read. The entry is

// none, in an anonymous area: 4 and 5 (fault_anon.c)
enum fault_result anonymous_fault(struct fault *f);

// none, in an area with a file: 6, 7, 8, 13, 14 (fault_file.c)
enum fault_result file_fault(struct fault *f);

// none, in an area of the kernel's own frames: 6 and 7 (special.c)
enum fault_result special_fault(struct fault *f);

// a slot of swap: 9 (fault_anon.c)
enum fault_result swap_fault(struct fault *f);

// read-only, private, written to: 10 (fault_anon.c)
enum fault_result copy_on_write_fault(struct fault *f);

// read-only, shared, written to: 11 (fault_file.c)
enum fault_result clean_write_fault(struct fault *f);

// fault_make_writable - the page of f->pte itself may be written from now on.
void fault_make_writable(const struct fault *f);

// fault_alloc_anon - a new page for the area, not mapped yet; @gfp: GFP_ZERO or
// 0. NULL: no memory. Sleeps.
struct page *fault_alloc_anon(const struct fault *f, u32 gfp);

// fault_map_anon - map it for writing; its reference becomes the mapping's.
void fault_map_anon(const struct fault *f, struct page *page);
