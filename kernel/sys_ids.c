// kernel/sys_ids.c - system calls: process numbers, groups, sessions
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/process.h>

s32 sys_getpid(void)
{
    return current->tgid;
}

s32 sys_gettid(void)
{
    return current->pid;
}

s32 sys_getppid(void)
{
    return current->parent ? current->parent->tgid : 0;
}

s32 sys_getpgrp(void)
{
    return current->pgid;
}

static struct task *find_or_current(s32 pid)
{
    return pid ? task_find(pid) : current;
}

s32 sys_getpgid(s32 pid)
{
    const struct task *task = find_or_current(pid);

    return task ? task->pgid : -ESRCH;
}

s32 sys_getsid(s32 pid)
{
    const struct task *task = find_or_current(pid);

    return task ? task->sid : -ESRCH;
}

// Whether some process of the session @sid is in the group @pgid.
static bool group_in_session(s32 pgid, s32 sid)
{
    struct task *task;

    list_for_each_entry (task, &task_list, all_link)
        if (task->pgid == pgid && task->sid == sid)
            return true;
    return false;
}

s32 sys_setpgid(s32 pid, s32 pgid)
{
    struct task *task = find_or_current(pid);

    if (pgid < 0)
        return -EINVAL;
    if (!task || (task != current && task->parent != current))
        return -ESRCH;
    if (!pgid)
        pgid = task->pid;
    if (task != current) {
        if (task->sid != current->sid)
            return -EPERM;
        if (!(task->flags & TF_FORKED_NOEXEC))
            return -EACCES;
    }
    if (task->sid == task->pid) // a session leader
        return -EPERM;
    if (pgid != task->pid && !group_in_session(pgid, current->sid))
        return -EPERM;
    task->pgid = pgid;
    return 0;
}

s32 sys_setsid(void)
{
    struct task *task;

    list_for_each_entry (task, &task_list, all_link)
        if (task->pgid == current->pid)
            return -EPERM;
    current->sid = current->pgid = current->pid;
    current->tty = NULL;
    return current->pid;
}

s32 sys_set_tid_address(u32 __user *tid)
{
    current->clear_tid = tid;
    return current->pid;
}
