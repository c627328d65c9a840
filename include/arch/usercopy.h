// include/arch/usercopy.h - touching user memory with a way out
// SPDX-License-Identifier: MIT
//
// No range check here (kernel/uaccess.h does it). Each instruction that may
// fault has an entry in the fixup table (.fixup section of kernel.ld). The
// fault may sleep; where faults are disabled (uaccess.h) it goes to the fixup
// at once.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// Return: bytes NOT copied (the tail); 0 is success.
u32 arch_copy_from_user(void *dst, const void __user *src, u32 bytes);
u32 arch_copy_to_user(void __user *dst, const void *src, u32 bytes);
u32 arch_clear_user(void __user *dst, u32 bytes);

// Length copied without the NUL; @max when no NUL was met; -EFAULT.
s32 arch_string_from_user(char *dst, const char __user *src, u32 max);
