// fs/rename.c - renaming
// SPDX-License-Identifier: MIT
//
// As the calls of names.c, with two walks and one lock: both ends are in the
// same file system, whose names lock covers all its directories.

#include "names.h"

#include <fs/inotify.h>
#include <fs/permission.h>
#include <linux/fs.h>
#include <mm/slab.h>

// A rename under way: both ends, the names lock held.
struct rename {
    struct walk from, to;
    struct dentry *old, *target;
    u32 flags;
};

static int check_target(const struct rename *r)
{
    const struct inode *inode = r->old->inode, *target = r->target->inode;
    bool directory = S_ISDIR(inode->mode);

    if (!directory && (r->from.slash || r->to.slash))
        return -ENOTDIR;
    if (!target)
        return r->to.at.dentry->inode->nlink ? 0 : -ENOENT;
    if (r->flags & RENAME_NOREPLACE)
        return -EEXIST;
    if (r->target->mounts)
        return -EBUSY;
    if (directory && !S_ISDIR(target->mode))
        return -ENOTDIR;
    if (!directory && S_ISDIR(target->mode))
        return -EISDIR;
    return names_check_sticky(&r->to, target);
}

static int check_rename(const struct rename *r)
{
    int rc;

    if (!r->old->inode)
        return -ENOENT;
    if (dentry_is_below(r->to.at.dentry, r->old))
        return -EINVAL; // a directory into itself
    if (dentry_is_below(r->from.at.dentry, r->target))
        return -ENOTEMPTY;
    rc = names_check_directory(&r->from);
    if (!rc)
        rc = names_check_directory(&r->to);
    if (!rc)
        rc = names_check_sticky(&r->from, r->old->inode);
    if (!rc)
        rc = check_target(r);
    // Its ".." will be another.
    if (!rc && S_ISDIR(r->old->inode->mode) &&
        r->from.at.dentry != r->to.at.dentry)
        rc = inode_permission(r->old->inode, MAY_WRITE, r->from.cred);
    if (rc)
        return rc;
    if (r->old->inode->swapfile ||
        (r->target->inode && r->target->inode->swapfile))
        return -EPERM;
    if (r->old->mounts)
        return -EBUSY;
    return r->from.at.dentry->inode->ops->rename ? 0 : -EPERM;
}

// What was replaced goes later, with its dentry.
static void tell(const struct rename *r)
{
    struct inode *inode = r->old->inode, *replaced = r->target->inode;
    u32 type = S_ISDIR(inode->mode) ? IN_ISDIR : 0;
    u32 cookie = inotify_cookie();

    inotify_tell_name(r->from.at.dentry->inode, &r->from.name,
                      IN_MOVED_FROM | type, cookie);
    inotify_tell_name(r->to.at.dentry->inode, &r->to.name, IN_MOVED_TO | type,
                      cookie);
    if (replaced)
        inotify_inode(replaced, IN_ATTRIB);
    inotify_inode(inode, IN_MOVE_SELF);
}

static int rename_locked(struct rename *r)
{
    struct inode *from = r->from.at.dentry->inode;
    struct inode *to = r->to.at.dentry->inode;
    char *long_name;
    int rc = check_rename(r);

    if (rc)
        return rc;
    if (r->old->inode == r->target->inode)
        return 0; // two names of one file: nothing happens (POSIX)
    rc = dentry_reserve_name(&r->to.name, &long_name);
    if (rc)
        return rc;
    rc = from->ops->rename(from, &r->from.name, to, &r->to.name, r->old->inode,
                           r->target->inode);
    if (rc) {
        kfree(long_name);
        return rc;
    }
    dentry_prune(r->target);
    dentry_drop(r->target);
    dentry_move(r->old, r->to.at.dentry, &r->to.name, long_name);
    if (inotify_watches)
        tell(r);
    return 0;
}

static int rename_walked(struct rename *r)
{
    struct mutex *names = &r->from.at.mount->super->names;
    int rc;

    if (r->from.at.mount != r->to.at.mount)
        return -EXDEV;
    if (r->from.last != LAST_NAME)
        return -EBUSY;
    if (r->to.last != LAST_NAME)
        return r->flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
    mutex_lock(names);
    rc = dentry_lookup_locked(r->from.at.dentry, &r->from.name, &r->old);
    if (rc)
        goto out_unlock;
    rc = dentry_lookup_locked(r->to.at.dentry, &r->to.name, &r->target);
    if (rc)
        goto out_put;
    rc = rename_locked(r);
    dentry_put(r->target);
out_put:
    dentry_put(r->old);
out_unlock:
    mutex_unlock(names);
    return rc;
}

int vfs_rename(s32 from_fd, const char *from, s32 to_fd, const char *to,
               u32 flags)
{
    struct rename *r;
    int rc;

    if (flags & ~(u32)RENAME_NOREPLACE)
        return -EINVAL;
    r = kzalloc(sizeof(*r), GFP_KERNEL);
    if (!r)
        return -ENOMEM;
    r->flags = flags;
    rc = walk_begin(&r->from, from_fd, from, 0);
    if (rc)
        goto out_free;
    rc = walk_begin(&r->to, to_fd, to, 0);
    if (rc)
        goto out_end_from;
    rc = walk_to_parent(&r->from);
    if (!rc)
        rc = walk_to_parent(&r->to);
    if (!rc)
        rc = rename_walked(r);
    walk_end(&r->to);
out_end_from:
    walk_end(&r->from);
out_free:
    kfree(r);
    if (!rc)
        mounts_prune(); // of one that came over what was replaced
    return rc;
}
