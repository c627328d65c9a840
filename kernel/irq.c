// kernel/irq.c - device interrupts: whose they are, dispatch, accounting
// SPDX-License-Identifier: MIT
//
// Lines 0-15 are ISA's, by whatever controller (arch/x86/irqchip.c), and may be
// shared; 16-63 are messages, one owner each. Line 0 is the timer tick.
//
// Handlers run first, then the interrupt is acknowledged: a level-triggered
// line has fallen by then, so it is not taken twice.
//
// A line on which nobody finds work STORM_LIMIT times in a row is masked:
// better a dead device than a dead machine.
//
// Locking: tables are changed with interrupts off and never shrink.

#include <kernel/irq.h>

#include <arch/init.h>
#include <arch/trap.h>
#include <base/assert.h>
#include <base/errno.h>
#include <kernel/dispatch.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <lib/fmt.h>

#define LOG_NAME "irq"
#include <kernel/log.h>

#define ACTIONS_MAX 64u
#define STORM_LIMIT 10000u

struct irq_action {
    struct irq_action *next;
    irq_handler_fn handler;
    void *arg;
    const char *name;
};

struct irq_line {
    struct irq_action *actions;
    u32 count;
    u32 unhandled; // in a row
};

static struct irq_line lines[IRQ_COUNT];
static struct irq_action actions[ACTIONS_MAX];
static u32 action_count;
u32 irq_depth;
static u32 spurious;
static const struct trap_frame *interrupted; // by the last one

static bool tick(u32 irq __unused, void *arg __unused)
{
    return true; // irq_dispatch does it: it knows what was interrupted
}

void irq_init(void)
{
    int error = irq_request(IRQ_TIMER, tick, NULL, "timer");

    // Said already: this machine has no timer.
    ASSERT(error == 0 || error == -ENODEV);
}

// add - the last of @irq's actions. Interrupts off.
static int add(u32 irq, irq_handler_fn handler, void *arg, const char *name)
{
    struct irq_action **at = &lines[irq].actions;

    if (action_count == ACTIONS_MAX)
        return -ENOSPC;
    while (*at)
        at = &(*at)->next;
    *at = &actions[action_count++];
    **at = (struct irq_action){.handler = handler, .arg = arg, .name = name};
    return 0;
}

int irq_request(u32 irq, irq_handler_fn handler, void *arg, const char *name)
{
    u32 flags;
    int error;

    if (irq >= IRQ_LEGACY)
        return -EINVAL;
    if (!irqchip_has(irq))
        return -ENODEV;
    flags = irq_save();
    error = add(irq, handler, arg, name);
    irq_restore(flags);
    if (error)
        return error;
    irqchip_unmask(irq);
    return 0;
}

int irq_request_msi(irq_handler_fn handler, void *arg, const char *name,
                    u32 *address, u32 *data)
{
    u32 irq = IRQ_LEGACY;
    u32 flags;
    int error;

    while (irq < IRQ_COUNT && lines[irq].actions)
        irq++;
    if (irq == IRQ_COUNT)
        return -ENOSPC;
    error = irqchip_msi_message(irq, address, data);
    if (error)
        return error;
    flags = irq_save();
    error = add(irq, handler, arg, name);
    irq_restore(flags);
    return error;
}

static void run_handlers(u32 irq)
{
    struct irq_line *line = &lines[irq];
    bool handled = false;

    for (struct irq_action *a = line->actions; a; a = a->next)
        handled = a->handler(irq, a->arg) || handled;
    line->count++;
    line->unhandled = handled ? 0 : line->unhandled + 1;
    if (line->unhandled == STORM_LIMIT) {
        irqchip_mask(irq);
        log_err("masked, nobody's: irq=%u count=%u", irq, line->count);
    }
}

static __always_inline void handle(u32 irq, const struct trap_frame *regs)
{
    if (irq == IRQ_TIMER) {
        time_tick();
        sched_tick(trap_from_user(regs));
    }
    run_handlers(irq);
    if (!irqchip_ack(irq))
        spurious++;
}

static __noinline void handle_traced(u32 irq, const struct trap_frame *regs)
{
    u64 start = time_stamp();

    handle(irq, regs);
    trace_write(TRACE_IRQ, irq, time_since(start), 0, 0, 0);
}

void irq_dispatch(struct trap_frame *regs)
{
    u32 irq = regs->trap - IRQ_VECTOR_BASE;

    ASSERT(irq < IRQ_COUNT);
    irq_depth++;
    interrupted = regs;
    if (trace_on(irq))
        handle_traced(irq, regs);
    else
        handle(irq, regs);
    irq_depth--;
    if (trap_from_user(regs))
        dispatch_return_to_user(regs);
}

const struct trap_frame *irq_interrupted(void)
{
    ASSERT(irq_context());
    return interrupted;
}

u32 irq_lines(void)
{
    return IRQ_COUNT;
}

const char *irq_controller(u32 irq)
{
    return irqchip_name(irq);
}

u32 irq_spurious(void)
{
    return spurious;
}

bool irq_info(u32 irq, u32 *out_count, char *names, size_t size)
{
    int used = 0;

    if (irq >= IRQ_COUNT || !lines[irq].actions)
        return false;
    *out_count = lines[irq].count;
    names[0] = '\0';
    for (struct irq_action *a = lines[irq].actions; a; a = a->next) {
        if ((size_t)used < size)
            used += fmt_print(names + used, size - (size_t)used, "%s%s",
                              used ? ", " : "", a->name);
    }
    return true;
}
