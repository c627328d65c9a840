// arch/x86/apic.c - the local APIC
// SPDX-License-Identifier: MIT
//
// Used for interrupts by message (MSI), for those of I/O APICs, and for ticks
// where there is no 8254. Where there is an 8259 pair, it stays what it was:
// its line comes in at LINT0 ("virtual wire"), and its interrupts are
// acknowledged there, not here.
//
// Firmware may have switched to x2APIC mode for good: then registers are MSRs,
// and everything goes through apic_read and apic_write. (QEMU's own CPU cannot
// do that: written from the manual, untried.)
//
// Source: Intel SDM 3A, chapter 10.
#include "apic_regs.h"

#include <arch/cpu.h>
#include <arch/cpuid.h>
#include <arch/init.h>
#include <arch/io.h>
#include <arch/platform.h>
#include <base/errno.h>
#include <lib/div64.h>
#include <mm/vmalloc.h>

#include "arch_private.h"
#include "cpu_regs.h"

#define LOG_NAME "apic"
#include <kernel/log.h>

static void __iomem *page; // NULL in x2APIC mode
static bool x2apic;
static bool virtual_wire; // LINT0 is the 8259's

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

static u64 msr_address(u64 msr)
{
    return msr & ~(u64)(PAGE_SIZE - 1);
}

// The base register of a CPU whose firmware has turned the APIC off. CPUID does
// not show it then, and shows it again if that worked. Not every one can: on
// the bus of APICs that CPUs up to the Pentium III have it has lost its turn,
// and only a reset brings that back (10.4.3). So it is done where nothing else
// is said to bring interrupts; on a board with an 8259 it stays off, as on
// Linux without `lapic`.
static u64 enable(u64 msr)
{
    u64 base = msr | MSR_APIC_BASE_ENABLE; // bit 8, the boot CPU's mark, stays

    if (!msr_address(base))
        base |= (u32)APIC_DEFAULT_BASE;
    if (!cpu_msr_write_safe(MSR_APIC_BASE, base) ||
        !(cpuid_leaf(CPUID_FEATURES).edx & CPUID_EDX_APIC))
        return msr;
    log_info("firmware had it off");
    return base;
}

// Find the registers. @needed: turn it on if it is off.
static bool locate(bool needed)
{
    u64 base = platform.interrupts.local_apic;

    if (!base)
        base = (u32)APIC_DEFAULT_BASE; // a MADT whose field is empty
    // The first ones, in Pentiums, have no such register.
    if (cpu_has(CPU_MSR) && cpu_family() >= 6) {
        u64 msr;

        if (!cpu_msr_read_safe(MSR_APIC_BASE, &msr))
            return false;
        if (!(msr & MSR_APIC_BASE_ENABLE) && needed)
            msr = enable(msr);
        if (!(msr & MSR_APIC_BASE_ENABLE))
            return false;
        x2apic = msr & MSR_APIC_BASE_X2APIC;
        base = msr_address(msr);
    } else if (!cpu_has(CPU_APIC)) {
        return false;
    }
    if (x2apic)
        return true;
    page = ioremap(phys_addr(base), APIC_PAGE_BYTES);
    if (!page)
        log_warn("cannot map base=0x%llx: not used", base);
    return page;
}

// This CPU's number in the MADT; PLATFORM_ALL_CPUS if it is not there.
static u8 cpu_uid(void)
{
    const struct platform_interrupts *madt = &platform.interrupts;
    u32 id = apic_id();

    for (u32 i = 0; i < madt->cpus_kept; i++)
        if (madt->cpus[i].apic_id == id)
            return madt->cpus[i].uid;
    return PLATFORM_ALL_CPUS;
}

// Where NMIs come in: LINT1, unless the MADT says otherwise. LINT0 is the
// 8259's where there is one.
static void set_nmis(void)
{
    const struct platform_interrupts *madt = &platform.interrupts;
    u8 uid = cpu_uid();

    apic_write(APIC_LVT_LINT1, APIC_LVT_NMI);
    for (u32 i = 0; i < madt->local_nmi_count; i++) {
        const struct platform_local_nmi *nmi = &madt->local_nmis[i];

        if (nmi->cpu_uid != PLATFORM_ALL_CPUS && nmi->cpu_uid != uid)
            continue;
        // NMIs are edges, whatever the entry says (10.5.1).
        if (nmi->lint == 0 && !virtual_wire)
            apic_write(APIC_LVT_LINT0, APIC_LVT_NMI);
        else if (nmi->lint == 1)
            apic_write(APIC_LVT_LINT1,
                       APIC_LVT_NMI | (nmi->polarity == PLATFORM_ACTIVE_LOW
                                           ? APIC_LVT_ACTIVE_LOW
                                           : 0));
    }
}

// Nothing that firmware has set up may come in.
static void mask_local_interrupts(void)
{
    static const u16 by_last[] = {
        // the number of the last entry with which each came
        [2] = APIC_LVT_TIMER,   [3] = APIC_LVT_ERROR, [4] = APIC_LVT_COUNTER,
        [5] = APIC_LVT_THERMAL, [6] = APIC_LVT_CMCI,
    };
    u32 last = apic_read(APIC_VERSION) >> 16 & 0xff;

    for (u32 i = 0; i < ARRAY_SIZE(by_last) && i <= last; i++)
        if (by_last[i])
            apic_write(by_last[i], APIC_LVT_MASKED);
    apic_write(APIC_TIMER_INITIAL, 0);
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

void apic_virtual_wire_off(void)
{
    virtual_wire = false;
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
    set_nmis();
}

bool apic_init(bool with_virtual_wire)
{
    if (!locate(!with_virtual_wire)) {
        log_info("none, or off");
        return false;
    }
    virtual_wire = with_virtual_wire;
    // Enabled first: the entries stay masked as long as it is not.
    apic_write(APIC_SVR, APIC_SVR_ENABLE | APIC_SPURIOUS_VECTOR);
    mask_local_interrupts();
    apic_write(APIC_LVT_LINT0,
               virtual_wire ? APIC_LVT_EXTINT : APIC_LVT_MASKED);
    set_nmis();
    apic_write(APIC_TPR, 0);
    apic_write(APIC_ESR, 0);
    finish_leftovers();
    log_info("id=%u mode=%s virtual_wire=%u", apic_id(),
             x2apic ? "x2apic" : "xapic", virtual_wire);
    return true;
}

// Counts of the timer in 1/@hz seconds, by the time stamp counter. 0: one of
// the two does not count.
static u32 measure_timer(u32 hz)
{
    u64 stamps = arch_tsc_hz();

    u64_div(&stamps, hz);
    apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_16);
    apic_write(APIC_TIMER_INITIAL, 0xffffffff);
    if (!arch_wait_stamps(stamps))
        return 0;
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
