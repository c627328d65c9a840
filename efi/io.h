// efi/io.h - the machine instructions that the stub needs from C
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

static inline void io_write8(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 io_read8(u16 port)
{
    u8 value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline u64 tsc_read(void)
{
    u32 low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (u64)high << 32 | low;
}

// CPUs that run UEFI firmware have cpuid and its leaf 1.
static inline u32 cpuid_edx(u32 leaf)
{
    u32 ebx, ecx, edx;

    __asm__ volatile("cpuid" : "+a"(leaf), "=b"(ebx), "=c"(ecx), "=d"(edx));
    return edx;
}
