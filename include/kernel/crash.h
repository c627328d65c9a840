// include/kernel/crash.h - crash=null|panic|stack|bug on the command line
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>

// crash_provoke - start a thread that ends the system in this way; a newline
// at the end is none of @kind. Context: task. Return: 0; -EINVAL: there is no
// such kind; -ENOMEM.
__must_check int crash_provoke(const char *kind);

// crash_if_asked - start a thread that does what the word says. Context: task.
void crash_if_asked(void);
