// mm/oom.c - when nothing can be reclaimed: choose a task and kill it
// SPDX-License-Identifier: MIT
//
// Badness is what killing it gives back: resident pages, slots and page tables,
// shifted by oom_score_adj per mille of all memory and swap. Never init, never
// a kernel thread, never a task at -1000. One victim at a time: while the last
// one still has its memory, everybody waits for it. The victim may use the
// reserve (TF_OOM_VICTIM) to reach its exit.

#include <mm/reclaim.h>

#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <mm/mm.h>
#include <mm/stat.h>
#include <mm/swap.h>

#define LOG_NAME "oom"
#include <kernel/log.h>

#define SIGNAL_KILL    9
#define VICTIM_WAIT_MS 20u
#define ADJ_SCALE      1000 // oom_score_adj is -1000 to 1000

static s32 badness(const struct task *task, u32 total_pages)
{
    s32 adj = (s32)task->oom_score_adj_plus_1000 - ADJ_SCALE;
    s32 points;

    if (!task->mm || task->pid == 1 || (task->flags & TF_KTHREAD) ||
        task->state == TASK_ZOMBIE || adj == -ADJ_SCALE)
        return 0;
    points = (s32)(task->mm->anon_pages + task->mm->file_pages +
                   task->mm->swap_entries + task->mm->pmap.table_pages);
    points += adj * (s32)(total_pages / ADJ_SCALE);
    return max(points, 1);
}

// A victim that has not let go of its memory yet.
static bool victim_pending(void)
{
    struct task *task;

    list_for_each_entry (task, &task_list, all_link) {
        if ((task->flags & TF_OOM_VICTIM) && task->mm)
            return true;
    }
    return false;
}

static struct task *choose(u32 total_pages)
{
    struct task *task, *worst = NULL;
    s32 most = 0;

    list_for_each_entry (task, &task_list, all_link) {
        s32 points = badness(task, total_pages);

        if (points > most) {
            most = points;
            worst = task;
        }
    }
    return worst;
}

static void report(const struct task *victim)
{
    struct task *task;

    zone_for_each (zone) {
        if (zone->managed)
            log_warn("zone=%s free=%u min=%u anon=%u,%u file=%u,%u", zone->name,
                     zone->buddy.free_frames, zone->mark[MARK_MIN],
                     zone->lru_pages[LRU_ACTIVE_ANON],
                     zone->lru_pages[LRU_INACTIVE_ANON],
                     zone->lru_pages[LRU_ACTIVE_FILE],
                     zone->lru_pages[LRU_INACTIVE_FILE]);
    }
    list_for_each_entry (task, &task_list, all_link) {
        if (task->mm)
            log_warn("pid=%d name=%s anon=%u file=%u swap=%u tables=%u%s",
                     task->pid, task->name, task->mm->anon_pages,
                     task->mm->file_pages, task->mm->swap_entries,
                     task->mm->pmap.table_pages,
                     task == victim ? " <- killed" : "");
    }
}

bool oom_kill(enum zone_id highest, u32 order)
{
    u32 total = zones[0].managed + zones[1].managed + zones[2].managed +
                swap_total_pages();
    struct task *victim, *task;

    if (victim_pending()) {
        sleep_ms(VICTIM_WAIT_MS);
        return true;
    }
    victim = choose(total);
    if (!victim) {
        log_err("no memory and nobody to kill zone=%s order=%u",
                zones[highest].name, order);
        return false;
    }
    log_err("killing pid=%d name=%s: zone=%s order=%u asked by pid=%d",
            victim->pid, victim->name, zones[highest].name, order,
            current->pid);
    report(victim);
    vm_count(VM_OOM_KILL);
    list_for_each_entry (task, &task_list, all_link) {
        if (task->mm != victim->mm)
            continue;
        task->flags |= TF_OOM_VICTIM;
        signal_send_simple(task, SIGNAL_KILL);
    }
    return true;
}
