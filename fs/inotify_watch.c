// fs/inotify_watch.c - who watches which inode
// SPDX-License-Identifier: MIT
//
// An inode points to its watches, one for each open inotify file that has it;
// NULL, nearly always. What happens to it is told with no name; what happens in
// a directory, and to the files in it, with the name in it. A watch holds its
// inode, but neither name nor mount.
//
// A watch ends when it is removed, after one event (IN_ONESHOT), with the last
// name of a file that was deleted, or with its file system.

#include <fs/vfs.h>
#include <kernel/task.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "inotify_private.h"

u32 inotify_watches;

u32 inotify_cookie(void)
{
    static u32 last;

    return ++last;
}

// ---- telling ----------------------------------------------------------------

// tell - @name NULL: the inode itself. @unlinked: it is reached by a name that
// is not there any more.
static void tell(struct inode *inode, u32 event, u32 cookie,
                 const struct name *name, bool unlinked)
{
    struct inotify_watch *watch, *next;

    for (watch = inode->watches; watch; watch = next) {
        next = watch->next;
        if (!(event & watch->mask & (IN_ALL_EVENTS | IN_UNMOUNT)) ||
            (unlinked && (watch->flags & IN_EXCL_UNLINK)))
            continue;
        inotify_queue(watch->owner, watch->wd, event, cookie, name);
        if (watch->flags & IN_ONESHOT)
            inotify_watch_end(watch);
    }
}

// As Linux, which left it out by oversight first and had to stay with that.
static u32 with_type(const struct inode *inode, u32 event)
{
    return S_ISDIR(inode->mode) && !(event & (IN_DELETE_SELF | IN_MOVE_SELF))
               ? event | IN_ISDIR
               : event;
}

void inotify_tell_inode(struct inode *inode, u32 event)
{
    tell(inode, with_type(inode, event), 0, NULL, false);
}

static void tell_both(const struct dentry *dentry, u32 event, bool unlinked)
{
    struct name name = {dentry->name, dentry->length};
    struct inode *inode = dentry->inode, *dir = dentry->parent->inode;

    if (!inode)
        return;
    event = with_type(inode, event);
    if (dentry->parent != dentry && dir->watches)
        tell(dir, event, 0, &name, unlinked);
    if (inode->watches)
        tell(inode, event, 0, NULL, unlinked);
}

void inotify_tell_dentry(const struct dentry *dentry, u32 event)
{
    tell_both(dentry, event, false);
}

void inotify_tell_file(const struct file *file, u32 event)
{
    const struct dentry *dentry = file->path.dentry;

    if (!(file->flags & O_PATH))
        tell_both(dentry, event, !(dentry->flags & DENTRY_HASHED));
}

void inotify_tell_name(struct inode *dir, const struct name *name, u32 event,
                       u32 cookie)
{
    tell(dir, event, cookie, name, false);
}

void inotify_tell_gone(struct inode *inode)
{
    inotify_tell_inode(inode, IN_DELETE_SELF);
    while (inode->watches)
        inotify_watch_end(inode->watches);
}

// ---- watches ----------------------------------------------------------------

void inotify_watch_free(struct inotify_watch *watch)
{
    struct inotify_watch **at = &watch->inode->watches;
    struct inode *inode = watch->inode;

    while (*at != watch)
        at = &(*at)->next;
    *at = watch->next;
    list_del(&watch->link);
    watch->owner->watch_count--;
    inotify_watches--;
    kfree(watch);
    inode_put(inode);
}

void inotify_watch_end(struct inotify_watch *watch)
{
    inotify_queue(watch->owner, watch->wd, IN_IGNORED, 0, NULL);
    inotify_watch_free(watch);
}

static struct inotify_watch *find(const struct inotify *in,
                                  const struct inode *inode)
{
    struct inotify_watch *watch = inode->watches;

    while (watch && watch->owner != in)
        watch = watch->next;
    return watch;
}

static struct inotify_watch *find_by_wd(const struct inotify *in, s32 wd)
{
    struct inotify_watch *watch;

    list_for_each_entry (watch, &in->watches, link)
        if (watch->wd == wd)
            return watch;
    return NULL;
}

// Numbers are not used again until there are no others left.
static s32 new_wd(struct inotify *in)
{
    do {
        in->last_wd = in->last_wd == 0x7fffffff ? 1 : in->last_wd + 1;
    } while (find_by_wd(in, in->last_wd));
    return in->last_wd;
}

static bool has_too_many(u32 uid)
{
    const struct inotify *in;
    u32 count = 0;

    list_for_each_entry (in, &inotify_all, link)
        if (in->uid == uid)
            count += in->watch_count;
    return count >= inotify_max_watches;
}

static void insert(struct inotify *in, struct inode *inode,
                   struct inotify_watch *watch)
{
    watch->owner = in;
    watch->inode = inode_get(inode);
    watch->mask = IN_UNMOUNT;
    watch->wd = new_wd(in);
    watch->next = inode->watches;
    inode->watches = watch;
    list_add_tail(&watch->link, &in->watches);
    in->watch_count++;
    inotify_watches++;
}

s32 inotify_add(struct file *file, struct inode *inode, u32 mask)
{
    struct inotify *in = file->private;
    struct inotify_watch *watch = find(in, inode), *fresh = NULL;

    if (!watch) {
        if (has_too_many(in->uid))
            return -ENOSPC;
        fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
        if (!fresh)
            return -ENOMEM;
        watch = find(in, inode); // again: that may have slept
    }
    if (watch) {
        kfree(fresh); // another thread was faster
        if (mask & IN_MASK_CREATE)
            return -EEXIST;
    } else {
        watch = fresh;
        insert(in, inode, watch);
    }
    if (!(mask & IN_MASK_ADD)) {
        watch->mask = IN_UNMOUNT;
        watch->flags = 0;
    }
    watch->mask |= mask & IN_ALL_EVENTS;
    watch->flags |= mask & (IN_ONESHOT | IN_EXCL_UNLINK);
    return watch->wd;
}

s32 inotify_remove(struct file *file, s32 wd)
{
    struct inotify_watch *watch;

    if (!inotify_is(file))
        return -EINVAL;
    watch = find_by_wd(file->private, wd);
    if (!watch)
        return -EINVAL;
    inotify_watch_end(watch);
    return 0;
}

static struct inotify_watch *find_by_super(const struct super *super)
{
    struct inotify_watch *watch;
    struct inotify *in;

    list_for_each_entry (in, &inotify_all, link)
        list_for_each_entry (watch, &in->watches, link)
            if (watch->inode->super == super)
                return watch;
    return NULL;
}

// Looked for anew each time: letting go of an inode sleeps.
void inotify_super_gone(struct super *super)
{
    struct inotify_watch *watch;

    while (inotify_watches && (watch = find_by_super(super))) {
        inotify_queue(watch->owner, watch->wd,
                      with_type(watch->inode, IN_UNMOUNT), 0, NULL);
        inotify_watch_end(watch);
    }
}
