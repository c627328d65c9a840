// include/mm/vmalloc_stat.h - the vmalloc range in numbers
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

u32 vmalloc_pages_used(void); // mapped, of all kinds
u32 kernel_stack_pages(void); // of these, in stacks (kept ones too)
