// include/mm/highmem.h - windows onto pages without an address
// SPDX-License-Identifier: MIT
//
// kmap: a window from a pool of 1024, may wait for one; held across sleeps.
// At most one per task. kmap_atomic: a window from a stack, never waits; the
// holder does not sleep and gives windows back in reverse order; usable in
// interrupt handlers. Low-memory pages need no window and get none.
#pragma once

#include <mm/page_alloc.h>

void *kmap(struct page *page); // Context: task, may sleep
void kunmap(struct page *page);

void *kmap_atomic(struct page *page); // Context: any
void kunmap_atomic(void *addr);

void page_clear_content(struct page *page);         // 4096 zero bytes
void page_copy(struct page *dst, struct page *src); // whole page
// Parts, in any context, through kmap_atomic.
void page_read(void *dst, struct page *page, u32 offset, u32 bytes);
void page_write_bytes(struct page *page, u32 offset, const void *src,
                      u32 bytes);
void page_zero_bytes(struct page *page, u32 offset, u32 bytes);
