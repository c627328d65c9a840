// fs/procfs/pid_task.c - /proc/PID/task, and /proc/thread-self
// SPDX-License-Identifier: MIT
//
// A directory for each thread, with the files of a process. Where those of the
// process sum up what its threads have used, these have the thread's own.

#include "procfs.h"

#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>

static const struct proc_node tid_node = {
    .name = "TID",
    .mode = S_IFDIR | 0555,
    .dir = &proc_tid_dir,
};

static int lookup_tid(const struct proc_ref *dir, const struct name *name,
                      struct proc_ref *out)
{
    const struct task *of = proc_task(dir), *task;
    u32 tid;

    if (!of || !proc_number(name, &tid))
        return -ENOENT;
    task = task_find((s32)tid);
    if (!task || task->process != of->process)
        return -ENOENT;
    *out = (struct proc_ref){.node = &tid_node,
                             .pid = (s32)tid,
                             .fd = -1,
                             .start_ns = task->start_ns,
                             .is_thread = true};
    return 0;
}

static bool next_tid(const struct proc_ref *dir, u32 *number, u32 *out_ino,
                     u32 *out_type)
{
    const struct task *of = proc_task(dir), *task;
    u32 best = 0;

    if (!of)
        return false;
    for_each_thread (task, of->process) {
        u32 tid = (u32)task->pid;

        if (tid >= *number && (!best || tid < best))
            best = tid;
    }
    *number = best;
    *out_ino = PROC_THREADS + best * PROC_PID_SPAN;
    *out_type = S_IFDIR >> 12;
    return best != 0;
}

const struct proc_dir proc_task_dir = {
    .lookup = lookup_tid,
    .next = next_tid,
};

int proc_thread_self(const struct proc_ref *ref, char *buf, u32 size)
{
    char text[32];
    int length = fmt_print(text, sizeof(text), "%d/task/%d", current->tgid,
                           current->pid);

    (void)ref;
    length = min(length, (int)size);
    memcpy(buf, text, (u32)length);
    return length;
}
