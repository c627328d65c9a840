// fs/epoll_private.h - what epoll.c, epoll_wait.c and epoll_nest.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/epoll.h>

#include <fs/epoll_abi.h>
#include <fs/poll.h>
#include <fs/vfs.h>
#include <kernel/wait.h>
#include <lib/rbtree.h>
#include <linux/poll.h>

// What an item wants how, not what.
#define EPOLL_HOW_BITS (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)

struct epoll {
    struct file *file; // that it is in; not held
    struct rb_root items;
    struct list_head ready;    // (i) items that may have something
    struct wait_queue waiters; // in epoll_wait: one is woken
    struct wait_queue pollers; // by poll, or sets that it is in: all are
    u32 visited, height;       // epoll_nest.c: in which walk, and found then
};

struct epoll_item {
    struct rb_node node;         // of epoll->items, by (file, fd)
    struct list_head ready_link; // (i)
    struct list_head file_link;  // file->epoll_items
    struct wait_entry wait;      // on the file's queue
    struct epoll *epoll;
    struct file *file; // not held: its last close takes the item away
    s32 fd;
    u32 events; // wanted, and EPOLLET and its like
    u64 data;
};

static inline struct epoll_item *epoll_item_of(struct rb_node *node)
{
    return node ? container_of(node, struct epoll_item, node) : NULL;
}

// epoll_item_events - what its file has now of what it wants.
static inline u32 epoll_item_events(const struct epoll_item *item)
{
    struct wait_queue *queue;

    return file_events(item->file, &queue) & item->events & ~EPOLL_HOW_BITS;
}

// epoll_poll - the poll operation of a set.
u32 epoll_poll(struct file *file, struct wait_queue **queue);

// epoll_makes_ring - whether @below, which is to be put into @epoll, leads to
// it, or there were too many one in the other.
bool epoll_makes_ring(const struct epoll *epoll, struct epoll *below);

// epoll_has_ways - whether not too many chains of sets lead to @file, and to
// all that lie below it if it is a set.
bool epoll_has_ways(struct file *file);
