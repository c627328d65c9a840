// mm/place.c - where in an address space a mapping goes
// SPDX-License-Identifier: MIT
//
// From below the room that is left for the stack downwards (a sixth of the
// address space remains, even if the stack has no limit); when that is full,
// upwards from a third of the address space. A program that runs with the old
// layout (personality ADDR_COMPAT_LAYOUT, vm.legacy_va_layout) gets the latter
// at once.
//
// Source: the addresses that Linux's i386 kernel chooses without
// randomisation.

#include "mmap_private.h"

#include <base/bits.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <mm/stack_gap.h>

#define STACK_ROOM_MIN (128u * MIB) // below the top, not used for placement
#define STACK_ROOM_MAX (TASK_SIZE / 6 * 5)
#define BOTTOM         (TASK_SIZE / 3) // of the old layout

static user_addr_t placement_top(const struct mm *mm)
{
    u32 room = mm->stack_limit_bytes;

    if (room < TASK_SIZE)
        room += STACK_GUARD_BYTES;
    room = min(max(room, STACK_ROOM_MIN), STACK_ROOM_MAX);
    return user_addr(ALIGN_UP(TASK_SIZE - room, PAGE_SIZE));
}

static user_addr_t lowest(void)
{
    return user_addr(max(ALIGN_UP(vm_mmap_min_addr, PAGE_SIZE), PAGE_SIZE));
}

static int search(struct mm *mm, u32 bytes, user_addr_t *out)
{
    if (!mm->legacy_layout &&
        !vma_find_gap_topdown(&mm->areas, bytes, lowest(), placement_top(mm),
                              STACK_GUARD_BYTES, out))
        return 0;
    return vma_find_gap_bottomup(&mm->areas, bytes, user_addr(BOTTOM),
                                 user_addr(TASK_SIZE), STACK_GUARD_BYTES, out);
}

bool place_is_free(struct mm *mm, user_addr_t start, u32 bytes)
{
    struct vm_area *vma = vma_find(&mm->areas, start);

    return !vma || !user_before(vma->start, user_add(start, bytes));
}

// Free, and no stack above it needs it to grow.
static bool is_good(struct mm *mm, user_addr_t start, u32 bytes)
{
    struct vm_area *vma = vma_find(&mm->areas, start);
    u32 gap = vma && (vma->flags & VM_GROWSDOWN) ? STACK_GUARD_BYTES : 0;

    return !vma || start.v + bytes + gap <= vma->start.v;
}

static int check_fixed(user_addr_t at, u32 bytes)
{
    if (at.v > TASK_SIZE - bytes)
        return -ENOMEM;
    if (!user_eq(at, user_page(at)))
        return -EINVAL;
    return at.v < vm_mmap_min_addr && !capable(CAP_SYS_RAWIO) ? -EPERM : 0;
}

int place_find(struct mm *mm, user_addr_t hint, u32 bytes, bool fixed,
               user_addr_t *out)
{
    if (bytes > TASK_SIZE)
        return -ENOMEM;
    if (fixed) {
        *out = hint;
        return check_fixed(hint, bytes);
    }
    hint = user_page(hint);
    if (hint.v) {
        hint = user_addr(max(hint.v, lowest().v));
        *out = hint;
        if (hint.v <= TASK_SIZE - bytes && is_good(mm, hint, bytes))
            return 0;
    }
    return search(mm, bytes, out);
}

int range_check(user_addr_t start, u32 *bytes)
{
    u32 rounded = ALIGN_UP(*bytes, PAGE_SIZE);

    if (!user_eq(start, user_page(start)))
        return -EINVAL;
    if (rounded < *bytes || start.v > TASK_SIZE ||
        rounded > TASK_SIZE - start.v)
        return -ENOMEM;
    *bytes = rounded;
    return 0;
}
