// fs/super.c - kinds of file systems, and mounted ones
// SPDX-License-Identifier: MIT
//
// All mounted file systems are on a list. Whoever goes through it sleeps while
// one of them writes; that one is held by its count of users, for which
// unmounting waits.

#include <fs/dentry.h>

#include <drivers/block.h>
#include <fs/inotify.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/writeback.h>

#define LOG_NAME "fs"
#include <kernel/log.h>

static struct fs_type *fs_types;
static LIST_HEAD(supers);
static WAIT_QUEUE(users_gone);
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
    return super_create_flags(type, block, options, 0, out);
}

int super_create_flags(const struct fs_type *type, struct block_device *block,
                       const char *options, u32 flags, struct super **out)
{
    struct super *super = kzalloc(sizeof(*super), GFP_KERNEL);
    struct inode *root;
    int rc;

    if (!super)
        return -ENOMEM;
    super->type = type;
    super->next_ino = 1;
    super->flags = flags;
    list_init(&super->unwritten);
    super->device =
        block ? block->number : device_number(0, next_anonymous++ & 0xfffff);
    mutex_init(&super->names, MUTEX_RANK_FS_RENAME);
    mutex_init(&super->writing, MUTEX_RANK_SUPER);

    rc = type->mount(super, block, options, &root);
    if (rc)
        goto err_free;
    super->root = dentry_create_root(super, root, "/");
    if (!super->root) {
        rc = -ENOMEM;
        goto err_destroy;
    }
    list_add_tail(&super->link, &supers);
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
    wait_event(&users_gone, super->users == 0);
    list_del(&super->link);
    inotify_super_gone(super);
    (void)super_sync(super); // what fails was logged, and nobody is left
    dentry_prune(super->root);
    dentry_put(super->root);
    (void)super_sync(super); // what became unwritten by that
    inodes_release(super);
    if (super->ops->destroy)
        super->ops->destroy(super);
    kfree(super);
}

// ---- writing ----------------------------------------------------------------

int super_sync(struct super *super)
{
    int rc, error = 0;

    if (!super->ops->write_inode)
        return 0;
    writeback_sync_all();
    rc = inodes_write(super);
    if (super->ops->sync)
        error = super->ops->sync(super, SUPER_SYNC_WAIT);
    rc = rc ? rc : error;
    if (rc)
        log_err("%s on %s: not all could be written errno=%d",
                super->type->name, super->block ? super->block->name : "none",
                -rc);
    return rc;
}

static int flush(struct super *super)
{
    int rc = inodes_write(super), error = 0;

    if (super->ops->sync)
        error = super->ops->sync(super, SUPER_SYNC_START);
    return rc ? rc : error;
}

// Calls @call for every file system that is mounted. Return: the first error.
static int for_each_super(int (*call)(struct super *super))
{
    struct super *super, *next;
    int rc = 0, error;

    list_for_each_entry_safe (super, next, &supers, link) {
        super->users++;
        error = call(super);
        rc = rc ? rc : error;
        next = list_entry(super->link.next, struct super, link); // we slept
        if (--super->users == 0)
            wake_up(&users_gone);
    }
    return rc;
}

int super_sync_all(void)
{
    return for_each_super(super_sync);
}

void super_flush_all(void)
{
    (void)for_each_super(flush); // errors stay with what is dirty
}

// ---- read-only and back -----------------------------------------------------

int super_remount(struct super *super, bool readonly, const char *options)
{
    int rc = 0;

    if (readonly && super->writers)
        return -EBUSY;
    if (readonly)
        rc = super_sync(super);
    if (!rc && super->ops->remount)
        rc = super->ops->remount(super, readonly, options);
    if (rc)
        return rc;
    if (readonly)
        super->flags |= SUPER_READONLY;
    else
        super->flags &= ~(u32)SUPER_READONLY;
    return 0;
}

static int shut_down(struct super *super)
{
    if (!super->ops->write_inode || (super->flags & SUPER_READONLY))
        return 0;
    super->writers = 0;
    return super_remount(super, true, "");
}

void super_shutdown_all(void)
{
    (void)for_each_super(shut_down); // logged
}
