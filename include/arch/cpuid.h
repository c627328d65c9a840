// include/arch/cpuid.h - what the CPU says of itself; its random numbers
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

struct cpuid {
    u32 eax, ebx, ecx, edx;
};

// cpuid_leaf - only where there is CPUID: cpu_hwcap() is not 0. Any context.
static inline struct cpuid cpuid_leaf(u32 leaf)
{
    struct cpuid r;

    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(0));
    return r;
}

#define CPUID_VENDOR     0u // leaves
#define CPUID_FEATURES   1u
#define CPUID_EDX_APIC   (1u << 9)  // of CPUID_FEATURES
#define CPUID_ECX_RDRAND (1u << 30) // of CPUID_FEATURES
#define CPUID_EXTENDED   0x80000000u
#define CPUID_BRAND      0x80000002u // and the two behind it

// cpu_rdrand - Return: false: it has none just now. Only with CPUID_ECX_RDRAND.
// Source: SDM vol. 1, 7.3.17.
static inline bool cpu_rdrand(u32 *out)
{
    bool good;

    __asm__ volatile("rdrand %0" : "=r"(*out), "=@ccc"(good));
    return good;
}
