// include/kernel/irq.h - device interrupts
// SPDX-License-Identifier: MIT
//
// Handlers run with interrupts off, do not sleep, acknowledge their device and
// wake whoever waits.
#pragma once

#include <arch/cpu.h>
#include <base/compiler.h>
#include <base/types.h>

typedef bool (*irq_handler_fn)(u32 irq, void *arg); // true: it was mine

// irq_request - call @handler when @irq (0-15: lines) comes; lines may be
// shared. Unmasks it. Return: 0; -EINVAL; -ENODEV: no controller has this line;
// -ENOSPC.
__must_check int irq_request(u32 irq, irq_handler_fn handler, void *arg,
                             const char *name);

// irq_request_msi - an interrupt by message. The device is to write *@data to
// *@address. Return: 0; -ENODEV: no local APIC; -ENOSPC.
__must_check int irq_request_msi(irq_handler_fn handler, void *arg,
                                 const char *name, u32 *address, u32 *data);

// In a handler (of any depth).
extern u32 irq_depth;
static inline bool irq_context(void)
{
    return irq_depth != 0;
}

// irq_init - tables, timer tick unmasked. Interrupts off.
void irq_init(void);

// irq_spurious - interrupts that nobody had asked for.
u32 irq_spurious(void);

// irq_lines - their numbers are below this. irq_controller - what sends @irq,
// for /proc/interrupts.
u32 irq_lines(void);
const char *irq_controller(u32 irq);

// irq_info - how often @irq came and whose it is, for /proc/interrupts.
// Return: false: nobody's.
bool irq_info(u32 irq, u32 *out_count, char *names, size_t size);
