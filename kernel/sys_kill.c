// kernel/sys_kill.c - system calls that send signals
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <asm/siginfo.h>
#include <base/errno.h>
#include <kernel/process.h>
#include <kernel/uaccess.h>
#include <linux/signal.h>

#include "signal_internal.h"

#define PID_MIN (-2147483647 - 1)

// As kill(2) says; SIGCONT also within the session.
static bool may_signal(const struct task *to, s32 signal)
{
    const struct task *me = current;

    return me->euid == 0 || me->euid == to->suid || me->euid == to->uid ||
           me->uid == to->suid || me->uid == to->uid ||
           (signal == SIGCONT && me->sid == to->sid);
}

// @info->signal 0: only look whether it could be sent.
static int send_checked(struct task *to, const struct signal_info *info)
{
    if (to->flags & TF_KTHREAD)
        return -EPERM;
    if (!may_signal(to, info->signal))
        return -EPERM;
    return info->signal ? signal_send(to, info) : 0;
}

static bool valid_or_none(s32 signal)
{
    return signal >= 0 && signal <= (s32)SIGNALS;
}

static struct signal_info from_current(s32 signal, s32 code)
{
    return (struct signal_info){.signal = signal,
                                .code = code,
                                .pid = current->tgid,
                                .uid = current->uid};
}

// Processes of @pgid, or with 0 all but this one and process 1.
// Return: 0 when one was sent to; else -ESRCH, or the last error.
static int send_many(s32 pgid, const struct signal_info *info)
{
    u32 flags = irq_save();
    struct task *task;
    int result = -ESRCH;

    list_for_each_entry (task, &task_list, all_link) {
        int error;

        if (task->flags & TF_KTHREAD)
            continue;
        if (pgid ? task->pgid != pgid : task == current || task == init_task)
            continue;
        error = send_checked(task, info);
        if (result)
            result = error;
    }
    irq_restore(flags);
    return result;
}

s32 sys_kill(s32 pid, s32 signal)
{
    struct signal_info info = from_current(signal, SI_USER);
    struct task *task;

    if (!valid_or_none(signal))
        return -EINVAL;
    if (pid == PID_MIN)
        return -ESRCH;
    if (pid == 0)
        return send_many(current->pgid, &info);
    if (pid < 0)
        return send_many(pid == -1 ? 0 : -pid, &info);
    task = task_find(pid);
    return task ? send_checked(task, &info) : -ESRCH;
}

static s32 send_thread(s32 tgid, s32 tid, s32 signal)
{
    struct signal_info info = from_current(signal, SI_TKILL);
    struct task *task;

    if (tid <= 0 || !valid_or_none(signal))
        return -EINVAL;
    task = task_find(tid);
    if (!task || (tgid && task->tgid != tgid))
        return -ESRCH;
    return send_checked(task, &info);
}

s32 sys_tkill(s32 tid, s32 signal)
{
    return send_thread(0, tid, signal);
}

s32 sys_tgkill(s32 tgid, s32 tid, s32 signal)
{
    return tgid <= 0 ? -EINVAL : send_thread(tgid, tid, signal);
}

s32 sys_rt_sigqueueinfo(s32 pid, s32 signal, const void __user *user_info)
{
    struct signal_info info;
    struct task *task;
    siginfo_t in;

    if (copy_from_user(&in, user_info, sizeof(in)))
        return -EFAULT;
    // Nobody may pretend to be the kernel or kill(2).
    if ((in.si_code >= 0 || in.si_code == SI_TKILL) && pid != current->pid)
        return -EPERM;
    if (!valid_or_none(signal))
        return -EINVAL;
    task = task_find(pid);
    if (!task)
        return -ESRCH;
    info = (struct signal_info){.signal = signal,
                                .code = in.si_code,
                                .error = in.si_errno,
                                .pid = in.si_pid,
                                .uid = in.si_uid,
                                .value = (u32)in.si_int};
    return send_checked(task, &info);
}
