// arch/x86/tsc.c - how fast the time stamp counter counts
// SPDX-License-Identifier: MIT
//
// How it works: some time is let pass, 10 ms at a time by channel 2 of the 8254
// where that counts, and at its begin and end whatever other counters there are
// are read together with the time stamps: HPET, PM timer. Two references that
// agree are wanted (tsc_choose.c); what CPUID and the stub say may be one of
// them. If there is none at all, a guess and a warning.
//
// Source: Intel SDM 3B 18.7.3 (CPUID 15h, 16h), 18.17.1 (invariant TSC).
#include <arch/cpu.h>
#include <arch/cpuid.h>
#include <arch/init.h>
#include <arch/platform.h>
#include <lib/div64.h>

#include "arch_private.h"
#include "timers.h"

#define LOG_NAME "tsc"
#include <kernel/log.h>

enum {
    MEASURE_HZ = 100, // 10 ms each time
    MEASURE_TIMES = 3,
    WINDOW_NS = 1000000000 / MEASURE_HZ,
    WINDOW_READS = 200000, // at 50 ns and more each: ends somehow
    SAMPLE_TRIES = 5,
    STILL_READS = 1000000, // with one result, some 10 ns each: it has stopped
    GUESS_HZ = 1000000000,

    CPUID_TSC = 0x15,
    CPUID_FREQUENCY = 0x16,
    CPUID_POWER = 0x80000007,
    CPUID_POWER_INVARIANT_TSC = 1 << 8,
};
#define STAMPS_MAX 10000000000ull // of all windows: more is a machine suspended

static u64 tsc_hz;
static bool pit_counts;

// A counter, and the time stamps when it was read.
struct sample {
    u32 count;
    u64 stamps;
};

// What is slow, or interrupted by the firmware, is the reading of the counter:
// of some readings the shortest.
static struct sample sample(u32 (*read)(void))
{
    struct sample best = {0};
    u64 least = ~0ull;

    for (u32 i = 0; i < SAMPLE_TRIES; i++) {
        u64 before = cpu_tsc();
        u32 count = read();
        u64 took = cpu_tsc() - before;

        if (took < least) {
            least = took;
            best = (struct sample){count, before + took / 2};
        }
    }
    return best;
}

static u64 rate(u64 stamps, u64 ns)
{
    if (!ns || stamps > STAMPS_MAX)
        return 0;
    return u64_div64(stamps * 1000000000, ns);
}

// Time stamps a second by the 8254. Whatever comes between makes it longer: the
// shortest is the truest.
static u64 measure_by_pit(void)
{
    u32 best = 0;

    for (u32 i = 0; i < MEASURE_TIMES; i++) {
        u32 stamps = pit_measure_tsc(MEASURE_HZ);

        if (!stamps)
            return 0;
        if (!best || stamps < best)
            best = stamps;
    }
    return (u64)best * MEASURE_HZ;
}

static void wait_window(bool hpet)
{
    u32 first_pm = hpet ? 0 : pmtimer_read(),
        first_hpet = hpet ? hpet_read() : 0;

    for (u32 i = 0; i < WINDOW_READS; i++) {
        u64 ns = hpet ? hpet_ns(hpet_read() - first_hpet)
                      : pmtimer_ns(first_pm, pmtimer_read());

        if (ns >= WINDOW_NS)
            break;
    }
}

// CPUID's word for it, from the crystal, if it names that.
static u64 by_crystal(void)
{
    struct cpuid leaf;
    u64 hz;

    if (!cpu_hwcap() || cpuid_leaf(CPUID_VENDOR).eax < CPUID_TSC)
        return 0;
    leaf = cpuid_leaf(CPUID_TSC);
    if (!leaf.eax || !leaf.ebx || !leaf.ecx)
        return 0;
    hz = (u64)leaf.ecx * leaf.ebx;
    u64_div(&hz, leaf.eax);
    return hz;
}

// The base frequency as it is sold: a last resort.
static u64 by_name(void)
{
    if (!cpu_hwcap() || cpuid_leaf(CPUID_VENDOR).eax < CPUID_FREQUENCY)
        return 0;
    return (u64)(cpuid_leaf(CPUID_FREQUENCY).eax & 0xffff) * 1000000;
}

