// kernel/sys_lock.h - fcntl's part that is about locks
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct file;

// fcntl_lock - F_GETLK, F_SETLK, F_SETLKW and their 64-bit and OFD forms, on
// @file, which is @fd's. @argument: the user address of what is wanted.
// Return: 0; as file_lock; -EFAULT, -EINVAL, -EOVERFLOW, -EBADF.
__must_check s32 fcntl_lock(struct file *file, s32 fd, u32 command,
                            u32 argument);
