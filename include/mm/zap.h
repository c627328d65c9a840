// include/mm/zap.h - taking pages out of address spaces
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/mm.h>

// zap_range - clear all entries of @vma in [start, end): pages lose a mapping
// and a reference, slots a holder. Flushes before frames can be reused.
// Context: mm->lock held or nobody else has the mm; does not sleep.
void zap_range(struct vm_area *vma, user_addr_t start, user_addr_t end);

// zap_swap_entry - clear an entry of @vma that names a slot. Context: as above.
void zap_swap_entry(struct vm_area *vma, pte_t *slot);

// zap_file_page - unmap @count pages of @mapping from @index on from everybody
// who maps them. Private copies stay. No sleep.
void zap_file_page(struct mapping *mapping, u32 index, u32 count);

// zap_file_range - the same, and private copies and what is swapped out of them
// go, too: for truncation. No sleep.
void zap_file_range(struct mapping *mapping, u32 index, u32 count);
