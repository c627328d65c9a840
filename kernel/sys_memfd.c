// kernel/sys_memfd.c - system calls: memfd_create
// SPDX-License-Identifier: MIT

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/shmem.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/memfd.h>

#define MEMFD_PREFIX   "/memfd:"
#define MEMFD_NAME_MAX 249u // without the prefix, with NUL: Linux's
#define DELETED        " (deleted)"

s32 sys_memfd_create(const char __user *name, u32 flags)
{
    char full[sizeof(MEMFD_PREFIX) + MEMFD_NAME_MAX + sizeof(DELETED)];
    const u32 prefix = sizeof(MEMFD_PREFIX) - 1;
    struct file *file;
    s32 length, fd;
    int err;

    // There are no huge pages.
    if (flags & ~(u32)(MFD_CLOEXEC | MFD_ALLOW_SEALING))
        return -EINVAL;
    memcpy(full, MEMFD_PREFIX, prefix);
    length = string_from_user(full + prefix, name, MEMFD_NAME_MAX + 1);
    if (length < 0)
        return length == -ENAMETOOLONG ? -EINVAL : length;
    memcpy(full + prefix + (u32)length, DELETED, sizeof(DELETED));
    err = shmem_file_create(full, 0, 0777, &file);
    if (err)
        return err;
    if (flags & MFD_ALLOW_SEALING)
        file_allow_seals(file);
    fd = files_install(file, 0, flags & MFD_CLOEXEC);
    if (fd < 0)
        file_put(file);
    return fd;
}
