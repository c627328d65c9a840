// include/kernel/trace_choice.h - what is traced, in words [P]
// SPDX-License-Identifier: MIT
//
// Words with blanks between them, as written to /proc/faultline/trace:
//
//   fault,swap                 these groups, and no others
//   +cache,page  -page,+swap   these, too; not these. A sign is for what
//                              follows, up to the next one
//   all                        all but those that are much: page, switch, irq
//                              and syscall
//   none                       no group
//   pid=12,13                  only what these processes do, or threads
//   pid=12+                    and their children and theirs, later ones, too
//   cause=9,10                 of faults only those (mm/fault_cause.h)
//   address=0x1000-0x2000      of faults, areas and samples only those in
//                              there; the second is the first that is not
//   pid=  cause=  address=     whichever it be
//
// Each filter stands until it is written again, and all have to agree. A record
// that has no cause, or no address of a program, passes those.
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <kernel/trace_bits.h>
#include <kernel/trace_frame.h>

#define TRACE_CHOICE_PIDS 8u
#define TRACE_PID_MAX     0xffffffu // a record has 24 bits for it

struct trace_choice {
    u32 groups;     // bit enum trace_group
    u32 filters;    // bit enum trace_filter
    u32 causes;     // bit enum fault_cause
    u32 start, end; // addresses
    u32 pid_count;
    struct {
        s32 pid;
        bool children;
    } pids[TRACE_CHOICE_PIDS];
};

// trace_choice_parse - change *@choice as @text says. Return: 0; -EINVAL: not
// as above, or no word at all; *@choice is what it was.
__must_check int trace_choice_parse(struct trace_choice *choice,
                                    const char *text);

// trace_choice_print_groups - "fault,swap" of bits; "none" for 0.
void trace_choice_print_groups(u32 groups, char *buf, size_t size);

// trace_choice_print_filters - "pid=12+ cause=9,10"; "none".
void trace_choice_print_filters(const struct trace_choice *choice, char *buf,
                                size_t size);

// trace_choice_passes - whether a record with these fields does, as far as
// causes and addresses are concerned.
bool trace_choice_passes(const struct trace_choice *choice,
                         enum trace_type type, u32 a, u32 b, u32 e);

// trace_choice_has_pid - whether a task with these numbers is named itself;
// *@children: with its children.
bool trace_choice_has_pid(const struct trace_choice *choice, s32 pid, s32 tgid,
                          bool *children);
