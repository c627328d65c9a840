// kernel/fork.c - making tasks: fork, vfork, clone
// SPDX-License-Identifier: MIT
//
// A child gets its own copy, or with a CLONE_ flag a share, of each of the
// four counted objects: mm, files, fs context, signal handlers. A thread
// (CLONE_THREAD) is a further task of the caller's process, any other child a
// process of its own. All is taken before the child is published, so nobody
// ever sees half a task, and a failure only has to give back what was taken.
//
// No thread is made while a signal is pending: it could be one that ends or
// stops the process, which the new thread would have missed. A new process gets
// the signals that came to its parent's group meanwhile (signal_fork.c), and
// its group, session and terminal only when it is published: as they are then.

#include <asm/ldt.h>
#include <base/bits.h>
#include <base/errno.h>
#include <fs/context.h>
#include <fs/file.h>
#include <fs/files.h>
#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/signal_handlers.h>
#include <kernel/sys_proc.h>
#include <kernel/trace.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <mm/mm.h>

#include "signal_internal.h"
#include "task_internal.h"

#define CLONE_KNOWN                                                            \
    (CSIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |             \
     CLONE_PTRACE | CLONE_VFORK | CLONE_PARENT | CLONE_SYSVSEM |               \
     CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID |               \
     CLONE_DETACHED | CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO |         \
     CLONE_THREAD)

static int check_flags(const struct clone_request *request)
{
    u32 flags = request->flags;

    if (flags & ~(u32)CLONE_KNOWN)
        return -EINVAL;
    if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
        return -EINVAL;
    if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
        return -EINVAL;
    // Process 1 has no siblings: they would have no parent.
    if ((flags & CLONE_PARENT) && current->tgid == 1)
        return -EINVAL;
    return 0;
}

static void copy_plain_fields(struct task *child, const struct task *parent)
{
    memcpy(child->name, parent->name, sizeof(child->name));
    child->nice = parent->nice;
    child->charged = parent->charged; // forking saves nothing
    child->cred = cred_get(parent->cred);
    child->personality = parent->personality;
    child->no_new_privs = parent->no_new_privs;
    child->flags = parent->flags & TF_TOO_MANY;
    child->sig_blocked = parent->sig_blocked;
    child->flags |= parent->flags & TF_STRACE;
}

// RLIMIT_NPROC is for all of a user's tasks, but not for root's; the number of
// all tasks is for everybody.
static int check_task_count(void)
{
    u32 own = 0, all = 0;
    struct task *task;

    list_for_each_entry (task, &task_list, all_link) {
        all++;
        own += task->cred->uid == current->cred->uid;
    }
    if (all >= tasks_max)
        return -EAGAIN;
    if (own < current->process->limits[RLIMIT_NPROC].soft ||
        current->cred->uid == 0 || capable(CAP_SYS_RESOURCE) ||
        capable(CAP_SYS_ADMIN))
        return 0;
    return -EAGAIN;
}

