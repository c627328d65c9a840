// kernel/sys_swap.c - system calls: swapon, swapoff
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <drivers/block.h>
#include <fs/inode.h>
#include <fs/path.h>
#include <kernel/swap_backing.h>
#include <kernel/task.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <mm/slab.h>

// swapon(2); not in the uapi headers.
#define SWAP_FLAG_PREFER  0x8000u
#define SWAP_FLAG_PRIO    0x7fffu
#define SWAP_FLAG_DISCARD 0x70000u // advice

// find_device - Return: 0; -ENOTBLK: not a block device (swap files are not
// supported); -ENODEV: it is gone; what walking the path returns.
static int find_device(const char __user *user_path, struct block_device **out)
{
    struct path path;
    char *name;
    int error = path_string(user_path, &name);

    if (error)
        return error;
    error = path_resolve(AT_FDCWD, name, WALK_FOLLOW, &path);
    kfree(name);
    if (error)
        return error;
    if (S_ISBLK(path.dentry->inode->mode)) {
        *out = block_find_number(path.dentry->inode->rdev);
        error = *out ? 0 : -ENODEV;
    } else {
        error = -ENOTBLK;
    }
    path_put(&path);
    return error;
}

s32 sys_swapon(const char __user *path, u32 flags)
{
    struct block_device *device;
    s32 priority = SWAP_PRIORITY_DEFAULT;
    int error;

    if (current->euid != 0)
        return -EPERM;
    if (flags & ~(SWAP_FLAG_PREFER | SWAP_FLAG_PRIO | SWAP_FLAG_DISCARD))
        return -EINVAL;
    if (flags & SWAP_FLAG_PREFER)
        priority = (s32)(flags & SWAP_FLAG_PRIO);
    error = find_device(path, &device);
    return error ? error : swap_on_device(device, priority);
}

s32 sys_swapoff(const char __user *path)
{
    struct block_device *device;
    int error;

    if (current->euid != 0)
        return -EPERM;
    error = find_device(path, &device);
    return error ? error : swap_off_device(device);
}
