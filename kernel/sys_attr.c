// kernel/sys_attr.c - modes, owners and times of files
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/files.h>
#include <fs/inotify.h>
#include <fs/permission.h>
#include <kernel/cred.h>
#include <kernel/ids.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <linux/time_types.h>

#include "sys_path.h"

// tv_nsec of utimensat: from the manual (uapi has it in no header).
#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

// Whether attributes of this file can be changed at all.
static int check_changeable(const struct path *path)
{
    struct inode *inode = path->dentry->inode;

    if (path_is_readonly(path))
        return -EROFS;
    if (!inode->ops->may_set_attributes)
        return -EPERM;
    return inode->ops->may_set_attributes(inode);
}

// ---- mode ------------------------------------------------------------------

// @path is used up by this and its like.
static s32 set_mode(struct path *path, u32 mode)
{
    struct inode *inode = path->dentry->inode;
    int rc = check_changeable(path);

    if (!rc && !inode_is_owner(inode, current->cred))
        rc = -EPERM;
    if (!rc) {
        mode &= 07777;
        if (!inode_in_group(inode, current->cred))
            mode &= ~(u32)S_ISGID;
        inode->mode = (inode->mode & S_IFMT) | mode;
        inode->ctime_ns = time_wall_ns();
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

// Of an open file, but not one opened with O_PATH.
static int path_of_open(s32 fd, struct path *out)
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
    int rc = check_changeable(path);

    if (!rc)
        rc = may_chown(inode, uid, gid);
    if (!rc) {
        if (uid != ID_KEEP)
            inode->uid = uid;
        if (gid != ID_KEEP)
            inode->gid = gid;
        if (!S_ISDIR(inode->mode))
            inode_drop_set_ids_always(inode);
        inode->ctime_ns = time_wall_ns();
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

// ---- times -----------------------------------------------------------------

// Access and modification, as given.
struct file_times {
    s64 seconds[2];
    s64 ns[2]; // or UTIME_NOW, UTIME_OMIT
};

static const struct file_times times_now = {.ns = {UTIME_NOW, UTIME_NOW}};

static int check_times(const struct inode *inode, const struct file_times *t)
{
    bool now = t->ns[0] == UTIME_NOW && t->ns[1] == UTIME_NOW;

    if (inode_is_owner(inode, current->cred))
        return 0;
    if (!now)
        return -EPERM;
    return inode_permission(inode, MAY_WRITE, current->cred);
}

static int to_ns(s64 seconds, s64 ns, u64 *out)
{
    switch (ns) {
    case UTIME_NOW: *out = time_wall_ns(); return 0;
    case UTIME_OMIT: return 0;
    default: break;
    }
    if (ns < 0 || ns >= NSEC_PER_SEC)
        return -EINVAL;
    // What cannot be kept becomes the nearest that can, as on Linux.
    seconds = max(seconds, (s64)0);
    seconds = min(seconds, (s64)0xffffffff);
    *out = (u64)seconds * NSEC_PER_SEC + (u64)ns;
    return 0;
}

// One time alone looks as what sets it otherwise.
static u32 event_of(const struct file_times *t)
{
    if (t->ns[0] == UTIME_OMIT)
        return IN_MODIFY;
    return t->ns[1] == UTIME_OMIT ? IN_ACCESS : IN_ATTRIB;
}

static s32 set_times(struct path *path, const struct file_times *t)
{
    struct inode *inode = path->dentry->inode;
    u64 atime = inode->atime_ns, mtime = inode->mtime_ns;
    int rc = to_ns(t->seconds[0], t->ns[0], &atime);

    if (!rc)
        rc = to_ns(t->seconds[1], t->ns[1], &mtime);
    if (!rc && t->ns[0] == UTIME_OMIT && t->ns[1] == UTIME_OMIT)
        goto out_put;
    if (!rc)
        rc = check_changeable(path);
    if (!rc)
        rc = check_times(inode, t);
    if (!rc) {
        inode->atime_ns = atime;
        inode->mtime_ns = mtime;
        inode->ctime_ns = time_wall_ns();
        inode_mark_dirty(inode);
        inotify_dentry(path->dentry, event_of(t));
    }
out_put:
    path_put(path);
    return rc;
}

// A null path means the open file @dirfd.
static s32 set_times_at(s32 dirfd, const char __user *path, u32 flags,
                        const struct file_times *t)
{
    struct path found;
    int rc;

    if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (path)
        rc = user_path_resolve(dirfd, path, flags, &found);
    else if (flags)
        rc = -EINVAL;
    else
        rc = path_of_open(dirfd, &found);
    return rc ? rc : set_times(&found, t);
}

s32 sys_utimensat_time64(s32 dirfd, const char __user *path,
                         const struct __kernel_timespec __user *times,
                         u32 flags)
{
    struct __kernel_timespec both[2];
    struct file_times t = times_now;
    u32 i;

    if (times) {
        if (copy_from_user(both, times, sizeof(both)))
            return -EFAULT;
        for (i = 0; i < 2; i++) {
            t.seconds[i] = both[i].tv_sec;
            t.ns[i] = (s32)both[i].tv_nsec; // the upper half is padding
        }
    }
    return set_times_at(dirfd, path, flags, &t);
}

s32 sys_utimensat(s32 dirfd, const char __user *path,
                  const struct __kernel_old_timespec __user *times, u32 flags)
{
    struct __kernel_old_timespec both[2];
    struct file_times t = times_now;
    u32 i;

    if (times) {
        if (copy_from_user(both, times, sizeof(both)))
            return -EFAULT;
        for (i = 0; i < 2; i++) {
            t.seconds[i] = both[i].tv_sec;
            t.ns[i] = both[i].tv_nsec;
        }
    }
    return set_times_at(dirfd, path, flags, &t);
}

s32 sys_futimesat(s32 dirfd, const char __user *path,
                  const struct __kernel_old_timeval __user *times)
{
    struct __kernel_old_timeval both[2];
    struct file_times t = times_now;
    u32 i;

    if (times) {
        if (copy_from_user(both, times, sizeof(both)))
            return -EFAULT;
        for (i = 0; i < 2; i++) {
            if (both[i].tv_usec < 0 || both[i].tv_usec >= 1000000)
                return -EINVAL;
            t.seconds[i] = both[i].tv_sec;
            t.ns[i] = (s64)both[i].tv_usec * NSEC_PER_USEC;
        }
    }
    return set_times_at(dirfd, path, 0, &t);
}

s32 sys_utimes(const char __user *path,
               const struct __kernel_old_timeval __user *times)
{
    return sys_futimesat(AT_FDCWD, path, times);
}

s32 sys_utime(const char __user *path, const s32 __user *times)
{
    struct file_times t = times_now;
    s32 both[2];
    u32 i;

    if (times) {
        if (copy_from_user(both, times, sizeof(both)))
            return -EFAULT;
        for (i = 0; i < 2; i++) {
            t.seconds[i] = both[i];
            t.ns[i] = 0;
        }
    }
    return set_times_at(AT_FDCWD, path, 0, &t);
}
