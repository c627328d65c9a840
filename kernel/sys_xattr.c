// kernel/sys_xattr.c - system calls: extended attributes, which no file has
// SPDX-License-Identifier: MIT
//
// No file system here stores any, so that each call answers as Linux does for
// a file on one that does not: the path, the name and the flags are looked at
// first; then getting and setting is not supported, and a list is empty.

#include <kernel/sys_fs.h>

#include <fs/files.h>
#include <kernel/uaccess.h>
#include <linux/limits.h>
#include <linux/xattr.h>

#include "sys_path.h"

static int check_name(const char __user *user)
{
    char name[XATTR_NAME_MAX + 1];
    s32 length = string_from_user(name, user, sizeof(name));

    if (length == -ENAMETOOLONG || length == 0)
        return -ERANGE;
    return length < 0 ? length : 0;
}

static int check_value(const char __user *name, u32 bytes, u32 flags)
{
    if (flags & ~(u32)(XATTR_CREATE | XATTR_REPLACE))
        return -EINVAL;
    return bytes > XATTR_SIZE_MAX ? -E2BIG : check_name(name);
}

// Whether there is such a file, and nothing else.
static int check_path(const char __user *path, u32 at_flags)
{
    struct path found;
    int rc = user_path_resolve(AT_FDCWD, path, at_flags, &found);

    if (!rc)
        path_put(&found);
    return rc;
}

static int check_fd(s32 fd)
{
    struct file *file = file_from_fd(fd);
    int rc;

    if (!file)
        return -EBADF;
    rc = file->flags & O_PATH ? -EBADF : 0;
    file_put(file);
    return rc;
}

// The first of @checks that failed, or that there is nothing.
static s32 unsupported(int first, int second)
{
    if (first)
        return first;
    return second ? second : -EOPNOTSUPP;
}

s32 sys_setxattr(const char __user *path, const char __user *name,
                 const void __user *value __unused, u32 bytes, u32 flags)
{
    return unsupported(check_path(path, 0), check_value(name, bytes, flags));
}

s32 sys_lsetxattr(const char __user *path, const char __user *name,
                  const void __user *value __unused, u32 bytes, u32 flags)
{
    return unsupported(check_path(path, AT_SYMLINK_NOFOLLOW),
                       check_value(name, bytes, flags));
}

s32 sys_fsetxattr(s32 fd, const char __user *name,
                  const void __user *value __unused, u32 bytes, u32 flags)
{
    return unsupported(check_fd(fd), check_value(name, bytes, flags));
}

s32 sys_getxattr(const char __user *path, const char __user *name,
                 void __user *value __unused, u32 bytes __unused)
{
    return unsupported(check_path(path, 0), check_name(name));
}

s32 sys_lgetxattr(const char __user *path, const char __user *name,
                  void __user *value __unused, u32 bytes __unused)
{
    return unsupported(check_path(path, AT_SYMLINK_NOFOLLOW), check_name(name));
}

s32 sys_fgetxattr(s32 fd, const char __user *name, void __user *value __unused,
                  u32 bytes __unused)
{
    return unsupported(check_fd(fd), check_name(name));
}

s32 sys_listxattr(const char __user *path, char __user *list __unused,
                  u32 bytes __unused)
{
    return check_path(path, 0);
}

s32 sys_llistxattr(const char __user *path, char __user *list __unused,
                   u32 bytes __unused)
{
    return check_path(path, AT_SYMLINK_NOFOLLOW);
}

s32 sys_flistxattr(s32 fd, char __user *list __unused, u32 bytes __unused)
{
    return check_fd(fd);
}

s32 sys_removexattr(const char __user *path, const char __user *name)
{
    return unsupported(check_path(path, 0), check_name(name));
}

s32 sys_lremovexattr(const char __user *path, const char __user *name)
{
    return unsupported(check_path(path, AT_SYMLINK_NOFOLLOW), check_name(name));
}

s32 sys_fremovexattr(s32 fd, const char __user *name)
{
    return unsupported(check_fd(fd), check_name(name));
}
