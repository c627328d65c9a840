// kernel/task_calls.c - where in the kernel a task is
// SPDX-License-Identifier: MIT
//
// By the frames on its stack, as it left the CPU; of the current task from
// here.

#include <kernel/task_calls.h>

#include <arch/init.h>
#include <base/bits.h>
#include <kernel/symbols.h>
#include <kernel/task.h>
#include <lib/string.h>

void task_calls(const struct task *task, void (*fn)(u32 address, void *arg),
                void *arg)
{
    if (task->state == TASK_ZOMBIE)
        return;
    if (task == current) {
        arch_backtrace((u32)(uintptr_t)__builtin_frame_address(0), fn, arg);
        return;
    }
    fn(thread_resume_eip(&task->thread), arg);
    arch_backtrace(thread_resume_ebp(&task->thread), fn, arg);
}

static bool is_way_of_all(const char *name)
{
    static const char *const names[] = {
        "thread_switch", "schedule", "wait_sleep", "wait_event", "mutex_lock",
    };

    for (u32 i = 0; i < ARRAY_SIZE(names); i++)
        if (str_starts(name, names[i]))
            return true;
    return false;
}

static void first_that_waits(u32 address, void *arg)
{
    const char **found = arg;
    u32 offset;
    const char *name = symbol_find(address, &offset);

    if (!*found && name && !is_way_of_all(name))
        *found = name;
}

const char *task_waits_in(const struct task *task)
{
    const char *found = NULL;

    if (task->state == TASK_SLEEPING || task->state == TASK_STOPPED)
        task_calls(task, first_that_waits, &found);
    return found;
}
