// kernel/sys_limits.c - system calls: limits, and what was used
// SPDX-License-Identifier: MIT
//
// Limits are 32 bits; RLIM_INFINITY is all ones. Enforced: AS, DATA, STACK,
// MEMLOCK (mm), NOFILE, FSIZE (fs), NPROC (fork), SIGPENDING (signals), CPU
// (cpu_limit.c). The others are kept, inherited and reported.

#include <kernel/sys_proc.h>

#include <base/bits.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/process.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <lib/div64.h>
#include <linux/times.h>
#include <mm/limits.h>

#include "rusage.h"

#define CLOCK_TICK_NS   10000000u  // times(2) counts 1/100 s
#define OPEN_FILES_MOST (1u << 20) // Linux: fs.nr_open
#define OLD_INFINITY    0x7fffffffu
#define PAGE_KIB_SHIFT  2u

static_assert(TASK_LIMITS == RLIM_NLIMITS, "asm/resource.h");
static_assert(RLIMIT_DATA == (int)MM_LIMIT_DATA &&
                  RLIMIT_STACK == (int)MM_LIMIT_STACK &&
                  RLIMIT_MEMLOCK == (int)MM_LIMIT_MEMLOCK &&
                  RLIMIT_AS == (int)MM_LIMIT_AS,
              "mm does not know the header");

static int set_limit(struct task *task, u32 resource,
                     const struct task_limit *new)
{
    struct task_limit *limit = &task->process->limits[resource];

    if (new->soft > new->hard)
        return -EINVAL;
    if (resource == RLIMIT_NOFILE && new->hard > OPEN_FILES_MOST)
        return -EPERM;
    if (new->hard > limit->hard && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    *limit = *new;
    return 0;
}

s32 sys_ugetrlimit(u32 resource, struct rlimit __user *out)
{
    struct rlimit value;

    if (resource >= TASK_LIMITS)
        return -EINVAL;
    value.rlim_cur = current->process->limits[resource].soft;
    value.rlim_max = current->process->limits[resource].hard;
    return copy_to_user(out, &value, sizeof(value));
}

s32 sys_getrlimit(u32 resource, struct rlimit __user *out)
{
    struct rlimit value;

    if (resource >= TASK_LIMITS)
        return -EINVAL;
    value.rlim_cur = min(current->process->limits[resource].soft, OLD_INFINITY);
    value.rlim_max = min(current->process->limits[resource].hard, OLD_INFINITY);
    return copy_to_user(out, &value, sizeof(value));
}

s32 sys_setrlimit(u32 resource, const struct rlimit __user *in)
{
    struct rlimit value;
    struct task_limit new;

    if (resource >= TASK_LIMITS)
        return -EINVAL;
    if (copy_from_user(&value, in, sizeof(value)))
        return -EFAULT;
    new = (struct task_limit){value.rlim_cur, value.rlim_max};
    return set_limit(current, resource, &new);
}

static u32 from_64(u64 v)
{
    return v >= TASK_LIMIT_INFINITY ? TASK_LIMIT_INFINITY : (u32)v;
}

static u64 to_64(u32 v)
{
    return v == TASK_LIMIT_INFINITY ? RLIM64_INFINITY : v;
}

static bool may_limit(const struct task *task)
{
    const struct cred *me = current->cred, *other = task->cred;

    return task->process == current->process ||
           cred_has(me, CAP_SYS_RESOURCE) ||
           (me->uid == other->euid && me->uid == other->suid &&
            me->uid == other->uid && me->gid == other->egid &&
            me->gid == other->sgid && me->gid == other->gid);
}

s32 sys_prlimit64(s32 pid, u32 resource, const struct rlimit64 __user *in,
                  struct rlimit64 __user *out)
{
    struct rlimit64 value, old;
    struct task *task;
    struct task_limit new;
    int error = 0;

    if (resource >= TASK_LIMITS)
        return -EINVAL;
    if (in && copy_from_user(&value, in, sizeof(value)))
        return -EFAULT;
    // Only now: the copy may have slept.
    task = pid ? task_find(pid) : current;
    if (!task)
        return -ESRCH;
    if (!may_limit(task))
        return -EPERM;
    old.rlim_cur = to_64(task->process->limits[resource].soft);
    old.rlim_max = to_64(task->process->limits[resource].hard);
    if (in) {
        new = (struct task_limit){from_64(value.rlim_cur),
                                  from_64(value.rlim_max)};
        error = set_limit(task, resource, &new);
    }
    if (error || !out)
        return error;
    return copy_to_user(out, &old, sizeof(old));
}

static void put_timeval(struct __kernel_old_timeval *to, u64 ns)
{
    to->tv_usec = (s32)(u64_div(&ns, NSEC_PER_SEC) / NSEC_PER_USEC);
    to->tv_sec = (s32)ns;
}

static void put_usage(const struct task_usage *usage, u32 max_rss,
                      struct rusage *out)
{
    *out = (struct rusage){
        .ru_minflt = (s32)usage->min_flt,
        .ru_majflt = (s32)usage->maj_flt,
        .ru_nvcsw = (s32)usage->switches,
        .ru_nivcsw = (s32)usage->preemptions,
        .ru_maxrss = (s32)(max_rss << PAGE_KIB_SHIFT),
    };
    put_timeval(&out->ru_utime, usage->user_ns);
    put_timeval(&out->ru_stime, usage->system_ns);
}

void rusage_thread(const struct task *task, struct rusage *out)
{
    put_usage(&task->usage, process_max_rss(task->process), out);
}

void rusage_self(const struct process *process, struct rusage *out)
{
    struct task_usage usage;

    process_usage(process, &usage);
    put_usage(&usage, process_max_rss(process), out);
}

void rusage_children(const struct process *process, struct rusage *out)
{
    put_usage(&process->children_usage, process->children_max_rss, out);
}

void rusage_both(const struct process *process, struct rusage *out)
{
    struct task_usage usage;

    process_usage(process, &usage);
    usage_add(&usage, &process->children_usage);
    put_usage(&usage, max(process_max_rss(process), process->children_max_rss),
              out);
}

s32 sys_getrusage(s32 who, struct rusage __user *out)
{
    struct rusage usage;

    switch (who) {
    case RUSAGE_SELF: rusage_self(current->process, &usage); break;
    case RUSAGE_THREAD: rusage_thread(current, &usage); break;
    case RUSAGE_CHILDREN: rusage_children(current->process, &usage); break;
    default: return -EINVAL;
    }
    return copy_to_user(out, &usage, sizeof(usage));
}

static s32 in_clock_ticks(u64 ns)
{
    u64_div(&ns, CLOCK_TICK_NS);
    return (s32)(ns & 0x7fffffffu);
}

s32 sys_times(struct tms __user *out)
{
    const struct task_usage *children = &current->process->children_usage;
    struct task_usage own;
    struct tms value;

    process_usage(current->process, &own);
    value = (struct tms){
        .tms_utime = in_clock_ticks(own.user_ns),
        .tms_stime = in_clock_ticks(own.system_ns),
        .tms_cutime = in_clock_ticks(children->user_ns),
        .tms_cstime = in_clock_ticks(children->system_ns),
    };
    if (out && copy_to_user(out, &value, sizeof(value)))
        return -EFAULT;
    return in_clock_ticks(time_ns());
}
