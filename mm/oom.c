// mm/oom.c - when nothing can be reclaimed: choose a process and kill it
// SPDX-License-Identifier: MIT
//
// The way here: a reclaim at all priorities has freed nothing several times, or
// all that could be reclaimed would not be enough; nothing is being written
// that would be free soon; no zone has reached its high mark meanwhile.
// An order above 3, GFP_NORETRY, or a task that is being killed itself fails
// instead (mm/page_alloc.c).
//
// Who: mm/oom_score.c. Never init, a kernel thread, or a process at -1000, nor
// one whose memory is also that of one of these. All processes that share the
// memory are killed with it.
//
// One at a time: while the last victim has its memory, everybody waits for it.
// It gets memory from the reserve (TF_OOM_VICTIM) to reach its exit, and
// whatever loops in the kernel on its behalf for memory gives up, since a
// signal that kills is pending. A victim may still wait for a lock whose owner
// waits for memory, that is, for the victim: so after VICTIM_TIME its private
// memory is taken away from it where it stands (oom_reap.c), and if that was
// not possible for REAP_TIME it is passed over and another one chosen. Both are
// Linux's: sooner, one that is only slow costs another task its life.
//
// A swapoff that runs is ended first: what it takes from the others, memory and
// room in swap, is what they lack.
//
// A request that may not enter file systems (GFP_FS) does not kill at once:
// much of what could be freed was out of its reach. Others that could will come
// past; it waits for them, but not for ever.
//
// vm.panic_on_oom, vm.oom_kill_allocating_task, vm.oom_dump_tasks: as on Linux.
// Rejected: a panic when nobody can be killed. The request fails instead; for
// process 1, whose fault that is, it is a panic (kernel/dispatch.c).

#include <mm/oom.h>

#include <kernel/panic.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <mm/mm.h>
#include <mm/stat.h>
#include <mm/swap.h>
#include <mm/swap_cache.h>
#include <mm/vm_sysctl.h>
#include <mm/writeback.h>
#include <mm/zone.h>

#include "oom_private.h"

#define LOG_NAME "oom"
#include <kernel/log.h>

#define SIGNAL_KILL     9
#define PAUSE_MS        20u
#define VICTIM_TIME     (2000ull * NSEC_PER_MSEC)
#define REAP_TIME       (1000ull * NSEC_PER_MSEC)
#define NOFS_ROUNDS     16u
#define FAULT_TRIES_MAX 200u // of PAUSE_MS each, one after the other

static u64 victim_since_ns;

static u32 total_pages(void)
{
    return zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed +
           zones[ZONE_HIGHMEM].managed + swap_total_pages();
}

void oom_size_of(const struct mm *mm, struct oom_size *out_size)
{
    *out_size = (struct oom_size){
        .rss = mm_rss(mm),
        .swap = mm->swap_entries,
        .tables = mm->pmap.table_pages,
    };
}

static bool is_protected(const struct process *process)
{
    return process->leader->pid == 1 || (process->leader->flags & TF_KTHREAD);
}

static s32 badness_of(const struct process *process)
{
    const struct mm *mm = process_mm(process);
    struct oom_size size;

    if (!mm || is_protected(process))
        return OOM_NEVER;
    oom_size_of(mm, &size);
    return oom_badness(&size, oom_adj_of(process->oom_score_adj_plus_1000),
                       total_pages());
}

u32 oom_score(const struct task *task)
{
    return oom_scale(badness_of(task->process), total_pages());
}

// ---- the victim there is ---------------------------------------------------

// One that has not let go of its memory yet, and is not passed over.
static struct task *find_victim(void)
{
    struct task *task;

    list_for_each_entry (task, &task_list, all_link)
        if ((task->flags & (TF_OOM_VICTIM | TF_OOM_SKIP)) == TF_OOM_VICTIM &&
            task->mm)
            return task;
    return NULL;
}

static void pass_over(const struct task *victim)
{
    const struct mm *mm = victim->mm;
    struct task *task;

    list_for_each_entry (task, &task_list, all_link)
        if (task->mm == mm)
            task->flags |= TF_OOM_SKIP;
}

