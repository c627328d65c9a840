// kernel/task.c - the table of tasks: making, finding, freeing
// SPDX-License-Identifier: MIT
//
// Locking: task_list and the family links change with interrupts off, since
// signals are sent from interrupt handlers; tasks may walk them as long as they
// do not sleep.

#include "signal_internal.h"
#include "task_internal.h"

#include <arch/cpu.h>
#include <base/assert.h>
#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/trace.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>

#define PID_FIRST      2   // 0 is the idle task, 1 is init
#define PID_AFTER_WRAP 300 // low numbers stay with who was there at boot
#define STACKS_PART    8u
#define TASKS_LEAST    20u

LIST_HEAD(task_list);
struct task *init_task;
u32 tasks_max;

static struct kmem_cache *task_cache;
static s32 next_pid = PID_FIRST;
u32 tasks_made;
s32 task_last_pid;

static u32 default_tasks_max(void)
{
    u32 frames = 0;

    zone_for_each (zone)
        frames += zone->managed;
    frames = frames / (KERNEL_STACK_BYTES / PAGE_SIZE) / STACKS_PART;
    return min(max(frames, TASKS_LEAST), (u32)PID_MAX);
}

void task_init(void)
{
    tasks_max = default_tasks_max();
    task_cache = kmem_cache_create("task", sizeof(struct task), 16);
    ASSERT(task_cache);
    process_init();
}

struct task *task_find(s32 pid)
{
    struct task *task;

    list_for_each_entry (task, &task_list, all_link)
        if (task->pid == pid)
            return task;
    return NULL;
}

// A pid stays taken as long as it names a group or session.
static bool pid_taken(s32 pid)
{
    const struct process *process;

    if (task_find(pid))
        return true;
    for_each_process (process)
        if (process->pgid == pid || process->sid == pid)
            return true;
    return false;
}

static s32 pid_alloc(void)
{
    for (s32 tries = 0; tries < PID_MAX; tries++) {
        s32 pid = next_pid;

        next_pid = pid + 1 < PID_MAX ? pid + 1 : PID_AFTER_WRAP;
        if (!pid_taken(pid))
            return pid;
    }
    return 0;
}

struct task *task_create(struct process *process)
{
    struct task *task = kmem_cache_alloc(task_cache, GFP_KERNEL | GFP_ZERO);

    if (!task)
        return NULL;
    task->stack = kernel_stack_alloc();
    if (!task->stack)
        goto err_free_task;
    task->process = process;
    process->refs++;
    task->start_ns = time_ns();
    list_init(&task->run_link);
    list_init(&task->all_link);
    list_init(&task->thread_link);
    list_init(&task->pending.info);
    return task;

err_free_task:
    kmem_cache_free(task_cache, task);
    return NULL;
}

// Interrupts off.
static void publish_process(struct process *process, struct task *leader)
{
    process->leader = leader;
    list_add_tail(&process->all_link, &process_list);
    if (process->parent)
        list_add_tail(&process->child_link,
                      &process->parent->process->children);
}

int task_publish(struct task *task, s32 pid)
{
    struct process *process = task->process;
    u32 flags;

    if (!pid)
        pid = pid_alloc();
    if (!pid)
        return -EAGAIN;
    flags = irq_save();
    task->pid = pid;
    if (!process->leader)
        publish_process(process, task);
    task->tgid = process->leader->pid;
    trace_task_new(task);
    tasks_made++;
    task_last_pid = pid;
    list_add_tail(&task->all_link, &task_list);
    list_add_tail(&task->thread_link, &process->threads);
    process->thread_count++;
    signal_note(task);
    irq_restore(flags);
    return 0;
}

void task_unpublish(struct task *task)
{
    struct process *process = task->process;
    u32 flags = irq_save();

    list_del(&task->all_link);
    list_del(&task->thread_link);
    if (task == process->leader) {
        ASSERT(list_empty(&process->threads));
        list_del(&process->all_link);
        list_del(&process->child_link);
    }
    irq_restore(flags);
}

void task_free(struct task *task)
{
    ASSERT(task != current);
    ASSERT(!task->mm && !task->files && !task->fs);
    ASSERT(list_empty(&task->all_link) && !task->pending.set);
    process_put(task->process);
    cred_put(task->cred);
    kernel_stack_free(task->stack);
    kmem_cache_free(task_cache, task);
}

struct mm *task_use_mm(struct mm *mm)
{
    u32 flags = irq_save();
    struct mm *old = current->mm;

    current->mm = mm;
    mm_activate(mm);
    irq_restore(flags);
    return old;
}
