// fs/pipefs.c - pipes without a name in the tree: pipe(2)
// SPDX-License-Identifier: MIT
//
// An internal file system, mounted nowhere, where each pipe has an inode and a
// dentry "pipe:[n]" of its own, so that its files look like all others.

#include <fs/pipe.h>

#include <fs/anon.h>
#include <linux/magic.h>

#include "pipe_private.h"

static struct mount *pipe_mount;
static const struct inode_ops pipe_inode_ops = {
    .may_set_attributes = anon_may_set_attributes,
};
static const struct super_ops pipe_super_ops;

static int pipefs_mount(struct super *super, struct block_device *block,
                        const char *options, struct inode **out_root)
{
    (void)block;
    (void)options;
    super->ops = &pipe_super_ops;
    super->magic = PIPEFS_MAGIC;
    super->flags = SUPER_INTERNAL;
    *out_root = inode_create(super, super->next_ino++, S_IFDIR | 0555);
    if (!*out_root)
        return -ENOMEM;
    (*out_root)->ops = &pipe_inode_ops;
    return 0;
}

static struct fs_type pipefs_type = {
    .name = "pipefs",
    .mount = pipefs_mount,
};

void pipe_init(void)
{
    struct super *super;
    int rc = super_create(&pipefs_type, NULL, "", &super);

    ASSERT(rc == 0); // at boot there is memory
    pipe_mount = mount_create(super, "pipefs", 0);
    ASSERT(pipe_mount);
}

// A path to a new pipe. Return: 0; -ENOMEM.
static int pipe_path(struct path *out)
{
    int rc = anon_path_create(pipe_mount, S_IFIFO | 0600, &pipe_inode_ops,
                              "pipe", out);

    if (rc)
        return rc;
    out->dentry->inode->pipe = pipe_alloc();
    if (out->dentry->inode->pipe)
        return 0;
    path_put(out);
    return -ENOMEM;
}

int pipe_create(u32 flags, struct file **out_read, struct file **out_write)
{
    struct path path;
    int rc = pipe_path(&path);

    if (rc)
        return rc;
    rc = -ENOMEM;
    *out_read = file_create(&path, &fifo_file_ops, flags | O_RDONLY);
    if (!*out_read)
        goto err_pipe;
    *out_write = file_create(&path, &fifo_file_ops, flags | O_WRONLY);
    if (!*out_write)
        goto err_read;
    pipe_count_open(path.dentry->inode->pipe, *out_read);
    pipe_count_open(path.dentry->inode->pipe, *out_write);
    path_put(&path);
    return 0;

err_read:
    file_put_unopened(*out_read);
err_pipe:
    pipe_free(path.dentry->inode);
    path_put(&path);
    return rc;
}
