// kernel/sys_shm.c - system calls: shmget, shmat, shmdt, shmctl; ipc
// SPDX-License-Identifier: MIT
//
// i386 programs reach shared memory in two ways: through ipc(2), one call for
// all of System V IPC, where shmctl says in its command whether it means the
// old structures or the present ones; and by calls of their own, which know
// only the present ones. There are no semaphores and no message queues.

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/shm.h>
#include <kernel/shm_abi.h>
#include <kernel/uaccess.h>

#include "shm_private.h"

s32 sys_shmget(s32 key, u32 bytes, u32 flags)
{
    return shm_get(key, bytes, flags);
}

s32 sys_shmat(s32 id, u32 addr, u32 flags)
{
    int err = shm_attach(id, &addr, flags);

    return err ? err : (s32)addr;
}

s32 sys_shmdt(u32 addr)
{
    return shm_detach(addr);
}

s32 sys_shmctl(s32 id, u32 command, void __user *user)
{
    return shm_control(id, command, true, user);
}

// ---- ipc -------------------------------------------------------------------

static s32 ipc_shmat(u32 version, s32 id, u32 addr, u32 flags,
                     u32 __user *out_addr)
{
    int err;

    if (version == 1) // of other systems' programs
        return -EINVAL;
    err = shm_attach(id, &addr, flags);
    return err ? err : put_user(addr, out_addr);
}

s32 sys_ipc(u32 call, s32 first, u32 second, u32 third, u32 pointer)
{
    void __user *user = (void __user *)(uintptr_t)pointer;
    u32 version = call >> 16;

    switch (call & 0xffffu) {
    case SHMAT:
        return ipc_shmat(version, first, pointer, second,
                         (u32 __user *)(uintptr_t)third);
    case SHMDT: return shm_detach(pointer);
    case SHMGET: return shm_get(first, second, third);
    case SHMCTL:
        return shm_control(first, second & ~(u32)IPC_64, second & IPC_64, user);
    default: return -ENOSYS;
    }
}
