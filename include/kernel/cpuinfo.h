// include/kernel/cpuinfo.h - which CPU this is
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

struct cpu_description {
    char vendor[13];
    char name[49]; // "" where the CPU has none
    u32 family, model, stepping;
};

// cpu_describe - Return: false: the CPU does not say (no CPUID). Any context.
bool cpu_describe(struct cpu_description *out);
