// fs/timerfd.c - a timer as a file: timerfd_create(2)
// SPDX-License-Identifier: MIT
//
// A time of the wall clock may be told when somebody sets that; relative times
// are of the clock that nobody sets.
//
// Locking: interrupts off.

#include <fs/timerfd.h>

#include <arch/cpu.h>
#include <fs/anon.h>
#include <fs/vfs.h>
#include <kernel/interval_timer.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time_user.h>
#include <linux/poll.h>
#include <linux/time.h>
#include <linux/timerfd.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

struct timerfd {
    struct interval_timer timer;
    struct wait_queue queue;
    u32 clock;
    bool expired;  // has gone off, and was not started again
    bool cancels;  // setting the wall clock ends the wait
    bool canceled; // that has happened
    u64 ticks;     // not yet read
};

static void news(struct timerfd *t)
{
    t->ticks++;
    wake_up_events(&t->queue, POLLIN | POLLRDNORM);
}

static void go_off(struct interval_timer *timer)
{
    struct timerfd *t = container_of(timer, struct timerfd, timer);

    t->expired = true;
    news(t);
}

static void on_wall_set(struct interval_timer *timer)
{
    struct timerfd *t = container_of(timer, struct timerfd, timer);

    if (t->cancels) {
        t->canceled = true;
        news(t);
    }
}

// What has passed since it went off; then it runs again.
static void catch_up(struct timerfd *t)
{
    u64 passed;

    if (!t->expired || !t->timer.interval_ns)
        return;
    t->expired = false;
    passed = interval_timer_forward(&t->timer);
    t->ticks += passed ? passed - 1 : 0; // going off has counted the first
    interval_timer_start(&t->timer);
}

static bool was_canceled(struct timerfd *t)
{
    bool canceled = t->canceled;

    t->canceled = false;
    return canceled;
}

// Return: what has been counted; -ECANCELED in *@out_rc.
static u64 take_ticks(struct timerfd *t, int *out_rc)
{
    u32 flags = irq_save();
    u64 ticks = 0;

    *out_rc = 0;
    if (was_canceled(t)) {
        *out_rc = -ECANCELED;
    } else if (t->ticks) {
        catch_up(t);
        ticks = t->ticks;
    }
    t->ticks = 0;
    irq_restore(flags);
    return ticks;
}

static ssize_t timerfd_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct timerfd *t = file->private;
    u64 ticks;
    int rc;

    (void)pos;
    if (it->left < sizeof(ticks))
        return -EINVAL;
    for (;;) {
        ticks = take_ticks(t, &rc);
        if (rc)
            return rc;
        if (ticks)
            break;
        if (file_is_nonblocking(file))
            return -EAGAIN;
        if (wait_event_interruptible(&t->queue, t->ticks))
            return -ERESTARTSYS;
    }
    return io_put(it, &ticks, sizeof(ticks)) == sizeof(ticks)
               ? (ssize_t)sizeof(ticks)
               : -EFAULT;
}

static u32 timerfd_poll(struct file *file, struct wait_queue **queue)
{
    struct timerfd *t = file->private;

    *queue = &t->queue;
    return t->ticks ? POLLIN | POLLRDNORM : 0;
}

static void timerfd_release(struct file *file)
{
    struct timerfd *t = file->private;
    u32 flags = irq_save();

    interval_timer_stop(&t->timer);
    irq_restore(flags);
    kfree(t);
}

static const struct file_ops timerfd_file_ops = {
    .release = timerfd_release,
    .read = timerfd_read,
    .poll = timerfd_poll,
};

s32 timerfd_create(u32 clock, u32 flags)
{
    struct timerfd *t = kzalloc(sizeof(*t), GFP_KERNEL);
    struct file *file;
    s32 rc;

    if (!t)
        return -ENOMEM;
    t->clock = clock;
    wait_queue_init(&t->queue);
    interval_timer_init(&t->timer, go_off);
    t->timer.wall_was_set = on_wall_set;
    rc = anon_file_create("anon_inode:[timerfd]", &timerfd_file_ops, t,
                          O_RDWR | (flags & O_NONBLOCK), &file);
    if (rc) {
        kfree(t);
        return rc;
    }
    return anon_file_install(file, flags);
}

// ---- setting ---------------------------------------------------------------

static void get_setting(struct timerfd *t, struct timer_setting *out)
{
    catch_up(t);
    out->interval = t->timer.interval_ns;
    out->value = interval_timer_is_running(&t->timer)
                     ? interval_timer_left(&t->timer)
                     : 0;
}

int timerfd_get(struct file *file, struct timer_setting *out)
{
    u32 flags;

    if (!anon_file_is(file, &timerfd_file_ops))
        return -EINVAL;
    flags = irq_save();
    get_setting(file->private, out);
    irq_restore(flags);
    return 0;
}

static void set(struct timerfd *t, u32 flags, const struct timer_setting *new)
{
    bool absolute = flags & TFD_TIMER_ABSTIME;
    bool by_wall = absolute && t->clock == CLOCK_REALTIME;

    t->cancels = by_wall && (flags & TFD_TIMER_CANCEL_ON_SET);
    t->ticks = 0;
    t->expired = false;
    interval_timer_set(&t->timer, by_wall ? INTERVAL_WALL : INTERVAL_MONOTONIC,
                       absolute ? INTERVAL_AT : INTERVAL_AFTER, new);
}

int timerfd_set(struct file *file, u32 flags, const struct timer_setting *new,
                struct timer_setting *out_old)
{
    struct timerfd *t = file->private;
    bool canceled;
    u32 irq;

    if (!anon_file_is(file, &timerfd_file_ops))
        return -EINVAL;
    irq = irq_save();
    get_setting(t, out_old);
    set(t, flags, new);
    canceled = new->value &&was_canceled(t);
    irq_restore(irq);
    return canceled && t->cancels ? -ECANCELED : 0;
}
