// kernel/sys_kill.c - system calls that send signals
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <asm/siginfo.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/process.h>
#include <kernel/uaccess.h>
#include <linux/signal.h>

#include "pidfd.h"
#include "signal_internal.h"
#include "task_internal.h"

#define PID_MIN (-2147483647 - 1)

bool signal_is_allowed(const struct task *to, s32 signal)
{
    const struct cred *me = current->cred, *other = to->cred;

    return current->process == to->process || me->euid == other->suid ||
           me->euid == other->uid || me->uid == other->suid ||
           me->uid == other->uid || cred_has(me, CAP_KILL) ||
           (signal == SIGCONT && current->process->sid == to->process->sid);
}

// @info->signal 0: only look whether it could be sent. Kernel threads ignore
// all there are.
static bool is_lost(const struct task *to, const struct signal_info *info)
{
    return !info->signal || (to->flags & TF_KTHREAD);
}

static int send_to_process(struct process *to, const struct signal_info *info)
{
    if (!signal_is_allowed(to->leader, info->signal))
        return -EPERM;
    return is_lost(to->leader, info) ? 0 : signal_send_process(to, info);
}

static int send_to_thread(struct task *to, const struct signal_info *info)
{
    if (!signal_is_allowed(to, info->signal))
        return -EPERM;
    return is_lost(to, info) ? 0 : signal_send(to, info);
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
                                .uid = current->cred->uid};
}

// Processes of @pgid, or with 0 all but this one and process 1. Of all, those
// that may not be sent to do not count, as on Linux.
// Return: 0 when one was sent to; else -ESRCH, or the last error.
static int send_many(s32 pgid, const struct signal_info *info)
{
    u32 flags = irq_save();
    struct process *process;
    int result = -ESRCH;

    for_each_process (process) {
        int error;

        if (process->leader->flags & TF_KTHREAD)
            continue;
        if (pgid ? process->pgid != pgid
                 : process == current->process || process == init_task->process)
            continue;
        error = send_to_process(process, info);
        if (!error && info->signal)
            signal_fork_note(process, info->signal);
        if (!pgid && error == -EPERM)
            error = 0;
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
        return send_many(current->process->pgid, &info);
    if (pid < 0)
        return send_many(pid == -1 ? 0 : -pid, &info);
    task = task_find(pid); // the number of any thread names its process
    return task ? send_to_process(task->process, &info) : -ESRCH;
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
    return send_to_thread(task, &info);
}

s32 sys_tkill(s32 tid, s32 signal)
{
    return send_thread(0, tid, signal);
}

s32 sys_tgkill(s32 tgid, s32 tid, s32 signal)
{
    return tgid <= 0 ? -EINVAL : send_thread(tgid, tid, signal);
}

// queued_info - what the program says. Nobody may pretend to be the kernel or
// kill(2), but to himself. @to: the process or thread meant.
static int queued_info(const void __user *user_info, s32 signal, s32 to,
                       struct signal_info *out)
{
    siginfo_t in;

    if (copy_from_user(&in, user_info, sizeof(in)))
        return -EFAULT;
    if ((in.si_code >= 0 || in.si_code == SI_TKILL) && to != current->tgid)
        return -EPERM;
    if (!valid_or_none(signal))
        return -EINVAL;
    *out = (struct signal_info){
        .signal = signal, .code = in.si_code, .error = in.si_errno};
    if (signal_info_is_fault(out)) {
        out->addr = (u32)(uintptr_t)in.si_addr;
        return 0;
    }
    out->pid = in.si_pid;
    out->uid = in.si_uid;
    if (signal == SIGCHLD && in.si_code > 0)
        out->status = in.si_status;
    else
        out->value = (u32)in.si_int;
    return 0;
}

s32 sys_rt_sigqueueinfo(s32 pid, s32 signal, const void __user *user_info)
{
    struct signal_info info;
    struct task *task;
    int error = queued_info(user_info, signal, pid, &info);

    if (error)
        return error;
    task = task_find(pid);
    return task ? send_to_process(task->process, &info) : -ESRCH;
}

s32 sys_rt_tgsigqueueinfo(s32 tgid, s32 tid, s32 signal,
                          const void __user *user_info)
{
    struct signal_info info;
    struct task *task;
    int error;

    if (tgid <= 0 || tid <= 0)
        return -EINVAL;
    error = queued_info(user_info, signal, tgid, &info);
    if (error)
        return error;
    task = task_find(tid);
    if (!task || task->tgid != tgid)
        return -ESRCH;
    return send_to_thread(task, &info);
}

// Beside queued_info's conditions the number has to be said twice.
static int pidfd_info(const struct process *to, s32 signal,
                      const void __user *user_info, struct signal_info *out)
{
    s32 number;

    if (get_user(number, (const s32 __user *)user_info))
        return -EFAULT;
    if (number != signal)
        return -EINVAL;
    return queued_info(user_info, signal,
                       process_is_gone(to) ? 0 : to->leader->tgid, out);
}

s32 sys_pidfd_send_signal(s32 fd, s32 signal, const void __user *user_info,
                          u32 flags)
{
    struct signal_info info = from_current(signal, SI_USER);
    struct process *process;
    bool nonblock;
    int error;

    if (flags)
        return -EINVAL;
    error = pidfd_process(fd, &process, &nonblock);
    if (error)
        return error;
    if (user_info)
        error = pidfd_info(process, signal, user_info, &info);
    if (!error && process_is_gone(process))
        error = -ESRCH;
    if (!error)
        error =
            valid_or_none(signal) ? send_to_process(process, &info) : -EINVAL;
    process_put(process);
    return error;
}
