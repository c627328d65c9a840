// kernel/trace_groups.c - which trace points are on, and for whom
// SPDX-License-Identifier: MIT
//
// At boot `trace=fault,swap`, and `trace_pid=`, `trace_cause=`,
// `trace_address=` for the filters; later by /proc/faultline/trace. The words:
// trace_choice.h.
//
// Which tasks pid= means is found out when it is written, and when a task is
// made: a task that is meant has TF_TRACED, so that a record is asked for one
// bit. In an interrupt handler the task that was interrupted counts: a record
// that is written there passes or not by chance.
//
// Locking: who chooses holds `choosing`; what filters say is changed with
// interrupts off.

#include <kernel/trace.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/mutex.h>
#include <kernel/process.h>
#include <kernel/task.h>
#include <kernel/trace_choice.h>
#include <lib/fmt.h>
#include <lib/string.h>

#define LOG_NAME "trace"
#include <kernel/log.h>

#define TEXT_BYTES   128u
#define GROUPS_BYTES 96u
#define FILTER_BYTES 208u

u32 trace_filters;

static struct mutex choosing = MUTEX_INIT(choosing, MUTEX_RANK_TRACE);
static struct trace_choice chosen;
static u32 changes;

const struct trace_choice *trace_chosen(u32 *out_changes)
{
    *out_changes = changes;
    return &chosen;
}

// Interrupts off, as it is changed.
static bool passes(s32 pid, enum trace_type type, u32 a, u32 b, u32 e)
{
    const struct task *task = current;

    if (trace_filters & 1u << TRACE_FILTER_PID) {
        if (task->pid != pid)
            task = task_find(pid);
        if (!task || !(task->flags & TF_TRACED))
            return false;
    }
    return trace_choice_passes(&chosen, type, a, b, e);
}

bool trace_passes(s32 pid, enum trace_type type, u32 a, u32 b, u32 e)
{
    u32 flags = irq_save();
    bool found = passes(pid, type, a, b, e);

    if (!found)
        trace_counts.filtered++;
    irq_restore(flags);
    return found;
}

// ---- who is meant -----------------------------------------------------------

static u32 own_flags(const struct task *task)
{
    bool children;

    if (!trace_choice_has_pid(&chosen, task->pid, task->tgid, &children))
        return 0;
    return children ? TF_TRACED | TF_TRACED_TREE : TF_TRACED;
}

// By its own numbers or by those of an ancestor.
static u32 flags_of(const struct task *task)
{
    u32 flags = own_flags(task);

    while ((task = task->process->parent))
        if (own_flags(task) & TF_TRACED_TREE)
            return TF_TRACED | TF_TRACED_TREE;
    return flags;
}

static void mark_tasks(void)
{
    struct task *task;

    list_for_each_entry (task, &task_list, all_link) {
        task->flags &= ~(u32)(TF_TRACED | TF_TRACED_TREE);
        if (chosen.filters & 1u << TRACE_FILTER_PID)
            task->flags |= flags_of(task);
    }
}

void trace_follow(struct task *task)
{
    task->flags |= own_flags(task);
    if (current->flags & TF_TRACED_TREE)
        task->flags |= TF_TRACED | TF_TRACED_TREE;
}

// ---- switching --------------------------------------------------------------

static void set_filters(const struct trace_choice *to)
{
    u32 flags = irq_save();

    chosen = *to;
    mark_tasks();
    trace_filters = to->filters;
    irq_restore(flags);
    changes++;
}

int trace_choose(const char *text)
{
    struct trace_choice before, now;
    int err;

    mutex_lock(&choosing);
    before = now = chosen;
    err = trace_choice_parse(&now, text);
    if (!err) {
        set_filters(&now); // first: no record is there without them
        err = trace_set(now.groups);
        if (err)
            set_filters(&before);
    }
    mutex_unlock(&choosing);
    return err;
}

void trace_show(char *buf, size_t size)
{
    u32 all = (1u << TRACE_GROUPS) - 1, flags;
    char on[GROUPS_BYTES], off[GROUPS_BYTES], filters[FILTER_BYTES];
    struct trace_counts counts;
    u64 written = trace_position();

    trace_choice_print_groups(chosen.groups, on, sizeof(on));
    trace_choice_print_groups(all & ~chosen.groups, off, sizeof(off));
    trace_choice_print_filters(&chosen, filters, sizeof(filters));
    flags = irq_save();
    counts = trace_counts;
    irq_restore(flags);
    fmt_print(buf, size,
              "on %s\noff %s\nfilters %s\nring %u\nwritten %llu\n"
              "filtered %llu\ndropped_by_stream %llu\n",
              on, off, filters, trace_ring_records, written, counts.filtered,
              counts.dropped);
}

// One word of the command line; @word: what it is as a word of trace_choice.h.
static void set_from(const char *name, const char *word)
{
    char value[TEXT_BYTES], text[TEXT_BYTES];
    int err;

    if (!cmdline_get(name, value, sizeof(value)))
        return;
    fmt_print(text, sizeof(text), "%s%s", word, value);
    err = trace_choose(text);
    if (err)
        log_err("%s=%s: error=%d", name, value, err);
    else
        log_info("%s=%s", name, value);
}

void trace_init(void)
{
    set_from("trace_pid", "pid=");
    set_from("trace_cause", "cause=");
    set_from("trace_address", "address=");
    set_from("trace", ""); // last: not one record is there before the filters
}
