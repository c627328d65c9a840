// kernel/cpuinfo.c - which CPU this is
// SPDX-License-Identifier: MIT
//
// Source: SDM vol. 2A, CPUID.

#include <kernel/cpuinfo.h>

#include <arch/cpu.h>
#include <arch/cpuid.h>
#include <lib/string.h>

bool cpu_describe(struct cpu_description *out)
{
    struct cpuid id;
    u32 i;

    *out = (struct cpu_description){.family = 0};
    if (!cpu_hwcap())
        return false;
    id = cpuid_leaf(CPUID_VENDOR);
    memcpy(out->vendor, &id.ebx, 4);
    memcpy(out->vendor + 4, &id.edx, 4);
    memcpy(out->vendor + 8, &id.ecx, 4);

    id = cpuid_leaf(CPUID_FEATURES);
    out->stepping = id.eax & 0xf;
    out->model = id.eax >> 4 & 0xf;
    out->family = id.eax >> 8 & 0xf;
    if (out->family == 6 || out->family == 15)
        out->model |= id.eax >> 12 & 0xf0;
    if (out->family == 15)
        out->family += id.eax >> 20 & 0xff;

    if (cpuid_leaf(CPUID_EXTENDED).eax < CPUID_BRAND + 2)
        return true;
    for (i = 0; i < 3; i++) {
        id = cpuid_leaf(CPUID_BRAND + i);
        memcpy(out->name + i * sizeof(id), &id, sizeof(id));
    }
    return true;
}
