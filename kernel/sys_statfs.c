// kernel/sys_statfs.c - what is known of file systems
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <asm/statfs.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/mount.h>

#include "sys_path.h"

#define ST_VALID 0x0020u // f_flags are there; not in the uapi headers

static void numbers_get(const struct path *path, struct fs_numbers *out)
{
    struct super *super = path->mount->super;

    *out = (struct fs_numbers){.block_bytes = PAGE_SIZE, .name_max = 255};
    if (super->ops->statfs)
        super->ops->statfs(super, out);
}

static u32 mount_flags(const struct path *path)
{
    u32 flags =
        path->mount->flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);

    if (path_is_readonly(path))
        flags |= MS_RDONLY;
    return flags | ST_VALID; // ST_* have the values of MS_* up to here
}

static int put_statfs(const struct path *path, struct statfs __user *user)
{
    const struct super *super = path->mount->super;
    struct fs_numbers n;
    struct statfs st;

    numbers_get(path, &n);
    if (n.blocks > 0xffffffffu || n.inodes > 0xffffffffu)
        return -EOVERFLOW;
    memset(&st, 0, sizeof(st));
    st.f_type = super->magic;
    st.f_bsize = n.block_bytes;
    st.f_blocks = (u32)n.blocks;
    st.f_bfree = (u32)n.blocks_free;
    st.f_bavail = (u32)n.blocks_available;
    st.f_files = (u32)n.inodes;
    st.f_ffree = (u32)n.inodes_free;
    st.f_fsid.val[0] = (s32)super->device;
    st.f_namelen = n.name_max;
    st.f_frsize = n.block_bytes;
    st.f_flags = mount_flags(path);
    return copy_to_user(user, &st, sizeof(st));
}

static int put_statfs64(const struct path *path, struct statfs64 __user *user)
{
    const struct super *super = path->mount->super;
    struct fs_numbers n;
    struct statfs64 st;

    numbers_get(path, &n);
    memset(&st, 0, sizeof(st));
    st.f_type = super->magic;
    st.f_bsize = n.block_bytes;
    st.f_blocks = n.blocks;
    st.f_bfree = n.blocks_free;
    st.f_bavail = n.blocks_available;
    st.f_files = n.inodes;
    st.f_ffree = n.inodes_free;
    st.f_fsid.val[0] = (s32)super->device;
    st.f_namelen = n.name_max;
    st.f_frsize = n.block_bytes;
    st.f_flags = mount_flags(path);
    return copy_to_user(user, &st, sizeof(st));
}

s32 sys_statfs(const char __user *path, struct statfs __user *out)
{
    struct path found;
    int rc = user_path_resolve(AT_FDCWD, path, 0, &found);

    if (rc)
        return rc;
    rc = put_statfs(&found, out);
    path_put(&found);
    return rc;
}

s32 sys_fstatfs(s32 fd, struct statfs __user *out)
{
    struct path found;
    int rc = path_from_fd(fd, &found);

    if (rc)
        return rc;
    rc = put_statfs(&found, out);
    path_put(&found);
    return rc;
}

s32 sys_statfs64(const char __user *path, u32 size, struct statfs64 __user *out)
{
    struct path found;
    int rc;

    if (size != sizeof(struct statfs64))
        return -EINVAL;
    rc = user_path_resolve(AT_FDCWD, path, 0, &found);
    if (rc)
        return rc;
    rc = put_statfs64(&found, out);
    path_put(&found);
    return rc;
}

s32 sys_fstatfs64(s32 fd, u32 size, struct statfs64 __user *out)
{
    struct path found;
    int rc;

    if (size != sizeof(struct statfs64))
        return -EINVAL;
    rc = path_from_fd(fd, &found);
    if (rc)
        return rc;
    rc = put_statfs64(&found, out);
    path_put(&found);
    return rc;
}
