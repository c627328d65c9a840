// kernel/sys_madvise.c - system calls: madvise and mincore
// SPDX-License-Identifier: MIT
//
// What Linux does only when configured for it (same-page merging, huge pages,
// memory failure) is EINVAL, as on one that is not.

#include <kernel/sys_proc.h>

#include <asm/mman.h>
#include <base/bits.h>
#include <base/errno.h>
#include <fs/file.h>
#include <fs/vfs.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <linux/falloc.h>
#include <mm/madvise.h>
#include <mm/mlock.h>
#include <mm/slab.h>

// enum advice, by MADV_ number; the others are not there or handled below.
static const struct {
    u32 number;
    enum advice advice;
} known[] = {
    {MADV_NORMAL, ADVICE_NORMAL},
    {MADV_RANDOM, ADVICE_RANDOM},
    {MADV_SEQUENTIAL, ADVICE_SEQUENTIAL},
    {MADV_WILLNEED, ADVICE_WILL_NEED},
    {MADV_DONTNEED, ADVICE_DISCARD},
    {MADV_FREE, ADVICE_FREE},
    {MADV_DONTFORK, ADVICE_DONT_FORK},
    {MADV_DOFORK, ADVICE_DO_FORK},
    {MADV_WIPEONFORK, ADVICE_WIPE_ON_FORK},
    {MADV_KEEPONFORK, ADVICE_KEEP_ON_FORK},
    {MADV_DONTDUMP, ADVICE_DONT_DUMP},
    {MADV_DODUMP, ADVICE_DO_DUMP},
    {MADV_COLD, ADVICE_COLD},
    {MADV_PAGEOUT, ADVICE_PAGE_OUT},
};

// One area's part of MADV_REMOVE.
struct removal {
    struct file *file; // held
    u64 pos, bytes;
    u32 end; // of the part
};

// Return: 0; -ENOMEM: a hole at @at, *@at is where it ends (0: nowhere);
// -EINVAL, -EACCES: not such an area.
static int find_removal(struct mm *mm, u32 *at, u32 end, struct removal *out)
{
    struct vm_area *vma;
    int error = 0;

    mutex_lock(&mm->lock);
    vma = vma_find(&mm->areas, user_addr(*at));
    if (!vma || *at < vma->start.v) {
        *at = vma ? vma->start.v : 0;
        error = -ENOMEM;
    } else if ((vma->flags & VM_LOCKED) || !vma->file) {
        error = -EINVAL;
    } else if ((vma->flags & (VM_SHARED | VM_MAYWRITE)) !=
               (VM_SHARED | VM_MAYWRITE)) {
        error = -EACCES;
    } else {
        out->end = min(end, vma->end.v);
        out->file = vma->file;
        out->pos = (u64)vma_pgoff_of(vma, user_addr(*at)) << PAGE_SHIFT;
        out->bytes = out->end - *at;
        file_get(vma->file);
    }
    mutex_unlock(&mm->lock);
    return error;
}

// A hole in the file beneath.
static int punch(const struct removal *r)
{
    if (!r->file->ops->fallocate)
        return -EOPNOTSUPP;
    return r->file->ops->fallocate(
        r->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, r->pos, r->bytes);
}

static s32 remove_pages(u32 at, u32 end)
{
    s32 hole = 0;

    while (at < end) {
        struct removal r;
        int error = find_removal(current->mm, &at, end, &r);

        if (error == -ENOMEM) {
            hole = -ENOMEM;
            if (!at)
                break;
            continue;
        }
        if (error)
            return error;
        error = punch(&r);
        file_put(r.file);
        if (error)
            return error;
        at = r.end;
    }
    return hole;
}

static s32 advise(u32 address, u32 bytes, enum advice advice)
{
    return mm_advise(current->mm, user_addr(address), bytes, advice);
}

static bool is_known(u32 number)
{
    for (u32 i = 0; i < ARRAY_SIZE(known); i++)
        if (known[i].number == number)
            return true;
    return number == MADV_REMOVE || number == MADV_POPULATE_READ ||
           number == MADV_POPULATE_WRITE;
}

s32 sys_madvise(u32 address, u32 bytes, u32 number)
{
    u32 rounded = ALIGN_UP(bytes, PAGE_SIZE);

    if (!is_known(number) || (address & ~PAGE_MASK) || (bytes && !rounded) ||
        address + rounded < address)
        return -EINVAL;
    if (!rounded)
        return 0;
    switch (number) {
    case MADV_REMOVE: return remove_pages(address, address + rounded);
    case MADV_POPULATE_READ:
        return mm_populate_for(current->mm, user_addr(address), rounded,
                               FAULT_READ);
    case MADV_POPULATE_WRITE:
        return mm_populate_for(current->mm, user_addr(address), rounded,
                               FAULT_WRITE);
    }
    for (u32 i = 0; i < ARRAY_SIZE(known); i++)
        if (known[i].number == number)
            return advise(address, rounded, known[i].advice);
    return -EINVAL;
}

// A page of answers at a time: no lock is held while they are copied out.
s32 sys_mincore(u32 address, u32 bytes, u8 __user *out)
{
    u32 pages = bytes / PAGE_SIZE + !!(bytes % PAGE_SIZE);
    u32 vector = (u32)(uintptr_t)out;
    s32 error = 0;
    u8 *answers;

    if (address & ~PAGE_MASK)
        return -EINVAL;
    if (bytes > TASK_SIZE || address > TASK_SIZE - bytes)
        return -ENOMEM;
    if (pages > TASK_SIZE || vector > TASK_SIZE - pages)
        return -EFAULT;
    answers = kmalloc(PAGE_SIZE, GFP_KERNEL);
    if (!answers)
        return -EAGAIN;
    while (!error && pages) {
        u32 asked = min(pages, PAGE_SIZE);
        u32 here =
            mm_residency(current->mm, user_addr(address), asked, answers);

        if (here < asked)
            error = -ENOMEM; // what lies before the hole is answered
        if (copy_to_user(out, answers, here))
            error = -EFAULT;
        address += here << PAGE_SHIFT;
        out += here;
        pages -= here;
        cond_resched();
    }
    kfree(answers);
    return error;
}
