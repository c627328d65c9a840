// fs/epoll.c - sets of files that are waited for: epoll(7)
// SPDX-License-Identifier: MIT
//
// How it works: each item of a set stands on its file's wait queue, as a
// function. A wake-up puts the item on the set's ready list and wakes one who
// waits. epoll_wait (epoll_wait.c) looks at what is on that list, never at the
// whole set, and asks each file what there is: an item without anything leaves
// the list; one that reports level by level goes back to its end, to be asked
// again; one that reports edges comes back by the next wake-up.
//
// An item belongs to the set and does not hold its file: the file's last
// close takes it away (epoll_forget_file).
//
// Locking: sets and items are for tasks only, and changed without sleeping;
// (i) interrupts off.
// Rejected: waking only one of several sets by EPOLLEXCLUSIVE. All are, which
// the manual allows.

#include "epoll_private.h"

#include <arch/cpu.h>
#include <fs/anon.h>
#include <linux/poll.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define ITEMS_MAX (64u << 10) // of all sets: some 6 MiB

static u32 item_count;

static const struct file_ops epoll_file_ops;

struct epoll *epoll_of(const struct file *file)
{
    return anon_file_is(file, &epoll_file_ops) ? file->private : NULL;
}

// ---- items -----------------------------------------------------------------

static int compare(const struct epoll_item *item, const struct file *file,
                   s32 fd)
{
    if (item->file != file)
        return item->file < file ? -1 : 1;
    return item->fd < fd ? -1 : item->fd > fd;
}

// The place of (@file, @fd): where its item is, or would be put.
static struct rb_node **find_place(struct epoll *epoll, const struct file *file,
                                   s32 fd, struct rb_node **out_parent)
{
    struct rb_node **at = &epoll->items.node;
    int order;

    *out_parent = NULL;
    while (*at) {
        order = compare(epoll_item_of(*at), file, fd);
        if (order == 0)
            break;
        *out_parent = *at;
        at = order > 0 ? &(*at)->left : &(*at)->right;
    }
    return at;
}

static struct epoll_item *find(struct epoll *epoll, const struct file *file,
                               s32 fd)
{
    struct rb_node *parent;

    return epoll_item_of(*find_place(epoll, file, fd, &parent));
}

// Interrupts off.
static void make_ready(struct epoll_item *item)
{
    struct epoll *epoll = item->epoll;

    if (list_empty(&item->ready_link))
        list_add_tail(&item->ready_link, &epoll->ready);
    wake_up_one(&epoll->waiters);
    wake_up_events(&epoll->pollers, POLLIN | POLLRDNORM);
}

static void on_wake_up(struct wait_entry *entry, u32 events)
{
    struct epoll_item *item = container_of(entry, struct epoll_item, wait);
    u32 wanted = item->events & ~EPOLL_HOW_BITS;

    if (events & wanted) // nothing, after a report of EPOLLONESHOT
        make_ready(item);
}

static void set_event(struct epoll_item *item, const struct epoll_event *event)
{
    item->events = event->events | EPOLLERR | EPOLLHUP;
    item->data = event->data;
}

static void off_ready_list(struct epoll_item *item)
{
    u32 flags = irq_save();

    list_del(&item->ready_link);
    irq_restore(flags);
}

static void item_free(struct epoll_item *item)
{
    wait_remove(&item->wait);
    off_ready_list(item);
    list_del(&item->file_link);
    rb_erase(&item->epoll->items, &item->node, NULL);
    kfree(item);
    item_count--;
}

void epoll_forget_file(struct file *file)
{
    while (!list_empty(&file->epoll_items))
        item_free(
            list_first_entry(&file->epoll_items, struct epoll_item, file_link));
}

// It is asked once it stands on the file's queue: nothing is missed.
static void begin_watching(struct epoll_item *item)
{
    u32 flags = irq_save();
    struct wait_queue *queue;

    if (file_events(item->file, &queue) & item->events & ~EPOLL_HOW_BITS)
        make_ready(item);
    if (queue)
        wait_add(queue, &item->wait);
    irq_restore(flags);
}

static void item_insert(struct epoll_item *item)
{
    struct epoll *epoll = item->epoll;
    struct rb_node *parent, **at;

    at = find_place(epoll, item->file, item->fd, &parent);
    rb_insert(&epoll->items, &item->node, parent, at, NULL);
    list_add_tail(&item->file_link, &item->file->epoll_items);
    item_count++;
}

static struct epoll_item *item_alloc(struct epoll *epoll, struct file *file,
                                     s32 fd)
{
    struct epoll_item *item = kzalloc(sizeof(*item), GFP_KERNEL);

    if (!item)
        return NULL;
    list_init(&item->ready_link);
    list_init(&item->file_link);
    list_init(&item->wait.link);
    item->wait.fn = on_wake_up;
    item->epoll = epoll;
    item->file = file;
    item->fd = fd;
    return item;
}

int epoll_add(struct epoll *epoll, struct file *file, s32 fd,
              const struct epoll_event *event)
{
    struct epoll_item *item = item_alloc(epoll, file, fd); // the last sleep
    struct epoll *below = epoll_of(file);
    int rc = 0;

    if (!item)
        return -ENOMEM;
    if (below && epoll_makes_ring(epoll, below))
        rc = -ELOOP;
    else if (find(epoll, file, fd))
        rc = -EEXIST;
    else if (item_count >= ITEMS_MAX)
        rc = -ENOSPC;
    if (rc) {
        kfree(item);
        return rc;
    }
    set_event(item, event);
    item_insert(item);
    if ((below || !list_empty(&epoll->file->epoll_items)) &&
        !epoll_has_ways(file)) {
        item_free(item);
        return -EINVAL;
    }
    begin_watching(item);
    return 0;
}

int epoll_modify(struct epoll *epoll, struct file *file, s32 fd,
                 const struct epoll_event *event)
{
    struct epoll_item *item = find(epoll, file, fd);
    u32 flags;

    if (!item)
        return -ENOENT;
    if (item->events & EPOLLEXCLUSIVE)
        return -EINVAL;
    flags = irq_save();
    set_event(item, event);
    if (epoll_item_events(item))
        make_ready(item);
    irq_restore(flags);
    return 0;
}

int epoll_remove(struct epoll *epoll, struct file *file, s32 fd)
{
    struct epoll_item *item = find(epoll, file, fd);

    if (!item)
        return -ENOENT;
    item_free(item);
    return 0;
}

// ---- the file --------------------------------------------------------------

static void epoll_release(struct file *file)
{
    struct epoll *epoll = file->private;

    while (epoll->items.node)
        item_free(epoll_item_of(epoll->items.node));
    kfree(epoll);
}

static const struct file_ops epoll_file_ops = {
    .release = epoll_release,
    .poll = epoll_poll,
};

s32 epoll_create(u32 flags)
{
    struct epoll *epoll = kzalloc(sizeof(*epoll), GFP_KERNEL);
    struct file *file;
    s32 rc;

    if (!epoll)
        return -ENOMEM;
    list_init(&epoll->ready);
    wait_queue_init(&epoll->waiters);
    wait_queue_init(&epoll->pollers);
    rc = anon_file_create("anon_inode:[eventpoll]", &epoll_file_ops, epoll,
                          O_RDWR, &file);
    if (rc) {
        kfree(epoll);
        return rc;
    }
    epoll->file = file;
    return anon_file_install(file, flags);
}
