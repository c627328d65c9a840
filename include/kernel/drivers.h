// include/kernel/drivers.h - what the kernel asks of drivers, by what it is for
// SPDX-License-Identifier: MIT
//
// kernel/init_list.c, the one file that names drivers, provides these.
#pragma once

#include <base/types.h>

struct task;

// drivers_init_early - the serial log; PCI. Context: boot, before memory.
void drivers_init_early(void);
// drivers_init_screen - the log on the screen. Context: boot, with memory.
void drivers_init_screen(void);
// drivers_init_tables - what the firmware's tables say of the board, for
// arch_init_irq. Context: boot, behind memory, interrupts off.
void drivers_init_tables(void);
// drivers_init - terminals, disks. Context: task.
void drivers_init(void);
// drivers_started - the first program is about to run. Context: task.
void drivers_started(void);

// drivers_flush - what consoles have not shown yet, bounded. Any context.
void drivers_flush(void);
// drivers_power_off - returns when that cannot be done. Any context.
void drivers_power_off(void);
// drivers_reset - by the firmware's register. Returns false at once when there
// is none, true when it did not work. Any context.
bool drivers_reset(void);

// drivers_session_exit - @task, if it leads a session, gives its terminal up.
void drivers_session_exit(struct task *task);
