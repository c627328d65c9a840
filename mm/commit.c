// mm/commit.c - memory that programs have been promised
// SPDX-License-Identifier: MIT
//
// One number. Who promises (mm/mmap.c and the calls beside it, fork, a stack
// that grows, shared memory) asks first; areas give back when they go
// (mm/vma_ops.c). The census adds up areas and files anew. Shared memory of a
// fixed size is promised as a whole; files of tmpfs, whose size is no promise,
// page by page as they are made (mm/shmem.c).
//
// Root may have all of CommitLimit. Others leave vm.admin_reserve_kbytes for
// root to log in and kill, and each program leaves up to vm.user_reserve_kbytes
// (or 1/32 of its own size) for others of its user.

#include <mm/commit.h>

#include <base/assert.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <lib/div64.h>
#include <mm/mm.h>
#include <mm/swap.h>
#include <mm/vm_sysctl.h>
#include <mm/zone.h>

#define KIB_PER_PAGE_SHIFT (PAGE_SHIFT - 10u)
#define USER_SHARE         32u // of its size, a program leaves free

u32 vm_overcommit = COMMIT_GUESS;
u32 vm_overcommit_ratio = 50;
u32 vm_overcommit_kbytes = 0;
u32 vm_admin_reserve_kbytes = 8192;
u32 vm_user_reserve_kbytes = 131072;

static u32 committed; // pages

static u32 total_pages(void)
{
    u32 pages = 0;

    zone_for_each (zone)
        pages += zone->managed;
    return pages;
}

u32 vm_commit_limit(void)
{
    u64 share = (u64)total_pages() * vm_overcommit_ratio;

    if (vm_overcommit_kbytes)
        return (vm_overcommit_kbytes >> KIB_PER_PAGE_SHIFT) +
               swap_total_pages();
    u64_div(&share, 100);
    return (u32)share + swap_total_pages();
}

// What the current task has to leave free.
static u32 reserve_pages(void)
{
    u32 admin = vm_admin_reserve_kbytes >> KIB_PER_PAGE_SHIFT;
    u32 user = vm_user_reserve_kbytes >> KIB_PER_PAGE_SHIFT;
    u32 reserve = capable(CAP_SYS_ADMIN) ? 0 : admin;

    if (current->mm)
        reserve += min(current->mm->total_pages / USER_SHARE, user);
    return reserve;
}

static bool may_promise(u32 pages)
{
    switch ((enum overcommit)vm_overcommit) {
    case COMMIT_ALWAYS: break;
    case COMMIT_GUESS:
        return pages <= total_pages() ||
               pages <= total_pages() + swap_total_pages();
    case COMMIT_NEVER:
        return (u64)vm_committed() + pages + reserve_pages() <
               vm_commit_limit();
    }
    return true;
}

int vm_commit(u32 pages)
{
    if (!may_promise(pages))
        return -ENOMEM;
    committed += pages;
    return 0;
}

void vm_commit_moved(u32 pages)
{
    committed += pages;
}

void vm_uncommit(u32 pages)
{
    ASSERT(pages <= committed);
    committed -= pages;
}

u32 vm_committed(void)
{
    return committed;
}