// Return: whether there is one, so that it is too early for another.
static bool wait_for_victim(void)
{
    struct task *victim = find_victim();
    u64 waited;
    u32 freed;

    if (!victim)
        return false;
    waited = time_ns() - victim_since_ns;
    freed = waited < VICTIM_TIME ? 0 : oom_reap(victim->mm);
    if (!freed && waited < VICTIM_TIME + REAP_TIME) {
        sleep_ms(PAUSE_MS);
        return true;
    }
    log_warn("victim pid=%d name=%s has not left: %u pages taken from it",
             victim->pid, victim->name, freed);
    pass_over(victim);
    return freed > 0;
}

// ---- a new one -------------------------------------------------------------

static bool shares_with_protected(const struct mm *mm)
{
    const struct process *process;

    for_each_process (process)
        if (process_mm(process) == mm &&
            (is_protected(process) ||
             oom_adj_of(process->oom_score_adj_plus_1000) == OOM_ADJ_MIN))
            return true;
    return false;
}

static bool was_passed_over(const struct process *process)
{
    const struct task *task;

    for_each_thread (task, process)
        if (task->flags & TF_OOM_SKIP)
            return true;
    return false;
}

static bool may_kill(const struct process *process)
{
    return badness_of(process) != OOM_NEVER && !was_passed_over(process) &&
           !shares_with_protected(process_mm(process));
}

static struct process *choose_worst(void)
{
    struct process *process, *worst = NULL;
    s32 most = OOM_NEVER;

    for_each_process (process) {
        s32 points = badness_of(process);

        if (points > most && may_kill(process)) {
            most = points;
            worst = process;
        }
    }
    return worst;
}

static struct process *choose(void)
{
    if (vm_oom_kill_allocating_task && may_kill(current->process))
        return current->process;
    return choose_worst();
}

static void trace_victim(const struct process *victim)
{
    if (trace_on(reclaim))
        trace_write(TRACE_OOM, (u32)victim->leader->pid,
                    mm_rss(process_mm(victim)), 0, 0, 0);
}

// All that use the memory: a process may be several tasks, and counts once.
static void kill_all_of(const struct mm *mm)
{
    struct process *process;
    struct task *task;

    vm_count(VM_OOM_KILL);
    victim_since_ns = time_ns();
    for_each_process (process) {
        if (process_mm(process) != mm)
            continue;
        for_each_thread (task, process)
            task->flags |= TF_OOM_VICTIM;
        signal_send_process_simple(process, SIGNAL_KILL);
    }
}

// Somebody has freed memory while reclaim failed.
static bool is_over(const struct oom_request *request)
{
    for (u32 id = 0; id <= (u32)request->highest; id++)
        if (zones[id].managed &&
            zone_above(&zones[id], request->order, zones[id].mark[MARK_HIGH],
                       request->highest))
            return true;
    return false;
}

static bool may_be_asked(const struct oom_request *request)
{
    if (request->gfp & GFP_FS)
        return true;
    return (request->gfp & GFP_IO) && request->rounds > NOFS_ROUNDS;
}

bool oom_kill(const struct oom_request *request)
{
    struct process *victim;

    if (current->flags & TF_EXITING) { // it gives back its memory, if let
        current->flags |= TF_OOM_VICTIM;
        return true;
    }
    if (is_over(request) || swapoff_give_up() || wait_for_victim())
        return true;
    if (!may_be_asked(request)) {
        writeback_wake();
        sleep_ms(PAUSE_MS);
        return request->rounds <= NOFS_ROUNDS;
    }
    victim = choose();
    oom_report(request, victim);
    if (vm_panic_on_oom)
        panic("out of memory: vm.panic_on_oom is set");
    if (!victim)
        return false;
    trace_victim(victim);
    kill_all_of(process_mm(victim));
    if (!task_fatal_pending(current))
        sleep_ms(PAUSE_MS);
    return true;
}

void oom_kill_by_hand(void)
{
    const struct oom_request request = {.gfp = GFP_KERNEL,
                                        .highest = ZONE_HIGHMEM};
    struct process *victim = choose_worst();

    oom_report(&request, victim);
    if (!victim)
        return;
    trace_victim(victim);
    kill_all_of(process_mm(victim));
}

bool oom_fault(void)
{
    if (task_fatal_pending(current))
        return true; // it dies on the way back
    if (++current->oom_faults > FAULT_TRIES_MAX)
        return false;
    sleep_ms(PAUSE_MS);
    return true;
}
