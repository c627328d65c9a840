// kernel/sys_attr.c - modes and owners of files
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/files.h>
#include <fs/inotify.h>
#include <fs/permission.h>
#include <kernel/cred.h>
#include <kernel/ids.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>

#include "sys_attr.h"
#include "sys_path.h"

int attr_check_changeable(const struct path *path)
{
    struct inode *inode = path->dentry->inode;

    if (path_is_readonly(path))
        return -EROFS;
    if (!inode->ops->may_set_attributes)
        return -EPERM;
    return inode->ops->may_set_attributes(inode);
}

int path_of_open(s32 fd, struct path *out)
{
    struct file *file = file_from_fd(fd);
    int rc = 0;

    if (!file)
        return -EBADF;
    if (file->flags & O_PATH) {
        rc = -EBADF;
    } else {
        *out = file->path;
        path_get(out);
    }
    file_put(file);
    return rc;
}

// ---- mode ------------------------------------------------------------------

// @path is used up by this and its like.
static s32 set_mode(struct path *path, u32 mode)
{
    struct inode *inode = path->dentry->inode;
    int rc = attr_check_changeable(path);

    if (!rc && !inode_is_owner(inode, current->cred))
        rc = -EPERM;
    if (!rc && S_ISLNK(inode->mode)) // by /proc/PID/fd: it has none
        rc = -EOPNOTSUPP;
    if (!rc) {
        mode &= 07777;
        if (!inode_in_group(inode, current->cred))
            mode &= ~(u32)S_ISGID;
        inode->mode = (inode->mode & S_IFMT) | mode;
        inode->ctime_ns = time_wall_ns_coarse();
        inode_mark_dirty(inode);
        inotify_dentry(path->dentry, IN_ATTRIB);
    }
    path_put(path);
    return rc;
}

s32 sys_fchmodat(s32 dirfd, const char __user *path, u32 mode)
{
    struct path found;
    int rc = user_path_resolve(dirfd, path, 0, &found);

    return rc ? rc : set_mode(&found, mode);
}

s32 sys_chmod(const char __user *path, u32 mode)
{
    return sys_fchmodat(AT_FDCWD, path, mode);
}

s32 sys_fchmod(s32 fd, u32 mode)
{
    struct path found;
    int rc = path_of_open(fd, &found);

    return rc ? rc : set_mode(&found, mode);
}

// ---- owner -----------------------------------------------------------------

static int may_chown(const struct inode *inode, u32 uid, u32 gid)
{
    const struct cred *me = current->cred;
    bool is_mine = me->fsuid == inode->uid;

    if (cred_has(me, CAP_CHOWN))
        return 0;
    if (uid != ID_KEEP && (!is_mine || uid != inode->uid))
        return -EPERM;
    if (gid != ID_KEEP &&
        (!is_mine || (gid != inode->gid && !cred_in_group(me, gid))))
        return -EPERM;
    // All that is left then is the loss of these.
    if ((inode->mode & S_ISUID) && !S_ISDIR(inode->mode) &&
        !inode_is_owner(inode, me))
        return -EPERM;
    return 0;
}

static s32 set_owner(struct path *path, u32 uid, u32 gid)
{
    struct inode *inode = path->dentry->inode;
    int rc = attr_check_changeable(path);

    if (!rc)
        rc = may_chown(inode, uid, gid);
    if (!rc) {
        if (uid != ID_KEEP)
            inode->uid = uid;
        if (gid != ID_KEEP)
            inode->gid = gid;
        if (!S_ISDIR(inode->mode))
            inode_drop_set_ids_always(inode);
        inode->ctime_ns = time_wall_ns_coarse();
        inode_mark_dirty(inode);
        if (uid != ID_KEEP || gid != ID_KEEP)
            inotify_dentry(path->dentry, IN_ATTRIB);
    }
    path_put(path);
    return rc;
}

s32 sys_fchownat(s32 dirfd, const char __user *path, u32 uid, u32 gid,
                 u32 flags)
{
    struct path found;
    int rc;

    if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    rc = user_path_resolve(dirfd, path, flags, &found);
    return rc ? rc : set_owner(&found, uid, gid);
}

s32 sys_chown32(const char __user *path, u32 uid, u32 gid)
{
    return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

s32 sys_lchown32(const char __user *path, u32 uid, u32 gid)
{
    return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

s32 sys_fchown32(s32 fd, u32 uid, u32 gid)
{
    struct path found;
    int rc = path_of_open(fd, &found);

    return rc ? rc : set_owner(&found, uid, gid);
}

s32 sys_chown(const char __user *path, u32 uid, u32 gid)
{
    return sys_chown32(path, id_from_16(uid), id_from_16(gid));
}

s32 sys_lchown(const char __user *path, u32 uid, u32 gid)
{
    return sys_lchown32(path, id_from_16(uid), id_from_16(gid));
}

s32 sys_fchown(s32 fd, u32 uid, u32 gid)
{
    return sys_fchown32(fd, id_from_16(uid), id_from_16(gid));
}
