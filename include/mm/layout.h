// include/mm/layout.h - the kernel's part of the address space
// SPDX-License-Identifier: MIT
//
//   0xc0000000  direct map of low memory (at most 896 MiB)
//   0xf8000000  8 MiB of nothing: an overrun of the direct map faults
//   0xf8800000  vmalloc, ioremap, kernel stacks; a guard page between any two
//   0xff000000  nothing
//   0xff400000  pkmap: 1024 windows of kmap
//   0xff800000  nothing
//   0xffc00000  fixmap: kmap_atomic windows
//   0xfffff000  nothing: the top page is never mapped
//
// All page tables of the ranges above 0xf8000000 are built at boot, so that no
// kernel directory entry ever changes after the first process exists.
#pragma once

#include <mm/addr.h>

#define DIRECT_MAP_END      0xf8000000u
#define VMALLOC_START       0xf8800000u
#define VMALLOC_END         0xff000000u
#define PKMAP_START         0xff400000u
#define PKMAP_WINDOWS       1024u
#define FIXMAP_START        0xffc00000u
#define KMAP_ATOMIC_WINDOWS 32u // one stack of them, first window lowest

static_assert(PAGE_OFFSET + LOWMEM_MAX_BYTES == DIRECT_MAP_END, "896 MiB");
static_assert(PKMAP_START + PKMAP_WINDOWS * PAGE_SIZE <= FIXMAP_START, "apart");
