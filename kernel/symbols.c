// kernel/symbols.c - names of the kernel's own addresses
// SPDX-License-Identifier: MIT
//
// The table is made by tools/mksyms.py from the kernel itself, which is linked
// first without and then with it. In the first link the symbols below are
// undefined, and being weak, 0. The table lies behind all text, so that adding
// it moves no function.

#include <kernel/symbols.h>

#include <base/compiler.h>

#define __weak __attribute__((weak))

extern const u32 ksyms_count __weak;
extern const u32 ksyms_addresses[] __weak;    // ascending
extern const u32 ksyms_name_offsets[] __weak; // in ksyms_names
extern const char ksyms_names[] __weak;       // each with its NUL

const char *symbol_at(u32 n, u32 *out_address)
{
    if (!&ksyms_count || n >= ksyms_count)
        return NULL;
    *out_address = ksyms_addresses[n];
    return ksyms_names + ksyms_name_offsets[n];
}

const char *symbol_find(u32 address, u32 *offset)
{
    u32 low = 0, high = &ksyms_count ? ksyms_count : 0;

    // The first symbol above the address; the one before it is the answer.
    while (low < high) {
        u32 middle = low + (high - low) / 2;

        if (ksyms_addresses[middle] <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    *offset = address - ksyms_addresses[low - 1];
    return ksyms_names + ksyms_name_offsets[low - 1];
}
