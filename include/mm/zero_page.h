// include/mm/zero_page.h - the frame that all untouched memory reads as
// SPDX-License-Identifier: MIT
//
// Mapped read-only wherever anonymous memory was read before it was written.
// Its state is RESERVED: no reference, no mapcount, on no list.
#pragma once

#include <mm/page_alloc.h>

extern struct page *zero_page;
void zero_page_init(void);
