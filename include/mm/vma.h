// include/mm/vma.h - vm_area: one mapping of an address space; the tree of them
// SPDX-License-Identifier: MIT
//
// The tree [P] is a balanced binary tree by address, each node knowing the
// largest gap below it in its subtree, so that finding an area, its
// neighbours and a free range are all O(log n). It allocates nothing.
//
// Areas of one tree never overlap and are never empty; start and end are page
// aligned. Neighbours that could be one (vma_can_merge) are made one.
#pragma once

#include <base/list.h>
#include <lib/rbtree.h>
#include <mm/addr.h>

struct anon_vma;
struct file;
struct mapping;
struct mm;
struct page;
struct readahead;
struct vm_area;

enum vm_flag {
    VM_READ = 1u << 0,
    VM_WRITE = 1u << 1,
    VM_EXEC = 1u << 2,
    VM_SHARED = 1u << 3,
    VM_MAYREAD = 1u << 4, // mprotect may set VM_READ, and so on
    VM_MAYWRITE = 1u << 5,
    VM_MAYEXEC = 1u << 6,
    VM_GROWSDOWN = 1u << 8, // a stack
    VM_LOCKED = 1u << 13,
    VM_SEQ_READ = 1u << 14,  // madvise: read in order, read ahead
    VM_RAND_READ = 1u << 15, // ... in no order: read nothing ahead
    VM_NORESERVE = 1u << 16,
    VM_LOCKONFAULT = 1u << 17, // with VM_LOCKED: from the first touch on
    VM_ACCOUNT = 1u << 18,     // its pages are promised: vm_commit
    VM_DONTCOPY = 1u << 19,    // fork leaves it out
    VM_WIPEONFORK = 1u << 20,  // ... gives the child zeros
    VM_DONTDUMP = 1u << 21,    // not for core dumps
    VM_DONTEXPAND = 1u << 22,  // mremap does not make it larger: mm/special.c
    VM_PFNMAP = 1u << 23,      // ... and nothing is done with its pages
};
#define VM_LOCK_FLAGS (VM_LOCKED | VM_LOCKONFAULT)
#define VM_ACCESS     (VM_READ | VM_WRITE | VM_EXEC)

// Why an attempt to bring a page in did not (only) bring it in.
enum fault_result {
    FAULT_DONE,        // the access may be repeated
    FAULT_MAJOR,       // the same, and I/O was waited for
    FAULT_RETRY,       // slept, and the world changed: look everything up again
    FAULT_SEGV_MAPERR, // no mapping there
    FAULT_SEGV_ACCERR, // a mapping, but not for this kind of access
    FAULT_BUS,         // beyond the end of the file, or it could not be read
    FAULT_OOM,         // no memory, and reclaim made none
};

struct vm_operations {
    // open, close: an area came into being by split or fork / goes away.
    // Context: task; may not sleep in open.
    void (*open)(struct vm_area *vma);
    void (*close)(struct vm_area *vma);

    // nopage - the page for page number @pgoff of what is mapped.
    // On FAULT_DONE or FAULT_MAJOR *out is uptodate and has a reference for
    // the caller; else nothing is held.
    // Context: task, may sleep, mm->lock held.
    enum fault_result (*nopage)(struct vm_area *vma, u32 pgoff,
                                struct page **out);

    // page_mkwrite - a page of a shared mapping is about to become writable.
    // Returns 0, or -errno: the access gets SIGBUS. NULL: always allowed.
    int (*page_mkwrite)(struct vm_area *vma, struct page *page);

    // frame - of areas that map the kernel's own (mm/special.c): the address of
    // what page @pgoff maps. Then there is no nopage. No sleep.
    const void *(*frame)(const struct vm_area *vma, u32 pgoff);

    // moved - by mremap, to @to; or NULL. mm->lock held. No sleep.
    void (*moved)(struct vm_area *to);

    const char *name; // for /proc/PID/maps, or NULL

    // is_ours - whether the current task owns the file or may write to it: who
    // may not is not told what of it is in memory, nor may page it out. NULL:
    // yes. No sleep.
    bool (*is_ours)(const struct vm_area *vma);
};

