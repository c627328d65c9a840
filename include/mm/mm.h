// include/mm/mm.h - address spaces
// SPDX-License-Identifier: MIT
#pragma once

#include <arch/ldt.h>
#include <kernel/mutex.h>
#include <kernel/trace_bits.h>
#include <mm/pmap.h>
#include <mm/vma.h>

struct trap_frame;

// An address space: counted; tasks that run in it hold `users`.
struct mm {
    struct pmap pmap;
    struct vma_tree areas;
    struct mutex lock; // areas; held while faults are resolved
    u32 users;
    struct list_head link; // mm_list, for swapoff
    u32 total_pages;       // of all areas, and of these:
    u32 data_pages;        // private, writable, no stack
    u32 stack_pages;       // VM_GROWSDOWN
    u32 exec_pages;        // program text
    u32 locked_pages;      // VM_LOCKED
    u32 anon_pages;        // present, by kind
    u32 file_pages;
    u32 shmem_pages;
    u32 swap_entries; // PTEs that name a slot
    u32 peak_pages;   // the most of total_pages there ever was
    u32 peak_rss;     // ... of mm_rss()
    u32 future_lock;  // mlockall(MCL_FUTURE): VM_LOCK_FLAGS of what is mapped
    user_addr_t brk_start, brk;
    user_addr_t stack_start; // esp at the program's first instruction
    user_addr_t arg_start, arg_end, env_start, env_end;
    user_addr_t auxv_start, auxv_end; // on the program's stack
    user_addr_t code_start, code_end, data_start, data_end;
    user_addr_t vdso;      // where it is (kernel/vdso.c); 0: nowhere
    struct ldt ldt;        // written with the lock held
    u32 stack_limit_bytes; // RLIMIT_STACK at exec: the layout
    bool legacy_layout;    // bottom up (personality)
    bool is_dumpable;      // its equals may look into it (kernel/cred.h)
    bool is_building;      // by exec: not the program's yet, nor in the trace
    bool is_reaped;   // some content is gone (mm/oom_reap.c): no more faults
    struct file *exe; // for /proc/PID/exe, or NULL; held ...
    void (*exe_put)(struct file *exe); // ... until mm_put calls this
};

// Pages that are present.
static inline u32 mm_rss(const struct mm *mm)
{
    return mm->anon_pages + mm->file_pages + mm->shmem_pages;
}

// Which area is the heap, or holds the program's first stack (for /proc).
static inline bool mm_area_is_heap(const struct mm *mm,
                                   const struct vm_area *vma)
{
    return mm->brk.v > mm->brk_start.v && vma->start.v <= mm->brk.v &&
           vma->end.v >= mm->brk_start.v;
}
static inline bool mm_area_is_stack(const struct mm *mm,
                                    const struct vm_area *vma)
{
    return vma->start.v <= mm->stack_start.v && vma->end.v >= mm->stack_start.v;
}

// mm_create - empty, users 1. NULL: no memory. May sleep.
struct mm *mm_create(void);
void mm_get(struct mm *mm);
// mm_put - the last one unmaps everything and frees it. May sleep.
void mm_put(struct mm *mm);

// mm_fork - a copy of @mm with copy-on-write pages. -> NULL: no memory,
// and nothing changed. May sleep.
struct mm *mm_fork(struct mm *mm);

// mm_activate - run in @mm (NULL: kernel only) from now on. No sleep.
void mm_activate(struct mm *mm);

// What to map.
struct mmap_request {
    user_addr_t addr;  // hint, or the place with MMAP_FIXED; page aligned
    u32 bytes;         // rounded up to pages
    u32 vm_flags;      // VM_READ ... VM_SHARED, VM_MAY*, VM_GROWSDOWN
    u32 how;           // enum mmap_how
    u32 pgoff;         // of the file
    struct file *file; // NULL: anonymous
    // For files: sets vma->ops, ->mapping and takes a reference for vma->file
    // (ops->close drops it). Return: 0; -ENODEV; -EACCES.
    int (*bind)(struct file *file, struct vm_area *vma);
};

enum mmap_how {
    MMAP_FIXED = 1u << 0,     // there; what is there is unmapped
    MMAP_NOREPLACE = 1u << 1, // with FIXED: -EEXIST instead of unmapping
    MMAP_POPULATE = 1u << 2,  // fault all pages in
    MMAP_LOCKED = 1u << 3,    // VM_LOCKED, for who may
};

