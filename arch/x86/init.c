// arch/x86/init.c - the order in which the CPU is set up
// SPDX-License-Identifier: MIT
#include <arch/init.h>

#include <arch/cpu.h>

#include "arch_private.h"

#define LOG_NAME "boot"
#include <kernel/log.h>

void arch_init_early(void)
{
    // Descriptors first: what goes wrong afterwards is reported.
    gdt_init();
    idt_init();
    cpu_init();
    if (multiboot_cmdline_cut())
        log_warn("command line cut to %u bytes", BOOT_CMDLINE_BYTES - 1);
}
