// fs/procfs/pid_oom.c - /proc/PID/oom_score, oom_score_adj and oom_adj
// SPDX-License-Identifier: MIT
//
// oom_score_adj is -1000 to 1000, per mille of memory and swap; oom_adj is the
// same on the older scale of -17 to 15. Who may write (the owner) may raise it;
// lower than it was set by root, it is for root. All tasks that share the
// memory get the same: they are killed together.
//
// Nothing here sleeps between finding the task and being done with it.

#include "procfs.h"

#include <kernel/cred.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/oom.h>

#define TEXT_BYTES 16u

int proc_show_oom_score(struct proc_text *text, const struct proc_ref *ref)
{
    const struct task *task = proc_task(ref);

    if (!task)
        return -ESRCH;
    proc_print(text, "%u\n", oom_score(task));
    return 0;
}

static bool is_old_scale(const struct proc_ref *ref)
{
    return strcmp(ref->node->name, "oom_adj") == 0;
}

static ssize_t adj_read(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct proc_ref *ref = file->inode->private;
    const struct task *task = proc_task(ref);
    char text[TEXT_BYTES];
    s32 adj;

    if (!task)
        return -ESRCH;
    adj = oom_adj_of(task->process->oom_score_adj_plus_1000);
    if (is_old_scale(ref))
        adj = oom_adj_to_old(adj);
    fmt_print(text, sizeof(text), "%d\n", adj);
    return proc_read_short(text, it, pos);
}

// A number with blanks around it. Return: 0; -EINVAL.
static int parse(const char *text, s32 *out)
{
    bool negative;
    u64 number;

    while (*text == ' ' || *text == '\t' || *text == '\n')
        text++;
    negative = *text == '-';
    if (str_to_u64(text + (negative || *text == '+'), 10, &number, &text) ||
        number > OOM_ADJ_MAX)
        return -EINVAL;
    while (*text == ' ' || *text == '\t' || *text == '\n')
        text++;
    *out = negative ? -(s32)number : (s32)number;
    return *text ? -EINVAL : 0;
}

static void set_adj(struct task *task, s32 adj, bool is_least)
{
    struct task *other;

    list_for_each_entry (other, &task_list, all_link) {
        if (other != task && (!task->mm || other->mm != task->mm ||
                              (other->flags & TF_KTHREAD) || other->pid == 1))
            continue;
        other->process->oom_score_adj_plus_1000 =
            (u32)(adj + (s32)OOM_ADJ_ZERO);
        if (is_least)
            other->process->oom_score_adj_least = adj;
    }
}

static int store(const struct proc_ref *ref, s32 value)
{
    struct task *task = proc_task(ref);
    bool old = is_old_scale(ref), may = capable(CAP_SYS_RESOURCE);
    s32 adj = old ? oom_adj_from_old(value) : value, least;

    if (!task)
        return -ESRCH;
    if (old ? value < OOM_OLD_ADJ_NEVER || value > OOM_OLD_ADJ_MAX
            : value < OOM_ADJ_MIN || value > OOM_ADJ_MAX)
        return -EINVAL;
    least = old ? oom_adj_of(task->process->oom_score_adj_plus_1000)
                : task->process->oom_score_adj_least;
    if (adj < least && !may)
        return -EACCES;
    set_adj(task, adj, may && !old);
    return 0;
}

static ssize_t adj_write(struct file *file, struct io_iter *it, u64 *pos)
{
    char text[TEXT_BYTES];
    ssize_t length = proc_write_short(text, sizeof(text), it);
    s32 value;
    int rc;

    if (length < 0)
        return length;
    rc = parse(text, &value);
    if (!rc)
        rc = store(file->inode->private, value);
    if (rc)
        return rc;
    *pos += (u64)length;
    return length;
}

const struct file_ops proc_oom_adj_file_ops = {
    .read = adj_read,
    .write = adj_write,
    .llseek = dir_llseek,
};
