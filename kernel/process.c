// kernel/process.c - what the threads of a process have together
// SPDX-License-Identifier: MIT
//
// How it works: each task points to a struct process and counts as a reference.
// The first one is its leader and gives it its number; the process is on
// process_list and among its parent's children from the leader's task_publish
// to the leader's task_unpublish, which comes last.
//
// A child belongs to the process that made it. The thread that did is known,
// too (process->parent), for __WNOTHREAD and PR_SET_PDEATHSIG; when it ends,
// another one of its process takes its place.
//
// Locking: as of task_list (kernel/task.c).
// Rejected: children of threads, as Linux has them. Nearly all who ask want
// those of the process.

#include "task_internal.h"

#include <base/assert.h>
#include <lib/string.h>
#include <linux/mqueue.h>
#include <linux/resource.h>
#include <mm/mm.h>
#include <mm/oom.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "rusage.h"

#define OPEN_FILES_SOFT 1024u
#define OPEN_FILES_HARD 4096u

LIST_HEAD(process_list);

static struct kmem_cache *process_cache;

void process_init(void)
{
    process_cache = kmem_cache_create("process", sizeof(struct process), 0);
    ASSERT(process_cache);
}

void process_setup(struct process *process)
{
    list_init(&process->threads);
    list_init(&process->all_link);
    list_init(&process->children);
    list_init(&process->child_link);
    list_init(&process->pending.info);
    list_init(&process->cpu_timers);
    list_init(&process->posix_timers);
    list_init(&process->forks);
    wait_queue_init(&process->child_wait);
    wait_queue_init(&process->end_wait);
}

static void set_limit(struct process *process, u32 resource, u32 soft, u32 hard)
{
    process->limits[resource] = (struct task_limit){soft, hard};
}

// Those of Linux's process 1; all others inherit.
static void set_default_limits(struct process *process)
{
    const u32 infinity = TASK_LIMIT_INFINITY;

    for (u32 i = 0; i < TASK_LIMITS; i++)
        set_limit(process, i, infinity, infinity);
    set_limit(process, RLIMIT_STACK, _STK_LIM, infinity);
    set_limit(process, RLIMIT_CORE, 0, infinity);
    set_limit(process, RLIMIT_NPROC, tasks_max / 2, tasks_max / 2);
    set_limit(process, RLIMIT_NOFILE, OPEN_FILES_SOFT, OPEN_FILES_HARD);
    set_limit(process, RLIMIT_MEMLOCK, MLOCK_LIMIT, MLOCK_LIMIT);
    set_limit(process, RLIMIT_SIGPENDING, tasks_max / 2, tasks_max / 2);
    set_limit(process, RLIMIT_MSGQUEUE, MQ_BYTES_MAX, MQ_BYTES_MAX);
    set_limit(process, RLIMIT_NICE, 0, 0);
    set_limit(process, RLIMIT_RTPRIO, 0, 0);
}

struct process *process_create(void)
{
    struct process *process =
        kmem_cache_alloc(process_cache, GFP_KERNEL | GFP_ZERO);

    if (!process)
        return NULL;
    process_setup(process);
    itimer_init(process);
    process->oom_score_adj_plus_1000 = OOM_ADJ_ZERO;
    set_default_limits(process);
    return process;
}

void process_inherit(struct process *process, const struct process *like)
{
    memcpy(process->limits, like->limits, sizeof(process->limits));
    process->pgid = like->pgid;
    process->sid = like->sid;
    process->tty = like->tty;
    process->membarriers = like->membarriers;
    process->oom_score_adj_plus_1000 = like->oom_score_adj_plus_1000;
    process->oom_score_adj_least = like->oom_score_adj_least;
}

void process_put(struct process *process)
{
    ASSERT(process->refs > 0);
    if (--process->refs == 0)
        process_discard(process);
}

void process_discard(struct process *process)
{
    ASSERT(!process->refs);
    ASSERT(!process->handlers && list_empty(&process->children));
    ASSERT(list_empty(&process->threads) && list_empty(&process->all_link));
    kmem_cache_free(process_cache, process);
}

struct process *process_find(s32 pid)
{
    struct task *task = task_find(pid);

    return task && task == task->process->leader ? task->process : NULL;
}

bool process_has_others(const struct task *task)
{
    const struct task *other;

    for_each_thread (other, task->process)
        if (other != task && !(other->flags & TF_EXITING))
            return true;
    return false;
}

struct mm *process_mm(const struct process *process)
{
    const struct task *task;

    for_each_thread (task, process)
        if (task->mm)
            return task->mm;
    return NULL;
}

void usage_add(struct task_usage *sum, const struct task_usage *usage)
{
    sum->user_ns += usage->user_ns;
    sum->system_ns += usage->system_ns;
    sum->min_flt += usage->min_flt;
    sum->maj_flt += usage->maj_flt;
    sum->switches += usage->switches;
    sum->preemptions += usage->preemptions;
    sum->io.read_chars += usage->io.read_chars;
    sum->io.written_chars += usage->io.written_chars;
    sum->io.reads += usage->io.reads;
    sum->io.writes += usage->io.writes;
    sum->io.disk_read_bytes += usage->io.disk_read_bytes;
    sum->io.disk_written_bytes += usage->io.disk_written_bytes;
}

void process_usage(const struct process *process, struct task_usage *out)
{
    const struct task *task;

    *out = process->dead;
    for_each_thread (task, process)
        usage_add(out, &task->usage);
}

u32 process_max_rss(const struct process *process)
{
    const struct mm *mm = process_mm(process);

    return max(mm ? mm->peak_rss : 0, process->max_rss);
}
