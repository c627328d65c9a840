// fs/procfs/pid_link.c - links of /proc/PID that lead to objects
// SPDX-License-Identifier: MIT
//
// exe, cwd, root and fd/N: following one gives the very path, whatever its name
// is now; reading one prints that path.

#include "procfs.h"

#include <fs/context.h>
#include <fs/fd.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <linux/limits.h>
#include <mm/mm.h>
#include <mm/slab.h>

int proc_jump_exe(const struct proc_ref *ref, struct path *out)
{
    int rc = proc_may_look(ref);
    const struct mm *mm;

    if (rc)
        return rc;
    mm = proc_task(ref)->mm;
    if (!mm || !mm->exe)
        return -ENOENT;
    *out = mm->exe->path;
    path_get(out);
    return 0;
}

// Whether it stands anywhere in the tree. One that has ended does not; kernel
// threads are at the root. Return: 0; -ENOENT; as proc_may_look.
static int check_place(const struct proc_ref *ref)
{
    int rc = proc_may_look(ref);
    const struct task *task;

    if (rc)
        return rc;
    task = proc_task(ref);
    return task->fs || (task->flags & TF_KTHREAD) ? 0 : -ENOENT;
}

int proc_jump_cwd(const struct proc_ref *ref, struct path *out)
{
    int rc = check_place(ref);

    if (rc)
        return rc;
    fs_context_cwd(proc_task(ref)->fs, out);
    return 0;
}

int proc_jump_root(const struct proc_ref *ref, struct path *out)
{
    int rc = check_place(ref);

    if (rc)
        return rc;
    fs_context_root(proc_task(ref)->fs, out);
    return 0;
}

static int jump_fd(const struct proc_ref *ref, struct path *out)
{
    int rc = proc_may_look(ref);
    const struct task *task;
    struct file *file;

    if (rc)
        return rc;
    task = proc_task(ref);
    file = task->files ? files_get_file(task->files, ref->fd) : NULL;
    if (!file)
        return -ENOENT;
    *out = file->path;
    path_get(out);
    file_put(file);
    return 0;
}

int proc_read_link(const struct proc_ref *ref, char *buf, u32 size)
{
    struct path target, root;
    char *page;
    const char *text;
    int rc = ref->node->jump(ref, &target);
    u32 length;

    if (rc)
        return rc;
    page = kmalloc(PATH_MAX, GFP_KERNEL);
    if (!page) {
        path_put(&target);
        return -ENOMEM;
    }
    fs_context_root(current->fs, &root);
    text = path_print(&target, &root, page, PATH_MAX);
    length = min(size, (u32)strlen(text));
    memcpy(buf, text, length);
    path_put(&root);
    path_put(&target);
    kfree(page);
    return (int)length;
}

// ---- PID/fd ----------------------------------------------------------------

static const struct proc_node fd_node = {
    .name = "N",
    .mode = S_IFLNK | 0700,
    .readlink = proc_read_link,
    .jump = jump_fd,
};

static int lookup_fd(const struct proc_ref *dir, const struct name *name,
                     struct proc_ref *out)
{
    const struct task *task = proc_task(dir);
    u32 fd;

    if (!task || !task->files || !proc_number(name, &fd) ||
        !files_peek(task->files, (s32)fd))
        return -ENOENT;
    *out = *dir;
    out->node = &fd_node;
    out->fd = (s32)fd;
    return 0;
}

static bool next_fd(const struct proc_ref *dir, u32 *number, u32 *out_ino,
                    u32 *out_type)
{
    const struct task *task = proc_task(dir);
    s32 fd = -1;

    if (task && task->files)
        fd = files_next_fd(task->files, (s32)*number);
    if (fd < 0)
        return false;
    *number = (u32)fd;
    *out_ino = (u32)dir->pid * PROC_PID_SPAN + PROC_FD_FIRST + (u32)fd;
    *out_type = S_IFLNK >> 12;
    return true;
}

const struct proc_dir proc_fd_dir = {
    .lookup = lookup_fd,
    .next = next_fd,
};
