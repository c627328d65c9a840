// mm/vma_ops.h - making, splitting, merging and dropping areas of an mm
// SPDX-License-Identifier: MIT
//
// Between the tree of areas (mm/vma.c, pure) and the calls of mm/mmap.c: here
// an area's links (anon_vma, mapping, file) follow what happens to it.
// Context: mm->lock held.
#pragma once

#include <mm/mm.h>

static_assert((u32)VM_READ == (u32)PMAP_READ &&
                  (u32)VM_WRITE == (u32)PMAP_WRITE &&
                  (u32)VM_EXEC == (u32)PMAP_EXEC,
              "area flags are used as page protection");

// The protection an entry of @vma may have at most. What may be written or run
// may be read, too: i386 has nothing less; and who takes PMAP_WRITE away, for
// copy-on-write, must not be left with nothing, which is PROT_NONE.
static inline u32 vma_prot(const struct vm_area *vma)
{
    u32 access = vma->flags & VM_ACCESS;

    return access ? access | PMAP_READ | PMAP_USER : PMAP_USER;
}

// What RLIMIT_DATA counts: private, writable, and no stack.
static inline bool vma_is_data(u32 flags)
{
    return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

void vma_cache_init(void);
struct vm_area *vma_alloc(void); // zeroed, lists empty; NULL: no memory
void vma_free(struct vm_area *vma);

// vma_link - insert into the tree and its mapping's list; counts pages. What a
// VM_ACCOUNT area is promised, the caller has asked vm_commit for.
// Return: as vma_insert.
__must_check int vma_link(struct mm *mm, struct vm_area *vma);

// vma_unlink - out of tree and lists, file closed, freed; what it was promised
// (VM_ACCOUNT) is given back. Its entries are gone.
void vma_unlink(struct mm *mm, struct vm_area *vma);

// vma_release - the same for an area in no tree; no promise is given back.
void vma_release(struct vm_area *vma);

// vma_dup - a copy of @vma for @mm (fork, mremap): anon_vma joined, file
// opened, not in any tree or mapping list. NULL: no memory.
struct vm_area *vma_dup(const struct vm_area *vma, struct mm *mm);

// vma_copy_entries - give @child, a copy of @vma in another address space,
// what @vma's entries name; writable private pages become read-only in both,
// which the caller flushes. On failure some are copied. Return: 0; -ENOMEM.
// May sleep.
__must_check int vma_copy_entries(struct vm_area *vma, struct vm_area *child);

// vma_cut - split at @at. Return: 0; -ENOMEM.
__must_check int vma_cut(struct mm *mm, struct vm_area *vma, user_addr_t at);

// vma_merge - make @vma one with its neighbours where possible.
// Return: the area that now holds it.
struct vm_area *vma_merge(struct mm *mm, struct vm_area *vma);

// vma_set_flags - other flags, and the counts follow. The promise (VM_ACCOUNT)
// is the caller's.
void vma_set_flags(struct mm *mm, struct vm_area *vma, u32 flags);

// vma_set_bounds - vma_resize, to grow; the counts follow. The promise is the
// caller's.
void vma_set_bounds(struct mm *mm, struct vm_area *vma, user_addr_t start,
                    user_addr_t end);

// mm_unmap_locked - unmap [start, end), page aligned. Return: 0; -ENOMEM.
__must_check int mm_unmap_locked(struct mm *mm, user_addr_t start,
                                 user_addr_t end);
