// drivers/acpi/power.c - turning the machine off
// SPDX-License-Identifier: MIT
//
// How it works: at boot the registers come from the FADT and are mapped, and
// the values for state S5 come from the DSDT, or from an SSDT; turning off is
// then only register accesses, which work in any context.
//
//   ordinary machine     SLP_TYP and SLP_EN into PM1a_CNT, and PM1b_CNT if
//                        there is one. Firmware that is still in legacy mode
//                        (SCI_EN clear) is told first to hand the registers
//                        over: not at boot, because from then on its own power
//                        button and fan handling ends.
//   hardware-reduced     the same in one byte, into SLEEP_CONTROL_REG, after
//                        the wake status is cleared
//
// Rejected: the _PTS method, for want of an interpreter. When nothing works
// acpi_power_off returns, and the caller says that the machine may be switched
// off.
//
// Source: ACPI 6.4 sections 4.8.3.2 (PM1 control), 4.8.3.7 (sleep control),
// 4.8.2.1 (enabling), 7.4.2 (entering S5).

#include "acpi_private.h"

#include <arch/io.h>
#include <base/errno.h>
#include <kernel/irq.h>
#include <kernel/time.h>

#include "fadt_power.h"

#define LOG_NAME "acpi"
#include <kernel/log.h>

enum {
    PM1_SCI_EN = 1u << 0,
    PM1_SLP_TYP_SHIFT = 10,
    PM1_SLP_TYP_MASK = 7u << PM1_SLP_TYP_SHIFT,
    PM1_SLP_EN = 1u << 13,
};
enum {
    SLEEP_TYP_SHIFT = 2,
    SLEEP_EN = 1u << 5,    // of the control register
    SLEEP_WAKED = 1u << 7, // of the status register; writing 1 clears it
};
#define ENABLE_MS 3000u // the firmware answers SMI_CMD
#define OFF_MS    1000u // the machine is off

// Constant after acpi_power_init.
static struct {
    struct acpi_register control_a, control_b;
    struct acpi_register sleep_control, sleep_status;
    u16 smi_command;
    u8 smi_enable;
    u8 type_a, type_b;
    bool reduced;
    bool known;
} power;

static int table_parse_s5(const u8 *table, u32 bytes)
{
    int err =
        acpi_parse_s5(table + ACPI_HEADER_BYTES, bytes - ACPI_HEADER_BYTES,
                      &power.type_a, &power.type_b);

    acpi_put_table(table);
    return err;
}

// find_s5 - in the first block of AML that has it. Return: 0; -ENOENT: none
// has; -EINVAL: a damaged one.
static int find_s5(const struct acpi_fadt_power *fadt)
{
    u32 bytes;
    const u8 *table = acpi_map_table(phys_addr(fadt->dsdt), &bytes);
    int err = -ENOENT;

    if (!table)
        table = acpi_map_table(phys_addr(fadt->dsdt_other), &bytes);
    if (table)
        err = table_parse_s5(table, bytes);
    for (u32 n = 0; err; n++) {
        table = acpi_find_table_nth("SSDT", n, &bytes);
        if (!table)
            break;
        err = table_parse_s5(table, bytes);
    }
    return err;
}

static int power_read(const struct acpi_fadt_power *fadt)
{
    int err;

    power.reduced = fadt->reduced;
    power.smi_command = fadt->smi_command;
    power.smi_enable = fadt->smi_enable;
    if (fadt->reduced) {
        acpi_register_map(&power.sleep_control, &fadt->sleep_control, 1);
        acpi_register_map(&power.sleep_status, &fadt->sleep_status, 1);
        err = acpi_register_exists(&power.sleep_control) ? 0 : -ENODEV;
    } else {
        acpi_register_map(&power.control_a, &fadt->control_a, 2);
        acpi_register_map(&power.control_b, &fadt->control_b, 2);
        err = acpi_register_exists(&power.control_a) ? 0 : -ENODEV;
    }
    return err ? err : find_s5(fadt);
}

static void power_log(void)
{
    if (power.reduced)
        log_info("power off: hardware-reduced, sleep control=%llx type=%u",
                 power.sleep_control.gas.address, power.type_a);
    else
        log_info("power off: control=%llx,%llx type=%u,%u",
                 power.control_a.gas.address, power.control_b.gas.address,
                 power.type_a, power.type_b);
}

void acpi_power_init(void)
{
    u32 bytes;
    const u8 *table = acpi_find_table("FACP", &bytes);
    struct acpi_fadt_power fadt;
    int err;

    if (!table) {
        log_warn("no FADT: no power off");
        return;
    }
    err = acpi_parse_fadt_power(table, bytes, &fadt);
    acpi_put_table(table);
    if (!err) {
        acpi_reset_init(&fadt);
        err = power_read(&fadt);
    }
    if (err) {
        log_warn("no power off: error=%d", err);
        return;
    }
    power.known = true;
    power_log();
}

// ---- ordinary machines -----------------------------------------------------

static bool control_is_ours(void)
{
    return acpi_register_read16(&power.control_a) & PM1_SCI_EN;
}

// control_acquire - make the firmware hand over the control registers.
static bool control_acquire(void)
{
    if (control_is_ours())
        return true;
    if (!power.smi_command || !power.smi_enable)
        return false;
    outb(power.smi_command, power.smi_enable);
    for (u32 ms = 0; ms < ENABLE_MS; ms++) {
        if (control_is_ours())
            return true;
        time_delay_us(1000);
    }
    return false;
}

static void control_write(const struct acpi_register *control, u8 type,
                          u16 enable)
{
    u16 value;

    if (!acpi_register_exists(control))
        return;
    value =
        acpi_register_read16(control) & (u16) ~(PM1_SLP_TYP_MASK | PM1_SLP_EN);
    value |= (u16)((u16)type << PM1_SLP_TYP_SHIFT);
    acpi_register_write16(control, value | enable);
}

static void control_sleep(void)
{
    // One that stays with the firmware may obey all the same: others try, too.
    if (!control_acquire())
        log_warn("the firmware does not hand over its registers");
    control_write(&power.control_a, power.type_a, 0);
    control_write(&power.control_b, power.type_b, 0);
    control_write(&power.control_a, power.type_a, PM1_SLP_EN);
    control_write(&power.control_b, power.type_b, PM1_SLP_EN);
}

// ---- hardware-reduced ones -------------------------------------------------

static void reduced_sleep(void)
{
    if (acpi_register_exists(&power.sleep_status))
        acpi_register_write8(&power.sleep_status, SLEEP_WAKED);
    acpi_register_write8(&power.sleep_control,
                         (u8)(power.type_a << SLEEP_TYP_SHIFT | SLEEP_EN));
}

void acpi_power_off(void)
{
    irq_disable();
    if (!power.known)
        return;
    if (power.reduced)
        reduced_sleep();
    else
        control_sleep();
    for (u32 ms = 0; ms < OFF_MS; ms++)
        time_delay_us(1000);
}
