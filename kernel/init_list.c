// kernel/init_list.c - the one place that names drivers
// SPDX-License-Identifier: MIT

#include <kernel/drivers.h>

#include <arch/init.h>
#include <drivers/acpi.h>
#include <drivers/ahci.h>
#include <drivers/block.h>
#include <drivers/ide.h>
#include <drivers/keyboard.h>
#include <drivers/pci.h>
#include <drivers/screen.h>
#include <drivers/serial.h>
#include <drivers/tty.h>
#include <kernel/log.h>

void drivers_init_early(void)
{
    uart_early_init();
    // Before memory is given out: it turns off what the firmware left running.
    pci_init();
    uart_init_pci();
}

void drivers_init_screen(void)
{
    screen_init_early(&boot_info.framebuffer);
    if (!log_has_console())
        uart_log_anyway();
}

void drivers_init_tables(void)
{
    acpi_init(phys_addr(boot_info.rsdp));
}

void drivers_init(void)
{
    tty_init();
    keyboard_init();
    keyboard_attach(screen_keyboard());
    dmar_init();
    ahci_init();
    ide_init();
    block_report_storage(); // what none of them took
}

void drivers_started(void)
{
    uart_trace_init();
    screen_draw_lazily();
}

void drivers_flush(void)
{
    tty_flush_all();
}

void drivers_power_off(void)
{
    acpi_power_off();
}

bool drivers_reset(void)
{
    if (!acpi_can_reset())
        return false;
    acpi_reset();
    return true;
}

void drivers_session_exit(struct task *task)
{
    tty_session_leader_exit(task);
}
