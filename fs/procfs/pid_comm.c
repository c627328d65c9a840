// fs/procfs/pid_comm.c - /proc/PID/comm
// SPDX-License-Identifier: MIT
//
// The name of a thread. Its own process may change it, and nobody else.

#include "procfs.h"

#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>

#define TEXT_BYTES (TASK_NAME_BYTES + 1)

static ssize_t comm_read(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct task *task = proc_task(file->inode->private);
    char text[TEXT_BYTES];

    if (!task)
        return -ESRCH;
    fmt_print(text, sizeof(text), "%s\n", task->name);
    return proc_read_short(text, it, pos);
}

// What does not fit is cut, and a newline is part of the name: Linux.
static ssize_t comm_write(struct file *file, struct io_iter *it, u64 *pos)
{
    char text[TASK_NAME_BYTES] = {0};
    u32 bytes = it->left;
    u32 taken = min(bytes, TASK_NAME_BYTES - 1);
    struct task *task;

    if (io_get(it, text, taken) != taken)
        return -EFAULT;
    task = proc_task(file->inode->private);
    if (!task)
        return -ESRCH;
    if (task->process != current->process)
        return -EINVAL;
    memcpy(task->name, text, sizeof(text));
    *pos += bytes;
    return (ssize_t)bytes;
}

const struct file_ops proc_comm_file_ops = {
    .read = comm_read,
    .write = comm_write,
    .llseek = dir_llseek,
};
