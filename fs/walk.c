// fs/walk.c - the walk along a path name
// SPDX-License-Identifier: MIT
//
// How it works: `at` goes from directory to directory while `rest` goes along
// the text. A symbolic link on the way replaces the text by its target and
// what was left behind it; there is no recursion. Every step checks that `at`
// is a directory in which the caller may search, crosses into what is mounted
// on the result, and stays inside the caller's root.
//
// The last component is special: creating and removing want its directory, and
// open decides for itself whether to follow it. So the walk has two halves,
// walk_to_parent and walk_last, and walk_follow to begin again from a link.
//
// Each lookup may sleep; `at` is held meanwhile.

#include <fs/path.h>

#include <fs/context.h>
#include <fs/files.h>
#include <fs/permission.h>
#include <fs/vfs.h>
#include <kernel/cred.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/limits.h>
#include <mm/slab.h>

static int start_at(struct walk *walk, s32 dirfd, const char *path)
{
    if (*path == '/') {
        walk->at = walk->root;
        path_get(&walk->at);
        return 0;
    }
    if (dirfd == AT_FDCWD) {
        fs_context_cwd(current->fs, &walk->at);
        return 0;
    }
    return path_from_fd(dirfd, &walk->at);
}

int walk_begin(struct walk *walk, s32 dirfd, const char *path, u32 flags)
{
    size_t length = strlen(path);
    int rc;

    if (!length && !(flags & WALK_EMPTY))
        return -ENOENT;
    if (length >= PATH_MAX)
        return -ENAMETOOLONG;
    *walk = (struct walk){.flags = flags, .cred = current->cred};
    walk->rest = path;
    fs_context_root(current->fs, &walk->root);
    rc = start_at(walk, dirfd, path);
    if (rc)
        goto err_end;
    if (length && !S_ISDIR(walk->at.dentry->inode->mode)) {
        rc = -ENOTDIR;
        goto err_end;
    }
    return 0;

err_end:
    walk_end(walk);
    return rc;
}

void walk_end(struct walk *walk)
{
    path_put(&walk->at);
    path_put(&walk->root);
    kfree(walk->buffer);
    walk->buffer = NULL;
}

static void step_up(struct walk *walk)
{
    struct dentry *parent;

    for (;;) {
        if (path_equal(&walk->at, &walk->root))
            return;
        if (!path_cross_up(&walk->at))
            break;
    }
    if (walk->at.dentry == walk->at.mount->root)
        return;
    parent = dentry_get(walk->at.dentry->parent);
    dentry_put(walk->at.dentry);
    walk->at.dentry = parent;
    while (path_cross_down(&walk->at))
        ;
}

// The text becomes @target and, behind a slash, what was left of it.
static int replace_text(struct walk *walk, char *target, u32 length)
{
    u32 rest = (u32)strlen(walk->rest);
    bool slash = rest || walk->slash;

    if (!length)
        return -ENOENT;
    if (length + slash + rest >= PATH_MAX)
        return -ENAMETOOLONG;
    if (slash)
        target[length++] = '/';
    memcpy(target + length, walk->rest, rest + 1);
    kfree(walk->buffer);
    walk->buffer = target;
    walk->rest = target;
    if (*target == '/') {
        path_put(&walk->at);
        walk->at = walk->root;
        path_get(&walk->at);
    }
    return 0;
}

static int follow_link(struct walk *walk, struct inode *link, bool *out_jumped)
{
    struct path target;
    char *text;
    int rc;

    *out_jumped = false;
    if (++walk->links > PATH_LINKS_MAX)
        return -ELOOP;
    if (link->ops->jump) {
        rc = link->ops->jump(link, &target);
        if (rc)
            return rc;
        path_put(&walk->at);
        walk->at = target;
        *out_jumped = true;
        return 0;
    }
    text = kmalloc(PATH_MAX, GFP_KERNEL);
    if (!text)
        return -ENOMEM;
    rc = vfs_readlink(link, text, PATH_MAX);
    if (rc >= 0)
        rc = replace_text(walk, text, (u32)rc);
    if (rc)
        kfree(text);
    return rc;
}

static void enter(struct walk *walk, struct dentry *child)
{
    dentry_put(walk->at.dentry);
    walk->at.dentry = child;
    while (path_cross_down(&walk->at))
        ;
}

static int check_search(const struct walk *walk)
{
    const struct inode *dir = walk->at.dentry->inode;

    if (!S_ISDIR(dir->mode))
        return -ENOTDIR;
    return inode_permission(dir, MAY_EXEC, walk->cred);
}

// Where everybody may make names but not remove those of others, a link may be
// a trap: the last component is followed there only if it belongs to who
// follows it or to the owner of the directory. (Linux can be told not to, by
// fs.protected_symlinks; Debian's has it set.)
static int check_follow(const struct walk *walk, const struct inode *link)
{
    const struct inode *dir = walk->at.dentry->inode;
    const u32 shared = S_ISVTX | S_IWOTH;

    if (*walk->rest || (dir->mode & shared) != shared ||
        walk->cred->fsuid == link->uid || dir->uid == link->uid)
        return 0;
    return -EACCES;
}

