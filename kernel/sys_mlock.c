// kernel/sys_mlock.c - system calls: locking memory
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <asm/mman.h>
#include <base/errno.h>
#include <kernel/task.h>
#include <mm/mlock.h>

#define MCL_KNOWN (MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)

s32 sys_mlock(u32 address, u32 bytes)
{
    return mm_lock(current->mm, user_addr(address), bytes, VM_LOCKED);
}

s32 sys_mlock2(u32 address, u32 bytes, u32 flags)
{
    if (flags & ~(u32)MLOCK_ONFAULT)
        return -EINVAL;
    return mm_lock(current->mm, user_addr(address), bytes,
                   flags ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED);
}

s32 sys_munlock(u32 address, u32 bytes)
{
    return mm_unlock(current->mm, user_addr(address), bytes);
}

s32 sys_mlockall(u32 flags)
{
    u32 lock = VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);

    if (!flags || (flags & ~(u32)MCL_KNOWN) || flags == MCL_ONFAULT)
        return -EINVAL;
    return mm_lock_all(current->mm, flags & MCL_CURRENT, lock,
                       flags & MCL_FUTURE ? lock : 0);
}

s32 sys_munlockall(void)
{
    mm_unlock_all(current->mm);
    return 0;
}
