// include/kernel/console.h - `console=NAME[,OPTIONS]` on the command line
// SPDX-License-Identifier: MIT
//
// As on Linux: the log goes to each that is named, and the last is
// /dev/console. Without such a word the log goes to all there are, and
// /dev/console is the screen if there is one, else a serial port.
#pragma once

#include <base/types.h>

// console_is_named - some word names @name. Any context.
bool console_is_named(const char *name);

// console_any_named - there is such a word.
bool console_any_named(void);

// console_named - the name in the @index-th word from the last (0), without
// options. Return: false: there is none any more.
bool console_named(u32 index, char *name, size_t size);
