// arch/x86/apic.c - the local APIC
// SPDX-License-Identifier: MIT
//
// Used for interrupts by message (MSI), and for ticks where there is no 8254.
// The 8259 pair stays what it was: its line comes in at LINT0 ("virtual wire"),
// and its interrupts are acknowledged there, not here. I/O APICs are not used.
//
// Firmware may have switched to x2APIC mode for good: then registers are MSRs.
//
// Source: Intel SDM 3A, chapter 10.
#include "apic_regs.h"

#include <arch/cpu.h>
#include <arch/init.h>
#include <arch/io.h>
#include <base/errno.h>
#include <lib/div64.h>
#include <mm/vmalloc.h>

#include "arch_private.h"
#include "cpu_regs.h"

#define LOG_NAME "apic"
#include <kernel/log.h>

static void __iomem *page; // NULL in x2APIC mode
static bool x2apic;

static u32 apic_read(enum apic_register reg)
{
    if (x2apic)
        return (u32)msr_read(MSR_X2APIC + reg / 16);
    return mmio_read32(page, reg);
}

static void apic_write(enum apic_register reg, u32 v)
{
    if (x2apic)
        msr_write(MSR_X2APIC + reg / 16, v);
    else
        mmio_write32(page, reg, v);
}

void apic_eoi(void)
{
    apic_write(APIC_EOI, 0);
}

u32 apic_id(void)
{
    return x2apic ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

// Find the registers.
static bool locate(void)
{
    u64 base = (u32)APIC_DEFAULT_BASE;

    if (!cpu_has(CPU_APIC))
        return false;
    // The first ones, in Pentiums, have no such MSR.
    if (cpu_has(CPU_MSR) && cpu_family() >= 6) {
        u64 msr = msr_read(MSR_APIC_BASE);

        if (!(msr & MSR_APIC_BASE_ENABLE))
            return false;
        x2apic = msr & MSR_APIC_BASE_X2APIC;
        base = msr & ~(u64)(PAGE_SIZE - 1);
    }
    if (x2apic)
        return true;
    page = ioremap(phys_addr(base), APIC_PAGE_BYTES);
    if (!page)
        log_warn("cannot map base=0x%llx: not used", base);
    return page;
}

// What was in service when firmware left would block all that is lower.
static void finish_leftovers(void)
{
    for (u32 i = 0; i < APIC_ISR_REGISTERS; i++) {
        u32 bits = apic_read(APIC_ISR + 16 * i);

        for (; bits; bits &= bits - 1)
            apic_eoi();
    }
}

bool apic_init(void)
{
    u32 lvt_max;

    if (!locate())
        return false;
    lvt_max = apic_read(APIC_VERSION) >> 16 & 0xff;
    // Enabled first: the entries stay masked as long as it is not.
    apic_write(APIC_SVR, APIC_SVR_ENABLE | APIC_SPURIOUS_VECTOR);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
    if (lvt_max >= 4)
        apic_write(APIC_LVT_COUNTER, APIC_LVT_MASKED);
    if (lvt_max >= 5)
        apic_write(APIC_LVT_THERMAL, APIC_LVT_MASKED);
    apic_write(APIC_LVT_LINT0, APIC_LVT_EXTINT);
    apic_write(APIC_LVT_LINT1, APIC_LVT_NMI);
    apic_write(APIC_TPR, 0);
    apic_write(APIC_ESR, 0);
    finish_leftovers();
    log_info("id=%u mode=%s", apic_id(), x2apic ? "x2apic" : "xapic");
    return true;
}

// Counts of the timer in 1/@hz seconds, by the time stamp counter.
static u32 measure_timer(u32 hz)
{
    u64 stamps = arch_tsc_hz(), start;

    u64_div(&stamps, hz);
    apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_16);
    apic_write(APIC_TIMER_INITIAL, 0xffffffff);
    start = cpu_tsc();
    while (cpu_tsc() - start < stamps) // it counts: 1/hz seconds
        cpu_relax();
    return 0xffffffff - apic_read(APIC_TIMER_CURRENT);
}

int apic_timer_start(u32 hz)
{
    u32 counts;

    if (!arch_tsc_hz())
        return -ENODEV;
    counts = measure_timer(hz);
    if (!counts)
        return -ENODEV;
    apic_timer_mask();
    apic_write(APIC_TIMER_INITIAL, counts);
    log_info("timer counts=%u hz=%u", counts, hz);
    return 0;
}

void apic_timer_mask(void)
{
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | APIC_LVT_PERIODIC |
                                   (IRQ_VECTOR_BASE + IRQ_TIMER));
}

void apic_timer_unmask(void)
{
    apic_write(APIC_LVT_TIMER,
               APIC_LVT_PERIODIC | (IRQ_VECTOR_BASE + IRQ_TIMER));
}
