// kernel/membarrier.c - system call: memory barriers of all threads
// SPDX-License-Identifier: MIT
//
// With one CPU a thread that does not run has been through the kernel, which
// orders everything: there is nothing to do but to answer as Linux does, which
// wants the private forms to be announced first.

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/task.h>
#include <linux/membarrier.h>

#define REGISTRATIONS                                                          \
    (MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |                                \
     MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |                               \
     MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE)
#define COMMANDS                                                               \
    (REGISTRATIONS | MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED | \
     MEMBARRIER_CMD_PRIVATE_EXPEDITED |                                        \
     MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE)

static s32 need(u32 registration)
{
    return current->process->membarriers & registration ? 0 : -EPERM;
}

s32 sys_membarrier(u32 command, u32 flags, s32 cpu __unused)
{
    if (flags)
        return -EINVAL;
    switch (command) {
    case MEMBARRIER_CMD_QUERY: return COMMANDS;
    case MEMBARRIER_CMD_GLOBAL:
    case MEMBARRIER_CMD_GLOBAL_EXPEDITED: return 0;
    case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
        current->process->membarriers |= command;
        return 0;
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
        return need(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
        return need(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
    }
    return -EINVAL;
}
