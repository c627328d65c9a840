// kernel/sys_open.c - open and close; where a process stands in the tree
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/context.h>
#include <fs/fd.h>
#include <fs/permission.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/close_range.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <mm/page_alloc.h>

#include "sys_path.h"

// Flags that open(2) knows; others are ignored, as Linux does.
#define OPEN_FLAGS                                                             \
    (O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |            \
     O_NONBLOCK | O_SYNC | FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY |     \
     O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | __O_TMPFILE)

int user_path_resolve(s32 dirfd, const char __user *path, u32 at_flags,
                      struct path *out)
{
    u32 flags = at_flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW;

    if (at_flags & AT_EMPTY_PATH) {
        flags |= WALK_EMPTY;
        if (!path)
            return path_resolve(dirfd, "", flags, out);
    }
    return WITH_USER_PATH(path, name, path_resolve(dirfd, name, flags, out));
}

s32 sys_openat(s32 dirfd, const char __user *path, u32 flags, u32 mode)
{
    struct file *file = NULL;
    s32 fd;
    int rc;

    flags &= (u32)OPEN_FLAGS;
    rc = WITH_USER_PATH(path, name,
                        file_open_at(dirfd, name, flags, mode, &file));
    if (rc)
        return rc;
    fd = files_install(file, 0, flags & O_CLOEXEC);
    if (fd < 0)
        file_put(file);
    return fd;
}

s32 sys_open(const char __user *path, u32 flags, u32 mode)
{
    return sys_openat(AT_FDCWD, path, flags, mode);
}

s32 sys_creat(const char __user *path, u32 mode)
{
    return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

s32 sys_close(s32 fd)
{
    return files_close(fd);
}

s32 sys_close_range(u32 first, u32 last, u32 flags)
{
    struct files *copy;
    s32 fd;
    int rc;

    if (first > last ||
        (flags & ~(u32)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)))
        return -EINVAL;
    if (flags & CLOSE_RANGE_UNSHARE) {
        copy = files_fork(current->files);
        if (!copy)
            return -ENOMEM;
        files_put(current->files);
        current->files = copy;
    }
    for (fd = (s32)min(first, FILES_MAX); fd >= 0 && (u32)fd <= last; fd++) {
        fd = files_next_fd(current->files, fd);
        if (fd < 0 || (u32)fd > last)
            break;
        rc = flags & CLOSE_RANGE_CLOEXEC ? files_set_cloexec(fd, true)
                                         : files_close(fd);
        ASSERT(rc == 0);
    }
    return 0;
}

// access(2) asks for the real user, who has called a program with more rights:
// what that user could do without it.
static void get_real(struct cred *out)
{
    *out = *current->cred;
    out->fsuid = out->uid;
    out->fsgid = out->gid;
    if (!(out->securebits & SECBIT_NO_SETUID_FIXUP))
        out->effective = out->uid == 0 ? out->permitted : 0;
}

static int check_access(const struct path *path, u32 mode,
                        const struct cred *cred)
{
    const struct inode *inode = path->dentry->inode;
    int rc;

    if ((mode & MAY_EXEC) && S_ISREG(inode->mode) &&
        (path->mount->flags & MS_NOEXEC))
        return -EACCES;
    rc = inode_permission(inode, mode, cred);
    if (!rc && (mode & MAY_WRITE) && path_is_readonly(path) &&
        (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode)))
        rc = -EROFS;
    return rc;
}

s32 sys_faccessat2(s32 dirfd, const char __user *path, u32 mode, u32 flags)
{
    u32 walk = flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW;
    const struct cred *cred = current->cred;
    struct cred real;
    struct path found;
    int rc;

    if (mode & ~(u32)(MAY_READ | MAY_WRITE | MAY_EXEC) ||
        flags & ~(u32)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (!(flags & AT_EACCESS)) {
        get_real(&real);
        cred = &real;
    }
    if (flags & AT_EMPTY_PATH)
        walk |= WALK_EMPTY;
    rc = WITH_USER_PATH(path, name,
                        path_resolve_as(dirfd, name, walk, cred, &found));
    if (rc)
        return rc;
    rc = check_access(&found, mode, cred);
    path_put(&found);
    return rc;
}

s32 sys_faccessat(s32 dirfd, const char __user *path, u32 mode)
{
    return sys_faccessat2(dirfd, path, mode, 0);
}

s32 sys_access(const char __user *path, u32 mode)
{
    return sys_faccessat2(AT_FDCWD, path, mode, 0);
}

// ---- directories of the process --------------------------------------------

// A directory that the caller may enter: to be its own. @path is used up.
static int set_place(struct path *path, void (*set)(const struct path *),
                     bool allowed)
{
    const struct inode *inode = path->dentry->inode;
    int rc = S_ISDIR(inode->mode)
                 ? inode_permission(inode, MAY_EXEC, current->cred)
                 : -ENOTDIR;

    if (!rc && !allowed)
        rc = -EPERM;
    if (!rc)
        set(path);
    path_put(path);
    return rc;
}

s32 sys_chdir(const char __user *path)
{
    struct path found;
    int rc = user_path_resolve(AT_FDCWD, path, 0, &found);

    return rc ? rc : set_place(&found, fs_set_cwd, true);
}

s32 sys_fchdir(s32 fd)
{
    struct path found;
    int rc = path_from_fd(fd, &found);

    return rc ? rc : set_place(&found, fs_set_cwd, true);
}

s32 sys_chroot(const char __user *path)
{
    struct path found;
    int rc = user_path_resolve(AT_FDCWD, path, 0, &found);

    return rc ? rc : set_place(&found, fs_set_root, capable(CAP_SYS_CHROOT));
}

s32 sys_getcwd(char __user *buf, u32 size)
{
    struct path root, cwd;
    const char *text;
    char *page;
    s32 rc = -ENOENT;
    u32 length;

    page = kmalloc(PATH_MAX, GFP_KERNEL);
    if (!page)
        return -ENOMEM;
    fs_context_root(current->fs, &root);
    fs_context_cwd(current->fs, &cwd);
    if (!cwd.dentry->inode->nlink)
        goto out_put; // removed
    text = path_print(&cwd, &root, page, PATH_MAX);
    length = (u32)strlen(text) + 1;
    rc = -ENAMETOOLONG;
    if (*text != '/')
        goto out_put;
    rc = -ERANGE;
    if (length > size)
        goto out_put;
    rc = copy_to_user(buf, text, length) ? -EFAULT : (s32)length;
out_put:
    path_put(&cwd);
    path_put(&root);
    kfree(page);
    return rc;
}

s32 sys_umask(u32 mask)
{
    return (s32)fs_set_umask(mask);
}