struct vm_area {
    user_addr_t start; // inclusive
    user_addr_t end;   // exclusive
    u32 flags;         // enum vm_flag
    u32 pgoff;         // page of the file at start; anonymous: start/PAGE_SIZE
    struct rb_node node;
    u32 gap;         // unmapped bytes between this area and the one below
    u32 subtree_gap; // the largest gap in this node's subtree
    struct mm *mm;
    const struct vm_operations *ops; // NULL: anonymous memory
    struct file *file;               // NULL: anonymous; held by ops->open
    struct mapping *mapping;         // the file's pages; NULL: anonymous
    struct readahead *readahead;     // of the open file, or NULL
    struct anon_vma *anon_vma;       // NULL until the first anonymous page
    struct list_head anon_link;      // in anon_vma->areas
    struct list_head mapping_link;   // in mapping->areas
};

static inline u32 vma_bytes(const struct vm_area *vma)
{
    return user_bytes(vma->start, vma->end);
}
static inline u32 vma_pages(const struct vm_area *vma)
{
    return vma_bytes(vma) >> PAGE_SHIFT;
}
static inline bool vma_contains(const struct vm_area *vma, user_addr_t a)
{
    return !user_before(a, vma->start) && user_before(a, vma->end);
}
// Page number, in the file or the anonymous numbering, of an address in it.
static inline u32 vma_pgoff_of(const struct vm_area *vma, user_addr_t a)
{
    return vma->pgoff + (user_bytes(vma->start, a) >> PAGE_SHIFT);
}

struct vma_tree {
    struct rb_root root;
    u32 count;
    struct vm_area *last; // the area found last, or NULL
};

// All of these: do not sleep, do not allocate, change nothing on failure.

void vma_tree_init(struct vma_tree *tree);

// vma_find - the first area that ends above @a (it may start above @a, too);
// NULL: none. Inline for the area that was found last.
struct vm_area *vma_search(struct vma_tree *tree, user_addr_t a);
static inline struct vm_area *vma_find(struct vma_tree *tree, user_addr_t a)
{
    struct vm_area *last = tree->last;

    return last && vma_contains(last, a) ? last : vma_search(tree, a);
}

// vma_first, vma_next, vma_prev - in address order; NULL: none.
struct vm_area *vma_first(const struct vma_tree *tree);
struct vm_area *vma_next(const struct vm_area *vma);
struct vm_area *vma_prev(const struct vm_area *vma);

// vma_insert - put @vma (start, end set) into the tree.
// Return: 0; -EEXIST: overlaps one that is there; -EINVAL: empty, unaligned or
// beyond TASK_SIZE.
__must_check int vma_insert(struct vma_tree *tree, struct vm_area *vma);

// vma_remove - take @vma, which is in the tree, out of it.
void vma_remove(struct vma_tree *tree, struct vm_area *vma);

// vma_resize - change the ends of an area in the tree (grow, shrink, brk,
// stack). pgoff is moved with start. The caller has checked the room; asserted.
void vma_resize(struct vma_tree *tree, struct vm_area *vma, user_addr_t start,
                user_addr_t end);

// vma_split - cut @vma at @at (inside it, page aligned); @upper, whose storage
// is the caller's, becomes the part above, a copy but for its place in the
// tree, pgoff and lists (anon_link, mapping_link initialised to empty).
void vma_split(struct vma_tree *tree, struct vm_area *vma, user_addr_t at,
               struct vm_area *upper);

// vma_can_merge - whether @lower and @upper, adjacent, can be one area: same
// flags, ops, file, mapping; continuous pgoff; same anon_vma or at most one
// has any.
bool vma_can_merge(const struct vm_area *lower, const struct vm_area *upper);

// vma_find_gap_topdown (mm/vma_gap.c) - the highest start of a free range of
// @bytes (page aligned, not 0) within [low, high), keeping @guard bytes free
// below every VM_GROWSDOWN area above the range. Return: 0; -ENOMEM: there is
// none.
__must_check int vma_find_gap_topdown(const struct vma_tree *tree, u32 bytes,
                                      user_addr_t low, user_addr_t high,
                                      u32 guard, user_addr_t *out);

// vma_find_gap_bottomup - the lowest such start.
__must_check int vma_find_gap_bottomup(const struct vma_tree *tree, u32 bytes,
                                       user_addr_t low, user_addr_t high,
                                       u32 guard, user_addr_t *out);

// vma_tree_check - walk and verify all invariants. Return: true when they hold.
bool vma_tree_check(const struct vma_tree *tree);

#define vma_for_each(vma, tree)                                                \
    for (vma = vma_first(tree); vma; vma = vma_next(vma))
