// fs/super.c - kinds of file systems, and mounted ones
// SPDX-License-Identifier: MIT

#include <fs/dentry.h>

#include <drivers/block.h>
#include <lib/string.h>
#include <mm/slab.h>

static struct fs_type *fs_types;
static u32 next_anonymous = 1; // minor of st_dev for those without a device

void fs_type_register(struct fs_type *type)
{
    struct fs_type **end = &fs_types;

    while (*end)
        end = &(*end)->next;
    *end = type;
}

struct fs_type *fs_type_find(const char *name)
{
    struct fs_type *type;

    for (type = fs_types; type; type = type->next)
        if (strcmp(type->name, name) == 0)
            return type;
    return NULL;
}

struct fs_type *fs_type_next(const struct fs_type *type)
{
    return type ? type->next : fs_types;
}

int super_create(const struct fs_type *type, struct block_device *block,
                 const char *options, struct super **out)
{
    struct super *super = kzalloc(sizeof(*super), GFP_KERNEL);
    struct inode *root;
    int rc;

    if (!super)
        return -ENOMEM;
    super->type = type;
    super->next_ino = 1;
    super->device =
        block ? block->number : device_number(0, next_anonymous++ & 0xfffff);
    mutex_init(&super->names, MUTEX_RANK_FS_RENAME);

    rc = type->mount(super, block, options, &root);
    if (rc)
        goto err_free;
    super->root = dentry_create_root(super, root, "/");
    if (!super->root) {
        rc = -ENOMEM;
        goto err_destroy;
    }
    *out = super;
    return 0;

err_destroy:
    if (super->ops->destroy)
        super->ops->destroy(super);
err_free:
    kfree(super);
    return rc;
}

void super_destroy(struct super *super)
{
    dentry_prune(super->root);
    dentry_put(super->root);
    if (super->ops->destroy)
        super->ops->destroy(super);
    kfree(super);
}
