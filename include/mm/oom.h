// include/mm/oom.h - when nothing can be reclaimed: a task has to go
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/page_alloc.h>

struct mm;
struct process;
struct task;

#define OOM_ADJ_MIN  (-1000) // never
#define OOM_ADJ_MAX  1000    // first
#define OOM_ADJ_ZERO 1000u   // of task->oom_score_adj_plus_1000
// oom_adj, the older scale: -17 is never, 15 first.
#define OOM_OLD_ADJ_NEVER (-17)
#define OOM_OLD_ADJ_MAX   15

// An allocation that cannot be served.
struct oom_request {
    u32 gfp, order;
    enum zone_id highest;
    u32 rounds; // how often oom_kill was asked for it before
};

// oom_kill - reclaim has failed for the current task: choose a task and kill
// it, or wait for the last victim to be gone. Only one at a time.
// Return: whether to try again; false: nobody can be killed, or it may not be
// done on behalf of this request. Context: task, may sleep.
bool oom_kill(const struct oom_request *request);

// oom_fault - a page fault of the current task, in user mode, found no memory:
// whether the access is worth another try, after a pause. Context: as oom_kill.
bool oom_fault(void);

// oom_kill_by_hand - somebody at the keyboard asks for it: the worst is killed,
// whatever memory there is, and if another victim is on its way. Context: task.
void oom_kill_by_hand(void);

// oom_report_memory - the zones and sums of memory, to the log. Any context.
void oom_report_memory(void);

// oom_reap - take away the private memory of @mm, whose tasks are being killed
// and will not look at it again. From then on each fault in it is FAULT_BUS.
// Return: pages; 0: it is locked, or there was nothing. No sleep.
u32 oom_reap(struct mm *mm);

// oom_score - /proc/PID/oom_score: 0 to 2000. No sleep.
u32 oom_score(const struct task *task);

static inline s32 oom_adj_of(u32 plus_1000)
{
    return (s32)plus_1000 - (s32)OOM_ADJ_ZERO;
}

// Who is the worst: pure, mm/oom_score.c.
struct oom_size {
    u32 rss, swap, tables; // pages
};
#define OOM_NEVER (-0x7fffffff - 1)

// oom_badness - pages that killing it gives back, shifted by @adj per mille of
// @total_pages. OOM_NEVER: @adj is OOM_ADJ_MIN.
s32 oom_badness(const struct oom_size *size, s32 adj, u32 total_pages);

// oom_scale - a badness as 0 to 2000. Source: Linux 6.1.
u32 oom_scale(s32 badness, u32 total_pages);

// Between the two scales of adjustments, as Linux rounds them.
s32 oom_adj_from_old(s32 old);
s32 oom_adj_to_old(s32 adj);
