// kernel/sys_file.c - sizes of files
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/files.h>
#include <fs/inotify.h>
#include <fs/permission.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/uaccess.h>
#include <linux/falloc.h>
#include <mm/page_alloc.h>

#include "sys_path.h"

static u64 join(u32 low, u32 high)
{
    return (u64)high << 32 | low;
}

// ---- sizes -----------------------------------------------------------------

static s32 truncate_path(const char __user *path, u64 size)
{
    struct path found;
    const struct inode *inode;
    int rc;

    if ((s64)size < 0)
        return -EINVAL;
    rc = user_path_resolve(AT_FDCWD, path, 0, &found);
    if (rc)
        return rc;
    inode = found.dentry->inode;
    rc = S_ISREG(inode->mode)
             ? inode_permission(inode, MAY_WRITE, current->cred)
             : 0;
    if (!rc)
        rc = vfs_truncate(&found, size);
    path_put(&found);
    return rc;
}

static s32 truncate_fd(s32 fd, u64 size)
{
    struct file *file;
    s32 rc = -EINVAL;

    if ((s64)size < 0)
        return -EINVAL;
    file = file_from_fd(fd);
    if (!file)
        return -EBADF;
    if (file_is_writable(file) && S_ISREG(file->inode->mode))
        rc = vfs_truncate(&file->path, size);
    file_put(file);
    return rc;
}

s32 sys_truncate(const char __user *path, s32 size)
{
    return truncate_path(path, (u64)(s64)size);
}

s32 sys_ftruncate(s32 fd, s32 size)
{
    return truncate_fd(fd, (u64)(s64)size);
}

s32 sys_truncate64(const char __user *path, u32 low, u32 high)
{
    return truncate_path(path, join(low, high));
}

s32 sys_ftruncate64(s32 fd, u32 low, u32 high)
{
    return truncate_fd(fd, join(low, high));
}

// As far as a 32-bit page index reaches.
#define FALLOCATE_MOST ((s64)0xffffffffu << PAGE_SHIFT)

// Return: 0; -errno as fallocate(2) lists them, in Linux's order.
static int check_fallocate(const struct file *file, u32 mode, s64 pos,
                           s64 bytes)
{
    const u32 known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
                      FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_ZERO_RANGE |
                      FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;

    if (pos < 0 || bytes <= 0)
        return -EINVAL;
    if (mode & ~known)
        return -EOPNOTSUPP;
    if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
        return -EOPNOTSUPP;
    if (!file_is_writable(file))
        return -EBADF;
    if ((mode & ~(u32)FALLOC_FL_KEEP_SIZE) && (file->flags & O_APPEND))
        return -EPERM;
    if (file->inode->swapfile)
        return -ETXTBSY;
    switch (file->inode->mode & S_IFMT) {
    case S_IFREG: break;
    case S_IFIFO: return -ESPIPE;
    case S_IFDIR: return -EISDIR;
    default: return -ENODEV;
    }
    if (pos > FALLOCATE_MOST - bytes)
        return -EFBIG;
    return file->ops->fallocate ? 0 : -EOPNOTSUPP;
}

s32 sys_fallocate(s32 fd, u32 mode, u32 pos_low, u32 pos_high, u32 bytes_low,
                  u32 bytes_high)
{
    u64 pos = join(pos_low, pos_high), bytes = join(bytes_low, bytes_high);
    struct file *file = file_from_fd(fd);
    s32 rc;

    if (!file)
        return -EBADF;
    rc = check_fallocate(file, mode, (s64)pos, (s64)bytes);
    if (!rc)
        rc = file->ops->fallocate(file, mode, pos, bytes);
    if (!rc)
        inotify_file(file, IN_MODIFY);
    file_put(file);
    return rc;
}
