// kernel/hung_task.c - tasks that wait and are never woken
// SPDX-License-Identifier: MIT
//
// khungtaskd looks several times a period for tasks that have slept all the
// while and that no signal would wake. Such sleeps are for I/O and locks, which
// do not take two minutes: it reports the task, once, with what it waits in.
// A task that loops without sleeping is not hung in this sense; the report of a
// non-maskable interrupt finds it (report_tasks.c).

#include <kernel/hung_task.h>

#include <base/errno.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/fmt.h>
#include <lib/string.h>

#include "report.h"

#define LOG_NAME "tasks"
#include <kernel/log.h>

#define CHECKS_PER_PERIOD 4u
#define TIMEOUT_MAX       4000000u // seconds; some 46 days

static u32 timeout_s = 120; // 0: nobody is looked for
static WAIT_QUEUE(changed_queue);
static u32 changes; // of timeout_s

// Since when it has not run, as far as the checks have seen.
static u64 still_since(struct task *task, u64 now)
{
    u32 switches = task->usage.switches + task->usage.preemptions;

    if (!task->still_since_ns || switches != task->switches_seen) {
        task->switches_seen = switches;
        task->still_since_ns = now;
        task->reported_hung = false;
    }
    return task->still_since_ns;
}

static bool is_stuck(const struct task *task)
{
    return task->state == TASK_SLEEPING &&
           task->wait_kind == WAIT_UNINTERRUPTIBLE && !task->reported_hung;
}

static void check_tasks(void)
{
    u64 now = time_ns(), period = (u64)timeout_s * NSEC_PER_SEC;
    struct task *task;

    list_for_each_entry (task, &task_list, all_link) {
        if (now - still_since(task, now) < period || !is_stuck(task))
            continue;
        task->reported_hung = true;
        log_err("pid=%d has waited for more than %u s", task->pid, timeout_s);
        report_task(task);
    }
}

static void khungtaskd(void *unused)
{
    (void)unused;
    for (;;) {
        u64 rest_ns = (u64)timeout_s * NSEC_PER_SEC / CHECKS_PER_PERIOD;
        u32 seen = changes;

        if (timeout_s)
            check_tasks();
        // Without a period: until there is one.
        (void)wait_event_full(&changed_queue, READ_ONCE(changes) != seen,
                              WAIT_INTERRUPTIBLE,
                              timeout_s ? time_ns() + rest_ns : 0);
    }
}

void hung_task_init(void)
{
    if (!kthread_start(khungtaskd, NULL, "khungtaskd"))
        panic("no memory for khungtaskd");
}

void hung_task_show(const char *name, char *buf, size_t size)
{
    (void)name;
    fmt_print(buf, size, "%u\n", timeout_s);
}

int hung_task_store(const char *name, const char *text)
{
    u64 seconds;

    (void)name;
    if (str_to_u64(text, 10, &seconds, &text) || (*text && *text != '\n') ||
        seconds > TIMEOUT_MAX)
        return -EINVAL;
    timeout_s = (u32)seconds;
    changes++;
    wake_up(&changed_queue);
    return 0;
}