static bool is_invariant(void)
{
    return cpu_hwcap() && cpuid_leaf(CPUID_EXTENDED).eax >= CPUID_POWER &&
           cpuid_leaf(CPUID_EXTENDED).eax >> 16 == CPUID_EXTENDED >> 16 &&
           cpuid_leaf(CPUID_POWER).edx & CPUID_POWER_INVARIANT_TSC;
}

enum reference { // in the order of trust
    BY_HPET,
    BY_PM_TIMER,
    BY_8254,
    BY_CRYSTAL,
    BY_STUB,
    BY_NAME,
    REFERENCES
};

struct samples {
    struct sample hpet, pm;
};

static struct samples sample_both(bool hpet, bool pm)
{
    struct samples now = {0};

    if (hpet)
        now.hpet = sample(hpet_read);
    if (pm)
        now.pm = sample(pmtimer_read);
    return now;
}

static void measure(struct tsc_reference refs[REFERENCES])
{
    bool hpet = hpet_counts(), pm = pmtimer_init();
    struct samples from = sample_both(hpet, pm), to;

    if (!platform.legacy.hardware_reduced)
        refs[BY_8254].hz = measure_by_pit();
    pit_counts = refs[BY_8254].hz;
    if (!pit_counts && (hpet || pm)) {
        // From here: that it does not count may have taken seconds, where a
        // port is slow to read, and a PM timer is round after 4.69.
        from = sample_both(hpet, pm);
        wait_window(hpet);
    }
    to = sample_both(hpet, pm);
    if (hpet)
        refs[BY_HPET].hz = rate(to.hpet.stamps - from.hpet.stamps,
                                hpet_ns(to.hpet.count - from.hpet.count));
    if (pm)
        refs[BY_PM_TIMER].hz = rate(to.pm.stamps - from.pm.stamps,
                                    pmtimer_ns(from.pm.count, to.pm.count));
}

static void report(const struct tsc_reference *refs,
                   const struct tsc_choice *choice)
{
    bool invariant = is_invariant();
    u32 said = 0;

    if (choice->check) {
        log_info("hz=%llu by=%s check=%s deviation_ppm=%u invariant=%u",
                 choice->hz, choice->by, choice->check, choice->deviation_ppm,
                 invariant);
        return;
    }
    for (u32 i = 0; i < REFERENCES; i++) {
        if (!refs[i].hz)
            continue;
        said++;
        if (refs[i].name != choice->by)
            log_warn("%s says hz=%llu", refs[i].name, refs[i].hz);
    }
    if (said == 1 && choice->by)
        log_info("hz=%llu by=%s check=none invariant=%u", tsc_hz, choice->by,
                 invariant);
    else
        log_warn("hz=%llu by=%s, no two references agree: time may be wrong; "
                 "invariant=%u",
                 tsc_hz, choice->by ? choice->by : "guess", invariant);
}

void tsc_init(void)
{
    struct tsc_reference refs[REFERENCES] = {
        [BY_HPET] = {.name = "HPET"},
        [BY_PM_TIMER] = {.name = "PM-timer"},
        [BY_8254] = {.name = "8254"},
        [BY_CRYSTAL] = {.name = "CPUID-15h"},
        [BY_STUB] = {.name = "stub", .hz = boot_info.tsc_hz},
        [BY_NAME] = {.name = "CPUID-16h"},
    };
    struct tsc_choice choice;

    if (!cpu_has(CPU_TSC)) {
        log_warn("no time stamp counter: time in ticks only");
        return;
    }
    refs[BY_CRYSTAL].hz = by_crystal();
    refs[BY_NAME].hz = by_name();
    measure(refs);
    tsc_choose(refs, REFERENCES, &choice);
    tsc_hz = choice.hz ? choice.hz : GUESS_HZ;
    report(refs, &choice);
}

bool arch_wait_stamps(u64 stamps)
{
    u64 start = cpu_tsc(), last = start;

    for (u32 still = 0; still < STILL_READS; still++) {
        u64 now = cpu_tsc();

        if (now - start > stamps)
            return true;
        if (now != last)
            still = 0;
        last = now;
        cpu_relax();
    }
    return false;
}

u64 arch_tsc_hz(void)
{
    return tsc_hz;
}

bool tsc_saw_pit(void)
{
    return pit_counts;
}
