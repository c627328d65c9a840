// kernel/task.c - the table of tasks: making, finding, freeing
// SPDX-License-Identifier: MIT
//
// Locking: task_list and the family links change with interrupts off, since
// signals are sent from interrupt handlers; tasks may walk them as long as they
// do not sleep.

#include "task_internal.h"

#include <arch/cpu.h>
#include <base/assert.h>
#include <kernel/sched.h>
#include <lib/string.h>
#include <linux/resource.h>
#include <mm/mm.h>
#include <mm/oom.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/zone.h>

#define PID_FIRST       2   // 0 is the idle task, 1 is init
#define PID_AFTER_WRAP  300 // low numbers stay with who was there at boot
#define STACK_LIMIT     (8u * MIB)
#define OPEN_FILES_SOFT 1024u
#define OPEN_FILES_HARD 4096u
#define SIGNALS_QUEUED  1024u
#define STACKS_PART     8u
#define TASKS_LEAST     20u

LIST_HEAD(task_list);
struct task *init_task;
u32 tasks_max;

static struct kmem_cache *task_cache;
static s32 next_pid = PID_FIRST;

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
    struct task *task;

    list_for_each_entry (task, &task_list, all_link)
        if (task->pid == pid || task->tgid == pid || task->pgid == pid ||
            task->sid == pid)
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

static void set_default_limits(struct task *task)
{
    for (u32 i = 0; i < TASK_LIMITS; i++)
        task->limits[i] =
            (struct task_limit){TASK_LIMIT_INFINITY, TASK_LIMIT_INFINITY};
    task->limits[RLIMIT_STACK].soft = STACK_LIMIT;
    task->limits[RLIMIT_NOFILE] =
        (struct task_limit){OPEN_FILES_SOFT, OPEN_FILES_HARD};
    task->limits[RLIMIT_SIGPENDING] =
        (struct task_limit){SIGNALS_QUEUED, SIGNALS_QUEUED};
    task->limits[RLIMIT_NPROC] =
        (struct task_limit){tasks_max / 2, tasks_max / 2};
    task->limits[RLIMIT_CORE].soft = 0;
}

struct task *task_create(void)
{
    struct task *task = kmem_cache_alloc(task_cache, GFP_KERNEL | GFP_ZERO);

    if (!task)
        return NULL;
    task->stack = kernel_stack_alloc();
    if (!task->stack)
        goto err_free_task;
    task->start_ns = time_ns();
    task->oom_score_adj_plus_1000 = OOM_ADJ_ZERO;
    list_init(&task->run_link);
    list_init(&task->all_link);
    list_init(&task->children);
    list_init(&task->child_link);
    list_init(&task->sig_queue);
    wait_queue_init(&task->child_wait);
    set_default_limits(task);
    return task;

err_free_task:
    kmem_cache_free(task_cache, task);
    return NULL;
}

int task_publish(struct task *task, s32 pid)
{
    u32 flags;

    if (!pid)
        pid = pid_alloc();
    if (!pid)
        return -EAGAIN;
    flags = irq_save();
    task->pid = pid;
    task->tgid = pid;
    list_add_tail(&task->all_link, &task_list);
    if (task->parent)
        list_add_tail(&task->child_link, &task->parent->children);
    irq_restore(flags);
    return 0;
}

void task_unpublish(struct task *task)
{
    u32 flags = irq_save();

    list_del(&task->all_link);
    list_del(&task->child_link);
    irq_restore(flags);
}

void task_free(struct task *task)
{
    ASSERT(task != current);
    ASSERT(!task->mm && !task->files && !task->fs && !task->handlers);
    ASSERT(list_empty(&task->children) && list_empty(&task->all_link));
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
