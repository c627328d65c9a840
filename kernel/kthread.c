// kernel/kthread.c - kernel threads
// SPDX-License-Identifier: MIT
//
// Tasks without an address space of their own. They take no signals, have no
// parent, and are freed by the reaper if their function returns.

#include "task_internal.h"

#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

struct kthread_start {
    void (*fn)(void *);
    void *arg;
};

static void kthread_main(void *arg)
{
    struct kthread_start start = *(struct kthread_start *)arg;

    kfree(arg);
    start.fn(start.arg);
    task_exit(0);
}

static struct task *kthread_create(void (*fn)(void *), void *arg,
                                   const char *name, s32 pid)
{
    struct kthread_start *start = kmalloc(sizeof(*start), GFP_KERNEL);
    struct process *process;
    struct task *task;

    if (!start)
        return NULL;
    *start = (struct kthread_start){fn, arg};
    process = process_create();
    if (!process)
        goto err_free_start;
    task = task_create(process);
    if (!task)
        goto err_free_process;
    task->cred = cred_get(&cred_root);
    task->flags = TF_KTHREAD;
    str_copy(task->name, name, sizeof(task->name));
    thread_init_kernel(&task->thread, (u8 *)task->stack + KERNEL_STACK_BYTES,
                       kthread_main, start);
    if (task_publish(task, pid))
        goto err_free_task;
    sched_add(task);
    return task;

err_free_task:
    task_free(task); // and the process
    goto err_free_start;
err_free_process:
    process_discard(process);
err_free_start:
    kfree(start);
    return NULL;
}

struct task *kthread_start(void (*fn)(void *), void *arg, const char *name)
{
    return kthread_create(fn, arg, name, 0);
}

static void init_thread(void *arg)
{
    void (*fn)(void) = *(void (**)(void))arg;

    fn();
    panic("process 1 ended before it was a program");
}

void init_task_start(void (*fn)(void))
{
    static void (*start)(void);

    start = fn;
    init_task = kthread_create(init_thread, &start, "init", 1);
    if (!init_task)
        panic("no memory for process 1");
}
