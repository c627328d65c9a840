// kernel/wait4.c - waiting for children: wait4, waitpid, waitid
// SPDX-License-Identifier: MIT
//
// A child has something to tell when it is a zombie or when its job_event (it
// stopped or went on) has not been told yet. What is told once is taken, but
// for waitid(WNOWAIT).

#include <asm/siginfo.h>
#include <base/errno.h>
#include <kernel/signal.h>
#include <kernel/sys_proc.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/signal.h>
#include <linux/wait.h>

#include "rusage.h"
#include "task_internal.h"

#define STATUS_STOPPED   0x7fu
#define STATUS_CONTINUED 0xffffu

#define WAIT_CLONE_FLAGS (__WNOTHREAD | __WCLONE | __WALL)

struct wait_request {
    u32 which; // P_ALL, P_PID, P_PGID
    s32 id;
    u32 options;
};

struct wait_result {
    s32 pid;
    u32 uid;
    s32 code;    // CLD_
    s32 status;  // exit code or signal
    u32 encoded; // as wait4 gives it
    struct rusage usage;
};

static bool matches(const struct task *child, const struct wait_request *w)
{
    // "Clone" children signal their end by something else than SIGCHLD.
    bool is_clone = child->exit_signal != SIGCHLD;

    if (!(w->options & __WALL) && is_clone != !!(w->options & __WCLONE))
        return false;
    switch (w->which) {
    case P_PID: return child->pid == w->id;
    case P_PGID: return child->pgid == w->id;
    default: return true;
    }
}

static bool has_news(const struct task *child, u32 options)
{
    if (child->state == TASK_ZOMBIE)
        return options & WEXITED;
    if (child->job_event == SIGCONT)
        return options & WCONTINUED;
    return child->job_event && child->state == TASK_STOPPED &&
           (options & WUNTRACED);
}

// find_child - one with news, oldest first. *@out_any: whether any matches.
static struct task *find_child(const struct wait_request *w, bool *out_any)
{
    struct task *child;

    *out_any = false;
    list_for_each_entry (child, &current->children, child_link) {
        if (!matches(child, w))
            continue;
        *out_any = true;
        if (has_news(child, w->options))
            return child;
    }
    return NULL;
}

static void describe(const struct task *child, struct wait_result *out)
{
    u32 status = child->exit_code;

    *out = (struct wait_result){.pid = child->pid, .uid = child->uid};
    rusage_self(child, &out->usage);
    if (child->state == TASK_ZOMBIE) {
        bool killed = status & 0x7fu;

        out->code = killed ? CLD_KILLED : CLD_EXITED;
        out->status = (s32)(killed ? status & 0x7fu : status >> 8);
        out->encoded = status;
    } else if (child->job_event == SIGCONT) {
        out->code = CLD_CONTINUED;
        out->status = SIGCONT;
        out->encoded = STATUS_CONTINUED;
    } else {
        out->code = CLD_STOPPED;
        out->status = child->job_event;
        out->encoded = (u32)child->job_event << 8 | STATUS_STOPPED;
    }
}

// reap - a zombie's accounts go to its parent, and it is gone.
static void reap(struct task *child)
{
    current->child_user_ns += child->user_ns + child->child_user_ns;
    current->child_system_ns += child->system_ns + child->child_system_ns;
    current->child_min_flt += child->min_flt + child->child_min_flt;
    current->child_maj_flt += child->maj_flt + child->child_maj_flt;
    current->child_max_rss = max(
        current->child_max_rss, max(task_max_rss(child), child->child_max_rss));
    task_unpublish(child);
    task_free(child);
}

// poll_children - Return: 1: told, *@out filled; 0: nothing to tell yet;
// -ECHILD: nobody who could ever have.
static int poll_children(const struct wait_request *w, struct wait_result *out)
{
    bool any;
    struct task *child = find_child(w, &any);

    if (!child)
        return any ? 0 : -ECHILD;
    describe(child, out);
    if (w->options & WNOWAIT)
        return 1;
    if (child->state == TASK_ZOMBIE)
        reap(child);
    else
        child->job_event = 0;
    return 1;
}

// wait_children - Return: 1: told; 0: nothing (WNOHANG); -ECHILD;
// -ERESTARTSYS.
static int wait_children(const struct wait_request *w, struct wait_result *out)
{
    for (;;) {
        int result = poll_children(w, out);
        bool any;

        if (result || (w->options & WNOHANG))
            return result;
        result = wait_event_interruptible(&current->child_wait,
                                          find_child(w, &any) || !any);
        if (result)
            return -ERESTARTSYS;
    }
}

static struct wait_request request_for(s32 pid, u32 options)
{
    struct wait_request w = {.options = options | WEXITED};

    if (pid == -1) {
        w.which = P_ALL;
    } else if (pid > 0) {
        w.which = P_PID;
        w.id = pid;
    } else {
        w.which = P_PGID;
        w.id = pid ? -pid : current->pgid;
    }
    return w;
}

s32 sys_wait4(s32 pid, s32 __user *status, u32 options,
              struct rusage __user *usage)
{
    struct wait_request w = request_for(pid, options);
    struct wait_result result;
    int told;

    if (options & ~(u32)(WNOHANG | WUNTRACED | WCONTINUED | WAIT_CLONE_FLAGS))
        return -EINVAL;
    if (pid == -2147483647 - 1)
        return -ESRCH;
    told = wait_children(&w, &result);
    if (told <= 0)
        return told;
    if (status && put_user((s32)result.encoded, status))
        return -EFAULT;
    if (usage && copy_to_user(usage, &result.usage, sizeof(result.usage)))
        return -EFAULT;
    return result.pid;
}

s32 sys_waitpid(s32 pid, s32 __user *status, u32 options)
{
    return sys_wait4(pid, status, options, NULL);
}

static int waitid_info(void __user *to, int told, const struct wait_result *r)
{
    siginfo_t info;

    memset(&info, 0, sizeof(info));
    if (told) {
        info.si_signo = SIGCHLD;
        info.si_code = r->code;
        info.si_pid = r->pid;
        info.si_uid = r->uid;
        info.si_status = r->status;
    }
    return copy_to_user(to, &info, sizeof(info));
}

s32 sys_waitid(u32 which, s32 pid, void __user *info, u32 options,
               struct rusage __user *usage)
{
    struct wait_request w = {.which = which, .id = pid, .options = options};
    struct wait_result result;
    int told;

    if ((options & ~(u32)(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED |
                          WAIT_CLONE_FLAGS)) ||
        !(options & (WEXITED | WSTOPPED | WCONTINUED)))
        return -EINVAL;
    if (which > P_PGID || (which == P_PID && pid <= 0) ||
        (which == P_PGID && pid < 0))
        return -EINVAL;
    if (which == P_PGID && pid == 0)
        w.id = current->pgid;
    told = wait_children(&w, &result);
    if (told < 0)
        return told;
    if (told && usage &&
        copy_to_user(usage, &result.usage, sizeof(result.usage)))
        return -EFAULT;
    return info ? waitid_info(info, told, &result) : 0;
}
