// kernel/futex_key.c - what makes two words of user memory the same one
// SPDX-License-Identifier: MIT
//
// In a shared mapping the key is the place in the file, so that it is the same
// in every address space and at every address. All other memory is an address
// space's own. (Linux looks at the page instead of the area: a private mapping
// that may only be read then counts as the file, as long as nothing has copied
// the page. Nobody can change a word by such a mapping.)
//
// A mapping is known by a number, not by its address: it may go while somebody
// waits whose area was unmapped, and another come to be in its place, whose
// wakes would be used up by him. Rejected: to hold the inode, which would be in
// the way of unmounting; the open file: its locks would last longer than they
// should.

#include "futex_key.h"

#include <base/errno.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <linux/futex.h>
#include <mm/mm.h>
#include <mm/pagecache.h>

static u64 last_serial;

// Of the area of @address, whose page was just there.
static int shared_key(struct mm *mm, user_addr_t address, struct futex_key *out)
{
    struct vm_area *vma = vma_find(&mm->areas, address);

    if (!vma || !vma_contains(vma, address))
        return -EFAULT; // somebody has unmapped it
    if (!(vma->flags & VM_SHARED))
        return 0;
    if (!vma->mapping)
        return -EFAULT; // a device's memory
    if (!vma->mapping->serial)
        vma->mapping->serial = ++last_serial;
    *out = (struct futex_key){
        .serial = vma->mapping->serial,
        .place = ((u64)vma_pgoff_of(vma, address) << PAGE_SHIFT) |
                 (address.v & ~PAGE_MASK),
    };
    return 0;
}

int futex_key_get(const u32 __user *word, u32 op, struct futex_key *out)
{
    u32 address = (u32)(uintptr_t)(const void __force *)word, ignored;
    struct mm *mm = current->mm;
    int err;

    if (address % sizeof(*word))
        return -EINVAL;
    if (!user_range_ok(word, sizeof(*word)))
        return -EFAULT;
    *out = (struct futex_key){.mm = mm, .place = address};
    if (op & FUTEX_PRIVATE_FLAG)
        return 0;
    if (get_user(ignored, word)) // also beyond the end of a file
        return -EFAULT;
    mutex_lock(&mm->lock);
    err = shared_key(mm, user_addr(address), out);
    mutex_unlock(&mm->lock);
    return err;
}
