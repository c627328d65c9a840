// include/mm/stack_gap.h - what stays free below a stack
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/addr.h>

// A frame larger than this can jump over it; 256 pages as on Linux since 4.12
// (CVE-2017-1000364).
#define STACK_GUARD_BYTES (256u * PAGE_SIZE)
