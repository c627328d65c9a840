// include/kernel/system.h - who this system says it is, and its end
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>

struct new_utsname;

// system_name - as uname(2) gives it; for /proc/sys/kernel.
const struct new_utsname *system_name(void);

// system_set_hostname - @name: at most __NEW_UTS_LEN bytes and a NUL.
void system_set_hostname(const char *name);

// system_halt, _reset, _power_off - flush consoles, then the end. A machine
// that cannot be switched off is halted. Context: any.
__noreturn void system_halt(void);
__noreturn void system_reset(void);
__noreturn void system_power_off(void);

// system_restart - file systems are made clean first. Context: task.
__noreturn void system_restart(void);

// system_ctrl_alt_del - these keys were pressed: process 1 gets SIGINT if it
// has asked for it (reboot(2), CAD_OFF), else the machine is restarted, by a
// thread. Context: any.
void system_ctrl_alt_del(void);
