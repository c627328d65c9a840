// fs/procfs/kmsg.c - /proc/kmsg: the log, each byte once
// SPDX-License-Identifier: MIT
//
// What one reader has taken no other gets, nor syslog(2)'s SYSLOG_READ; at the
// end a reader waits.

#include "procfs.h"

#include <kernel/cred.h>
#include <kernel/log.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <linux/poll.h>

static int kmsg_open(struct inode *inode, struct file *file)
{
    (void)inode;
    (void)file;
    return capable(CAP_SYSLOG) ? 0 : -EPERM;
}

static ssize_t kmsg_read(struct file *file, struct io_iter *it, u64 *pos)
{
    u32 total = 0;
    char chunk[256];

    (void)pos;
    while (it->left) {
        s32 here = syslog_take(chunk, min(it->left, (u32)sizeof(chunk)),
                               total || file_is_nonblocking(file));
        u32 moved;

        if (here == -EINTR)
            here = -ERESTARTSYS;
        if (here < 0)
            return total ? (ssize_t)total : here;
        moved = io_put(it, chunk, (u32)here);
        total += moved;
        if (moved < (u32)here)
            return total ? (ssize_t)total : -EFAULT;
    }
    return (ssize_t)total;
}

static u32 kmsg_poll(struct file *file, struct wait_queue **queue)
{
    (void)file;
    *queue = &log_waiters;
    return syslog_waiting() ? POLLIN | POLLRDNORM : 0;
}

const struct file_ops proc_kmsg_file_ops = {
    .open = kmsg_open,
    .read = kmsg_read,
    .poll = kmsg_poll,
};
