// fs/names.c - making and removing names (rename.c: renaming)
// SPDX-License-Identifier: MIT
//
// Each walks to the directory, takes its file system's names lock, looks the
// last component up (again: only what is found under the lock counts), checks
// what the call's manual says in the order in which Linux does, lets the file
// system change its directory, and then changes the dentries, which cannot
// fail.

#include "names.h"

#include <fs/inotify.h>
#include <fs/permission.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <linux/fs.h>

bool path_is_readonly(const struct path *path)
{
    return (path->mount->flags & MS_RDONLY) ||
           (path->mount->super->flags & SUPER_READONLY);
}

int vfs_readlink(struct inode *inode, char *buf, u32 size)
{
    if (!S_ISLNK(inode->mode) || !inode->ops->readlink)
        return -EINVAL;
    return inode->ops->readlink(inode, buf, size);
}

// Walk to the directory of @path and lock its names; names_end() when this
// gives 0. What the last component is, is for the caller to look at.
static int names_begin(struct walk *walk, s32 dirfd, const char *path)
{
    int rc = walk_begin(walk, dirfd, path, 0);

    if (rc)
        return rc;
    rc = walk_to_parent(walk);
    if (rc) {
        walk_end(walk);
        return rc;
    }
    mutex_lock(&walk->at.mount->super->names);
    return 0;
}

static void names_end(struct walk *walk)
{
    mutex_unlock(&walk->at.mount->super->names);
    walk_end(walk);
}

int names_check_directory(const struct walk *walk)
{
    const struct inode *dir = walk->at.dentry->inode;

    if (path_is_readonly(&walk->at))
        return -EROFS;
    return inode_permission(dir, MAY_WRITE | MAY_EXEC, walk->cred);
}

int names_check_sticky(const struct walk *walk, const struct inode *inode)
{
    const struct inode *dir = walk->at.dentry->inode;

    if (!(dir->mode & S_ISVTX) || walk->cred->fsuid == inode->uid ||
        walk->cred->fsuid == dir->uid || cred_has(walk->cred, CAP_FOWNER))
        return 0;
    return -EPERM;
}

// Device nodes reach past all permissions, but for what overlays make (0:0).
static bool needs_right(const struct inode_seed *seed)
{
    return S_ISBLK(seed->mode) || (S_ISCHR(seed->mode) && seed->rdev);
}

int vfs_make_in(const struct path *dir, struct dentry *dentry,
                const struct inode_seed *seed)
{
    struct inode *parent = dir->dentry->inode, *inode;
    struct name name = {dentry->name, dentry->length};
    int rc;

    if (parent->nlink == 0) // removed while we came here
        return -ENOENT;
    if (needs_right(seed) && !capable(CAP_MKNOD))
        return -EPERM;
    if (!parent->ops->create)
        return -EPERM;
    rc = parent->ops->create(parent, &name, seed, &inode);
    if (rc)
        return rc;
    inode_init_owner(inode, parent);
    inode_mark_dirty(inode);
    dentry_fill(dentry, inode);
    inotify_name(parent, &name, inode, IN_CREATE);
    return 0;
}

// The walk stands at the directory; its names lock is held.
static int make_last(struct walk *walk, const struct inode_seed *seed,
                     struct path *out)
{
    struct dentry *dentry;
    int rc = dentry_lookup_locked(walk->at.dentry, &walk->name, &dentry);

    if (rc)
        return rc;
    if (dentry->inode)
        rc = -EEXIST;
    else if (walk->slash && !S_ISDIR(seed->mode))
        rc = -ENOENT;
    else
        rc = names_check_directory(walk);
    if (!rc)
        rc = vfs_make_in(&walk->at, dentry, seed);
    if (!rc) {
        *out = (struct path){walk->at.mount, dentry};
        path_get(out);
    }
    dentry_put(dentry);
    return rc;
}

int vfs_make_path(s32 dirfd, const char *path, const struct inode_seed *seed,
                  struct path *out)
{
    struct walk walk;
    int rc = names_begin(&walk, dirfd, path);

    if (rc)
        return rc;
    rc = walk.last == LAST_NAME ? make_last(&walk, seed, out) : -EEXIST;
    names_end(&walk);
    return rc;
}

int vfs_make(s32 dirfd, const char *path, const struct inode_seed *seed)
{
    struct path made;
    int rc = vfs_make_path(dirfd, path, seed, &made);

    if (!rc)
        path_put(&made);
    return rc;
}

static int check_removal(const struct walk *walk, const struct dentry *dentry,
                         bool directory)
{
    const struct inode *inode = dentry->inode;
    int rc;

    if (!inode)
        return -ENOENT;
    rc = names_check_directory(walk);
    if (!rc)
        rc = names_check_sticky(walk, inode);
    if (rc)
        return rc;
    if (directory && !S_ISDIR(inode->mode))
        return -ENOTDIR;
    if (!directory && S_ISDIR(inode->mode))
        return -EISDIR;
    if (!directory && walk->slash)
        return -ENOTDIR;
    if (inode->swapfile)
        return -EPERM;
    if (dentry->mounts)
        return -EBUSY;
    return walk->at.dentry->inode->ops->remove ? 0 : -EPERM;
}

