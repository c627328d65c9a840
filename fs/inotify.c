// fs/inotify.c - events of files, as a file that is read: inotify(7)
// SPDX-License-Identifier: MIT
//
// Each open file has a list of events that were not read yet. Which events go
// there is a matter of inotify_watch.c.
//
// Limits are counted by user: over all open files that a user has made, of
// which there are few.
//
// Locking: for tasks only. Events are queued without sleeping, whatever locks
// their cause holds; memory for them leaves the reserve alone.

#include <asm/ioctls.h>
#include <fs/anon.h>
#include <fs/vfs.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/poll.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "inotify_private.h"

struct event {
    struct list_head link;
    struct inotify_event head;
    u32 name_length;
    char name[]; // not terminated
};

u32 inotify_max_watches = 8192;
static u32 max_events = 16384, max_instances = 128;
LIST_HEAD(inotify_all);

// ---- queueing ---------------------------------------------------------------

static bool equals_last(const struct inotify *in, const struct event *event)
{
    const struct event *last;

    if (list_empty(&in->events))
        return false;
    last = list_last_entry(&in->events, struct event, link);
    return last->head.wd == event->head.wd &&
           last->head.mask == event->head.mask &&
           last->name_length == event->name_length &&
           memcmp(last->name, event->name, event->name_length) == 0;
}

// Names are padded, with a NUL at least, to a multiple of an event's size.
static struct event *make_event(s32 wd, u32 mask, u32 cookie,
                                const struct name *name)
{
    u32 length = name ? name->length : 0;
    struct event *event = kmalloc(sizeof(*event) + length, GFP_NOWARN);

    if (!event)
        return NULL;
    list_init(&event->link);
    event->head = (struct inotify_event){
        .wd = wd,
        .mask = mask,
        .cookie = cookie,
        .len = length ? ALIGN_UP(length + 1, sizeof(event->head)) : 0,
    };
    event->name_length = length;
    if (length)
        memcpy(event->name, name->text, length);
    return event;
}

static void append(struct inotify *in, struct event *event)
{
    list_add_tail(&event->link, &in->events);
    in->event_count++;
    wake_up_events(&in->queue, POLLIN | POLLRDNORM);
}

// Without memory for this either, the next one that finds some says it.
static void overflow(struct inotify *in)
{
    struct event *event;

    if (in->has_overflow)
        return;
    event = make_event(-1, IN_Q_OVERFLOW, 0, NULL);
    if (!event)
        return;
    in->has_overflow = true;
    append(in, event);
}

void inotify_queue(struct inotify *in, s32 wd, u32 mask, u32 cookie,
                   const struct name *name)
{
    struct event *event = NULL;

    if (in->event_count < in->max_events)
        event = make_event(wd, mask, cookie, name);
    if (!event)
        overflow(in);
    else if (equals_last(in, event))
        kfree(event);
    else
        append(in, event);
}

// ---- reading ----------------------------------------------------------------

static u32 bytes_of(const struct event *event)
{
    return sizeof(event->head) + event->head.len;
}

static struct event *first(const struct inotify *in)
{
    return list_first_entry(&in->events, struct event, link);
}

// take_first - the caller frees it.
static struct event *take_first(struct inotify *in)
{
    struct event *event = first(in);

    if (event->head.mask == IN_Q_OVERFLOW)
        in->has_overflow = false;
    list_del(&event->link);
    in->event_count--;
    return event;
}

// Return: whether all of it went.
static bool put_event(struct io_iter *it, const struct event *event)
{
    u32 padding = event->head.len - event->name_length;

    return io_put(it, &event->head, sizeof(event->head)) ==
               sizeof(event->head) &&
           io_put(it, event->name, event->name_length) == event->name_length &&
           io_put_zeros(it, padding) == padding;
}

// An event is taken before it is copied: that sleeps, and others may read.
static ssize_t take_events(struct inotify *in, struct io_iter *it)
{
    ssize_t done = 0;

    while (!list_empty(&in->events)) {
        u32 bytes = bytes_of(first(in));
        struct event *event;
        bool ok;

        if (bytes > it->left)
            return done ? done : -EINVAL;
        event = take_first(in);
        ok = put_event(it, event);
        kfree(event);
        if (!ok)
            return -EFAULT;
        done += (ssize_t)bytes;
    }
    return done;
}

static ssize_t inotify_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct inotify *in = file->private;

    (void)pos;
    for (;;) {
        if (!list_empty(&in->events))
            return take_events(in, it);
        if (file_is_nonblocking(file))
            return -EAGAIN;
        if (wait_event_interruptible(&in->queue, !list_empty(&in->events)))
            return -ERESTARTSYS;
    }
}

static u32 inotify_poll(struct file *file, struct wait_queue **queue)
{
    struct inotify *in = file->private;

    *queue = &in->queue;
    return list_empty(&in->events) ? 0 : POLLIN | POLLRDNORM;
}

static int inotify_ioctl(struct file *file, u32 command, u32 argument)
{
    const struct inotify *in = file->private;
    const struct event *event;
    s32 bytes = 0;

    if (command != FIONREAD)
        return -ENOTTY;
    list_for_each_entry (event, &in->events, link)
        bytes += (s32)bytes_of(event);
    return put_user(bytes, (s32 __user *)(uintptr_t)argument);
}

// ---- opening and closing ----------------------------------------------------

static void inotify_release(struct file *file)
{
    struct inotify *in = file->private;

    while (!list_empty(&in->watches))
        inotify_watch_free(
            list_first_entry(&in->watches, struct inotify_watch, link));
    while (!list_empty(&in->events))
        kfree(take_first(in));
    list_del(&in->link);
    kfree(in);
}

static const struct file_ops inotify_file_ops = {
    .release = inotify_release,
    .read = inotify_read,
    .poll = inotify_poll,
    .ioctl = inotify_ioctl,
};

static bool has_too_many(u32 uid)
{
    const struct inotify *in;
    u32 count = 0;

    list_for_each_entry (in, &inotify_all, link)
        count += in->uid == uid;
    return count >= max_instances;
}

s32 inotify_create(u32 flags)
{
    struct inotify *in;
    struct file *file;
    s32 rc;

    if (has_too_many(current->cred->uid))
        return -EMFILE;
    in = kzalloc(sizeof(*in), GFP_KERNEL);
    if (!in)
        return -ENOMEM;
    in->uid = current->cred->uid;
    in->max_events = max_events;
    list_init(&in->watches);
    list_init(&in->events);
    wait_queue_init(&in->queue);
    list_add_tail(&in->link, &inotify_all);
    rc = anon_file_create("anon_inode:inotify", &inotify_file_ops, in,
                          flags & O_NONBLOCK, &file);
    if (rc) {
        list_del(&in->link);
        kfree(in);
        return rc;
    }
    return anon_file_install(file, flags);
}

bool inotify_is(const struct file *file)
{
    return anon_file_is(file, &inotify_file_ops);
}

// ---- limits -----------------------------------------------------------------

static u32 *limit_of(const char *name)
{
    if (strcmp(name, "max_queued_events") == 0)
        return &max_events;
    return strcmp(name, "max_user_instances") == 0 ? &max_instances
                                                   : &inotify_max_watches;
}

void inotify_limit_show(const char *name, char *buf, size_t size)
{
    fmt_print(buf, size, "%u\n", *limit_of(name));
}

int inotify_limit_store(const char *name, const char *text)
{
    u64 number;

    if (str_to_u64(text, 10, &number, &text) || number > 0x7fffffff ||
        (*text && strcmp(text, "\n") != 0))
        return -EINVAL;
    *limit_of(name) = (u32)number;
    return 0;
}
