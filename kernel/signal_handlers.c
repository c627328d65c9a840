// kernel/signal_handlers.c - what a process does on signals, counted
// SPDX-License-Identifier: MIT

#include <kernel/signal_handlers.h>

#include <arch/cpu.h>
#include <base/assert.h>
#include <linux/signal.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "signal_internal.h"

struct signal_handlers *signal_handlers_create(void)
{
    struct signal_handlers *h = kzalloc(sizeof(*h), GFP_KERNEL);

    if (h)
        h->refs = 1;
    return h;
}

struct signal_handlers *signal_handlers_get(struct signal_handlers *handlers)
{
    handlers->refs++;
    return handlers;
}

struct signal_handlers *signal_handlers_fork(const struct signal_handlers *h)
{
    struct signal_handlers *copy = kmalloc(sizeof(*copy), GFP_KERNEL);

    if (copy) {
        *copy = *h;
        copy->refs = 1;
    }
    return copy;
}

void signal_handlers_put(struct signal_handlers *handlers)
{
    if (!handlers)
        return;
    ASSERT(handlers->refs > 0);
    if (--handlers->refs == 0)
        kfree(handlers);
}

bool signal_handlers_shared(const struct signal_handlers *handlers)
{
    return handlers->refs > 1;
}

void signal_handlers_exec(struct signal_handlers *handlers)
{
    u32 flags = irq_save();

    for (u32 i = 0; i < SIGNALS; i++) {
        struct signal_action *a = &handlers->action[i];

        *a = (struct signal_action){
            .handler = a->handler == (u32)(uintptr_t)SIG_IGN ? a->handler : 0};
    }
    irq_restore(flags);
}

// Signals whose handler is, or with @caught is neither default nor, SIG_IGN.
static u64 set_of(const struct task *task, bool caught)
{
    u64 set = 0;

    if (!task->process->handlers)
        return 0;
    for (s32 signal = 1; signal <= (s32)SIGNALS; signal++) {
        u32 handler = signal_action_of(task, signal)->handler;

        if (caught ? handler > (u32)(uintptr_t)SIG_IGN
                   : handler == (u32)(uintptr_t)SIG_IGN)
            set |= signal_bit(signal);
    }
    return set;
}

u64 signal_ignored_set(const struct task *task)
{
    return set_of(task, false);
}

u64 signal_caught_set(const struct task *task)
{
    return set_of(task, true);
}
