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
    const struct task *parent = current->process->parent;

    return parent ? parent->tgid : 0;
}

s32 sys_getpgrp(void)
{
    return current->process->pgid;
}

static struct task *find_or_current(s32 pid)
{
    return pid ? task_find(pid) : current;
}

s32 sys_getpgid(s32 pid)
{
    const struct task *task = find_or_current(pid);

    return task ? task->process->pgid : -ESRCH;
}

s32 sys_getsid(s32 pid)
{
    const struct task *task = find_or_current(pid);

    return task ? task->process->sid : -ESRCH;
}

// Whether some process of the session @sid is in the group @pgid.
static bool group_in_session(s32 pgid, s32 sid)
{
    const struct process *process;

    for_each_process (process)
        if (process->pgid == pgid && process->sid == sid)
            return true;
    return false;
}

s32 sys_setpgid(s32 pid, s32 pgid)
{
    struct process *own = current->process, *process;
    struct task *task = pid ? task_find(pid) : own->leader;

    if (pgid < 0)
        return -EINVAL;
    if (!task)
        return -ESRCH;
    process = task->process;
    if (task != process->leader)
        return -EINVAL;
    if (process != own && (!process->parent || process->parent->process != own))
        return -ESRCH;
    if (!pgid)
        pgid = task->pid;
    if (process != own) {
        if (process->sid != own->sid)
            return -EPERM;
        if (process->did_exec)
            return -EACCES;
    }
    if (process->sid == task->pid) // a session leader
        return -EPERM;
    if (pgid != task->pid && !group_in_session(pgid, own->sid))
        return -EPERM;
    process->pgid = pgid;
    return 0;
}

s32 sys_setsid(void)
{
    struct process *own = current->process;
    const struct process *process;
    s32 pid = current->tgid;

    for_each_process (process)
        if (process->pgid == pid)
            return -EPERM;
    own->sid = own->pgid = pid;
    own->tty = NULL;
    return pid;
}

s32 sys_set_tid_address(u32 __user *tid)
{
    current->clear_tid = tid;
    return current->pid;
}
