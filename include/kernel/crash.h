// include/kernel/crash.h - crash=null|panic|stack|bug on the command line
// SPDX-License-Identifier: MIT
#pragma once

// crash_if_asked - start a thread that does what the word says. Context: task.
void crash_if_asked(void);
