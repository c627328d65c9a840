// fs/root.c - file systems at boot
// SPDX-License-Identifier: MIT
//
// The root is a tmpfs into which the archives are unpacked, or an ext2 on a
// partition, which nothing is unpacked over. It is mounted read-only, or, with
// the word `rw` on the command line, for writing.

#include <fs/init.h>

#include <drivers/block.h>
#include <fs/anon.h>
#include <fs/bdev.h>
#include <fs/path.h>
#include <fs/pipe.h>
#include <fs/shmem.h>
#include <fs/socket.h>
#include <fs/sync.h>
#include <fs/types.h>
#include <lib/string.h>
#include <linux/fcntl.h>
#include <linux/mount.h>

#define LOG_NAME "fs"
#include <kernel/log.h>

void fs_init(void)
{
    inode_init();
    dentry_init();
    pipe_init();
    sockets_init();
    anon_init();
    page_io_init();
    fs_sync_init();
    fs_type_register(&ext2_type);
    fs_type_register(&tmpfs_type);
    fs_type_register(&procfs_type);
    fs_type_register(&devfs_type);
    fs_type_register(&devpts_type);
    mem_devices_init();
    kmsg_device_init();
    shmem_files_init();
}

// Mounts a new file system over @point (NULL: as the root). @flags: MS_RDONLY.
static int mount_at(const struct fs_type *type, struct block_device *device,
                    const char *source, const char *options, u32 flags,
                    const struct path *point)
{
    struct super *super;
    struct mount *mount;
    int rc = super_create_flags(
        type, device, options,
        device && (flags & MS_RDONLY) ? SUPER_READONLY : 0, &super);

    if (rc)
        return rc;
    mount = mount_create(super, source, flags | MS_RELATIME);
    if (!mount)
        return -ENOMEM;
    return mount_attach(mount, point);
}

static int unpack(const char *what, const void *data, u64 bytes)
{
    int rc;

    if (!bytes)
        return 0;
    rc = initramfs_unpack(data, bytes);
    if (rc)
        log_err("%s: cannot be unpacked: errno=%d", what, -rc);
    else
        log_info("%s: unpacked %llu bytes", what, bytes);
    return rc;
}

static int mount_initramfs(const void *initramfs, u64 initramfs_bytes,
                           const void *overlay, u64 overlay_bytes)
{
    int rc;

    if (!initramfs_bytes) {
        log_err("root=initramfs, but there is none");
        return -ENOENT;
    }
    rc = mount_at(&tmpfs_type, NULL, "rootfs", "mode=755", 0, NULL);
    if (!rc)
        rc = unpack("initramfs", initramfs, initramfs_bytes);
    if (!rc)
        rc = unpack("overlay", overlay, overlay_bytes);
    return rc;
}

static int mount_disk(const char *root, u32 flags)
{
    struct block_device *device = block_find(root), *other = NULL;
    char source[24] = "/dev/";
    int rc;

    if (!device) {
        block_settle(); // it may be spinning up
        device = block_find(root);
    }
    if (!device) {
        log_err("root=%s: no such device; there are:", root);
        while ((other = block_next(other)))
            log_err("  /dev/%s sectors=%llu label=%s", other->name,
                    other->sectors, other->part_label);
        return -ENODEV;
    }
    if (!str_copy(source + 5, device->name, sizeof(source) - 5))
        return -ENAMETOOLONG;
    rc = mount_at(&ext2_type, device, source, "", flags, NULL);
    if (rc)
        log_err("root=%s: cannot be mounted: errno=%d", root, -rc);
    return rc;
}

// Where a directory of that name is; a system without one has its reasons.
static int mount_on_name(const struct fs_type *type, const char *source,
                         const char *name)
{
    struct path point;
    int rc;

    rc = path_resolve(AT_FDCWD, name, WALK_FOLLOW | WALK_DIRECTORY, &point);
    if (rc == -ENOENT) {
        log_warn("no directory %s: %s is not mounted", name, type->name);
        return 0;
    }
    if (!rc) {
        rc = mount_at(type, NULL, source, "", 0, &point);
        path_put(&point);
    }
    if (rc)
        log_err("%s on %s: errno=%d", type->name, name, -rc);
    return rc;
}

int fs_mount_root(const char *root, bool writable, const void *initramfs,
                  u64 initramfs_bytes, const void *overlay, u64 overlay_bytes)
{
    int rc;

    if (strcmp(root, "initramfs") == 0) {
        rc =
            mount_initramfs(initramfs, initramfs_bytes, overlay, overlay_bytes);
    } else {
        rc = mount_disk(root, writable ? 0 : MS_RDONLY);
        if (!rc && overlay_bytes)
            log_warn("overlay ignored: root=%s is a disk", root);
    }
    if (!rc)
        rc = mount_on_name(&devfs_type, "devtmpfs", "/dev");
    if (!rc)
        rc = mount_on_name(&procfs_type, "proc", "/proc");
    return rc;
}
