// include/kernel/dispatch.h - between the CPU's entries and the kernel
// SPDX-License-Identifier: MIT
//
// (What arch calls is in arch/trap.h.)
#pragma once

struct trap_frame;

// dispatch_return_to_user - what is due before user mode goes on: give the CPU
// away, deliver signals. Returns with interrupts off, or not at all.
void dispatch_return_to_user(struct trap_frame *regs);

// irq_interrupted - the state that the interrupt which is being handled has
// interrupted. Context: interrupt.
const struct trap_frame *irq_interrupted(void);
