// include/kernel/uaccess.h - user memory, checked
// SPDX-License-Identifier: MIT
//
// The only way to user memory. Addresses at or above TASK_SIZE, and ranges
// that wrap, are refused; unmapped ones give -EFAULT. Context: task, may sleep
// (a fault may read from disk), not while mm->lock of the task is held, unless
// faults are disabled.
#pragma once

#include <arch/usercopy.h>
#include <base/errno.h>
#include <kernel/task.h>
#include <mm/addr.h>

static inline bool user_range_ok(const void __user *p, u32 bytes)
{
    u32 start = (u32)(uintptr_t)(const void __force *)p;

    return start <= TASK_SIZE && bytes <= TASK_SIZE - start;
}

// Return: 0; -EFAULT (what was copied before the bad page stays copied).
__must_check static inline int copy_from_user(void *dst, const void __user *src,
                                              u32 bytes)
{
    if (!user_range_ok(src, bytes))
        return -EFAULT;
    return arch_copy_from_user(dst, src, bytes) ? -EFAULT : 0;
}

__must_check static inline int copy_to_user(void __user *dst, const void *src,
                                            u32 bytes)
{
    if (!user_range_ok(dst, bytes))
        return -EFAULT;
    return arch_copy_to_user(dst, src, bytes) ? -EFAULT : 0;
}

__must_check static inline int clear_user(void __user *dst, u32 bytes)
{
    if (!user_range_ok(dst, bytes))
        return -EFAULT;
    return arch_clear_user(dst, bytes) ? -EFAULT : 0;
}

// string_from_user - copy a string of less than @size bytes with its NUL.
// Return: its length; -EFAULT; -ENAMETOOLONG: it does not fit.
__must_check static inline s32
string_from_user(char *dst, const char __user *src, u32 size)
{
    u32 start = (u32)(uintptr_t)(const void __force *)src;
    u32 max = size;
    s32 length;

    if (start >= TASK_SIZE)
        return -EFAULT;
    if (max > TASK_SIZE - start)
        max = TASK_SIZE - start;
    length = arch_string_from_user(dst, src, max);
    if (length < 0)
        return length;
    if ((u32)length == max)
        return max == size ? -ENAMETOOLONG : -EFAULT;
    return length;
}

#define get_user(value, ptr) copy_from_user(&(value), (ptr), sizeof(value))
#define put_user(value, ptr)                                                   \
    ({                                                                         \
        __typeof__(value) put_user_ = (value);                                 \
        copy_to_user((ptr), &put_user_, sizeof(put_user_));                    \
    })

// Between these a user access that would fault fails instead of sleeping.
static inline void pagefault_disable(void)
{
    current->faults_disabled++;
}
static inline void pagefault_enable(void)
{
    current->faults_disabled--;
}
