// fs/flock.c - advisory locks of flock(2)
// SPDX-License-Identifier: MIT
//
// A lock belongs to the open file, so that dup and fork share it. Per inode
// there are only two numbers: how many files hold it shared, and whether one
// holds it exclusively; which ones is written in the files.

#include <fs/flock.h>

#include <fs/vfs.h>
#include <kernel/signal.h>
#include <mm/slab.h>

struct flock_list {
    u32 shared;
    bool exclusive;
    struct wait_queue queue;
};

static void flock_drop(struct file *file)
{
    struct flock_list *locks = file->inode->flocks;

    if (file->flock == F_UNLCK)
        return;
    if (file->flock == F_WRLCK)
        locks->exclusive = false;
    else
        locks->shared--;
    file->flock = F_UNLCK;
    wake_up(&locks->queue);
}

static bool flock_try(struct file *file, u32 type)
{
    struct flock_list *locks = file->inode->flocks;

    flock_drop(file); // another task may have got one through this file
    if (locks->exclusive || (type == F_WRLCK && locks->shared))
        return false;
    if (type == F_WRLCK)
        locks->exclusive = true;
    else
        locks->shared++;
    file->flock = type;
    return true;
}

int file_flock(struct file *file, u32 type, bool wait)
{
    struct inode *inode = file->inode;
    struct flock_list *fresh;

    if (!inode->flocks) {
        fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
        if (!fresh)
            return -ENOMEM;
        if (inode->flocks) { // made by another while we slept
            kfree(fresh);
        } else {
            wait_queue_init(&fresh->queue);
            inode->flocks = fresh;
        }
    }
    if (file->flock == type)
        return 0;
    if (type == F_UNLCK) {
        flock_drop(file);
        return 0;
    }
    if (flock_try(file, type))
        return 0;
    if (!wait)
        return -EWOULDBLOCK;
    if (wait_event_interruptible(&inode->flocks->queue, flock_try(file, type)))
        return -ERESTARTSYS;
    return 0;
}

void file_flock_release(struct file *file)
{
    flock_drop(file);
}

void flock_list_destroy(struct inode *inode)
{
    kfree(inode->flocks);
}
