// include/kernel/symbols.h - names of the kernel's own addresses
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// symbol_find - the function that @address is in; *@offset: how far.
// NULL: below the first function, or no table was linked in.
// An address behind the end of the kernel's text is ascribed to its last
// function: ask for text addresses only.
// Context: any, also in a panic: reads constant data only.
const char *symbol_find(u32 address, u32 *offset);

// symbol_at - the @n-th function by address. NULL: there are fewer. Any
// context.
const char *symbol_at(u32 n, u32 *out_address);
