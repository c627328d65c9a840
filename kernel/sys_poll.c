// kernel/sys_poll.c - poll and ppoll, and what they share with select
// SPDX-License-Identifier: MIT
//
// Timeouts become a deadline of time_ns(). A call that a signal ends is begun
// again when no handler runs, with the timeout that was written back (poll(2),
// which writes none, with its whole timeout).

#include "poll_internal.h"

#include <fs/fd.h>
#include <fs/file.h>
#include <kernel/sys_fs.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/poll.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "signal_internal.h"

// ---- shared ----------------------------------------------------------------

int poll_deadline_get(const void __user *user, enum time_format format,
                      u64 *out)
{
    u64 wait_ns;
    int rc;

    *out = POLL_FOREVER;
    if (!user)
        return 0;
    rc = time_from_user(&wait_ns, user, format);
    if (!rc)
        *out = wait_ns ? time_after(wait_ns) : POLL_NO_WAIT;
    return rc;
}

u64 poll_deadline_ms(s32 timeout_ms)
{
    if (timeout_ms < 0)
        return POLL_FOREVER;
    return timeout_ms ? time_after((u64)timeout_ms * NSEC_PER_MSEC)
                      : POLL_NO_WAIT;
}

void poll_deadline_put(void __user *user, enum time_format format, u64 deadline)
{
    u64 now = time_ns();

    if (!user)
        return;
    // A failure is not reported, as on Linux: the call has done its work.
    if (time_to_user(user, deadline > now ? deadline - now : 0, format))
        return;
}

int poll_mask_begin(const u64 __user *user, u32 bytes)
{
    u64 mask;

    if (!user)
        return 0;
    if (bytes != sizeof(mask))
        return -EINVAL;
    if (get_user(mask, user))
        return -EFAULT;
    current->sig_saved = current->sig_blocked;
    current->work.restore_sigmask = true;
    signal_set_blocked(mask);
    return 0;
}

void poll_mask_end(const u64 __user *user, s32 result)
{
    if (!user || result == -ERESTARTNOHAND)
        return; // signal_deliver puts the old one back, after the handler
    current->work.restore_sigmask = false;
    signal_set_blocked(current->sig_saved);
}

s32 poll_wait(struct poll_entry *entries, u32 count, u64 deadline)
{
    s32 rc = poll_files(entries, count, deadline);

    return rc == -EINTR ? -ERESTARTNOHAND : rc;
}

// ---- poll ------------------------------------------------------------------

struct poll_entry *poll_entries_get(struct poll_entry *few, u32 count)
{
    if (count > POLL_FEW)
        return kzalloc(count * sizeof(*few), GFP_KERNEL);
    memset(few, 0, count * sizeof(*few));
    return few;
}

void poll_entries_put(struct poll_entry *entries, const struct poll_entry *few,
                      u32 count)
{
    u32 i;

    for (i = 0; i < count; i++)
        if (entries[i].file)
            file_put(entries[i].file);
    if (entries != few)
        kfree(entries);
}

static s32 poll_copied(struct pollfd *fds, u32 count, u64 deadline)
{
    struct poll_entry few[POLL_FEW];
    struct poll_entry *entries = poll_entries_get(few, count);
    u32 bad = 0, i;
    s32 rc;

    if (!entries)
        return -ENOMEM;
    for (i = 0; i < count; i++) {
        fds[i].revents = 0;
        if (fds[i].fd < 0)
            continue;
        entries[i].file = file_from_fd(fds[i].fd);
        entries[i].wanted = (u16)fds[i].events;
        if (!entries[i].file) {
            fds[i].revents = POLLNVAL;
            bad++;
        }
    }
    rc = poll_wait(entries, count, bad ? POLL_NO_WAIT : deadline);
    for (i = 0; i < count; i++)
        fds[i].revents |= (s16)entries[i].found;
    poll_entries_put(entries, few, count);
    return rc < 0 ? rc : rc + (s32)bad;
}

static s32 poll_user(struct pollfd __user *user, u32 count, u64 deadline)
{
    struct pollfd few[POLL_FEW], *fds = few;
    s32 rc;
    u32 i;

    if (count > FILES_MAX)
        return -EINVAL;
    if (count > POLL_FEW)
        fds = kmalloc(count * sizeof(*fds), GFP_KERNEL);
    if (!fds)
        return -ENOMEM;
    rc = copy_from_user(fds, user, count * sizeof(*fds));
    if (!rc)
        rc = poll_copied(fds, count, deadline);
    for (i = 0; rc >= 0 && i < count; i++)
        if (put_user(fds[i].revents, &user[i].revents))
            rc = -EFAULT;
    if (fds != few)
        kfree(fds);
    return rc;
}

s32 sys_poll(struct pollfd __user *fds, u32 count, s32 timeout_ms)
{
    return poll_user(fds, count, poll_deadline_ms(timeout_ms));
}

static s32 poll_masked(struct pollfd __user *fds, u32 count,
                       void __user *timeout, enum time_format format,
                       const u64 __user *sigmask, u32 sigmask_bytes)
{
    u64 deadline;
    s32 rc = poll_deadline_get(timeout, format, &deadline);

    if (!rc)
        rc = poll_mask_begin(sigmask, sigmask_bytes);
    if (rc)
        return rc;
    rc = poll_user(fds, count, deadline);
    poll_mask_end(sigmask, rc);
    poll_deadline_put(timeout, format, deadline);
    return rc;
}

s32 sys_ppoll(struct pollfd __user *fds, u32 count,
              struct __kernel_old_timespec __user *timeout,
              const u64 __user *sigmask, u32 sigmask_bytes)
{
    return poll_masked(fds, count, timeout, TIME_OLD_TIMESPEC, sigmask,
                       sigmask_bytes);
}

s32 sys_ppoll_time64(struct pollfd __user *fds, u32 count,
                     struct __kernel_timespec __user *timeout,
                     const u64 __user *sigmask, u32 sigmask_bytes)
{
    return poll_masked(fds, count, timeout, TIME_TIMESPEC64, sigmask,
                       sigmask_bytes);
}