enum step_result {
    STEP_ENTERED,
    STEP_LINK, // the text has changed
};

// From `at` to what walk->name is in it. Return: enum step_result; -errno.
static int step(struct walk *walk, bool follow)
{
    struct dentry *child;
    bool jumped;
    int rc = check_search(walk);

    if (rc || walk->last == LAST_DOT || walk->last == LAST_NONE)
        return rc;
    if (walk->last == LAST_DOTDOT) {
        step_up(walk);
        return STEP_ENTERED;
    }
    rc = dentry_lookup(walk->at.dentry, &walk->name, &child);
    if (rc)
        return rc;
    if (!child->inode) {
        dentry_put(child);
        return -ENOENT;
    }
    if (!follow || !S_ISLNK(child->inode->mode)) {
        enter(walk, child);
        return STEP_ENTERED;
    }
    rc = check_follow(walk, child->inode);
    if (!rc)
        rc = follow_link(walk, child->inode, &jumped);
    dentry_put(child);
    if (rc)
        return rc;
    return jumped ? STEP_ENTERED : STEP_LINK;
}

static enum walk_last kind_of(const struct name *name)
{
    if (name->text[0] != '.')
        return LAST_NAME;
    if (name->length == 1)
        return LAST_DOT;
    return name->length == 2 && name->text[1] == '.' ? LAST_DOTDOT : LAST_NAME;
}

// Cuts the next component off the text. Return: false: there is none.
static bool next_name(struct walk *walk)
{
    const char *end;

    while (*walk->rest == '/')
        walk->rest++;
    walk->slash = false;
    walk->last = LAST_NONE;
    walk->name = (struct name){walk->rest, 0};
    if (!*walk->rest)
        return false;
    end = strchr(walk->rest, '/');
    if (!end)
        end = walk->rest + strlen(walk->rest);
    walk->name.length = (u32)(end - walk->rest);
    walk->last = kind_of(&walk->name);
    walk->slash = *end == '/';
    while (*end == '/')
        end++;
    walk->rest = end;
    return true;
}

int walk_to_parent(struct walk *walk)
{
    int rc;

    while (next_name(walk)) {
        if (walk->name.length > NAME_MAX)
            return -ENAMETOOLONG;
        if (!*walk->rest)
            return check_search(walk);
        rc = step(walk, true);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int walk_follow(struct walk *walk, struct dentry *link, bool *out_done)
{
    int rc = check_follow(walk, link->inode);

    return rc ? rc : follow_link(walk, link->inode, out_done);
}

int walk_last(struct walk *walk)
{
    bool follow;
    int rc;

    for (;;) {
        if (walk->last == LAST_NONE)
            break;
        follow = (walk->flags & WALK_FOLLOW) || walk->slash;
        if (walk->slash)
            walk->flags |= WALK_DIRECTORY;
        rc = step(walk, follow);
        if (rc < 0)
            return rc;
        if (rc == STEP_ENTERED)
            break;
        rc = walk_to_parent(walk);
        if (rc)
            return rc;
    }
    if ((walk->flags & WALK_DIRECTORY) &&
        !S_ISDIR(walk->at.dentry->inode->mode))
        return -ENOTDIR;
    return 0;
}

static inline int resolve(s32 dirfd, const char *path, u32 flags,
                          const struct cred *cred, struct path *out)
{
    struct walk walk;
    int rc = walk_begin(&walk, dirfd, path, flags);

    if (rc)
        return rc;
    walk.cred = cred;
    rc = walk_to_parent(&walk);
    if (!rc)
        rc = walk_last(&walk);
    if (!rc) {
        *out = walk.at;
        path_get(out);
    }
    walk_end(&walk);
    return rc;
}

int path_resolve_as(s32 dirfd, const char *path, u32 flags,
                    const struct cred *cred, struct path *out)
{
    return resolve(dirfd, path, flags, cred, out);
}

int path_resolve(s32 dirfd, const char *path, u32 flags, struct path *out)
{
    return resolve(dirfd, path, flags, current->cred, out);
}

int path_from_fd(s32 fd, struct path *out)
{
    struct file *file = file_from_fd(fd);

    if (!file)
        return -EBADF;
    *out = file->path;
    path_get(out);
    file_put(file);
    return 0;
}

int path_string(const char __user *user, char **out)
{
    char *text = kmalloc(PATH_MAX, GFP_KERNEL);
    s32 length;

    if (!text)
        return -ENOMEM;
    length = string_from_user(text, user, PATH_MAX);
    if (length < 0) {
        kfree(text);
        return length;
    }
    *out = text;
    return 0;
}
