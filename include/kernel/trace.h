// include/kernel/trace.h - trace points
// SPDX-License-Identifier: MIT
//
//     if (trace_on(fault))
//         trace_write(TRACE_FAULT, address, eip, frame, ns, info);
//
// What a record is: kernel/trace_records.def. A point that is off costs a test
// and a branch; what one costs that is on: docs/performance.md.
#pragma once

#include <base/bits.h>
#include <base/compiler.h>
#include <base/types.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace_bits.h>
#include <kernel/trace_frame.h>

// What is switched together, by these names (`trace=fault,swap`).
struct trace_choice;

#define TRACE_GROUP_LIST(X)                                                    \
    X(fault)                                                                   \
    X(page)                                                                    \
    X(reclaim)                                                                 \
    X(swap)                                                                    \
    X(cache)                                                                   \
    X(map) X(process) X(switch) X(disk) X(irq) X(syscall) X(sample)

enum trace_group {
#define X(name) TRACE_GROUP_##name,
    TRACE_GROUP_LIST(X)
#undef X
    TRACE_GROUPS
};

extern u32 trace_groups;  // bit enum trace_group: on
extern u32 trace_filters; // bit enum trace_filter; 0: all records are wanted

#define trace_on(group) unlikely(trace_groups &(1u << TRACE_GROUP_##group))

// The ring; written to by trace_write_of alone. What can be left to who reads
// is: an entry has a stamp, not a time.
struct trace_entry {
    u64 stamp;    // time_stamp()
    u32 type_pid; // trace_type_pid()
    u32 arg[TRACE_ARGS];
};
extern struct trace_ring {
    struct trace_entry *next;        // to be written
    struct trace_entry *first, *end; // all there is
    u64 written;                     // since boot
} trace_ring;

// trace_passes - whether a record of the task @pid with these fields is wanted,
// if there are filters; one that is not is counted. Any context.
bool trace_passes(s32 pid, enum trace_type type, u32 a, u32 b, u32 e);

// trace_write_of - put a record of the task @pid and of now into the ring, its
// fields in the order of trace_records.def, and 0 for those that it has not.
// For a task that is not the current one: who asked for what a handler has
// ended. Any context.
//
// Inline, some 30 instructions: a function of seven arguments takes as many to
// be called.
static __always_inline void trace_write_of(s32 pid, enum trace_type type, u32 a,
                                           u32 b, u32 c, u32 d, u32 e)
{
    struct trace_entry *entry;
    u32 flags;

    if (unlikely(trace_filters) && !trace_passes(pid, type, a, b, e))
        return;
    flags = irq_save();
    entry = trace_ring.next;
    trace_ring.next =
        entry + 1 == trace_ring.end ? trace_ring.first : entry + 1;
    trace_ring.written++;
    entry->stamp = time_stamp();
    entry->type_pid = trace_type_pid(type, (u32)pid);
    entry->arg[0] = a;
    entry->arg[1] = b;
    entry->arg[2] = c;
    entry->arg[3] = d;
    entry->arg[4] = e;
    irq_restore(flags);
}

// trace_write - the same of the current task.
static __always_inline void trace_write(enum trace_type type, u32 a, u32 b,
                                        u32 c, u32 d, u32 e)
{
    trace_write_of(current->pid, type, a, b, c, d, e);
}

// trace_start - now, for time_since: time_stamp(), or 0 when @group is off.
#define trace_start(group) (trace_on(group) ? time_stamp() : 0)

// trace_ns - @ns as a field; 0xffffffff: that or more.
static inline u32 trace_ns(u64 ns)
{
    return ns >> 32 ? 0xffffffffu : (u32)ns;
}

struct mapping;

// trace_file - the number of a file in records, never 0: what FILE gives the
// path of. Tracing has been on. Any context, but the first time should be in a
// task's: only then there is a path.
u32 trace_file(struct mapping *mapping);

// ---- readers ---------------------------------------------------------------

// How many the ring holds, a power of two; 0: there is none yet.
extern u32 trace_ring_records;

// Of records, since boot. Interrupts off, for a whole number of 64 bits.
extern struct trace_counts {
    u64 filtered; // left out
    u64 dropped;  // that the stream came too late for, and has told of
} trace_counts;

// trace_read - the record at *@position, which moves behind it. Positions count
// all records since boot. *@lost: how many were overwritten before they could
// be read, which the position has skipped.
// Return: false: there is no newer one. Any context.
bool trace_read(u64 *position, struct trace_record *out, u32 *lost);

// trace_position - of the next record to be written. Any context.
u64 trace_position(void);

// ---- switching -------------------------------------------------------------

// trace_set - the groups that are on from now on, by their bits; the ring is
// made when the first one is. Return: 0; -ENOMEM. Context: task.
__must_check int trace_set(u32 groups);

// trace_choose - change what is traced, by words (kernel/trace_choice.h).
// Return: 0; -EINVAL, or what trace_set says: nothing is changed then. Context:
// task.
__must_check int trace_choose(const char *text);

// trace_show - what is on and off, the filters, and trace_counts, as text.
void trace_show(char *buf, size_t size);

// trace_chosen - what was chosen last; *@changes: how often anything was, so
// that a reader of the stream learns of it.
const struct trace_choice *trace_chosen(u32 *changes);

// trace_task_new - a task that the current one has made has its number now.
void trace_follow(struct task *task);
static inline void trace_task_new(struct task *task)
{
    if (unlikely(trace_filters & 1u << TRACE_FILTER_PID))
        trace_follow(task);
}

// trace_init - as the command line says: `trace=fault,swap`, and the filters as
// `trace_pid=`, `trace_cause=`, `trace_address=`. Context: boot, kmalloc works.
void trace_init(void);
