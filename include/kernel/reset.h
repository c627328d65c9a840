// include/kernel/reset.h - starting the machine again
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>

// machine_reset - by every way there is, in an order that `reboot=` changes.
// Consoles are written polled from here on; what waits in their queues is the
// caller's to flush. Context: any, panic too.
__noreturn void machine_reset(void);
