// fs/procfs/mounts.c - what is mounted where: mounts, mountinfo, mountstats
// SPDX-License-Identifier: MIT
//
// The formats are Linux's (proc(5)). Seen from the reader's root; of mounts
// that lie outside of it nothing is shown. Nothing here sleeps once the list is
// walked, so that it stays as it is.

#include "procfs.h"

#include <fs/context.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <mm/slab.h>

struct view {
    struct proc_text *text;
    struct path root; // the reader's
    char *buf;        // PATH_MAX bytes
};

// Blanks in names would end the field: octal, as getmntent reads it.
static void put_escaped(struct proc_text *text, const char *name)
{
    for (; *name; name++) {
        if (strchr(" \t\n\\", *name))
            proc_print(text, "\\%03o", (u32)(u8)*name);
        else
            proc_put(text, name, 1);
    }
}

// Where it is mounted: what it is over, as the file that is its root may have
// been removed. Not for the reader's root, and that of everything.
static void put_point(const struct view *view, const struct mount *mount)
{
    struct path path = {(struct mount *)(uintptr_t)mount, mount->root};

    if (mount->parent && !path_equal(&path, &view->root))
        path = (struct path){mount->parent, mount->point};
    put_escaped(view->text,
                path_print(&path, &view->root, view->buf, PATH_MAX));
}

// The directory of its file system that is its root.
static void put_origin(const struct view *view, const struct mount *mount)
{
    const struct mount alone = {.super = mount->super,
                                .root = mount->super->root};
    struct path path = {(struct mount *)(uintptr_t)&alone, mount->root};

    put_escaped(view->text,
                path_print(&path, &view->root, view->buf, PATH_MAX));
}

// Of the mount alone, but for ro and rw.
static void put_flags(struct proc_text *text, const struct mount *mount)
{
    static const struct {
        u32 flag;
        const char *name;
    } options[] = {
        {MS_NOSUID, ",nosuid"},         {MS_NODEV, ",nodev"},
        {MS_NOEXEC, ",noexec"},         {MS_NOATIME, ",noatime"},
        {MS_NODIRATIME, ",nodiratime"}, {MS_RELATIME, ",relatime"},
    };

    for (u32 i = 0; i < ARRAY_SIZE(options); i++)
        if (mount->flags & options[i].flag)
            proc_print(text, "%s", options[i].name);
}

static void put_super_options(struct proc_text *text, const struct super *super)
{
    char options[128];

    if (!super->ops->show_options)
        return;
    super->ops->show_options(super, options, sizeof(options));
    proc_print(text, "%s", options);
}

static void put_mount(const struct view *view, const struct mount *mount)
{
    struct proc_text *text = view->text;
    struct path path = {(struct mount *)(uintptr_t)mount, mount->root};

    put_escaped(text, mount->source);
    proc_print(text, " ");
    put_point(view, mount);
    proc_print(text, " %s %s", mount->super->type->name,
               path_is_readonly(&path) ? "ro" : "rw");
    put_flags(text, mount);
    put_super_options(text, mount->super);
    proc_print(text, " 0 0\n");
}

static void put_mountinfo(const struct view *view, const struct mount *mount)
{
    const struct super *super = mount->super;
    struct proc_text *text = view->text;

    proc_print(text, "%u %u %u:%u ", mount->id,
               mount->parent ? mount->parent->id : MOUNT_ID_NONE,
               device_major(super->device), device_minor(super->device));
    put_origin(view, mount);
    proc_print(text, " ");
    put_point(view, mount);
    proc_print(text, " %s", mount->flags & MS_RDONLY ? "ro" : "rw");
    put_flags(text, mount);
    proc_print(text, " - %s ", super->type->name);
    put_escaped(text, mount->source);
    proc_print(text, " %s", super->flags & SUPER_READONLY ? "ro" : "rw");
    put_super_options(text, super);
    proc_print(text, "\n");
}

static void put_mountstats(const struct view *view, const struct mount *mount)
{
    proc_print(view->text, "device ");
    put_escaped(view->text, mount->source);
    proc_print(view->text, " mounted on ");
    put_point(view, mount);
    proc_print(view->text, " with fstype %s\n", mount->super->type->name);
}

// Return: 0; -ENOMEM.
static int for_each_mount(struct proc_text *text,
                          void (*put)(const struct view *view,
                                      const struct mount *mount))
{
    struct view view = {.text = text};
    const struct mount *mount;

    view.buf = kmalloc(PATH_MAX, GFP_KERNEL);
    if (!view.buf)
        return -ENOMEM;
    fs_context_root(current->fs, &view.root);
    list_for_each_entry (mount, &mount_list, link)
        if (path_is_visible(mount, &view.root))
            put(&view, mount);
    path_put(&view.root);
    kfree(view.buf);
    return 0;
}

int proc_show_mounts(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    return for_each_mount(text, put_mount);
}

int proc_show_mountinfo(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    return for_each_mount(text, put_mountinfo);
}

int proc_show_mountstats(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    return for_each_mount(text, put_mountstats);
}
