// fs/tmpfs/unnamed.c - files in memory that have no name, and seals
// SPDX-License-Identifier: MIT
//
// They live in a tmpfs of the kernel's own, mounted nowhere and without limits:
// what may be shared is limited by memory itself, as on Linux. Each has an
// inode without links and a dentry without a parent, so that its files look
// like all others; with its last file or mapping it goes.

#include <fs/shmem.h>

#include <fs/types.h>
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/task.h>

#include "tmpfs.h"

#define ALL_SEALS                                                              \
    (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |                \
     F_SEAL_FUTURE_WRITE)

static struct mount *unnamed_mount;

void shmem_files_init(void)
{
    struct super *super;
    struct tmpfs *fs;

    if (super_create(&tmpfs_type, NULL, "", &super))
        panic("no memory for unnamed files");
    super->flags |= SUPER_INTERNAL;
    fs = super->private;
    fs->pool.limit_pages = SHMEM_NO_LIMIT;
    fs->limit_inodes = 0xffffffffu;
    unnamed_mount = mount_create(super, "tmpfs", 0);
    if (!unnamed_mount)
        panic("no memory for unnamed files");
}

int shmem_file_create(const char *name, u64 size, u32 mode, struct file **out)
{
    struct inode_seed seed = {.mode = S_IFREG | mode};
    struct path path = {.mount = unnamed_mount};
    struct super *super = unnamed_mount->super;
    struct inode *inode;
    int err;

    if (size > (u64)0xffffffffu << PAGE_SHIFT)
        return -EINVAL;
    err = tmpfs_inode_create(super, &seed, &inode);
    if (err)
        return -ENOMEM;
    inode->nlink = 0;
    inode->uid = current->cred->fsuid;
    inode->gid = current->cred->fsgid;
    inode->mapping.size_bytes = size;
    path.dentry = dentry_create_root(super, inode, name); // takes the inode
    if (!path.dentry)
        return -ENOMEM;
    mount_get(path.mount);
    *out = file_create(&path, &tmpfs_file_ops, O_RDWR | O_LARGEFILE);
    path_put(&path);
    return *out ? 0 : -ENOMEM;
}

// ---- seals -----------------------------------------------------------------

static bool has_seals(const struct file *file)
{
    return file->ops == &tmpfs_file_ops;
}

static bool is_mapped_for_writing(const struct mapping *mapping)
{
    const struct vm_area *vma;

    list_for_each_entry (vma, &mapping->areas, mapping_link)
        if ((vma->flags & VM_SHARED) && (vma->flags & VM_MAYWRITE))
            return true;
    return false;
}

s32 file_get_seals(const struct file *file)
{
    return has_seals(file) ? (s32)tmpfs_node_of(file->inode)->seals : -EINVAL;
}

int file_add_seals(struct file *file, u32 seals)
{
    struct inode *inode = file->inode;
    struct tmpfs_node *node = tmpfs_node_of(inode);
    int err = 0;

    if (!file_is_writable(file))
        return -EPERM;
    if (!has_seals(file) || (seals & ~(u32)ALL_SEALS))
        return -EINVAL;
    mutex_lock(&inode->lock);
    if (node->seals & F_SEAL_SEAL)
        err = -EPERM;
    else if ((seals & F_SEAL_WRITE) && !(node->seals & F_SEAL_WRITE) &&
             is_mapped_for_writing(&inode->mapping))
        err = -EBUSY;
    else
        node->seals |= seals;
    mutex_unlock(&inode->lock);
    return err;
}

void file_allow_seals(struct file *file)
{
    tmpfs_node_of(file->inode)->seals = 0;
}
