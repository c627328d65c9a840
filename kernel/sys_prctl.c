// kernel/sys_prctl.c - system call: prctl
// SPDX-License-Identifier: MIT
//
// Of the thread: its name, the signal at its parent's end, no_new_privs; what
// is about capabilities is in sys_caps.c. Of the process: whether it adopts
// orphans. Of the address space: whether others may look into it.

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/prctl.h>
#include <mm/mm.h>

#include "cred_internal.h"

static s32 set_name(const char __user *name)
{
    char new[TASK_NAME_BYTES];
    s32 length = string_from_user(new, name, sizeof(new));

    if (length == -ENAMETOOLONG) // cut
        new[sizeof(new) - 1] = '\0';
    else if (length < 0)
        return length;
    memcpy(current->name, new, sizeof(new));
    return 0;
}

static s32 get_name(char __user *to)
{
    char name[TASK_NAME_BYTES] = {0};

    memcpy(name, current->name, strnlen(current->name, sizeof(name) - 1));
    return copy_to_user(to, name, sizeof(name));
}

static s32 set_flag(bool *flag, u32 value)
{
    if (value > 1)
        return -EINVAL;
    *flag = value;
    return 0;
}

static s32 set_death_signal(u32 signal)
{
    if (signal > SIGNALS)
        return -EINVAL;
    current->parent_death_signal = (s32)signal;
    return 0;
}

// It is never taken back.
static s32 set_no_new_privs(u32 a, u32 b, u32 c, u32 d)
{
    if (a != 1 || b || c || d)
        return -EINVAL;
    current->no_new_privs = true;
    return 0;
}

s32 sys_prctl(u32 option, u32 a, u32 b, u32 c, u32 d)
{
    struct process *process = current->process;
    s32 __user *number = (s32 __user *)(uintptr_t)a;
    s32 result = caps_prctl(option, a, b, c, d);

    if (result != -ENOSYS)
        return result;
    switch (option) {
    case PR_SET_NAME: return set_name((const char __user *)(uintptr_t)a);
    case PR_GET_NAME: return get_name((char __user *)(uintptr_t)a);
    case PR_SET_PDEATHSIG: return set_death_signal(a);
    case PR_GET_PDEATHSIG:
        return put_user(current->parent_death_signal, number);
    case PR_SET_DUMPABLE: return set_flag(&current->mm->is_dumpable, a);
    case PR_GET_DUMPABLE: return current->mm->is_dumpable;
    case PR_SET_NO_NEW_PRIVS: return set_no_new_privs(a, b, c, d);
    case PR_GET_NO_NEW_PRIVS:
        return a || b || c || d ? -EINVAL : current->no_new_privs;
    case PR_SET_CHILD_SUBREAPER: process->is_subreaper = a; return 0;
    case PR_GET_CHILD_SUBREAPER:
        return put_user((s32)process->is_subreaper, number);
    default: return -EINVAL;
    }
}
