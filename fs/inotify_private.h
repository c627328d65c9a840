// fs/inotify_private.h - what inotify.c and inotify_watch.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/inotify.h>
#include <kernel/wait.h>

struct inotify {           // an open file
    struct list_head link; // all of them
    struct list_head watches;
    struct list_head events; // to be read, oldest first
    struct wait_queue queue;
    u32 uid; // whose limits count
    u32 watch_count, event_count;
    u32 max_events; // as the limit was when it was made
    s32 last_wd;
    bool has_overflow; // the last event says that some are missing
};

struct inotify_watch {
    struct inotify_watch *next; // of the same inode
    struct list_head link;      // inotify->watches
    struct inotify *owner;
    struct inode *inode; // held
    u32 mask;            // IN_* events
    u32 flags;           // IN_ONESHOT, IN_EXCL_UNLINK
    s32 wd;
};

// Of /proc/sys/fs/inotify.
extern u32 inotify_max_watches;

// inotify_queue - an event to be read; one that equals the last one is not kept
// twice. Does not sleep: without memory it is an overflow.
void inotify_queue(struct inotify *inotify, s32 wd, u32 mask, u32 cookie,
                   const struct name *name);

// inotify_watch_end - the watch goes, and IN_IGNORED says so. May sleep if
// nobody else holds the inode.
void inotify_watch_end(struct inotify_watch *watch);

// inotify_watch_free - the same, and nobody is told.
void inotify_watch_free(struct inotify_watch *watch);

extern struct list_head inotify_all; // of link
