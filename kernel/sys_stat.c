// kernel/sys_stat.c - what is known of files
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <asm/stat.h>
#include <kernel/ids.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <lib/div64.h>
#include <lib/string.h>
#include <mm/shmem.h>

#include "sys_path.h"

// All that the structures of stat are made of.
struct attributes {
    const struct inode *inode;
    u64 size, sectors;
    u64 atime_s, mtime_s, ctime_s; // and the rest
    u32 atime_ns, mtime_ns, ctime_ns;
};

static void attributes_get(const struct inode *inode, struct attributes *out)
{
    out->inode = inode;
    out->size = inode->mapping.size_bytes;
    // Without a device, what is in memory is what there is.
    out->sectors =
        inode->super->block
            ? inode->sectors
            : (u64)mapping_content_pages(&inode->mapping) * (PAGE_SIZE / 512);
    out->atime_s = inode->atime_ns;
    out->atime_ns = u64_div(&out->atime_s, NSEC_PER_SEC);
    out->mtime_s = inode->mtime_ns;
    out->mtime_ns = u64_div(&out->mtime_s, NSEC_PER_SEC);
    out->ctime_s = inode->ctime_ns;
    out->ctime_ns = u64_div(&out->ctime_s, NSEC_PER_SEC);
}

static int put_stat(const struct inode *inode, void __user *user)
{
    struct attributes a;
    struct stat st;

    attributes_get(inode, &a);
    if (a.size > 0x7fffffff || inode->nlink > 0xffff)
        return -EOVERFLOW;
    memset(&st, 0, sizeof(st));
    st.st_dev = inode->super->device;
    st.st_ino = inode->ino;
    st.st_mode = (u16)inode->mode;
    st.st_nlink = (u16)inode->nlink;
    st.st_uid = id_to_16(inode->uid);
    st.st_gid = id_to_16(inode->gid);
    st.st_rdev = inode->rdev;
    st.st_size = (u32)a.size;
    st.st_blksize = PAGE_SIZE;
    st.st_blocks = (u32)a.sectors;
    st.st_atime = (u32)a.atime_s;
    st.st_atime_nsec = a.atime_ns;
    st.st_mtime = (u32)a.mtime_s;
    st.st_mtime_nsec = a.mtime_ns;
    st.st_ctime = (u32)a.ctime_s;
    st.st_ctime_nsec = a.ctime_ns;
    return copy_to_user(user, &st, sizeof(st));
}

static int put_stat64(const struct inode *inode, void __user *user)
{
    struct attributes a;
    struct stat64 st;

    attributes_get(inode, &a);
    memset(&st, 0, sizeof(st));
    st.st_dev = inode->super->device;
    st.__st_ino = inode->ino;
    st.st_ino = inode->ino;
    st.st_mode = inode->mode;
    st.st_nlink = inode->nlink;
    st.st_uid = inode->uid;
    st.st_gid = inode->gid;
    st.st_rdev = inode->rdev;
    st.st_size = (s64)a.size;
    st.st_blksize = PAGE_SIZE;
    st.st_blocks = a.sectors;
    st.st_atime = (u32)a.atime_s;
    st.st_atime_nsec = a.atime_ns;
    st.st_mtime = (u32)a.mtime_s;
    st.st_mtime_nsec = a.mtime_ns;
    st.st_ctime = (u32)a.ctime_s;
    st.st_ctime_nsec = a.ctime_ns;
    return copy_to_user(user, &st, sizeof(st));
}

static int put_statx(const struct inode *inode, void __user *user)
{
    u32 device = inode->super->device;
    struct attributes a;
    struct statx st;

    attributes_get(inode, &a);
    memset(&st, 0, sizeof(st));
    st.stx_mask = STATX_BASIC_STATS;
    st.stx_blksize = PAGE_SIZE;
    st.stx_nlink = inode->nlink;
    st.stx_uid = inode->uid;
    st.stx_gid = inode->gid;
    st.stx_mode = (u16)inode->mode;
    st.stx_ino = inode->ino;
    st.stx_size = a.size;
    st.stx_blocks = a.sectors;
    st.stx_atime.tv_sec = (s64)a.atime_s;
    st.stx_atime.tv_nsec = a.atime_ns;
    st.stx_mtime.tv_sec = (s64)a.mtime_s;
    st.stx_mtime.tv_nsec = a.mtime_ns;
    st.stx_ctime.tv_sec = (s64)a.ctime_s;
    st.stx_ctime.tv_nsec = a.ctime_ns;
    st.stx_rdev_major = device_major(inode->rdev);
    st.stx_rdev_minor = device_minor(inode->rdev);
    st.stx_dev_major = device_major(device);
    st.stx_dev_minor = device_minor(device);
    return copy_to_user(user, &st, sizeof(st));
}

typedef int (*put_fn)(const struct inode *inode, void __user *user);

static s32 stat_path(s32 dirfd, const char __user *path, u32 flags, put_fn put,
                     void __user *out)
{
    struct path found;
    int rc = user_path_resolve(dirfd, path, flags, &found);

    if (rc)
        return rc;
    rc = put(found.dentry->inode, out);
    path_put(&found);
    return rc;
}

static s32 stat_fd(s32 fd, put_fn put, void __user *out)
{
    struct path found;
    int rc = path_from_fd(fd, &found);

    if (rc)
        return rc;
    rc = put(found.dentry->inode, out);
    path_put(&found);
    return rc;
}

s32 sys_stat(const char __user *path, struct stat __user *out)
{
    return stat_path(AT_FDCWD, path, 0, put_stat, out);
}

s32 sys_lstat(const char __user *path, struct stat __user *out)
{
    return stat_path(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, put_stat, out);
}

s32 sys_fstat(s32 fd, struct stat __user *out)
{
    return stat_fd(fd, put_stat, out);
}

s32 sys_stat64(const char __user *path, struct stat64 __user *out)
{
    return stat_path(AT_FDCWD, path, 0, put_stat64, out);
}

s32 sys_lstat64(const char __user *path, struct stat64 __user *out)
{
    return stat_path(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, put_stat64, out);
}

s32 sys_fstat64(s32 fd, struct stat64 __user *out)
{
    return stat_fd(fd, put_stat64, out);
}

s32 sys_fstatat64(s32 dirfd, const char __user *path, struct stat64 __user *out,
                  u32 flags)
{
    if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
        return -EINVAL;
    return stat_path(dirfd, path, flags, put_stat64, out);
}

s32 sys_statx(s32 dirfd, const char __user *path, u32 flags, u32 mask,
              struct statx __user *out)
{
    if (mask & STATX__RESERVED ||
        (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
        flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT |
                       AT_STATX_SYNC_TYPE))
        return -EINVAL;
    return stat_path(dirfd, path, flags, put_statx, out);
}
