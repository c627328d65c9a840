// fs/mount_bind.c - what is mounted, a second time or elsewhere
// SPDX-License-Identifier: MIT
//
// A bind mount is another mount of the same file system, whose root is the
// directory (or file) that was named. Recursively: what is mounted below comes
// along. Making a mount may sleep, and the tree may change meanwhile, so a
// recursive bind first makes all of it, unattached, in a list of pairs; each
// look at the tree begins anew. It is attached without a sleep.

#include <fs/dentry.h>

#include <lib/string.h>
#include <mm/slab.h>

#define PAIRS_MAX 256u // mounts of one recursive bind

struct pair {
    struct mount *from; // held
    struct mount *copy;
    struct path point; // held; of copies below the top
};

static struct mount *mount_clone(const struct mount *from, struct dentry *root)
{
    struct mount *copy = mount_create(from->super, from->source, from->flags);

    if (!copy)
        return NULL;
    dentry_put(copy->root);
    copy->root = dentry_get(root);
    return copy;
}

static struct mount *copy_of(const struct pair *pairs, u32 count,
                             const struct mount *from)
{
    for (u32 i = 0; i < count; i++)
        if (pairs[i].from == from)
            return pairs[i].copy;
    return NULL;
}

// A mount that has to come along and has no copy yet: its parent has one, and
// shows the directory that it is on.
static struct mount *next_below(const struct pair *pairs, u32 count)
{
    struct mount *mount;

    list_for_each_entry (mount, &mount_list, link) {
        const struct mount *parent = mount->parent;
        const struct mount *above = copy_of(pairs, count, parent);

        if (above && !copy_of(pairs, count, mount) &&
            dentry_is_below(mount->point, above->root))
            return mount;
    }
    return NULL;
}

// Return: 0; -ENOMEM; -ENOSPC.
static int copy_below(struct pair *pairs, u32 *count)
{
    struct mount *from;

    while ((from = next_below(pairs, *count))) {
        struct pair *pair = &pairs[*count];

        if (*count == PAIRS_MAX)
            return -ENOSPC;
        pair->point.mount = mount_get(copy_of(pairs, *count, from->parent));
        pair->point.dentry = dentry_get(from->point);
        pair->from = mount_get(from);
        pair->copy = mount_clone(from, from->root);
        if (!pair->copy) {
            mount_put(from);
            path_put(&pair->point);
            return -ENOMEM;
        }
        ++*count;
    }
    return 0;
}

// Into the tree, the top at @point.
static int attach_all(struct pair *pairs, u32 count, const struct path *point)
{
    int rc = mount_attach(pairs[0].copy, point);

    for (u32 i = 1; i < count; i++)
        if (mount_attach(pairs[i].copy, &pairs[i].point))
            continue; // its place has gone; so what is below it is left out
    return rc;
}

static void let_go(struct pair *pairs, u32 count)
{
    for (u32 i = 0; i < count; i++)
        mount_put(pairs[i].copy);
}

static void release(struct pair *pairs, u32 count)
{
    while (count--) {
        path_put(&pairs[count].point);
        mount_put(pairs[count].from);
    }
    kfree(pairs);
}

static bool is_dir(const struct dentry *dentry)
{
    return S_ISDIR(dentry->inode->mode);
}

int mount_bind(const struct path *from, const struct path *point,
               enum mount_depth depth)
{
    struct pair *pairs;
    u32 count = 1;
    int rc = mount_check_point(point);

    if (rc)
        return rc;
    if (!mount_is_attached(from->mount))
        return -EINVAL;
    if (is_dir(from->dentry) != is_dir(point->dentry))
        return -ENOTDIR;
    pairs = kzalloc(PAIRS_MAX * sizeof(*pairs), GFP_KERNEL);
    if (!pairs)
        return -ENOMEM;
    pairs[0].copy = mount_clone(from->mount, from->dentry);
    if (!pairs[0].copy) {
        kfree(pairs);
        return -ENOMEM;
    }
    pairs[0].from = mount_get(from->mount);
    if (depth == MOUNT_WITH_ALL_BELOW)
        rc = copy_below(pairs, &count);
    if (rc)
        let_go(pairs, count);
    else
        rc = attach_all(pairs, count, point);
    release(pairs, count);
    return rc;
}

int mount_move(const struct path *from, const struct path *point)
{
    struct mount *mount = from->mount;
    const struct mount *at = point->mount;
    int rc = mount_check_point(point);

    if (rc)
        return rc;
    if (from->dentry != mount->root || !mount->parent)
        return -EINVAL;
    if (is_dir(from->dentry) != is_dir(point->dentry))
        return -ENOTDIR;
    for (; at; at = at->parent)
        if (at == mount)
            return -ELOOP;
    mount_reattach(mount, point);
    return 0;
}
