// drivers/acpi/dmar.c - turn off what stands between devices and memory
// SPDX-License-Identifier: MIT
//
// Firmware that protects itself from devices while it boots may leave DMA
// remapping on, or its protected memory regions. Then no device reaches the
// buffers that a driver names, and its commands never complete, although all is
// right. We have no use for either: off, before the first driver.
//
// Interrupt remapping is left as it is, and told: with x2APIC it must be on.
// AMD's IOMMU (table IVRS) is reported only.
//
// Source: Intel VT-d 4.1, 11.4.4 (GCMD: one bit at a time, all others as GSTS
// has them, and wait), 11.4.5 (GSTS), 11.4.8 (PMEN).

#include "acpi_private.h"

#include <arch/io.h>
#include <base/errno.h>
#include <kernel/time.h>
#include <mm/vmalloc.h>

#define LOG_NAME "dmar"
#include <kernel/log.h>

enum {
    UNIT_BYTES = 4096,
    VER = 0x00,
    CAP = 0x08, // low half
    CAP_PLMR = 1 << 5,
    CAP_PHMR = 1 << 6,
    GCMD = 0x18,
    GSTS = 0x1c,
    PMEN = 0x64,
    UNITS_MAX = 64, // of a table; PCs have up to four
    POLL_US = 10,
    POLLS = 10000, // 100 ms; hardware takes microseconds
};

#define GSTS_TES  (1u << 31)
#define GSTS_IRES (1u << 25)
// Bits of GSTS that are states; the others of GCMD start something once.
#define GSTS_STATES 0x96ffffffu
#define PMEN_EPM    (1u << 31)
#define PMEN_PRS    (1u << 0)

// wait_clear - Return: 0; -ETIMEDOUT.
static int wait_clear(volatile void __iomem *unit, u32 reg, u32 bit)
{
    for (u32 i = 0; i < POLLS; i++) {
        if (!(mmio_read32(unit, reg) & bit))
            return 0;
        time_delay_us(POLL_US);
    }
    return -ETIMEDOUT;
}

static void translation_off(volatile void __iomem *unit, u64 base)
{
    u32 state = mmio_read32(unit, GSTS);
    int error;

    if (state & GSTS_IRES)
        log_warn("unit=%llx interrupt remapping is on: MSI may not arrive",
                 base);
    if (!(state & GSTS_TES))
        return;
    mmio_write32(unit, GCMD, state & GSTS_STATES & ~GSTS_TES);
    error = wait_clear(unit, GSTS, GSTS_TES);
    if (error)
        log_err("unit=%llx DMA remapping stays on, disks will not work: "
                "turn VT-d off in the firmware's setup",
                base);
    else
        log_info("unit=%llx DMA remapping was on: turned off", base);
}

static void protection_off(volatile void __iomem *unit, u64 base)
{
    int error;

    if (!(mmio_read32(unit, CAP) & (CAP_PLMR | CAP_PHMR)) ||
        !(mmio_read32(unit, PMEN) & (PMEN_EPM | PMEN_PRS)))
        return;
    mmio_write32(unit, PMEN, mmio_read32(unit, PMEN) & ~PMEN_EPM);
    error = wait_clear(unit, PMEN, PMEN_PRS);
    if (error)
        log_err("unit=%llx memory stays protected from DMA, disks will not "
                "work: turn DMA protection off in the firmware's setup",
                base);
    else
        log_info("unit=%llx memory was protected from DMA: turned off", base);
}

static void unit_off(u64 base)
{
    volatile void __iomem *unit = ioremap(phys_addr(base), UNIT_BYTES);
    u32 version;

    if (!unit) {
        log_warn("unit=%llx cannot be mapped", base);
        return;
    }
    version = mmio_read32(unit, VER);
    if (!version || version == ~0u) { // nobody answers
        log_warn("unit=%llx version=%x: ignored", base, version);
    } else {
        translation_off(unit, base);
        protection_off(unit, base);
    }
    iounmap(unit);
}

void dmar_init(void)
{
    u32 bytes, offset = 0, count = 0;
    const u8 *table = acpi_find_table("DMAR", &bytes);
    int error;
    u64 base;

    if (table) {
        while (!(error = dmar_next_unit(table, bytes, &offset, &base)) &&
               count < UNITS_MAX) {
            unit_off(base);
            count++;
        }
        if (error && error != -ENOENT)
            log_warn("the table is damaged: error=%d", error);
        log_info("units=%u", count);
        acpi_put_table(table);
    }
    table = acpi_find_table("IVRS", &bytes);
    if (table) {
        log_info("an AMD IOMMU is left as it is");
        acpi_put_table(table);
    }
}
