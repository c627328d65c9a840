// drivers/acpi/reset.c - the reset register
// SPDX-License-Identifier: MIT
//
// One byte into one register, mapped at boot: works in any context.
//
// Source: ACPI 6.4 section 4.8.3.6.

#include "acpi_private.h"

#include <kernel/irq.h>
#include <kernel/time.h>

#include "fadt_power.h"

#define LOG_NAME "acpi"
#include <kernel/log.h>

#define RESET_MS 50u // until it has happened

static struct acpi_register reset_register = {
    .gas = {.space = ACPI_SPACE_NONE}};
static u8 reset_value;

void acpi_reset_init(const struct acpi_fadt_power *fadt)
{
    acpi_register_map(&reset_register, &fadt->reset, 1);
    reset_value = fadt->reset_value;
    if (acpi_register_exists(&reset_register))
        log_info("reset: register=%llx space=%u value=%x",
                 reset_register.gas.address, reset_register.gas.space,
                 reset_value);
}

bool acpi_can_reset(void)
{
    return acpi_register_exists(&reset_register);
}

void acpi_reset(void)
{
    if (!acpi_can_reset())
        return;
    acpi_register_write8(&reset_register, reset_value);
    for (u32 ms = 0; ms < RESET_MS; ms++)
        time_delay_us(1000);
}
