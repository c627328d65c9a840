// kernel/sys_swap.c - system calls: swapon, swapoff
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/swap_backing.h>
#include <kernel/task.h>
#include <mm/swap.h>

#include "sys_path.h"

// swapon(2); not in the uapi headers.
#define SWAP_FLAG_PREFER  0x8000u
#define SWAP_FLAG_PRIO    0x7fffu
#define SWAP_FLAG_DISCARD 0x70000u // advice, in three kinds

s32 sys_swapon(const char __user *user_path, u32 flags)
{
    s32 priority = SWAP_PRIORITY_DEFAULT;
    struct path path;
    int err;

    if (flags & ~(SWAP_FLAG_PREFER | SWAP_FLAG_PRIO | SWAP_FLAG_DISCARD))
        return -EINVAL;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (flags & SWAP_FLAG_PREFER)
        priority = (s32)(flags & SWAP_FLAG_PRIO);
    if (swap_is_full())
        return -EPERM;
    err = user_path_resolve(AT_FDCWD, user_path, 0, &path);
    if (err)
        return err;
    err = swap_on_path(&path, priority);
    path_put(&path);
    return err;
}

s32 sys_swapoff(const char __user *user_path)
{
    struct path path;
    int err;

    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    err = user_path_resolve(AT_FDCWD, user_path, 0, &path);
    if (err)
        return err;
    err = swap_off_path(&path);
    path_put(&path);
    return err;
}
