// include/fs/inotify.h - telling programs what happens to files: inotify(7)
// SPDX-License-Identifier: MIT
//
// Who does something to a file calls one of the functions below, after it was
// done. They cost a look at a counter while nobody watches anything. They do
// not sleep; the caller holds the inodes.
#pragma once

#include <base/compiler.h>
#include <fs/dentry.h>
#include <linux/inotify.h>

struct file;

extern u32 inotify_watches; // how many there are, of all files

// With @event IN_*: to those who watch the inode, and (but for _inode) with the
// name to those who watch the directory it is in. IN_ISDIR is added.
void inotify_tell_file(const struct file *file, u32 event);
void inotify_tell_dentry(const struct dentry *dentry, u32 event);
void inotify_tell_inode(struct inode *inode, u32 event);

// To those who watch @dir only: @name in it. @event: with IN_ISDIR if it is a
// directory.
void inotify_tell_name(struct inode *dir, const struct name *name, u32 event,
                       u32 cookie);

// inotify_tell_gone - the last name of an inode without links goes.
void inotify_tell_gone(struct inode *inode);

// inotify_super_gone - a file system is about to go: watches end. May sleep.
void inotify_super_gone(struct super *super);

// inotify_cookie - a number that the two halves of a renaming have in common.
u32 inotify_cookie(void);

static inline void inotify_file(const struct file *file, u32 event)
{
    if (unlikely(inotify_watches))
        inotify_tell_file(file, event);
}

static inline void inotify_dentry(const struct dentry *dentry, u32 event)
{
    if (unlikely(inotify_watches))
        inotify_tell_dentry(dentry, event);
}

static inline void inotify_inode(struct inode *inode, u32 event)
{
    if (unlikely(inode->watches != NULL))
        inotify_tell_inode(inode, event);
}

static inline void inotify_name(struct inode *dir, const struct name *name,
                                const struct inode *inode, u32 event)
{
    if (unlikely(dir->watches != NULL))
        inotify_tell_name(dir, name,
                          event | (S_ISDIR(inode->mode) ? IN_ISDIR : 0), 0);
}

// ---- for system calls -------------------------------------------------------

// inotify_create - @flags: O_CLOEXEC, O_NONBLOCK. Return: fd; -ENOMEM; -EMFILE.
__must_check s32 inotify_create(u32 flags);

// inotify_add - watch @inode; @mask as inotify_add_watch(2) has it.
// inotify_remove - @file may be any. Return: the watch's number or 0; -EINVAL:
// another kind of file, or no such watch; -EEXIST; -ENOSPC: too many; -ENOMEM.
__must_check s32 inotify_add(struct file *file, struct inode *inode, u32 mask);
__must_check s32 inotify_remove(struct file *file, s32 wd);
bool inotify_is(const struct file *file);

// The files of /proc/sys/fs/inotify.
void inotify_limit_show(const char *name, char *buf, size_t size);
int inotify_limit_store(const char *name, const char *text);
