// include/drivers/pty.h - pseudo terminals, for /proc/sys/kernel/pty
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// pty_sysctl_show, pty_sysctl_store - `max`, pairs there may be at a time, and
// `nr`, pairs there are (read only): as struct proc_setting has it.
void pty_sysctl_show(const char *name, char *buf, size_t size);
int pty_sysctl_store(const char *name, const char *text);
