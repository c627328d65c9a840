// fs/open.c - open(2)
// SPDX-License-Identifier: MIT
//
// By name (file_open_at): with O_CREAT the walk stops at the directory, and
// the last component is looked up, or made, under the names lock. Then by path
// (file_open_path): permissions, and the operations for this type of file.

#include <fs/vfs.h>

#include <fs/context.h>
#include <fs/inotify.h>
#include <fs/permission.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <linux/mount.h>

#define SMALL_FILE_MAX 0x7fffffffull // without O_LARGEFILE

// What stays of the flags in the open file.
#define OPEN_ONLY_FLAGS (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

static const struct file_ops *ops_of(const struct inode *inode)
{
    switch (inode->mode & S_IFMT) {
    case S_IFCHR: return &chardev_file_ops;
    case S_IFBLK: return &block_file_ops;
    case S_IFIFO: return &fifo_file_ops;
    default: return inode->file_ops;
    }
}

static u32 wanted_access(u32 flags)
{
    static const u8 by_mode[] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
                                 MAY_READ | MAY_WRITE};
    u32 mask = by_mode[flags & O_ACCMODE];

    return flags & O_TRUNC ? mask | MAY_WRITE : mask;
}

static int check_type(const struct path *path, u32 flags, u32 access)
{
    const struct inode *inode = path->dentry->inode;

    switch (inode->mode & S_IFMT) {
    case S_IFLNK: return -ELOOP;
    case S_IFSOCK:
    case 0: return -ENXIO; // anonfs.c
    case S_IFDIR: return access & MAY_WRITE ? -EISDIR : 0;
    case S_IFCHR:
    case S_IFBLK: return path->mount->flags & MS_NODEV ? -EACCES : 0;
    case S_IFREG:
        if ((access & MAY_WRITE) && path_is_readonly(path))
            return -EROFS;
        if (!(flags & O_LARGEFILE) &&
            inode->mapping.size_bytes > SMALL_FILE_MAX)
            return -EOVERFLOW;
        return 0;
    default: return 0;
    }
}

enum open_kind {
    OPEN_FOUND,
    OPEN_CREATED, // just now, by this call: may be opened in any mode
};

static int open_path(const struct path *path, u32 flags, enum open_kind kind,
                     struct file **out)
{
    struct inode *inode = path->dentry->inode;
    u32 access = kind == OPEN_CREATED ? 0 : wanted_access(flags);
    struct file *file;
    int rc;

    if ((flags & O_DIRECTORY) && !S_ISDIR(inode->mode) && kind == OPEN_FOUND)
        return -ENOTDIR;
    if (!(flags & O_PATH)) {
        rc = check_type(path, flags, access);
        if (!rc)
            rc = inode_permission(inode, access, current->cred);
        if (!rc && (flags & O_NOATIME) && !inode_is_owner(inode, current->cred))
            rc = -EPERM;
        if (!rc && (flags & O_TRUNC) && S_ISREG(inode->mode) && access)
            rc = vfs_truncate(path, 0);
        if (rc)
            return rc;
    }
    file = file_create(path, ops_of(inode), flags);
    if (!file)
        return -ENOMEM;
    if (file->ops->open) {
        rc = file->ops->open(inode, file);
        if (rc)
            goto err_put;
    }
    file->flags &= ~(u32)OPEN_ONLY_FLAGS;
    inotify_file(file, IN_OPEN);
    *out = file;
    return 0;

err_put:
    file_put_unopened(file);
    return rc;
}

int file_open_path(const struct path *path, u32 flags, struct file **out)
{
    return open_path(path, flags, OPEN_FOUND, out);
}

// The walk stands at the directory. Makes walk->name if it is not there;
// *@out is held.
static int lookup_or_make(struct walk *walk, u32 flags, u32 mode,
                          struct dentry **out, enum open_kind *out_kind)
{
    struct inode_seed seed = {.mode = S_IFREG | (mode & 07777 & ~fs_umask())};
    struct path *dir = &walk->at;
    struct mutex *names = &dir->mount->super->names;
    int rc;

    *out_kind = OPEN_FOUND;
    mutex_lock(names);
    rc = dentry_lookup_locked(dir->dentry, &walk->name, out);
    if (rc)
        goto out_unlock;
    if ((*out)->inode) {
        rc = flags & O_EXCL ? -EEXIST : 0;
    } else {
        rc = path_is_readonly(dir) ? -EROFS : 0;
        if (!rc)
            rc = inode_permission(dir->dentry->inode, MAY_WRITE | MAY_EXEC,
                                  walk->cred);
        if (!rc)
            rc = vfs_make_in(dir, *out, &seed);
        *out_kind = OPEN_CREATED;
    }
    if (rc)
        dentry_put(*out);
out_unlock:
    mutex_unlock(names);
    return rc;
}

// From the walk's directory to the file, made or found, as the walk's `at`.
static int walk_creating(struct walk *walk, u32 flags, u32 mode,
                         enum open_kind *out_kind)
{
    struct dentry *dentry;
    bool done = false;
    int rc;

