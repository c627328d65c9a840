// tests/unit/model_ports.h - port accesses that end in a model
// SPDX-License-Identifier: MIT
//
// Included before a driver's source (Makefile: UNIT_CFLAGS_...): its accesses
// to ports call the functions below, which the test has.
#pragma once

#define inb   cpu_inb
#define outb  cpu_outb
#define ins16 cpu_ins16
#include <arch/io.h>
#undef inb
#undef outb
#undef ins16

u8 inb(u16 port);
void outb(u16 port, u8 v);
void ins16(u16 port, void *to, u32 count);
