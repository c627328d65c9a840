// kernel/sys_mount.c - mount and umount
// SPDX-License-Identifier: MIT
//
// New mounts, binds, moves, and remounts: of the file system, or, with MS_BIND,
// of the mount alone. Every mount is private: making one so succeeds, any other
// propagation is refused.

#include <kernel/sys_fs.h>

#include <fs/bdev.h>
#include <kernel/cred.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <mm/page_alloc.h>

#include "sys_path.h"

// What a mount keeps.
#define ATIME_FLAGS (MS_NOATIME | MS_NODIRATIME | MS_RELATIME)
#define MOUNT_FLAGS (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | ATIME_FLAGS)
// Accepted and without effect.
#define MOUNT_HINTS     (MS_STRICTATIME | MS_SILENT | MS_LAZYTIME)
#define PROPAGATION     (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)
#define MNT_FORCE       1u // umount2, from its manual
#define MNT_DETACH      2u
#define UMOUNT_NOFOLLOW 8u

// The flags of a mount: relatime is what there is without another word.
static u32 flags_kept(u32 flags)
{
    u32 kept = flags & MOUNT_FLAGS;

    if (flags & MS_STRICTATIME)
        return kept & ~(u32)(MS_RELATIME | MS_NOATIME);
    if (flags & MS_NOATIME)
        return kept & ~(u32)MS_RELATIME;
    return kept | MS_RELATIME;
}

// A string that may be missing (then "").
static int optional_string(const void __user *user, char **out)
{
    if (user)
        return path_string(user, out);
    *out = kzalloc(1, GFP_KERNEL);
    return *out ? 0 : -ENOMEM;
}

static int mount_new(const char *source, const struct path *point,
                     const char *type_name, u32 flags, const char *options)
{
    const struct fs_type *type = fs_type_find(type_name);
    struct block_device *device = NULL;
    struct super *super;
    struct mount *mount;
    int rc;

    if (!type)
        return -ENODEV;
    if (!S_ISDIR(point->dentry->inode->mode))
        return -ENOTDIR;
    if (type->single && point->dentry == point->mount->root &&
        point->mount->super->type == type)
        return -EBUSY;
    if (type->needs_device) {
        rc = bdev_find(source, &device);
        if (rc)
            return rc;
    }
    rc = super_create_flags(
        type, device, options,
        !type->single && (flags & MS_RDONLY) ? SUPER_READONLY : 0, &super);
    if (rc)
        return rc;
    if ((super->flags & SUPER_READONLY) && !(flags & MS_RDONLY)) {
        super_destroy(super);
        return -EROFS; // as for a medium that cannot be written; mount -r works
    }
    mount =
        mount_create(super, *source ? source : type->name, flags_kept(flags));
    if (!mount)
        return -ENOMEM;
    return mount_attach(mount, point);
}

// Times of access stay as they were when no word is said of them, as on Linux.
static void set_flags(struct mount *mount, u32 flags)
{
    u32 old = mount->flags & ATIME_FLAGS;

    if (flags & (ATIME_FLAGS | MS_STRICTATIME))
        mount->flags = flags_kept(flags);
    else
        mount->flags = (flags & MOUNT_FLAGS) | old;
}

// Read-only or not is a matter of the file system, for those with a device.
static int remount(const struct path *point, u32 flags, const char *options)
{
    struct mount *mount = point->mount;
    struct super *super = mount->super;
    bool readonly = flags & MS_RDONLY;
    int rc = 0;

    if (point->dentry != mount->root || !mount_is_attached(mount))
        return -EINVAL;
    if (flags & MS_BIND)
        rc = 0;
    else if (super->ops->remount)
        rc = super_remount(super, readonly, options);
    else if ((super->flags & SUPER_READONLY) && !readonly)
        rc = -EROFS;
    if (!rc)
        set_flags(mount, flags);
    return rc;
}

// To another place, or a second time.
static int mount_from(const char *source, const struct path *point, u32 flags)
{
    struct path from;
    int rc;

    if (!*source)
        return -EINVAL;
    rc = path_resolve(AT_FDCWD, source, WALK_FOLLOW, &from);
    if (rc)
        return rc;
    if (flags & MS_MOVE)
        rc = mount_move(&from, point);
    else
        rc = mount_bind(&from, point,
                        flags & MS_REC ? MOUNT_WITH_ALL_BELOW : MOUNT_ALONE);
    path_put(&from);
    return rc;
}

static int set_propagation(const struct path *point, u32 flags)
{
    u32 kind = flags & PROPAGATION;

    if (flags & ~(u32)(PROPAGATION | MS_REC | MS_SILENT))
        return -EINVAL;
    if (point->dentry != point->mount->root)
        return -EINVAL;
    // What is private already is a slave of nobody.
    return kind == MS_PRIVATE || kind == MS_SLAVE ? 0 : -EINVAL;
}

struct mount_strings {
    char *source, *target, *type, *options;
};

static int mount_strings(const struct mount_strings *s, u32 flags)
{
    struct path point;
    int rc;

    rc = path_resolve(AT_FDCWD, s->target, WALK_FOLLOW, &point);
    if (rc)
        return rc;
    if (flags & ~(u32)(MOUNT_FLAGS | MOUNT_HINTS | MS_REMOUNT | MS_BIND |
                       MS_MOVE | MS_REC | PROPAGATION))
        rc = -EINVAL;
    else if (flags & MS_REMOUNT)
        rc = remount(&point, flags, s->options);
    else if (flags & PROPAGATION && !(flags & MS_BIND))
        rc = set_propagation(&point, flags);
    else if (flags & (MS_BIND | MS_MOVE))
        rc = mount_from(s->source, &point, flags);
    else
        rc = mount_new(s->source, &point, s->type, flags, s->options);
    path_put(&point);
    return rc;
}

s32 sys_mount(const char __user *source, const char __user *target,
              const char __user *type, u32 flags, const void __user *data)
{
    struct mount_strings s = {NULL, NULL, NULL, NULL};
    int rc;

    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
        flags &= ~(u32)MS_MGC_MSK;
    rc = path_string(target, &s.target);
    if (!rc)
        rc = optional_string(source, &s.source);
    if (!rc)
        rc = optional_string(type, &s.type);
    if (!rc)
        rc = optional_string(data, &s.options);
    if (!rc)
        rc = mount_strings(&s, flags);
    kfree(s.options);
    kfree(s.type);
    kfree(s.source);
    kfree(s.target);
    return rc;
}

s32 sys_umount2(const char __user *path, u32 flags)
{
    u32 at = flags & UMOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
    struct mount *mount;
    struct path found;
    int rc;

    if (flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW))
        return -EINVAL;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    rc = user_path_resolve(AT_FDCWD, path, at, &found);
    if (rc)
        return rc;
    mount = found.mount;
    rc = found.dentry == mount->root && mount_is_attached(mount) ? 0 : -EINVAL;
    // The tree holds the mount, and the mount its root: both stay, and nothing
    // sleeps from here to the detaching.
    path_put(&found);
    return rc ? rc : mount_detach(mount, flags & MNT_DETACH);
}

s32 sys_umount(const char __user *path)
{
    return sys_umount2(path, 0);
}
