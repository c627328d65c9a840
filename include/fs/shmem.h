// include/fs/shmem.h - files in memory that have no name: shared memory, memfd
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/vfs.h>

// shmem_file_create - an open file (O_RDWR) of @size zeros, owned by the
// current task, that no name leads to. @name: what /proc shows for it, with
// " (deleted)" at its end. Return: 0; -ENOMEM; -EINVAL: too large. May sleep.
__must_check int shmem_file_create(const char *name, u64 size, u32 mode,
                                   struct file **out);

// The name of memory that is shared and of no file, as Linux has it.
#define SHMEM_ZERO_NAME "/dev/zero (deleted)"

// Seals (F_SEAL_*): what is not to be done any more with a file of tmpfs.
// file_get_seals - Return: the seals; -EINVAL: not such a file.
// file_add_seals - Return: 0; -EINVAL: not such a file, or unknown seals;
// -EPERM: not open for writing, or F_SEAL_SEAL is set; -EBUSY: F_SEAL_WRITE,
// and it may be written to through a mapping. May sleep.
// file_allow_seals - of a new file: it has none, not even F_SEAL_SEAL.
s32 file_get_seals(const struct file *file);
__must_check int file_add_seals(struct file *file, u32 seals);
void file_allow_seals(struct file *file);

// shmem_files_init - boot, once, after dentries and inodes.
void shmem_files_init(void);
