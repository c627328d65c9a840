// include/mm/vmalloc_stat.h - the vmalloc range in numbers
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/addr.h>

enum area_kind {
    AREA_VMALLOC, // frames of the page allocator, given back by vfree
    AREA_DEVICE,
    AREA_FIRMWARE,
    AREA_STACK, // as VMALLOC, first page is the lower guard
};

struct vmalloc_info {
    u32 start, pages; // the area, with a lower guard, without the upper one
    enum area_kind kind;
    u32 mapped, mapped_pages; // of it, what is mapped
    phys_addr_t phys;         // DEVICE, FIRMWARE
    u32 caller;               // who made it
};
// vmalloc_next - the first area that starts at or above @addr. Return: false:
// none. Any context.
bool vmalloc_next(u32 addr, struct vmalloc_info *out);

// kernel_stacks_init - boot, once: kept stacks can be given back from then on.
void kernel_stacks_init(void);

u32 vmalloc_pages_used(void); // mapped, of all kinds
u32 kernel_stack_pages(void); // of these, in stacks (kept ones too)
