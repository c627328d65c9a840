// include/mm/dma.h - memory that devices read and write
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/page_alloc.h>

// dma_alloc - zeroed low memory, page aligned, contiguous, below 4 GiB; the CPU
// and the device see it alike (x86 is coherent). *@bus is the device's address.
// NULL: no memory. Context: may sleep.
void *dma_alloc(u32 bytes, phys_addr_t *bus);
void dma_free(void *addr, u32 bytes);
