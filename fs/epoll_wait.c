// fs/epoll_wait.c - what is ready of a set, and waiting for it
// SPDX-License-Identifier: MIT
//
// An event is copied out with page faults disabled, so that nothing sleeps
// between the question and the answer; where the page is not there, it is
// brought in, and the file asked anew. So no edge is lost to a bad address.
//
// Locking: as epoll.c.

#include "epoll_private.h"

#include <arch/cpu.h>
#include <kernel/uaccess.h>

// The first of a list, off it; NULL: it is empty.
static struct epoll_item *take_first(struct list_head *list)
{
    u32 flags = irq_save();
    struct epoll_item *item = NULL;

    if (!list_empty(list)) {
        item = list_first_entry(list, struct epoll_item, ready_link);
        list_del(&item->ready_link);
    }
    irq_restore(flags);
    return item;
}

// Unless a wake-up was faster.
static void put_on(struct epoll_item *item, struct list_head *list)
{
    u32 flags = irq_save();

    if (list_empty(&item->ready_link))
        list_add(&item->ready_link, list);
    irq_restore(flags);
}

static int put_event(struct epoll_event __user *to,
                     const struct epoll_item *item, u32 events)
{
    struct epoll_event event = {.events = events, .data = item->data};
    int rc;

    pagefault_disable();
    rc = copy_to_user(to, &event, sizeof(event));
    pagefault_enable();
    return rc;
}

// What becomes of an item that was reported.
static void after_report(struct epoll_item *item)
{
    if (item->events & EPOLLONESHOT)
        item->events &= EPOLL_HOW_BITS;
    else if (!(item->events & EPOLLET))
        put_on(item, item->epoll->ready.prev);
}

// Reports what is on @batch. Return: how many events; -EFAULT.
static s32 report(struct list_head *batch, struct epoll_event __user *to,
                  u32 max)
{
    struct epoll_item *item;
    u32 count = 0, events;

    while (count < max && (item = take_first(batch))) {
        events = epoll_item_events(item);
        if (!events)
            continue;
        if (put_event(&to[count], item, events) == 0) {
            after_report(item);
            count++;
            continue;
        }
        put_on(item, batch);
        // Sleeps: the item may go, but not the list.
        if (clear_user(&to[count], sizeof(*to)))
            return count ? (s32)count : -EFAULT;
    }
    return (s32)count;
}

// What is ready now: a list of its own, as what is reported goes back.
static s32 report_ready(struct epoll *epoll, struct epoll_event __user *to,
                        u32 max)
{
    LIST_HEAD(batch);
    u32 flags = irq_save();
    s32 rc;

    list_splice_tail(&epoll->ready, &batch);
    irq_restore(flags);
    rc = report(&batch, to, max);
    flags = irq_save();
    list_splice_tail(&epoll->ready, &batch); // behind what is left
    list_splice_tail(&batch, &epoll->ready);
    if (!list_empty(&epoll->ready))
        wake_up_one(&epoll->waiters);
    irq_restore(flags);
    return rc;
}

s32 epoll_wait(struct epoll *epoll, struct epoll_event __user *events, u32 max,
               u64 deadline)
{
    s32 rc;

    for (;;) {
        rc = report_ready(epoll, events, max);
        if (rc || deadline == POLL_NO_WAIT)
            return rc;
        rc = wait_event_full(&epoll->waiters, !list_empty(&epoll->ready),
                             WAIT_INTERRUPTIBLE, deadline);
        if (rc == -EINTR)
            return rc;
        if (rc == -ETIMEDOUT)
            deadline = POLL_NO_WAIT; // a last look
    }
}

u32 epoll_poll(struct file *file, struct wait_queue **queue)
{
    struct epoll *epoll = file->private;
    struct epoll_item *item;

    *queue = &epoll->pollers;
    while ((item = take_first(&epoll->ready))) {
        if (epoll_item_events(item)) {
            put_on(item, &epoll->ready);
            return POLLIN | POLLRDNORM;
        }
    }
    return 0;
}
