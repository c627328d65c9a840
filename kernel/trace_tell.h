// kernel/trace_tell.h - what the records of a trace are understood by
// SPDX-License-Identifier: MIT
//
// A reader has to be told what groups and filters there are, how tasks and
// files are called, and what the kernel has counted. Who writes to a reader
// (the stream, a copy of the ring) has a teller, which knows what was said
// already. Its records go past the ring: to be told of drops must not make
// more.
#pragma once

#include <kernel/task.h>
#include <kernel/trace.h>

#define TELL_FILES 512u // whose paths the reader knows; powers of two
#define TELL_NAMES 256u // tasks

struct trace_teller {
    void (*add)(struct trace_teller *to, const struct trace_record *record);
    u64 time_ns; // of what is told; 0: now
    // What was said of tasks, by their numbers, and of which files.
    struct {
        s32 pid;
        char name[TASK_NAME_BYTES];
    } names[TELL_NAMES];
    u32 files[TELL_FILES];
};

// trace_tell - a record of the reader's side, of the current task.
void trace_tell(struct trace_teller *to, enum trace_type type, u32 a, u32 b,
                u32 c, u32 d, u32 e);

// trace_tell_start - START, and FILTER for each filter; nothing is known from
// now on.
void trace_tell_start(struct trace_teller *to);

// trace_tell_names - NAME and FILE, as far as @record has some that are not
// known yet, or were changed.
void trace_tell_names(struct trace_teller *to,
                      const struct trace_record *record);

// trace_tell_levels - ZONE and LRU: what there is. trace_tell_numbers - that,
// and COUNTER: what was counted.
void trace_tell_levels(struct trace_teller *to);
void trace_tell_numbers(struct trace_teller *to);
