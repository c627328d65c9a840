// fs/eventfd.c - a counter as a file: eventfd(2)
// SPDX-License-Identifier: MIT
//
// Reading takes the count, or one of it (EVENTFD_ONE); writing adds to it.
// Locking: for tasks only; nothing sleeps between a look and a change but the
// copies, which come first or last.

#include <fs/eventfd.h>

#include <fs/anon.h>
#include <fs/vfs.h>
#include <kernel/signal.h>
#include <linux/poll.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define COUNT_MAX 0xfffffffffffffffeull

struct eventfd {
    u64 count;
    enum eventfd_kind kind;
    struct wait_queue queue;
};

static ssize_t eventfd_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct eventfd *event = file->private;
    u64 taken;

    (void)pos;
    if (it->left < sizeof(taken))
        return -EINVAL;
    if (!event->count) {
        if (file_is_nonblocking(file))
            return -EAGAIN;
        if (wait_event_interruptible(&event->queue, event->count))
            return -ERESTARTSYS;
    }
    taken = event->kind == EVENTFD_ONE ? 1 : event->count;
    event->count -= taken;
    wake_up_events(&event->queue, POLLOUT | POLLWRNORM);
    return io_put(it, &taken, sizeof(taken)) == sizeof(taken)
               ? (ssize_t)sizeof(taken)
               : -EFAULT;
}

static ssize_t eventfd_write(struct file *file, struct io_iter *it, u64 *pos)
{
    struct eventfd *event = file->private;
    u64 more;

    (void)pos;
    if (it->left < sizeof(more))
        return -EINVAL;
    if (io_get(it, &more, sizeof(more)) != sizeof(more))
        return -EFAULT;
    if (more > COUNT_MAX)
        return -EINVAL;
    if (COUNT_MAX - event->count < more) {
        if (file_is_nonblocking(file))
            return -EAGAIN;
        if (wait_event_interruptible(&event->queue,
                                     COUNT_MAX - event->count >= more))
            return -ERESTARTSYS;
    }
    event->count += more;
    wake_up_events(&event->queue, POLLIN | POLLRDNORM);
    return (ssize_t)sizeof(more);
}

static u32 eventfd_poll(struct file *file, struct wait_queue **queue)
{
    struct eventfd *event = file->private;
    u32 events = 0;

    *queue = &event->queue;
    if (event->count)
        events |= POLLIN | POLLRDNORM;
    if (event->count < COUNT_MAX)
        events |= POLLOUT | POLLWRNORM;
    return events;
}

static void eventfd_release(struct file *file)
{
    kfree(file->private);
}

static const struct file_ops eventfd_file_ops = {
    .release = eventfd_release,
    .read = eventfd_read,
    .write = eventfd_write,
    .poll = eventfd_poll,
};

s32 eventfd_create(u32 count, enum eventfd_kind kind, u32 flags)
{
    struct eventfd *event = kzalloc(sizeof(*event), GFP_KERNEL);
    struct file *file;
    s32 rc;

    if (!event)
        return -ENOMEM;
    event->count = count;
    event->kind = kind;
    wait_queue_init(&event->queue);
    rc = anon_file_create("anon_inode:[eventfd]", &eventfd_file_ops, event,
                          O_RDWR | (flags & O_NONBLOCK), &file);
    if (rc) {
        kfree(event);
        return rc;
    }
    return anon_file_install(file, flags);
}
