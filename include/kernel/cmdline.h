// include/kernel/cmdline.h - words of the kernel command line
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// cmdline_get - the value of the last `name=value`; "" for a bare `name`.
// Return: false when there is none (buf is then ""). Any context.
bool cmdline_get(const char *name, char *buf, size_t size);
bool cmdline_has(const char *name);

// cmdline_get_nth - the value of the @index-th `name=value`, from 0 for the
// first, where several stand beside each other. Return: false: there is none
// any more (buf is then "").
bool cmdline_get_nth(const char *name, u32 index, char *buf, size_t size);

// cmdline_last_of - the one of two words that say opposite things which comes
// last, so that what is appended overrides; NULL: neither is there.
const char *cmdline_last_of(const char *one, const char *other);

const char *cmdline_text(void); // the whole line
