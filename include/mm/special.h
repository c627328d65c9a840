// include/mm/special.h - areas that map the kernel's own frames
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <mm/mm.h>

// mm_map_special - one page at @start, which is free, with what ops->frame
// names: a frame in state RESERVED. @vm_flags: access and VM_MAY*, and
// VM_PFNMAP; VM_DONTEXPAND is added. No limit is looked at, as on Linux.
// Return: 0; -ENOMEM. Context: may sleep; takes mm->lock.
__must_check int mm_map_special(struct mm *mm, user_addr_t start, u32 vm_flags,
                                const struct vm_operations *ops);
