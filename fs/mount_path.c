// fs/mount_path.c - ways through the mounts: down, up, and to the root
// SPDX-License-Identifier: MIT
//
// Locking: as mount.c, for tasks only; the list is walked without a sleep.

#include <fs/dentry.h>

#include <lib/string.h>

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
