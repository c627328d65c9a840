// mm/madvise_private.h - advice that is an action (mm/madvise_pages.c)
// SPDX-License-Identifier: MIT
//
// On the pages of [start, end), within @vma. mm->lock is held; all may sleep.
#pragma once

#include <mm/mm.h>

// advise_will_need - read ahead from the file, or back from swap.
void advise_will_need(struct vm_area *vma, user_addr_t start, user_addr_t end);

// advise_free - pages are given up unless written to; slots at once.
void advise_free(struct vm_area *vma, user_addr_t start, user_addr_t end);

// advise_cold - not used recently; advise_page_out - reclaimed. Pages that
// others map too are left alone.
void advise_cold(struct vm_area *vma, user_addr_t start, user_addr_t end);
void advise_page_out(struct vm_area *vma, user_addr_t start, user_addr_t end);
