// kernel/report_tasks.c - who is where: for a machine that stands still
// SPDX-License-Identifier: MIT
//
// A non-maskable interrupt (a PC's NMI button, QEMU's `nmi`, tools/vm when its
// time is over) reports every task, whatever the kernel is doing, and lets it
// go on. It may come in the middle of a change to the list of tasks: links that
// are followed forwards lead to the end of it at every moment.

#include "report.h"

#include <arch/trap.h>
#include <kernel/task.h>

#define LOG_NAME "tasks"
#include <kernel/log.h>

static const char *state_of(const struct task *task)
{
    static const char *const kinds[] = {
        [WAIT_UNINTERRUPTIBLE] = "waiting",
        [WAIT_KILLABLE] = "waiting, can be killed",
        [WAIT_INTERRUPTIBLE] = "sleeping",
    };

    switch (task->state) {
    case TASK_RUNNING: return task == current ? "running" : "ready";
    case TASK_SLEEPING: return kinds[task->wait_kind];
    case TASK_STOPPED: return "stopped";
    case TASK_ZOMBIE: return "dead";
    }
    return "in no state";
}

void report_task(const struct task *task)
{
    log_err("pid=%d name=%s %s%s flags=%#x switches=%u+%u", task->pid,
            task->name, state_of(task), task->held ? ", holds a mutex" : "",
            task->flags, task->usage.switches, task->usage.preemptions);
    if (task != current && task->state != TASK_ZOMBIE)
        report_calls(thread_resume_eip(&task->thread),
                     thread_resume_ebp(&task->thread));
}

void report_nmi(const struct trap_frame *regs)
{
    const struct task *task;

    log_sync_begin();
    log_err("non-maskable interrupt");
    report_state(regs);
    list_for_each_entry (task, &task_list, all_link)
        report_task(task);
    log_err("end of tasks");
    log_sync_end();
}
