// drivers/acpi/platform.c - the facts of the board, from firmware's tables
// SPDX-License-Identifier: MIT
//
// A table that is missing or damaged leaves the facts of a PC/AT, with which
// arch/x86/platform.c begins.
//
// Source: ACPI 6.4, sections 5.2.9 and 5.2.12.

#include "acpi_private.h"

#include <arch/platform.h>
#include <base/bits.h>

#include "tables.h"

#define LOG_NAME "acpi"
#include <kernel/log.h>

#define MCFG_WINDOWS_LOGGED 4u

static void read_fadt(void)
{
    struct platform_legacy legacy;
    u32 bytes;
    const u8 *table = acpi_find_table("FACP", &bytes);
    int error;

    if (!table)
        return;
    error = fadt_parse(table, bytes, &legacy);
    acpi_put_table(table);
    if (error) {
        log_warn("FADT is too short: bytes=%u", bytes);
        return;
    }
    platform.legacy = legacy;
    log_info(
        "FADT: reduced=%u 8042=%u rtc=%u vga=%u msi=%u pm_timer=%x bits=%u",
        legacy.hardware_reduced, legacy.has_8042, legacy.has_rtc,
        legacy.has_vga, legacy.msi_allowed, legacy.pm_timer_port,
        legacy.pm_timer_32 ? 32 : 24);
}

static void log_interrupts(const struct platform_interrupts *found)
{
    log_info("MADT: 8259=%u local_apic=%llx cpus=%u io_apics=%u",
             found->has_8259, found->local_apic, found->cpu_count,
             found->io_apic_count);
    for (u32 i = 0; i < PLATFORM_ISA_IRQS; i++) {
        const struct platform_irq *isa = &found->isa[i];

        if (isa->gsi != i || isa->polarity || isa->trigger)
            log_info("MADT: irq=%u gsi=%u polarity=%u trigger=%u", i, isa->gsi,
                     isa->polarity, isa->trigger);
    }
    if (found->ignored)
        log_warn("MADT: entries ignored: %u", found->ignored);
}

static void read_madt(void)
{
    // Too large for the stack.
    static struct platform_interrupts found;
    u32 bytes;
    const u8 *table = acpi_find_table("APIC", &bytes);
    int error;

    if (!table)
        return;
    error = madt_parse(table, bytes, &found);
    acpi_put_table(table);
    if (error) {
        log_warn("MADT is too short: bytes=%u", bytes);
        return;
    }
    log_interrupts(&found);
    platform.interrupts = found;
}

static void read_hpet(void)
{
    u32 bytes;
    const u8 *table = acpi_find_table("HPET", &bytes);
    int error;

    if (!table)
        return;
    error = hpet_parse(table, bytes, &platform.hpet);
    acpi_put_table(table);
    if (error)
        log_warn("HPET table is of no use: error=%d", error);
}

static void read_mcfg(void)
{
    struct mcfg_window windows[MCFG_WINDOWS_LOGGED];
    u32 bytes, count;
    const u8 *table = acpi_find_table("MCFG", &bytes);
    int error;

    if (!table)
        return;
    error = mcfg_parse(table, bytes, windows, ARRAY_SIZE(windows), &count);
    acpi_put_table(table);
    if (error) {
        log_warn("MCFG is not sound: error=%d", error);
        return;
    }
    for (u32 i = 0; i < min(count, (u32)ARRAY_SIZE(windows)); i++)
        log_info("MCFG: segment=%u buses=%u-%u start=%llx (not used)",
                 windows[i].segment, windows[i].first_bus, windows[i].last_bus,
                 windows[i].address);
}

void acpi_platform_init(void)
{
    read_fadt();
    read_madt();
    read_hpet();
    read_mcfg();
}
