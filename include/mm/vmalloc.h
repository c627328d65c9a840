// include/mm/vmalloc.h - kernel addresses above the direct map
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <mm/addr.h>

// vmalloc - @bytes of frames from anywhere, contiguous in address; a guard
// page behind. Context: may sleep. NULL: no memory or no room.
void *vmalloc(u32 bytes);
void *vzalloc(u32 bytes);
void vfree(void *addr); // NULL allowed

// ioremap - device memory, uncached. @phys need not be aligned. NULL: RAM that
// is ours (refused), above what the page tables reach, or no room.
void __iomem *ioremap(phys_addr_t phys, u32 bytes);

// ioremap_wc - the same for a framebuffer: writes may be combined and come
// late, but in the end. Uncached on a CPU that has no PAT.
void __iomem *ioremap_wc(phys_addr_t phys, u32 bytes);

void iounmap(volatile void __iomem *addr);

// ioremap_end - the first address that is above what page tables reach.
u64 ioremap_end(void);

// memremap - cached: RAM or tables of the firmware, wherever they lie.
void *memremap(phys_addr_t phys, u32 bytes);
void memunmap(void *addr);

// kernel_stack_alloc - KERNEL_STACK_BYTES with an unmapped page below; returns
// the lowest byte. NULL: no memory.
void *kernel_stack_alloc(void);
void kernel_stack_free(void *stack);

// Whether @addr lies in the guard page of a kernel stack: for the double-fault
// report.
bool kernel_stack_is_guard(u32 addr);
