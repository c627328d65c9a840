// mm/inject.c - making allocations fail, for tests
// SPDX-License-Identifier: MIT
//
// One rule (include/mm/inject_rule.h) at a time, for the whole system or one
// task. What fails is what a caller has to survive: allocations that may wait,
// and with the word `atomic` the others, too. With `pause` they do wait.
//
// Locking: interrupts off, since handlers allocate.

#include <mm/inject.h>

#include <arch/cpu.h>
#include <kernel/irq.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <mm/page_alloc.h>

bool inject_enabled;
static struct inject_state state;

// Whether the rule speaks of this one.
static bool matches(const struct inject_rule *rule, u32 classes, u32 gfp)
{
    if (!(rule->classes & classes) || (!(gfp & GFP_WAIT) && !rule->atomic))
        return false;
    return !rule->pid || (!irq_context() && current->pid == rule->pid);
}

bool inject_check(u32 classes, u32 gfp, u32 caller)
{
    u32 flags = irq_save();
    bool chosen =
        matches(&state.rule, classes, gfp) && inject_decide(&state.rule);
    u32 pause_ms = chosen ? state.rule.pause_ms : 0;

    if (chosen) {
        state.last_class = classes & state.rule.classes;
        state.last_gfp = gfp;
        state.last_caller = caller;
        state.last_pid = irq_context() ? 0 : current->pid;
    }
    irq_restore(flags);
    if (pause_ms)
        sleep_ms(pause_ms); // it may: an atomic one does not match
    return chosen && !pause_ms;
}

int inject_set(const char *text)
{
    struct inject_state fresh = {.last_class = 0};
    int err = inject_parse(text, &fresh.rule);
    u32 flags;

    if (err)
        return err;
    flags = irq_save();
    // Turning it off leaves the counts to be read.
    if (!fresh.rule.classes) {
        state.rule.classes = 0;
    } else {
        state = fresh;
    }
    inject_enabled = state.rule.classes != 0;
    irq_restore(flags);
    page_alloc_watch(PAGE_ALLOC_INJECT, inject_enabled);
    return 0;
}

void inject_get_state(struct inject_state *out)
{
    u32 flags = irq_save();

    *out = state;
    irq_restore(flags);
}
