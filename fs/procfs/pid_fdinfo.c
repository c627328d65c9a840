// fs/procfs/pid_fdinfo.c - /proc/PID/fdinfo: a file for each descriptor
// SPDX-License-Identifier: MIT

#include "procfs.h"

#include <fs/fd.h>
#include <kernel/task.h>
#include <linux/fcntl.h>

static int show_fdinfo(struct proc_text *text, const struct proc_ref *ref)
{
    int rc = proc_may_look(ref);
    const struct task *task;
    struct file *file;
    u32 flags;

    if (rc)
        return rc;
    task = proc_task(ref);
    file = task->files ? files_peek(task->files, ref->fd) : NULL;
    if (!file)
        return -ENOENT;
    flags = file->flags;
    if (files_is_cloexec(task->files, ref->fd))
        flags |= O_CLOEXEC;
    proc_print(text, "pos:\t%llu\nflags:\t0%o\nmnt_id:\t%u\nino:\t%u\n",
               file->pos, flags, file->path.mount->id, file->inode->ino);
    return 0;
}

static const struct proc_node fdinfo_node = {
    .name = "N",
    .mode = S_IFREG | 0400,
    .show = show_fdinfo,
};

static int lookup_fdinfo(const struct proc_ref *dir, const struct name *name,
                         struct proc_ref *out)
{
    int rc = proc_fd_dir.lookup(dir, name, out);

    out->node = &fdinfo_node;
    return rc;
}

static bool next_fdinfo(const struct proc_ref *dir, u32 *number, u32 *out_ino,
                        u32 *out_type)
{
    if (!proc_fd_dir.next(dir, number, out_ino, out_type))
        return false;
    *out_ino += PROC_FDINFO_FIRST - PROC_FD_FIRST;
    *out_type = S_IFREG >> 12;
    return true;
}

const struct proc_dir proc_fdinfo_dir = {
    .lookup = lookup_fdinfo,
    .next = next_fdinfo,
};
