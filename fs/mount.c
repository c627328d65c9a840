// fs/mount.c - which file system is seen where
// SPDX-License-Identifier: MIT
//
// A mount is a file system seen at a place: over a dentry of another mount.
// Paths are pairs (mount, dentry), so that ".." at a mount's root finds the
// way out. A mount's references are 1 for being in the tree, and one for each
// path in it: open files, directories of processes, mounts on top.
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

void mount_attach(struct mount *mount, const struct path *point)
{
    if (point) {
        mount->parent = mount_get(point->mount);
        mount->point = dentry_get(point->dentry);
        mount->point->mounts++;
    } else {
        ASSERT(!root_mount);
        root_mount = mount;
    }
    list_add_tail(&mount->link, &mount_list);
}

static void detach_one(struct mount *mount)
{
    struct path point = {mount->parent, mount->point};

    list_del(&mount->link);
    mount->point->mounts--;
    mount->parent = NULL;
    mount->point = NULL;
    path_put(&point);
    mount_put(mount);
}

void mount_reattach(struct mount *mount, const struct path *point)
{
    struct path old = {mount->parent, mount->point};

    mount->point->mounts--;
    mount->parent = mount_get(point->mount);
    mount->point = dentry_get(point->dentry);
    mount->point->mounts++;
    path_put(&old);
}

static bool mount_is_below(const struct mount *mount, const struct mount *top)
{
    while (mount && mount != top)
        mount = mount->parent;
    return mount == top;
}

static bool has_mounts(const struct mount *mount)
{
    const struct mount *other;

    list_for_each_entry (other, &mount_list, link)
        if (other->parent == mount)
            return true;
    return false;
}

// One below @top (itself in the end) that has nothing mounted on it. Their
// order in the list says nothing: they may have been moved.
static struct mount *leaf_below(struct mount *top)
{
    struct mount *mount;

    list_for_each_entry (mount, &mount_list, link)
        if (mount_is_below(mount, top) && !has_mounts(mount))
            return mount;
    return top; // not reached: a tree has leaves
}

int mount_detach(struct mount *mount, bool lazy)
{
    struct mount *next;

    if (mount == root_mount)
        return -EBUSY;
    if (!mount->parent) // detached before, and still in use
        return -EINVAL;
    if (!lazy && mount->refcount > 1)
        return -EBUSY;
    do {
        next = leaf_below(mount);
        detach_one(next);
    } while (next != mount);
    return 0;
}

void path_get(const struct path *path)
{
    mount_get(path->mount);
    dentry_get(path->dentry);
}

void path_put(struct path *path)
{
    struct path old = *path;

    *path = (struct path){NULL, NULL};
    if (!old.mount)
        return;
    dentry_put(old.dentry); // before the mount, which may take all with it
    mount_put(old.mount);
}

bool path_cross_down(struct path *path)
{
    struct mount *mount, *over = NULL;
    struct path next;

    if (!path->dentry->mounts)
        return false;
    list_for_each_entry (mount, &mount_list, link)
        if (mount->parent == path->mount && mount->point == path->dentry)
            over = mount;
    if (!over)
        return false;
    next = (struct path){over, over->root};
    path_get(&next);
    path_put(path);
    *path = next;
    return true;
}

bool path_cross_up(struct path *path)
{
    struct path up;

    if (path->dentry != path->mount->root || !path->mount->parent)
        return false;
    up = (struct path){path->mount->parent, path->mount->point};
    path_get(&up);
    path_put(path);
    *path = up;
    return true;
}

bool path_is_visible(const struct mount *mount, const struct path *root)
{
    const struct dentry *at = mount->root;

    while (mount != root->mount && mount->parent) {
        at = mount->point;
        mount = mount->parent;
    }
    return mount == root->mount && dentry_is_below(at, root->dentry);
}

void mount_root_path(struct path *out)
{
    ASSERT(root_mount);
    *out = (struct path){root_mount, root_mount->root};
    path_get(out);
    while (path_cross_down(out))
        ;
}

// Writes @text before *@at in @buf. Return: whether it fitted.
static bool prepend(char *buf, size_t *at, const char *text, size_t length)
{
    if (*at < length)
        return false;
    *at -= length;
    memcpy(buf + *at, text, length);
    return true;
}

const char *path_print(const struct path *path, const struct path *root,
                       char *buf, size_t size)
{
    static const char deleted[] = " (deleted)";
    const struct mount *mount = path->mount;
    const struct dentry *dentry = path->dentry;
    size_t at = size;
    bool fits = prepend(buf, &at, "", 1);

    if (mount->super->flags & SUPER_INTERNAL)
        return prepend(buf, &at, dentry->name, dentry->length) ? buf + at : "";
    if (!(dentry->flags & DENTRY_HASHED) && dentry->parent != dentry)
        fits = fits && prepend(buf, &at, deleted, sizeof(deleted) - 1);
    while (fits && !(mount == root->mount && dentry == root->dentry)) {
        if (dentry == mount->root) {
            if (!mount->parent)
                break; // the root of everything, or of a detached mount
            dentry = mount->point;
            mount = mount->parent;
            continue;
        }
        fits = prepend(buf, &at, dentry->name, dentry->length) &&
               prepend(buf, &at, "/", 1);
        dentry = dentry->parent;
    }
    if (fits && (buf[at] == '\0' || buf[at] == ' '))
        fits = prepend(buf, &at, "/", 1);
    return fits ? buf + at : "(too long)";
}
