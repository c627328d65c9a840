// kernel/sys_process.c - system calls: TLS, priorities, scheduling
// SPDX-License-Identifier: MIT
//
// There is one scheduling policy, SCHED_OTHER, with nice values
// (kernel/sched.c). That is what the calls say: a real-time policy is refused,
// not accepted and ignored.

#include <kernel/sys_proc.h>

#include <asm/ldt.h>
#include <base/bits.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/uaccess.h>
#include <linux/personality.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <mm/limits.h>
#include <mm/mm.h>

#define PERSONALITY_QUERY 0xffffffffu
#define NICE_BASE         20 // getpriority answers 20 - nice

// All are taken, as on Linux. What some do: ADDR_COMPAT_LAYOUT, MMAP_PAGE_ZERO
// (kernel/exec.c), READ_IMPLIES_EXEC (mm/limits.c); ADDR_NO_RANDOMIZE is always
// so here. The rest is for programs to find again.
s32 sys_personality(u32 persona)
{
    s32 old = (s32)current->personality;

    static_assert(READ_IMPLIES_EXEC == PERSONA_READ_IS_EXEC, "mm/limits.h");
    if (persona != PERSONALITY_QUERY)
        current->personality = persona;
    return old;
}

s32 sys_set_thread_area(struct user_desc __user *user_desc)
{
    struct user_desc desc;
    bool choose;
    int error;

    if (copy_from_user(&desc, user_desc, sizeof(desc)))
        return -EFAULT;
    choose = desc.entry_number == ~0u;
    error = tls_set(&current->thread, &desc);
    if (error || !choose)
        return error;
    return put_user(desc.entry_number, &user_desc->entry_number);
}

s32 sys_get_thread_area(struct user_desc __user *user_desc)
{
    struct user_desc desc = {0};
    int error;

    if (get_user(desc.entry_number, &user_desc->entry_number))
        return -EFAULT;
    error = tls_get(&current->thread, &desc);
    return error ? error : copy_to_user(user_desc, &desc, sizeof(desc));
}

static bool is_meant(const struct task *task, s32 which, s32 who)
{
    switch (which) {
    case PRIO_PROCESS: return task->pid == (who ? who : current->pid);
    case PRIO_PGRP:
        return task->process->pgid == (who ? who : current->process->pgid);
    case PRIO_USER:
        return task->cred->uid == (who ? (u32)who : current->cred->uid);
    default: return false;
    }
}

s32 sys_getpriority(s32 which, s32 who)
{
    struct task *task;
    s32 best = -ESRCH;

    if (which < PRIO_PROCESS || which > PRIO_USER)
        return -EINVAL;
    list_for_each_entry (task, &task_list, all_link)
        if (is_meant(task, which, who))
            best = max(best, NICE_BASE - task->nice);
    return best;
}

// Whether the current task may change how @task is scheduled.
static bool may_schedule(const struct task *task)
{
    u32 euid = current->cred->euid;

    return euid == task->cred->uid || euid == task->cred->euid ||
           capable(CAP_SYS_NICE);
}

// Whether @task has no right that the current task lacks.
static bool is_no_stronger(const struct task *task)
{
    return !(task->cred->permitted & ~current->cred->permitted) ||
           capable(CAP_SYS_NICE);
}

// RLIMIT_NICE counts from 1, for 19, to 40, for -20.
static bool may_be_nice(const struct task *task, s32 nice)
{
    return nice >= task->nice ||
           (u32)(NICE_BASE - nice) <= task->process->limits[RLIMIT_NICE].soft ||
           capable(CAP_SYS_NICE);
}

static int set_nice(struct task *task, s32 nice)
{
    if (!may_schedule(task))
        return -EPERM;
    if (!may_be_nice(task, nice))
        return -EACCES;
    if (!is_no_stronger(task))
        return -EPERM;
    task->nice = nice;
    return 0;
}

s32 sys_setpriority(s32 which, s32 who, s32 nice)
{
    struct task *task;
    s32 result = -ESRCH;

    if (which < PRIO_PROCESS || which > PRIO_USER)
        return -EINVAL;
    nice = min(max(nice, PRIO_MIN), PRIO_MAX - 1);
    list_for_each_entry (task, &task_list, all_link) {
        if (is_meant(task, which, who)) {
            int error = set_nice(task, nice);

            if (error || result == -ESRCH)
                result = error;
        }
    }
    return result;
}

s32 sys_nice(s32 increment)
{
    s32 step = min(max(increment, 2 * PRIO_MIN), 2 * PRIO_MAX);
    s32 nice = min(max(current->nice + step, PRIO_MIN), PRIO_MAX - 1);

    return set_nice(current, nice) ? -EPERM : 0;
}

s32 sys_sched_yield(void)
{
    sched_yield();
    return 0;
}

// pid 0 is the caller. Return: 0; -EINVAL; -ESRCH.
static int check_pid(s32 pid)
{
    if (pid < 0)
        return -EINVAL;
    return !pid || task_find(pid) ? 0 : -ESRCH;
}

s32 sys_sched_getaffinity(s32 pid, u32 bytes, u32 __user *mask)
{
    int error = check_pid(pid);

    if (bytes < sizeof(u32) || (bytes & 3))
        return -EINVAL;
    if (error)
        return error;
    return put_user(1u, mask) ? -EFAULT : (s32)sizeof(u32);
}

s32 sys_sched_setaffinity(s32 pid, u32 bytes, const u32 __user *user_mask)
{
    const struct task *task;
    u32 mask = 0;
    int error = check_pid(pid);

    if (error)
        return error;
    if (copy_from_user(&mask, user_mask, min(bytes, (u32)sizeof(mask))))
        return -EFAULT;
    task = pid ? task_find(pid) : current;
    if (!task)
        return -ESRCH;
    if (!may_schedule(task) || !is_no_stronger(task))
        return -EPERM;
    return mask & 1 ? 0 : -EINVAL; // there is one CPU
}

s32 sys_sched_getscheduler(s32 pid)
{
    int error = check_pid(pid);

    return error ? error : SCHED_NORMAL;
}

s32 sys_sched_getparam(s32 pid, s32 __user *param)
{
    int error = check_pid(pid);

    return error ? error : put_user(0, param);
}

static bool is_realtime(s32 policy)
{
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

s32 sys_sched_setscheduler(s32 pid, s32 policy, const s32 __user *param)
{
    const struct task *task;
    s32 priority;
    int error = check_pid(pid);

    if (error)
        return error;
    if (get_user(priority, param))
        return -EFAULT;
    task = pid ? task_find(pid) : current;
    if (!task)
        return -ESRCH;
    if (is_realtime(policy) || !may_schedule(task) || !is_no_stronger(task))
        return -EPERM;
    return policy == SCHED_NORMAL && priority == 0 ? 0 : -EINVAL;
}

s32 sys_sched_setparam(s32 pid, const s32 __user *param)
{
    return sys_sched_setscheduler(pid, SCHED_NORMAL, param);
}

static bool is_policy(s32 policy)
{
    return is_realtime(policy) || policy == SCHED_NORMAL ||
           policy == SCHED_BATCH || policy == SCHED_IDLE;
}

s32 sys_sched_get_priority_max(s32 policy)
{
    if (!is_policy(policy))
        return -EINVAL;
    return is_realtime(policy) ? 99 : 0;
}

s32 sys_sched_get_priority_min(s32 policy)
{
    if (!is_policy(policy))
        return -EINVAL;
    return is_realtime(policy) ? 1 : 0;
}
