// kernel/sys_times.c - system calls: times of files
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/inotify.h>
#include <fs/permission.h>
#include <kernel/cred.h>
#include <kernel/time.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <linux/time_types.h>

#include "sys_attr.h"
#include "sys_path.h"

// tv_nsec of utimensat: from the manual (uapi has it in no header).
#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

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
    case UTIME_NOW: *out = time_wall_ns_coarse(); return 0;
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
        rc = attr_check_changeable(path);
    if (!rc)
        rc = check_times(inode, t);
    if (!rc) {
        inode->atime_ns = atime;
        inode->mtime_ns = mtime;
        inode->ctime_ns = time_wall_ns_coarse();
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

// Two times as they are written, access first. Return: 0; -EFAULT.
static int get_both(struct __kernel_timespec both[2], const void __user *user,
                    enum time_format format)
{
    struct __kernel_old_timespec old[2]; // or timeval, which has the same shape
    u32 i;

    if (format == TIME_TIMESPEC64)
        return copy_from_user(both, user, 2 * sizeof(*both));
    if (copy_from_user(old, user, sizeof(old)))
        return -EFAULT;
    for (i = 0; i < 2; i++) {
        both[i].tv_sec = old[i].tv_sec;
        both[i].tv_nsec = old[i].tv_nsec;
    }
    return 0;
}

// Microseconds have no numbers that mean more. Return: 0; -EINVAL.
static int to_nanoseconds(s64 *fraction)
{
    if (*fraction < 0 || *fraction >= 1000000)
        return -EINVAL;
    *fraction *= NSEC_PER_USEC;
    return 0;
}

// @user: NULL: now.
static s32 set_user_times_at(s32 dirfd, const char __user *path, u32 flags,
                             const void __user *user, enum time_format format)
{
    struct file_times t = times_now;
    struct __kernel_timespec both[2];
    u32 i;

    if (!user)
        return set_times_at(dirfd, path, flags, &t);
    if (get_both(both, user, format))
        return -EFAULT;
    for (i = 0; i < 2; i++) {
        t.seconds[i] = both[i].tv_sec;
        t.ns[i] = (s32)both[i].tv_nsec; // the upper half is padding
        if (format == TIME_OLD_TIMEVAL && to_nanoseconds(&t.ns[i]))
            return -EINVAL;
    }
    return set_times_at(dirfd, path, flags, &t);
}

s32 sys_utimensat_time64(s32 dirfd, const char __user *path,
                         const struct __kernel_timespec __user *times,
                         u32 flags)
{
    return set_user_times_at(dirfd, path, flags, times, TIME_TIMESPEC64);
}

s32 sys_utimensat(s32 dirfd, const char __user *path,
                  const struct __kernel_old_timespec __user *times, u32 flags)
{
    return set_user_times_at(dirfd, path, flags, times, TIME_OLD_TIMESPEC);
}

s32 sys_futimesat(s32 dirfd, const char __user *path,
                  const struct __kernel_old_timeval __user *times)
{
    return set_user_times_at(dirfd, path, 0, times, TIME_OLD_TIMEVAL);
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
