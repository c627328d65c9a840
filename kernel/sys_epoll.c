// kernel/sys_epoll.c - system calls: epoll(7)
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/epoll.h>
#include <fs/epoll_abi.h>
#include <fs/files.h>
#include <fs/vfs.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>

#include "poll_internal.h"
#include "signal_internal.h"

#define EVENTS_MAX (0x7fffffffu / sizeof(struct epoll_event))

// What may come with EPOLLEXCLUSIVE.
#define EXCLUSIVE_BITS                                                         \
    (EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET |        \
     EPOLLEXCLUSIVE)

s32 sys_epoll_create1(u32 flags)
{
    return flags & ~(u32)EPOLL_CLOEXEC ? -EINVAL : epoll_create(flags);
}

s32 sys_epoll_create(s32 size)
{
    return size <= 0 ? -EINVAL : epoll_create(0);
}

// ---- epoll_ctl -------------------------------------------------------------

static int change(struct epoll *epoll, u32 op, struct file *file, s32 fd,
                  const struct epoll_event *event)
{
    bool exclusive = op != EPOLL_CTL_DEL && (event->events & EPOLLEXCLUSIVE);

    if (exclusive && (op == EPOLL_CTL_MOD || epoll_of(file) ||
                      (event->events & ~EXCLUSIVE_BITS)))
        return -EINVAL;
    switch (op) {
    case EPOLL_CTL_ADD: return epoll_add(epoll, file, fd, event);
    case EPOLL_CTL_MOD: return epoll_modify(epoll, file, fd, event);
    case EPOLL_CTL_DEL: return epoll_remove(epoll, file, fd);
    }
    return -EINVAL;
}

static int control(struct file *set, u32 op, struct file *file, s32 fd,
                   const struct epoll_event *event)
{
    if ((set->flags | file->flags) & O_PATH)
        return -EBADF;
    if (!file->ops->poll)
        return -EPERM;
    if (set == file || !epoll_of(set))
        return -EINVAL;
    return change(epoll_of(set), op, file, fd, event);
}

s32 sys_epoll_ctl(s32 epfd, u32 op, s32 fd,
                  const struct epoll_event __user *user)
{
    struct epoll_event event = {0};
    struct file *set, *file;
    s32 rc = -EBADF;

    if (op != EPOLL_CTL_DEL && get_user(event, user))
        return -EFAULT;
    set = file_from_fd(epfd);
    if (!set)
        return -EBADF;
    file = file_from_fd(fd);
    if (file) {
        rc = control(set, op, file, fd, &event);
        file_put(file);
    }
    file_put(set);
    return rc;
}

// ---- epoll_wait ------------------------------------------------------------

static s32 wait_for(s32 epfd, struct epoll_event __user *events, s32 max,
                    u64 deadline)
{
    struct file *set;
    s32 rc;

    if (max <= 0 || (u32)max > EVENTS_MAX)
        return -EINVAL;
    if (!user_range_ok(events, (u32)max * sizeof(*events)))
        return -EFAULT;
    set = file_from_fd(epfd);
    if (!set || (set->flags & O_PATH))
        rc = -EBADF;
    else
        rc = epoll_of(set)
                 ? epoll_wait(epoll_of(set), events, (u32)max, deadline)
                 : -EINVAL;
    if (set)
        file_put(set);
    return rc;
}

static s32 wait_masked(s32 epfd, struct epoll_event __user *events, s32 max,
                       u64 deadline, const u64 __user *mask, u32 mask_bytes)
{
    s32 rc = poll_mask_begin(mask, mask_bytes);

    if (rc)
        return rc;
    rc = wait_for(epfd, events, max, deadline);
    poll_mask_end(mask, rc == -EINTR ? -ERESTARTNOHAND : rc);
    return rc;
}

s32 sys_epoll_wait(s32 epfd, struct epoll_event __user *events, s32 max,
                   s32 timeout_ms)
{
    return wait_for(epfd, events, max, poll_deadline_ms(timeout_ms));
}

s32 sys_epoll_pwait(s32 epfd, struct epoll_event __user *events, s32 max,
                    s32 timeout_ms, const u64 __user *mask, u32 mask_bytes)
{
    return wait_masked(epfd, events, max, poll_deadline_ms(timeout_ms), mask,
                       mask_bytes);
}

s32 sys_epoll_pwait2(s32 epfd, struct epoll_event __user *events, s32 max,
                     const struct __kernel_timespec __user *timeout,
                     const u64 __user *mask, u32 mask_bytes)
{
    u64 deadline;
    s32 rc = poll_deadline_get(timeout, TIME_TIMESPEC64, &deadline);

    return rc ? rc : wait_masked(epfd, events, max, deadline, mask, mask_bytes);
}
