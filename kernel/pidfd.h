// kernel/pidfd.h - processes as open files
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <kernel/task.h>

// pidfd_process - whose process the descriptor @fd is; *@out_nonblock: as the
// open file says. With a reference, for process_put; it may have ended, and
// have no tasks any more (process_is_gone). Return: 0; -EBADF: no such
// descriptor, or of something else.
__must_check int pidfd_process(s32 fd, struct process **out,
                               bool *out_nonblock);

// process_is_gone - it was waited for: it has no leader any more.
static inline bool process_is_gone(const struct process *process)
{
    return list_empty(&process->all_link);
}