static int remove_last(struct walk *walk, bool directory)
{
    struct inode *dir = walk->at.dentry->inode, *inode;
    struct dentry *dentry;
    int rc = dentry_lookup_locked(walk->at.dentry, &walk->name, &dentry);

    if (rc)
        return rc;
    rc = check_removal(walk, dentry, directory);
    if (!rc)
        rc = dir->ops->remove(dir, &walk->name, dentry->inode);
    if (rc) {
        dentry_put(dentry);
        return rc;
    }
    inode = inode_get(dentry->inode);
    dentry_prune(dentry);
    dentry_drop(dentry);
    if (!directory)
        inotify_inode(inode, IN_ATTRIB); // it has a link less
    dentry_put(dentry);                  // may tell its end
    inotify_name(dir, &walk->name, inode, IN_DELETE);
    inode_put(inode);
    return 0;
}

static int remove_path(s32 dirfd, const char *path, bool directory)
{
    struct walk walk;
    int rc = names_begin(&walk, dirfd, path);

    if (rc)
        return rc;
    switch (walk.last) {
    case LAST_NAME: rc = remove_last(&walk, directory); break;
    case LAST_DOT: rc = directory ? -EINVAL : -EISDIR; break;
    case LAST_DOTDOT: rc = directory ? -ENOTEMPTY : -EISDIR; break;
    case LAST_NONE: rc = directory ? -EBUSY : -EISDIR; break;
    }
    names_end(&walk);
    if (!rc)
        mounts_prune(); // of one that came while it was removed
    return rc;
}

int vfs_unlink(s32 dirfd, const char *path)
{
    return remove_path(dirfd, path, false);
}

int vfs_rmdir(s32 dirfd, const char *path)
{
    return remove_path(dirfd, path, true);
}

// A name keeps a file from going, so another's gets one only from who could
// change it anyway, and a program with rights from its owner only. (Linux:
// fs.protected_hardlinks, which Debian's has set.)
static bool may_link(const struct inode *inode, const struct cred *cred)
{
    const u32 runs_as_group = S_ISGID | S_IXGRP;

    if (inode_is_owner(inode, cred))
        return true;
    return S_ISREG(inode->mode) && !(inode->mode & S_ISUID) &&
           (inode->mode & runs_as_group) != runs_as_group &&
           !inode_permission(inode, MAY_READ | MAY_WRITE, cred);
}

static int check_link(const struct walk *walk, const struct path *from,
                      const struct dentry *dentry)
{
    const struct inode *inode = from->dentry->inode;
    const struct inode *dir = walk->at.dentry->inode;
    int rc;

    if (dentry->inode)
        return -EEXIST;
    if (walk->at.mount != from->mount)
        return -EXDEV;
    if (!may_link(inode, walk->cred))
        return -EPERM;
    rc = names_check_directory(walk);
    if (rc)
        return rc;
    if (S_ISDIR(inode->mode) || !dir->ops->link)
        return -EPERM;
    if (dir->nlink == 0 || (inode->nlink == 0 && !inode->may_be_named))
        return -ENOENT;
    return 0;
}

static int link_last(struct walk *walk, const struct path *from)
{
    struct inode *inode = from->dentry->inode, *dir = walk->at.dentry->inode;
    struct dentry *dentry;
    int rc = dentry_lookup_locked(walk->at.dentry, &walk->name, &dentry);

    if (rc)
        return rc;
    rc = check_link(walk, from, dentry);
    if (!rc)
        rc = dir->ops->link(dir, &walk->name, inode);
    if (!rc) {
        inode->may_be_named = false;
        dentry_fill(dentry, inode_get(inode));
        inotify_inode(inode, IN_ATTRIB);
        inotify_name(dir, &walk->name, inode, IN_CREATE);
    }
    dentry_put(dentry);
    return rc;
}

int vfs_link(const struct path *from, s32 dirfd, const char *to)
{
    struct walk walk;
    int rc = names_begin(&walk, dirfd, to);

    if (rc)
        return rc;
    rc = walk.last == LAST_NAME ? link_last(&walk, from) : -EEXIST;
    names_end(&walk);
    return rc;
}

int vfs_truncate(const struct path *path, u64 size)
{
    struct inode *inode = path->dentry->inode;
    int rc;

    if (S_ISDIR(inode->mode))
        return -EISDIR;
    if (!S_ISREG(inode->mode))
        return -EINVAL;
    if (path_is_readonly(path))
        return -EROFS;
    if (!inode->ops->truncate)
        return -EINVAL;
    mutex_lock(&inode->lock);
    if (inode->swapfile && size <= inode->mapping.size_bytes)
        rc = -ETXTBSY;
    else
        rc = inode->ops->truncate(inode, size);
    if (!rc) {
        inode_drop_set_ids(inode);
        inode_touch(inode);
    }
    mutex_unlock(&inode->lock);
    if (!rc)
        inotify_dentry(path->dentry, IN_MODIFY);
    return rc;
}