static void copy_altstack(struct task *child, const struct task *parent,
                          u32 flags)
{
    // Another stack in the same address space must not share it.
    if ((flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM)
        return;
    child->altstack_start = parent->altstack_start;
    child->altstack_bytes = parent->altstack_bytes;
    child->altstack_flags = parent->altstack_flags;
}

// Each: the child's object. Return: 0; -ENOMEM.
static int take_mm(struct task *child, u32 flags)
{
    if (flags & CLONE_VM) {
        mm_get(current->mm);
        child->mm = current->mm;
    } else {
        child->mm = mm_fork(current->mm);
        if (child->mm && current->mm->exe) {
            child->mm->exe = current->mm->exe;
            child->mm->exe_put = file_put;
            file_get(child->mm->exe);
        }
    }
    return child->mm ? 0 : -ENOMEM;
}

static int take_files(struct task *child, u32 flags)
{
    child->files = flags & CLONE_FILES ? files_get(current->files)
                                       : files_fork(current->files);
    return child->files ? 0 : -ENOMEM;
}

// Another thread that runs a program has looked who shares them.
static int take_fs(struct task *child, u32 flags)
{
    if ((flags & CLONE_FS) && fs_context_in_exec(current->fs))
        return -EAGAIN;
    child->fs = flags & CLONE_FS ? fs_context_get(current->fs)
                                 : fs_context_fork(current->fs);
    return child->fs ? 0 : -ENOMEM;
}

// A thread has those of its process.
static int take_handlers(struct task *child, u32 flags)
{
    struct process *process = child->process;

    if (process->handlers)
        return 0;
    process->handlers = flags & CLONE_SIGHAND
                            ? signal_handlers_get(current->process->handlers)
                            : signal_handlers_fork(current->process->handlers);
    return process->handlers ? 0 : -ENOMEM;
}

// give_back - what the takes have taken, in any state of progress.
static void give_back(struct task *child)
{
    if (child->process != current->process) {
        signal_handlers_put(child->process->handlers);
        child->process->handlers = NULL;
    }
    if (child->fs)
        fs_context_put(child->fs);
    child->fs = NULL;
    if (child->files)
        files_put(child->files);
    child->files = NULL;
    if (child->mm)
        mm_put(child->mm);
    child->mm = NULL;
}

static int take_all(struct task *child, u32 flags)
{
    int error = take_handlers(child, flags);

    if (!error)
        error = take_fs(child, flags);
    if (!error)
        error = take_files(child, flags);
    if (!error)
        error = take_mm(child, flags);
    return error;
}

static int init_thread(struct task *child, struct clone_request *request)
{
    struct trap_frame regs = *thread_user_frame(&current->thread);

    if (request->stack)
        regs.esp = request->stack;
    thread_init_user(&child->thread, (u8 *)child->stack + KERNEL_STACK_BYTES,
                     &regs, &current->thread);
    if (!(request->flags & CLONE_SETTLS))
        return 0;
    return tls_set(&child->thread, &request->tls);
}

// tell_tid - write the child's number where it was asked for. As on Linux, an
// address that cannot be written is the program's own loss.
static void tell_tid(struct task *child, const struct clone_request *request)
{
    struct mm *own;
    int error;

    if (request->flags & CLONE_PARENT_SETTID) {
        error = put_user(child->pid, request->parent_tid);
        (void)error;
    }
    if (request->flags & CLONE_CHILD_SETTID) {
        own = task_use_mm(child->mm);
        error = put_user((u32)child->pid, request->child_tid);
        (void)error;
        task_use_mm(own);
    }
    if (request->flags & CLONE_CHILD_CLEARTID)
        child->clear_tid = request->child_tid;
}

// wait_for_vfork - until the child has let go of the address space. Only a
// signal that kills ends it earlier; the child then has nobody to tell.
static void wait_for_vfork(struct vfork_wait *wait, s32 pid)
{
    struct task *child;

    if (wait_event_killable(&wait->queue, wait->done) == 0)
        return;
    child = wait->done ? NULL : task_find(pid);
    if (child)
        child->vfork_done = NULL;
}

// create_child - a task of this process, or of a new one. NULL: no memory.
static struct task *create_child(const struct clone_request *request)
{
    u32 flags = request->flags;
    struct process *process;
    struct task *child;

    if (flags & CLONE_THREAD)
        return task_create(current->process);
    process = process_create();
    if (!process)
        return NULL;
    process->exit_signal = flags & CLONE_PARENT ? current->process->exit_signal
                                                : request->exit_signal;
    child = task_create(process);
    if (!child)
        process_discard(process);
    return child;
}

// publish - Return: 0; -EAGAIN; -ERESTARTNOINTR: a signal first; -EINTR: being
// killed. No sleep.
static int publish(struct task *child, u32 flags)
{
    if (flags & CLONE_THREAD)
        return signal_pending(current) ? -ERESTARTNOINTR
                                       : task_publish(child, 0);
    if (task_fatal_pending(current))
        return -EINTR;
    process_inherit(child->process, current->process);
    child->process->parent =
        flags & CLONE_PARENT ? current->process->parent : current;
    child->process->parent_programs = flags & CLONE_PARENT
                                          ? current->process->parent_programs
                                          : current->process->programs;
    return task_publish(child, 0);
}

// make - all of a child, up to and with its publishing. Return: as clone_task;
// -EINTR.
static int make(struct task *child, struct clone_request *request)
{
    u32 flags = request->flags;
    int error;

    copy_plain_fields(child, current);
    copy_altstack(child, current, flags);
    error = take_all(child, flags);
    if (!error && request->clears_handlers)
        signal_handlers_exec(child->process->handlers);
    if (!error)
        error = init_thread(child, request);
    // Only now: while this slept, its own parent may have become another.
    return error ? error : publish(child, flags);
}

static void trace_child(const struct task *child, u32 flags)
{
    if (flags & CLONE_THREAD)
        trace_write(TRACE_PROCESS, TRACE_PROCESS_THREAD, (u32)child->pid, 0, 0,
                    0);
    else
        trace_write(TRACE_PROCESS, TRACE_PROCESS_FORK, (u32)child->pid,
                    mm_rss(child->mm), 0, 0);
}

s32 clone_task(struct clone_request *request)
{
    struct vfork_wait vfork = {.done = false};
    struct fork_signals came;
    u32 flags = request->flags;
    struct task *child;
    s32 pid;
    int error = check_flags(request);

    if (!error)
        error = check_task_count();
    if (error)
        return error;
    child = create_child(request);
    if (!child)
        return -ENOMEM;
    signal_fork_begin(&came);
    error = make(child, request);
    signal_fork_end(&came,
                    error || (flags & CLONE_THREAD) ? NULL : child->process);
    if (error)
        goto err_give_back;
    wait_queue_init(&vfork.queue);
    if (flags & CLONE_VFORK)
        child->vfork_done = &vfork.queue;
    pid = child->pid;
    // May sleep; the child, not yet runnable, cannot go away meanwhile.
    tell_tid(child, request);
    if (trace_on(process))
        trace_child(child, flags);
    sched_add(child);
    if (flags & CLONE_VFORK)
        wait_for_vfork(&vfork, pid);
    return pid;

err_give_back:
    give_back(child);
    task_free(child);
    return error;
}
