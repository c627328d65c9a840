// arch/x86/platform.c - the board, before its tables are read: a PC/AT
// SPDX-License-Identifier: MIT
#include <arch/platform.h>

#include "apic_regs.h"

struct platform platform = {
    .interrupts = {.has_8259 = true, .local_apic = (u32)APIC_DEFAULT_BASE},
    .legacy = {.has_8042 = true,
               .has_vga = true,
               .has_rtc = true,
               .msi_allowed = true},
};
