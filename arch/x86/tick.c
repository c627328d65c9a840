// arch/x86/tick.c - who raises irq 0, TIMER_HZ times a second
// SPDX-License-Identifier: MIT
//
// What can be known with interrupts off is known here (tick_choose.c). That the
// line really reaches the CPU shows only later: kernel/time.c waits for the
// first tick, and asks for the next source when none has come.
#include <arch/init.h>
#include <arch/platform.h>

#include "arch_private.h"
#include "timers.h"

#define LOG_NAME "irq"
#include <kernel/log.h>

static struct tick_facts facts;
static enum tick_source source;

static const char *const source_name[TICK_SOURCES] = {
    [TICK_PIT_PIC] = "8254 and 8259",
    [TICK_LOCAL_APIC] = "local APIC",
    [TICK_PIT_IO_APIC] = "8254 and I/O APIC",
    [TICK_HPET_PIC] = "HPET and 8259",
    [TICK_HPET_IO_APIC] = "HPET and I/O APIC",
};

static bool start(enum tick_source which)
{
    switch (which) {
    case TICK_LOCAL_APIC: return apic_timer_start(TIMER_HZ) == 0;
    case TICK_HPET_PIC:
    case TICK_HPET_IO_APIC: return hpet_tick_start(TIMER_HZ) == 0;
    case TICK_PIT_PIC:
    case TICK_PIT_IO_APIC: return true; // it runs since arch_init_irq
    case TICK_NONE:
    case TICK_SOURCES: break;
    }
    return false;
}

// The first source that can be started; TICK_NONE.
static enum tick_source start_possible(void)
{
    for (;;) {
        enum tick_source which = tick_choose(&facts);

        if (which == TICK_NONE || start(which))
            return which;
        facts.failed |= 1u << which;
    }
}

static void use(enum tick_source which)
{
    source = which;
    irqchip_set_tick(source == TICK_LOCAL_APIC);
    if (source == TICK_NONE)
        log_err("no timer: tasks will not be preempted");
    else
        log_info("ticks by %s", source_name[source]);
}

void tick_init(bool pic, bool io_apic, bool local_apic)
{
    facts = (struct tick_facts){
        .pic = pic,
        .io_apic = io_apic,
        .local_apic = local_apic,
        .tsc = arch_tsc_hz(),
        .pit_pending = pic && pic_is_pending(IRQ_TIMER),
        .pit_counts = tsc_saw_pit(),
        .hpet = hpet_has_ticks(),
    };
    use(start_possible());
}

bool arch_tick_next(void)
{
    enum tick_source next;

    if (source == TICK_NONE)
        return false;
    irqchip_mask(IRQ_TIMER);
    facts.failed |= 1u << source;
    if (source == TICK_PIT_PIC && irqchip_leave_pic()) {
        facts.pic = false;
        facts.io_apic = true;
    }
    next = start_possible();
    log_warn("no tick has come by %s", source_name[source]);
    if (next == TICK_NONE) {
        log_err("no other timer: tasks will not be preempted");
        irqchip_unmask(IRQ_TIMER); // if it does come after all
        return false;
    }
    use(next);
    irqchip_unmask(IRQ_TIMER);
    return true;
}
