// kernel/pidfd.c - processes as open files: pidfd_open(2)
// SPDX-License-Identifier: MIT
//
// An open file that holds a struct process, which so outlives its tasks; it is
// off the list of processes then, and no signal reaches it. Unlike a number it
// never comes to mean another process.
//
// Not done: pidfd_getfd, and directories of /proc for pidfd_send_signal.

#include "pidfd.h"

#include <base/errno.h>
#include <fs/anon.h>
#include <fs/files.h>
#include <fs/vfs.h>
#include <kernel/process.h>
#include <kernel/sys_proc.h>
#include <linux/pidfd.h>
#include <linux/poll.h>

#include "task_internal.h"

static u32 pidfd_poll(struct file *file, struct wait_queue **queue)
{
    struct process *process = file->private;

    *queue = &process->end_wait;
    return process->is_zombie ? POLLIN | POLLRDNORM : 0;
}

static void pidfd_release(struct file *file)
{
    process_put(file->private);
}

static const struct file_ops pidfd_file_ops = {
    .release = pidfd_release,
    .poll = pidfd_poll,
};

int pidfd_process(s32 fd, struct process **out, bool *out_nonblock)
{
    struct file *file = file_from_fd(fd);
    int error = 0;

    if (!file)
        return -EBADF;
    if (anon_file_is(file, &pidfd_file_ops)) {
        *out = file->private;
        (*out)->refs++;
        *out_nonblock = file_is_nonblocking(file);
    } else {
        error = -EBADF;
    }
    file_put(file);
    return error;
}

s32 sys_pidfd_open(s32 pid, u32 flags)
{
    struct process *process;
    struct file *file;
    struct task *task;
    int error;

    if ((flags & ~(u32)PIDFD_NONBLOCK) || pid <= 0)
        return -EINVAL;
    task = task_find(pid);
    if (!task)
        return -ESRCH;
    process = task->process;
    if (task != process->leader)
        return -EINVAL;
    process->refs++;
    error = anon_file_create("anon_inode:[pidfd]", &pidfd_file_ops, process,
                             O_RDWR | (flags & O_NONBLOCK), &file);
    if (error) {
        process_put(process);
        return error;
    }
    return anon_file_install(file, O_CLOEXEC);
}
