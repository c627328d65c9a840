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
#include <linux/resource.h>
#include <mm/mm.h>
#include <mm/oom.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "rusage.h"

#define STACK_LIMIT     (8u * MIB)
#define OPEN_FILES_SOFT 1024u
#define OPEN_FILES_HARD 4096u
#define SIGNALS_QUEUED  1024u
#define MEMLOCK_BYTES   (8u * MIB)
#define MSGQUEUE_BYTES  819200u

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
    wait_queue_init(&process->child_wait);
}

static void set_default_limits(struct process *process)
{
    struct task_limit *limits = process->limits;

    for (u32 i = 0; i < TASK_LIMITS; i++)
        limits[i] =
            (struct task_limit){TASK_LIMIT_INFINITY, TASK_LIMIT_INFINITY};
    limits[RLIMIT_STACK].soft = STACK_LIMIT;
    limits[RLIMIT_NOFILE] =
        (struct task_limit){OPEN_FILES_SOFT, OPEN_FILES_HARD};
    limits[RLIMIT_SIGPENDING] =
        (struct task_limit){SIGNALS_QUEUED, SIGNALS_QUEUED};
    limits[RLIMIT_NPROC] = (struct task_limit){tasks_max / 2, tasks_max / 2};
    limits[RLIMIT_MEMLOCK] = (struct task_limit){MEMLOCK_BYTES, MEMLOCK_BYTES};
    limits[RLIMIT_MSGQUEUE] =
        (struct task_limit){MSGQUEUE_BYTES, MSGQUEUE_BYTES};
    limits[RLIMIT_NICE] = (struct task_limit){0, 0};
    limits[RLIMIT_RTPRIO] = (struct task_limit){0, 0};
    limits[RLIMIT_CORE].soft = 0;
}

struct process *process_create(const struct process *like)
{
    struct process *process =
        kmem_cache_alloc(process_cache, GFP_KERNEL | GFP_ZERO);

    if (!process)
        return NULL;
    process_setup(process);
    process->oom_score_adj_plus_1000 = OOM_ADJ_ZERO;
    process->is_dumpable = true;
    if (!like) {
        set_default_limits(process);
        return process;
    }
    memcpy(process->limits, like->limits, sizeof(process->limits));
    process->pgid = like->pgid;
    process->sid = like->sid;
    process->tty = like->tty;
    process->is_dumpable = like->is_dumpable;
    process->membarriers = like->membarriers;
    process->oom_score_adj_plus_1000 = like->oom_score_adj_plus_1000;
    process->oom_score_adj_least = like->oom_score_adj_least;
    return process;
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

    for_each_thread(
        other, task->process) if (other != task &&
                                  !(other->flags & TF_EXITING)) return true;
    return false;
}

struct mm *process_mm(const struct process *process)
{
    const struct task *task;

    for_each_thread(task, process) if (task->mm) return task->mm;
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
    for_each_thread(task, process) usage_add(out, &task->usage);
}

u32 process_max_rss(const struct process *process)
{
    const struct mm *mm = process_mm(process);

    return max(mm ? mm->peak_rss : 0, process->max_rss);
}
