// drivers/acpi/power.c - turning the machine off
// SPDX-License-Identifier: MIT
//
// How it works: at boot the ports of the PM1 control registers come from the
// FADT and the values for state S5 from the DSDT; turning off is then only port
// accesses, which work in any context. Firmware that is still in legacy mode
// (SCI_EN clear) is told first to hand the registers over: not at boot, because
// from then on its own power button and fan handling ends.
//
// Rejected: hardware-reduced machines (SLEEP_CONTROL_REG, tablets) and the _PTS
// method: acpi_power_off returns, and the caller says that the machine may be
// switched off.
//
// Source: ACPI 6.4 sections 4.8.3.2 (PM1 control), 4.8.2.1 (enabling), 5.2.9
// (FADT), 7.4.2 (entering S5).

#include "acpi_private.h"

#include <arch/io.h>
#include <base/errno.h>
#include <kernel/irq.h>
#include <kernel/time.h>

#define LOG_NAME "acpi"
#include <kernel/log.h>

enum {
    FADT_DSDT = 40,
    FADT_SMI_CMD = 48,
    FADT_ACPI_ENABLE = 52,
    FADT_PM1A_CNT = 64,
    FADT_PM1B_CNT = 68,
    FADT_BYTES_1 = 116, // ACPI 1.0; more since
    FADT_X_DSDT = 140,
    FADT_X_PM1A_CNT = 172, // generic address structures
    FADT_X_PM1B_CNT = 184,
};
enum {
    GAS_SPACE = 0, // 1: I/O ports
    GAS_ADDRESS = 4,
    GAS_BYTES = 12,
    GAS_SPACE_IO = 1,
};
enum {
    PM1_SCI_EN = 1u << 0,
    PM1_SLP_TYP_SHIFT = 10,
    PM1_SLP_TYP_MASK = 7u << PM1_SLP_TYP_SHIFT,
    PM1_SLP_EN = 1u << 13,
};
#define ENABLE_MS 3000u // the firmware answers SMI_CMD
#define OFF_MS    1000u // the machine is off
#define PORT_MAX  0xffffu

static struct {
    u16 control_a, control_b; // ports; 0: none
    u16 smi_command;
    u8 smi_enable;
    u8 type_a, type_b;
    bool known;
} power;

// fadt_port - from the old field, or from the extended one where that is empty.
// 0: none, or not a port.
static u16 fadt_port(const u8 *fadt, u32 bytes, u32 offset, u32 extended)
{
    u64 port = acpi_get32(fadt + offset);
    const u8 *gas = fadt + extended;

    if (!port && bytes >= extended + GAS_BYTES &&
        gas[GAS_SPACE] == GAS_SPACE_IO)
        port = acpi_get64(gas + GAS_ADDRESS);
    return port <= PORT_MAX ? (u16)port : 0;
}

static const u8 *map_dsdt(const u8 *fadt, u32 bytes, u32 *out_bytes)
{
    const u8 *dsdt = NULL;

    if (bytes >= FADT_X_DSDT + 8)
        dsdt = acpi_map_table(phys_addr(acpi_get64(fadt + FADT_X_DSDT)),
                              out_bytes);
    if (!dsdt)
        dsdt =
            acpi_map_table(phys_addr(acpi_get32(fadt + FADT_DSDT)), out_bytes);
    return dsdt;
}

static int power_read(const u8 *fadt, u32 bytes)
{
    const u8 *dsdt;
    u32 dsdt_bytes, smi;
    int err;

    if (bytes < FADT_BYTES_1)
        return -EINVAL;
    power.control_a = fadt_port(fadt, bytes, FADT_PM1A_CNT, FADT_X_PM1A_CNT);
    power.control_b = fadt_port(fadt, bytes, FADT_PM1B_CNT, FADT_X_PM1B_CNT);
    if (!power.control_a)
        return -ENODEV;
    smi = acpi_get32(fadt + FADT_SMI_CMD);
    power.smi_command = smi <= PORT_MAX ? (u16)smi : 0;
    power.smi_enable = fadt[FADT_ACPI_ENABLE];

    dsdt = map_dsdt(fadt, bytes, &dsdt_bytes);
    if (!dsdt)
        return -EINVAL;
    err =
        acpi_parse_s5(dsdt + ACPI_HEADER_BYTES, dsdt_bytes - ACPI_HEADER_BYTES,
                      &power.type_a, &power.type_b);
    acpi_put_table(dsdt);
    return err;
}

void acpi_power_init(void)
{
    u32 bytes;
    const u8 *fadt = acpi_find_table("FACP", &bytes);
    int err;

    if (!fadt) {
        log_warn("no FADT: no power off");
        return;
    }
    err = power_read(fadt, bytes);
    acpi_put_table(fadt);
    if (err) {
        log_warn("no power off: error=%d", err);
        return;
    }
    power.known = true;
    log_info("power off: control=%x,%x type=%u,%u", power.control_a,
             power.control_b, power.type_a, power.type_b);
}

// control_acquire - make the firmware hand over the control registers.
static bool control_acquire(void)
{
    if (inw(power.control_a) & PM1_SCI_EN)
        return true;
    if (!power.smi_command || !power.smi_enable)
        return false;
    outb(power.smi_command, power.smi_enable);
    for (u32 ms = 0; ms < ENABLE_MS; ms++) {
        if (inw(power.control_a) & PM1_SCI_EN)
            return true;
        time_delay_us(1000);
    }
    return false;
}

static void control_write(u16 port, u8 type, u16 enable)
{
    u16 value;

    if (!port)
        return;
    value = inw(port) & (u16) ~(PM1_SLP_TYP_MASK | PM1_SLP_EN);
    value |= (u16)((u16)type << PM1_SLP_TYP_SHIFT);
    outw(port, value | enable);
}

void acpi_power_off(void)
{
    irq_disable();
    if (!power.known || !control_acquire())
        return;
    control_write(power.control_a, power.type_a, 0);
    control_write(power.control_b, power.type_b, 0);
    control_write(power.control_a, power.type_a, PM1_SLP_EN);
    control_write(power.control_b, power.type_b, PM1_SLP_EN);
    for (u32 ms = 0; ms < OFF_MS; ms++)
        time_delay_us(1000);
}
