// include/lib/fmt.h - formatted text [P]
// SPDX-License-Identifier: MIT
//
// d i u x X o c s p %, with flags - 0 + space #, width and precision (also *),
// lengths hh h l ll z. No floating point, no %n. Unknown conversions are
// printed as they stand.
#pragma once

#include <stdarg.h>

#include <base/compiler.h>
#include <base/types.h>

// Return: the length the whole text has, which may be @size or more; what is
// in @buf is then cut, and terminated whenever @size > 0.
int fmt_vprint(char *buf, size_t size, const char *format, va_list args);
__printf(3, 4) int fmt_print(char *buf, size_t size, const char *format, ...);
