// kernel/sys_inotify.c - system calls: inotify
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/files.h>
#include <fs/inotify.h>
#include <fs/permission.h>
#include <fs/vfs.h>
#include <kernel/cred.h>
#include <kernel/task.h>

#include "sys_path.h"

#define KNOWN_BITS                                                             \
    (IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR |    \
     IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_ADD | IN_MASK_CREATE |          \
     IN_ISDIR | IN_ONESHOT)

s32 sys_inotify_init1(u32 flags)
{
    return flags & ~(u32)(IN_CLOEXEC | IN_NONBLOCK) ? -EINVAL
                                                    : inotify_create(flags);
}

s32 sys_inotify_init(void)
{
    return sys_inotify_init1(0);
}

static s32 add_by_path(struct file *file, const char __user *path, u32 mask)
{
    u32 at = mask & IN_DONT_FOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
    const u32 excluded = IN_MASK_ADD | IN_MASK_CREATE;
    struct inode *inode;
    struct path found;
    s32 rc;

    if ((mask & excluded) == excluded || !inotify_is(file))
        return -EINVAL;
    rc = user_path_resolve(AT_FDCWD, path, at, &found);
    if (rc)
        return rc;
    inode = found.dentry->inode;
    rc = (mask & IN_ONLYDIR) && !S_ISDIR(inode->mode) ? -ENOTDIR : 0;
    if (!rc)
        rc = inode_permission(inode, MAY_READ, current->cred);
    if (!rc)
        rc = inotify_add(file, inode, mask);
    path_put(&found);
    return rc;
}

s32 sys_inotify_add_watch(s32 fd, const char __user *path, u32 mask)
{
    struct file *file;
    s32 rc;

    if (!(mask & KNOWN_BITS))
        return -EINVAL;
    file = file_from_fd(fd);
    if (!file)
        return -EBADF;
    rc = add_by_path(file, path, mask);
    file_put(file);
    return rc;
}

s32 sys_inotify_rm_watch(s32 fd, s32 wd)
{
    struct file *file = file_from_fd(fd);
    s32 rc;

    if (!file)
        return -EBADF;
    rc = inotify_remove(file, wd);
    file_put(file);
    return rc;
}