// mm_map - Return: 0 and the address; -ENOMEM: no room, too many areas, a
// limit, or more than can be promised; -EINVAL; -EEXIST; -EPERM: below
// vm.mmap_min_addr, or MMAP_LOCKED and RLIMIT_MEMLOCK is 0; -EAGAIN: above
// RLIMIT_MEMLOCK; what bind returned. Context: takes mm->lock, may sleep.
__must_check int mm_map(struct mm *mm, const struct mmap_request *request,
                        user_addr_t *out);

// mm_unmap - Return: 0 (holes are fine); -EINVAL: unaligned, empty, beyond
// TASK_SIZE; -ENOMEM: a split found no memory. Takes mm->lock.
__must_check int mm_unmap(struct mm *mm, user_addr_t start, u32 bytes);

// mm_unmap_attached - unmap what is left of a mapping of @ops that began at
// @addr with the first page of its file: the parts that still are where they
// were. Return: 0; -EINVAL: there is none; -ENOMEM. Takes mm->lock.
__must_check int mm_unmap_attached(struct mm *mm, user_addr_t addr,
                                   const struct vm_operations *ops);

// mm_protect - @vm_access of VM_READ|VM_WRITE|VM_EXEC. Return: 0; -ENOMEM: a
// hole (what came before it is changed, as on Linux) or no memory; -EACCES.
__must_check int mm_protect(struct mm *mm, user_addr_t start, u32 bytes,
                            u32 vm_access);

// mm_protect_stack - the same from the start of the VM_GROWSDOWN area of
// @start on (PROT_GROWSDOWN). Return: also -EINVAL: it is not one.
__must_check int mm_protect_stack(struct mm *mm, user_addr_t start, u32 bytes,
                                  u32 vm_access);

enum remap_how {
    REMAP_MAY_MOVE = 1u << 0,
    REMAP_FIXED = 1u << 1,     // to `place`, what is there is unmapped
    REMAP_DONTUNMAP = 1u << 2, // the old area stays, empty
};

struct remap_request {
    user_addr_t old;
    u32 old_bytes; // 0: of a shared area: map it a second time
    u32 new_bytes;
    u32 how;           // enum remap_how
    user_addr_t place; // with REMAP_FIXED; with REMAP_DONTUNMAP: a hint
};

// mm_remap - mremap(2). Return: 0 and the address; -EFAULT: not one area;
// -EINVAL; -ENOMEM: no room, limits, memory; -EAGAIN: above RLIMIT_MEMLOCK.
__must_check int mm_remap(struct mm *mm, const struct remap_request *rq,
                          user_addr_t *out);

// mm_remap_pages - remap_file_pages(2): map the shared areas of one file in
// [start, start + bytes), page aligned, again, from page @pgoff of the file on;
// @populate: fault the pages in. Return: 0; -EINVAL: a hole, several files or
// kinds, private memory, a file that may not be written, an empty range, or a
// range or page number that wraps; -ENOMEM; -EPERM, -EAGAIN: locked memory, as
// mm_map. Takes mm->lock.
__must_check int mm_remap_pages(struct mm *mm, user_addr_t start, u32 bytes,
                                u32 pgoff, bool populate);

// mm_set_brk - brk(2): the new break, or the old one when it cannot be.
user_addr_t mm_set_brk(struct mm *mm, user_addr_t brk);

enum fault_access {
    FAULT_READ,
    FAULT_WRITE,
    FAULT_EXEC
};

// mm_fault - make one access possible. Context: task of that mm or another's,
// mm->lock not held, may sleep. Counts into current->min_flt/maj_flt.
// Never FAULT_RETRY or FAULT_MAJOR: those are handled inside.
enum fault_result mm_fault(struct mm *mm, user_addr_t addr,
                           enum fault_access access);

// mm_swap_in - for swapoff: map the page of a swapped entry read-only, whatever
// its area allows. Return: 0; -EAGAIN: there is no such entry any more;
// -ENOMEM; -EIO. Takes mm->lock, may sleep.
__must_check int mm_swap_in(struct mm *mm, user_addr_t addr);

// mm_trace_areas - MAP of all areas, as task @pid's. No sleep; @mm->lock need
// not be held.
void mm_trace_areas(const struct mm *mm, s32 pid, enum trace_map kind);

// mm_describe_address - the area of an address in words, for an oops.
void mm_describe_address(struct mm *mm, user_addr_t addr, char *buf,
                         size_t size);

// Boot: mm_init_memory builds zones, mem_map and slabs from boot_info and maps
// low memory; mm_init starts the caches and kswapd (needs the scheduler).
void mm_init_memory(void);
void mm_init(void);
