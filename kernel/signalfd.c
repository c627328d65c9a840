// kernel/signalfd.c - signals as what is read from a file: signalfd(2)
// SPDX-License-Identifier: MIT
//
// A file has a set of signals, and nothing else: who reads or polls it takes,
// or asks for, what is pending for itself. One queue is woken for all files
// and all tasks: few programs use them, and none for many signals.
//
// Locking: for tasks only.

#include "signal_internal.h"

#include <fs/anon.h>
#include <fs/files.h>
#include <fs/vfs.h>
#include <kernel/sys_fs.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <linux/signalfd.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

struct signalfd {
    u64 set;
};

static bool has_pending(const struct signalfd *s)
{
    return (current->pending.set | current->process->pending.set) & s->set;
}

static void fill(struct signalfd_siginfo *out, const struct signal_info *info)
{
    memset(out, 0, sizeof(*out));
    out->ssi_signo = (u32)info->signal;
    out->ssi_errno = info->error;
    out->ssi_code = info->code;
    if (info->code == SI_TIMER) { // the same places in siginfo, not here
        out->ssi_tid = (u32)info->pid;
        out->ssi_overrun = info->uid;
        out->ssi_int = (s32)info->value;
        out->ssi_ptr = info->value;
        return;
    }
    out->ssi_pid = (u32)info->pid;
    out->ssi_uid = info->uid;
    out->ssi_status = info->status;
    out->ssi_int = (s32)info->value;
    out->ssi_ptr = info->value;
    out->ssi_addr = info->addr;
}

static ssize_t signalfd_read(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct signalfd *s = file->private;
    struct signalfd_siginfo out;
    struct signal_info info;
    ssize_t total = 0;

    (void)pos;
    if (it->left < sizeof(out))
        return -EINVAL;
    while (it->left >= sizeof(out)) {
        if (signal_dequeue(~s->set, &info)) {
            fill(&out, &info);
            if (io_put(it, &out, sizeof(out)) != sizeof(out))
                return total ? total : -EFAULT;
            total += (ssize_t)sizeof(out);
            continue;
        }
        if (total)
            break;
        if (file_is_nonblocking(file))
            return -EAGAIN;
        if (wait_event_interruptible(&signal_arrivals, has_pending(s)))
            return -ERESTARTSYS;
    }
    return total;
}

static u32 signalfd_poll(struct file *file, struct wait_queue **queue)
{
    *queue = &signal_arrivals;
    return has_pending(file->private) ? POLLIN | POLLRDNORM : 0;
}

static void signalfd_release(struct file *file)
{
    kfree(file->private);
}

static const struct file_ops signalfd_file_ops = {
    .release = signalfd_release,
    .read = signalfd_read,
    .poll = signalfd_poll,
};

static s32 create(u64 set, u32 flags)
{
    struct signalfd *s = kzalloc(sizeof(*s), GFP_KERNEL);
    struct file *file;
    s32 rc;

    if (!s)
        return -ENOMEM;
    s->set = set;
    rc = anon_file_create("anon_inode:[signalfd]", &signalfd_file_ops, s,
                          O_RDWR | (flags & O_NONBLOCK), &file);
    if (rc) {
        kfree(s);
        return rc;
    }
    return anon_file_install(file, flags);
}

s32 sys_signalfd4(s32 fd, const u64 __user *mask, u32 mask_bytes, u32 flags)
{
    struct file *file;
    u64 set;
    int rc;

    if (mask_bytes != sizeof(set))
        return -EINVAL;
    if (get_user(set, mask))
        return -EFAULT;
    if (flags & ~(u32)(SFD_CLOEXEC | SFD_NONBLOCK))
        return -EINVAL;
    set &= ~signals_unblockable;
    if (fd == -1)
        return create(set, flags);
    rc = anon_file_from_fd(fd, &signalfd_file_ops, &file);
    if (rc)
        return rc;
    ((struct signalfd *)file->private)->set = set;
    wake_up(&signal_arrivals);
    file_put(file);
    return fd;
}

s32 sys_signalfd(s32 fd, const u64 __user *mask, u32 mask_bytes)
{
    return sys_signalfd4(fd, mask, mask_bytes, 0);
}
