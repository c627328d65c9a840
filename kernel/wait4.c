// kernel/wait4.c - waiting for children: wait4, waitpid, waitid
// SPDX-License-Identifier: MIT
//
// A child has something to tell when it is a zombie or when its job_event (it
// stopped or went on) has not been told yet. What is told once is taken, but
// for waitid(WNOWAIT). Children are those of the process, whichever thread of
// it has made them (or with __WNOTHREAD, of the calling one).

#include <asm/siginfo.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/sys_proc.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/signal.h>
#include <linux/wait.h>

#include "pidfd.h"
#include "rusage.h"
#include "task_internal.h"

#define STATUS_STOPPED   0x7fu
#define STATUS_CONTINUED 0xffffu

#define WAIT_CLONE_FLAGS (__WNOTHREAD | __WCLONE | __WALL)

struct wait_request {
    u32 which; // P_ALL, P_PID, P_PGID, P_PIDFD
    s32 id;
    struct process *process; // of P_PIDFD
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

static bool matches(const struct process *child, const struct wait_request *w)
{
    // "Clone" children signal their end by something else than SIGCHLD.
    bool is_clone = child->exit_signal != SIGCHLD;

    if (!(w->options & __WALL) && is_clone != !!(w->options & __WCLONE))
        return false;
    if ((w->options & __WNOTHREAD) && child->parent != current)
        return false;
    switch (w->which) {
    case P_PID: return child->leader->pid == w->id;
    case P_PGID: return child->pgid == w->id;
    case P_PIDFD: return child == w->process;
    default: return true;
    }
}

static bool has_news(const struct process *child, u32 options)
{
    if (child->is_zombie)
        return options & WEXITED;
    if (child->job_event == SIGCONT)
        return options & WCONTINUED;
    return child->job_event && (options & WUNTRACED);
}

// find_child - one with news, oldest first. *@out_any: whether any matches.
static struct process *find_child(const struct wait_request *w, bool *out_any)
{
    struct process *child;

    *out_any = false;
    list_for_each_entry (child, &current->process->children, child_link) {
        if (!matches(child, w))
            continue;
        *out_any = true;
        if (has_news(child, w->options))
            return child;
    }
    return NULL;
}

static void describe(const struct process *child, struct wait_result *out)
{
    const struct task *leader = child->leader;
    u32 status = child->exit_code;

    *out = (struct wait_result){.pid = leader->pid, .uid = leader->cred->uid};
    rusage_both(child, &out->usage);
    if (child->is_zombie) {
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
static void reap(struct process *child)
{
    struct process *own = current->process;
    struct task *leader = child->leader;
    struct task_usage usage;

    process_usage(child, &usage);
    usage_add(&own->children_usage, &usage);
    usage_add(&own->children_usage, &child->children_usage);
    own->children_max_rss =
        max(own->children_max_rss,
            max(process_max_rss(child), child->children_max_rss));
    task_unpublish(leader);
    task_release(leader);
}

// poll_children - Return: 1: told, *@out filled; 0: nothing to tell yet;
// -ECHILD: nobody who could ever have.
static int poll_children(const struct wait_request *w, struct wait_result *out)
{
    bool any;
    struct process *child = find_child(w, &any);

    if (!child)
        return any ? 0 : -ECHILD;
    describe(child, out);
    if (w->options & WNOWAIT)
        return 1;
    if (child->is_zombie)
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
        result = wait_event_interruptible(&current->process->child_wait,
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
        w.id = pid ? -pid : current->process->pgid;
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

// wait_pidfd - as wait_children. -EAGAIN: the open file is not to wait.
static int wait_pidfd(struct wait_request *w, struct wait_result *out)
{
    bool nonblock;
    int told = pidfd_process(w->id, &w->process, &nonblock);

    if (told)
        return told;
    nonblock = nonblock && !(w->options & WNOHANG);
    if (nonblock)
        w->options |= WNOHANG;
    told = wait_children(w, out);
    process_put(w->process);
    return !told && nonblock ? -EAGAIN : told;
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
    if (which > P_PIDFD || (which == P_PID && pid <= 0) ||
        ((which == P_PGID || which == P_PIDFD) && pid < 0))
        return -EINVAL;
    if (which == P_PGID && pid == 0)
        w.id = current->process->pgid;
    told =
        which == P_PIDFD ? wait_pidfd(&w, &result) : wait_children(&w, &result);
    if (told < 0)
        return told;
    if (told && usage &&
        copy_to_user(usage, &result.usage, sizeof(result.usage)))
        return -EFAULT;
    return info ? waitid_info(info, told, &result) : 0;
}
