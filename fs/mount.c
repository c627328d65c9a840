// fs/mount.c - which file system is seen where
// SPDX-License-Identifier: MIT
//
// A mount is a file system seen at a place: over a dentry of another mount.
// Paths are pairs (mount, dentry), so that ".." at a mount's root finds the
// way out. A mount's references are 1 for being in the tree, and one for each
// path in it: open files, directories of processes, mounts on top.
//
// A place may go while something is mounted there: with a process its files in
// /proc, with a terminal its name. Then what is mounted there goes, too, with
// all that is mounted on it (mounts_prune()), and nothing is mounted there any
// more.
//
// Locking: for tasks only, no sleep while the list is walked.

#include <fs/dentry.h>

#include <lib/string.h>
#include <mm/slab.h>

LIST_HEAD(mount_list);
static struct mount *root_mount;
static u32 last_id = MOUNT_ID_NONE;

struct mount *mount_create(struct super *super, const char *source, u32 flags)
{
    struct mount *mount = kzalloc(sizeof(*mount), GFP_KERNEL);
    char *name = kmalloc(strlen(source) + 1, GFP_KERNEL);

    if (!mount || !name)
        goto err_free;
    memcpy(name, source, strlen(source) + 1);
    list_init(&mount->link);
    mount->refcount = 1;
    mount->id = ++last_id;
    mount->flags = flags;
    mount->super = super;
    mount->root = dentry_get(super->root);
    mount->source = name;
    super->mounts++;
    return mount;

err_free:
    kfree(name);
    kfree(mount);
    if (!super->mounts)
        super_destroy(super);
    return NULL;
}

struct mount *mount_get(struct mount *mount)
{
    ASSERT(mount->refcount > 0);
    mount->refcount++;
    return mount;
}

void mount_put(struct mount *mount)
{
    struct super *super = mount->super;

    ASSERT(mount->refcount > 0);
    if (--mount->refcount)
        return;
    ASSERT(!mount->parent);
    dentry_put(mount->root);
    if (--super->mounts == 0)
        super_destroy(super);
    kfree(mount->source);
    kfree(mount);
}

bool mount_is_attached(const struct mount *mount)
{
    return mount->parent || mount == root_mount;
}

int mount_check_point(const struct path *point)
{
    if (!dentry_is_reachable(point->dentry))
        return -ENOENT;
    return mount_is_attached(point->mount) ? 0 : -EINVAL;
}

static void put_over(struct mount *mount, const struct path *point)
{
    path_get(point);
    mount->parent = point->mount;
    mount->point = point->dentry;
    mount->point->mounts++;
}

int mount_attach(struct mount *mount, const struct path *point)
{
    int rc = point ? mount_check_point(point) : 0;

    if (rc) {
        mount_put(mount);
        return rc;
    }
    if (point) {
        put_over(mount, point);
    } else {
        ASSERT(!root_mount);
        root_mount = mount;
    }
    list_add_tail(&mount->link, &mount_list);
    return 0;
}

void mount_reattach(struct mount *mount, const struct path *point)
{
    struct path old = {mount->parent, mount->point};

    mount->point->mounts--;
    put_over(mount, point);
    path_put(&old);
}

static bool mount_is_below(const struct mount *mount, const struct mount *top)
{
    while (mount && mount != top)
        mount = mount->parent;
    return mount == top;
}

// Takes @top and all below out of the tree, in one go, into @out; they keep the
// tree's references, and their points. *@out_point: what @top was over, held.
static void cut_off(struct mount *top, struct list_head *out,
                    struct path *out_point)
{
    struct mount *mount, *next;

    list_for_each_entry_safe (mount, next, &mount_list, link)
        if (mount_is_below(mount, top))
            list_move_tail(&mount->link, out);
    *out_point = (struct path){top->parent, dentry_get(top->point)};
    list_for_each_entry (mount, out, link) {
        struct mount *parent = mount->parent;

        mount->point->mounts--;
        mount->parent = NULL;
        if (mount != top)
            mount_put(parent); // is on the list, too: not the last reference
    }
}

// Letting go sleeps, and others see the tree meanwhile: it is cut off before.
// A point goes before the mount that it is in.
static void detach_tree(struct mount *top)
{
    struct mount *mount;
    struct path point;
    LIST_HEAD(loose);

    cut_off(top, &loose, &point);
    list_for_each_entry (mount, &loose, link) {
        dentry_put(mount->point);
        mount->point = NULL;
    }
    while (!list_empty(&loose)) {
        mount = list_first_entry(&loose, struct mount, link);
        list_del(&mount->link);
        mount_put(mount);
    }
    path_put(&point);
}

int mount_detach(struct mount *mount, bool lazy)
{
    if (mount == root_mount)
        return -EBUSY;
    if (!mount->parent) // detached before, and still in use
        return -EINVAL;
    if (!lazy && mount->refcount > 1)
        return -EBUSY;
    detach_tree(mount);
    return 0;
}

// One whose place has gone.
static struct mount *find_lost(void)
{
    struct mount *mount;

    list_for_each_entry (mount, &mount_list, link)
        if (mount->parent && !dentry_is_reachable(mount->point))
            return mount;
    return NULL;
}

void mounts_prune(void)
{
    struct mount *mount;

    while ((mount = find_lost()))
        detach_tree(mount);
}

void mount_root_path(struct path *out)
{
    ASSERT(root_mount);
    *out = (struct path){root_mount, root_mount->root};
    path_get(out);
    while (path_cross_down(out))
        ;
}