    for (;;) {
        rc = walk_to_parent(walk);
        if (rc)
            return rc;
        if (walk->last != LAST_NAME || walk->slash)
            return -EISDIR;
        rc = lookup_or_make(walk, flags, mode, &dentry, out_kind);
        if (rc)
            return rc;
        if (!S_ISLNK(dentry->inode->mode))
            break;
        rc = flags & O_NOFOLLOW ? -ELOOP : walk_follow(walk, dentry, &done);
        dentry_put(dentry);
        if (rc || done)
            return rc;
    }
    dentry_put(walk->at.dentry);
    walk->at.dentry = dentry;
    while (path_cross_down(&walk->at))
        ;
    return S_ISDIR(walk->at.dentry->inode->mode) ? -EISDIR : 0;
}

static int open_creating(s32 dirfd, const char *path, u32 flags, u32 mode,
                         struct file **out)
{
    enum open_kind kind = OPEN_FOUND;
    struct walk walk;
    int rc = walk_begin(&walk, dirfd, path, 0);

    if (rc)
        return rc;
    rc = walk_creating(&walk, flags, mode, &kind);
    if (!rc)
        rc = open_path(&walk.at, flags, kind, out);
    walk_end(&walk);
    return rc;
}

// ---- O_TMPFILE --------------------------------------------------------------

// Its dentry, held. Return: 0; -EROFS, -EACCES, -EOPNOTSUPP, ...
static int make_unnamed(const struct path *dir, u32 mode, struct dentry **out)
{
    struct inode_seed seed = {.mode = S_IFREG | (mode & 07777 & ~fs_umask())};
    struct inode *parent = dir->dentry->inode, *inode;
    int rc = path_is_readonly(dir) ? -EROFS : 0;

    if (!rc)
        rc = inode_permission(parent, MAY_WRITE | MAY_EXEC, current->cred);
    if (!rc && !parent->ops->make_unnamed)
        rc = -EOPNOTSUPP;
    if (rc)
        return rc;
    mutex_lock(&parent->super->names);
    rc = parent->ops->make_unnamed(parent, &seed, &inode);
    mutex_unlock(&parent->super->names);
    if (rc)
        return rc;
    inode_init_owner(inode, parent);
    inode_mark_dirty(inode);
    *out = dentry_create_unnamed(dir->dentry, inode);
    return *out ? 0 : -ENOMEM;
}

static int open_unnamed(s32 dirfd, const char *path, u32 flags, u32 mode,
                        struct file **out)
{
    u32 follow = flags & O_NOFOLLOW ? 0 : WALK_FOLLOW;
    struct dentry *dentry;
    struct path at;
    int rc;

    if ((flags & (O_TMPFILE | O_CREAT)) != O_TMPFILE ||
        !(wanted_access(flags) & MAY_WRITE))
        return -EINVAL;
    rc = path_resolve(dirfd, path, follow | WALK_DIRECTORY, &at);
    if (rc)
        return rc;
    rc = make_unnamed(&at, mode, &dentry);
    if (!rc) {
        dentry_put(at.dentry);
        at.dentry = dentry;
        rc = open_path(&at, flags & ~(u32)O_TRUNC, OPEN_CREATED, out);
    }
    if (!rc)
        (*out)->inode->may_be_named = !(flags & O_EXCL);
    path_put(&at);
    return rc;
}

int file_open_at(s32 dirfd, const char *path, u32 flags, u32 mode,
                 struct file **out)
{
    struct path found;
    int rc;

    if (flags & O_PATH)
        flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (flags & __O_TMPFILE)
        return open_unnamed(dirfd, path, flags, mode, out);
    if ((flags & O_CREAT) && (flags & O_DIRECTORY))
        return -EINVAL;
    if (flags & O_CREAT)
        return open_creating(dirfd, path, flags, mode, out);
    rc =
        path_resolve(dirfd, path, flags & O_NOFOLLOW ? 0 : WALK_FOLLOW, &found);
    if (rc)
        return rc;
    rc = open_path(&found, flags, OPEN_FOUND, out);
    path_put(&found);
    return rc;
}

int file_open_exec(const char *path, struct file **out)
{
    struct path found;
    const struct inode *inode;
    int rc = path_resolve(AT_FDCWD, path, WALK_FOLLOW, &found);

    if (rc)
        return rc;
    inode = found.dentry->inode;
    rc = -EACCES;
    if (!S_ISREG(inode->mode) || (found.mount->flags & MS_NOEXEC))
        goto out_put;
    rc = inode_permission(inode, MAY_EXEC, current->cred);
    if (rc)
        goto out_put;
    // Reading is the kernel's, not the caller's: no read permission needed.
    *out = file_create(&found, ops_of(inode), O_RDONLY | O_LARGEFILE);
    rc = *out ? 0 : -ENOMEM;
    if (!rc)
        inotify_file(*out, IN_OPEN);
out_put:
    path_put(&found);
    return rc;
}
