// fs/anonfs.c - open files that have no place in the tree
// SPDX-License-Identifier: MIT
//
// An internal file system, mounted nowhere, with one inode, which is of no type
// (stat says mode 0600, as on Linux). Each open file has a dentry of its own,
// for its name. A kind of file is known by its operations.

#include <fs/anon.h>

#include <fs/files.h>
#include <fs/vfs.h>
#include <kernel/cred.h>
#include <lib/fmt.h>
#include <linux/magic.h>

static struct mount *anon_mount;
static struct inode *anon_inode;
static const struct inode_ops anon_inode_ops;
static const struct super_ops anon_super_ops;

static int anonfs_mount(struct super *super, struct block_device *block,
                        const char *options, struct inode **out_root)
{
    (void)block;
    (void)options;
    super->ops = &anon_super_ops;
    super->magic = ANON_INODE_FS_MAGIC;
    super->flags = SUPER_INTERNAL;
    *out_root = inode_create(super, super->next_ino++, 0600);
    if (!*out_root)
        return -ENOMEM;
    (*out_root)->ops = &anon_inode_ops;
    anon_inode = *out_root;
    return 0;
}

static struct fs_type anonfs_type = {
    .name = "anon_inodefs",
    .mount = anonfs_mount,
};

void anon_init(void)
{
    struct super *super;
    int rc = super_create(&anonfs_type, NULL, "", &super);

    ASSERT(rc == 0); // at boot there is memory
    anon_mount = mount_create(super, anonfs_type.name, 0);
    ASSERT(anon_mount);
}

int anon_file_create(const char *name, const struct file_ops *ops,
                     void *private, u32 flags, struct file **out)
{
    struct path path = {.mount = anon_mount};

    path.dentry =
        dentry_create_root(anon_mount->super, inode_get(anon_inode), name);
    if (!path.dentry)
        return -ENOMEM;
    *out = file_create(&path, ops, flags);
    dentry_put(path.dentry); // the file has it
    if (!*out)
        return -ENOMEM;
    (*out)->private = private;
    return 0;
}

s32 anon_file_install(struct file *file, u32 flags)
{
    s32 fd = files_install(file, 0, flags & O_CLOEXEC);

    if (fd < 0)
        file_put(file);
    return fd;
}

bool anon_file_is(const struct file *file, const struct file_ops *ops)
{
    return file->ops == ops;
}

int anon_file_from_fd(s32 fd, const struct file_ops *ops, struct file **out)
{
    int rc;

    *out = file_from_fd(fd);
    if (!*out)
        return -EBADF;
    if (anon_file_is(*out, ops))
        return 0;
    rc = (*out)->flags & O_PATH ? -EBADF : -EINVAL;
    file_put(*out);
    return rc;
}

int anon_may_set_attributes(struct inode *inode)
{
    (void)inode;
    return 0;
}

int anon_path_create(struct mount *mount, u32 mode, const struct inode_ops *ops,
                     const char *kind, struct path *out)
{
    struct super *super = mount->super;
    struct inode *inode = inode_create(super, super->next_ino++, mode);
    char name[24];

    if (!inode)
        return -ENOMEM;
    inode->ops = ops;
    inode->uid = current->cred->fsuid;
    inode->gid = current->cred->fsgid;
    fmt_print(name, sizeof(name), "%s:[%u]", kind, inode->ino);
    out->dentry = dentry_create_root(super, inode, name); // has the inode
    if (!out->dentry)
        return -ENOMEM;
    out->mount = mount_get(mount);
    return 0;
}
