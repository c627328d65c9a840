// kernel/sys_select.c - select and pselect
// SPDX-License-Identifier: MIT
//
// The three sets of descriptors become one array of what is wanted of each
// descriptor (its index), and what was found becomes sets again.

#include <fs/fd.h>
#include <fs/file.h>
#include <kernel/sys_fs.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/poll.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "poll_internal.h"

// select's words for poll's bits.
#define SELECT_IN  (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR)
#define SELECT_OUT (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR)
#define SELECT_EX  POLLPRI

// ---- select ----------------------------------------------------------------

#define SET_WORDS (FILES_MAX / 32)

enum {
    SET_IN,
    SET_OUT,
    SET_EX,
    SETS,
};

static const u32 set_events[SETS] = {SELECT_IN, SELECT_OUT, SELECT_EX};

struct select_timeout {
    void __user *user; // or NULL
    enum time_format format;
};

struct select {
    u32 sets[SETS][SET_WORDS]; // of them, what @count needs
    u32 count;                 // of descriptors
};

// Whether a descriptor is in any of the sets.
static bool is_wanted(const struct select *s, u32 fd)
{
    u32 word = fd / 32;

    return (s->sets[SET_IN][word] | s->sets[SET_OUT][word] |
            s->sets[SET_EX][word]) >>
               (fd % 32) &
           1;
}

static u32 bit_of(const struct select *s, u32 set, u32 fd)
{
    return s->sets[set][fd / 32] >> (fd % 32) & 1;
}

// The files of all descriptors in the sets. Return: 0; -EBADF.
static int select_files(const struct select *s, struct poll_entry *entries)
{
    u32 fd, set;

    for (fd = 0; fd < s->count; fd++) {
        if (!is_wanted(s, fd))
            continue;
        for (set = 0; set < SETS; set++)
            if (bit_of(s, set, fd))
                entries[fd].wanted |= set_events[set];
        entries[fd].file = file_from_fd((s32)fd);
        if (!entries[fd].file)
            return -EBADF;
    }
    return 0;
}

// Bits that stay are those that were found. Return: how many.
static s32 select_results(struct select *s, const struct poll_entry *entries)
{
    u32 fd, set;
    s32 found = 0;

    for (fd = 0; fd < s->count; fd++) {
        if (!is_wanted(s, fd))
            continue;
        for (set = 0; set < SETS; set++) {
            if (!bit_of(s, set, fd))
                continue;
            if (entries[fd].found & set_events[set])
                found++;
            else
                s->sets[set][fd / 32] &= ~(1u << (fd % 32));
        }
    }
    return found;
}

static s32 select_wait(struct select *s, u64 deadline)
{
    struct poll_entry few[POLL_FEW];
    struct poll_entry *entries = poll_entries_get(few, s->count);
    s32 rc;

    if (!entries)
        return -ENOMEM;
    rc = select_files(s, entries);
    if (!rc)
        rc = poll_wait(entries, s->count, deadline);
    if (rc >= 0)
        rc = select_results(s, entries);
    poll_entries_put(entries, few, s->count);
    return rc;
}

static s32 select_user(s32 count, u32 __user *in, u32 __user *out,
                       u32 __user *ex, u64 deadline)
{
    u32 __user *user[SETS] = {in, out, ex};
    struct select s;
    u32 set, bytes;
    s32 rc = 0;

    if (count < 0)
        return -EINVAL;
    s.count = min((u32)count, FILES_MAX);
    bytes = DIV_ROUND_UP(s.count, 32) * sizeof(u32);
    for (set = 0; set < SETS && !rc; set++) {
        if (user[set])
            rc = copy_from_user(s.sets[set], user[set], bytes);
        else
            memset(s.sets[set], 0, bytes);
    }
    if (!rc)
        rc = select_wait(&s, deadline);
    for (set = 0; set < SETS && rc >= 0; set++)
        if (user[set] && copy_to_user(user[set], s.sets[set], bytes))
            rc = -EFAULT;
    return rc;
}

// @sigmask of @mask_bytes is in place during the wait, if there is one.
static s32 select_masked(s32 count, u32 __user *in, u32 __user *out,
                         u32 __user *ex, struct select_timeout timeout,
                         const u64 __user *sigmask, u32 mask_bytes)
{
    u64 deadline;
    s32 rc = poll_deadline_get(timeout.user, timeout.format, &deadline);

    if (!rc)
        rc = poll_mask_begin(sigmask, mask_bytes);
    if (rc)
        return rc;
    rc = select_user(count, in, out, ex, deadline);
    poll_mask_end(sigmask, rc);
    poll_deadline_put(timeout.user, timeout.format, deadline);
    return rc;
}

s32 sys__newselect(s32 count, u32 __user *in, u32 __user *out, u32 __user *ex,
                   struct __kernel_old_timeval __user *timeout)
{
    struct select_timeout t = {timeout, TIME_OLD_TIMEVAL};

    return select_masked(count, in, out, ex, t, NULL, 0);
}

s32 sys_select(const u32 __user *arguments)
{
    u32 a[5];

    if (copy_from_user(a, arguments, sizeof(a)))
        return -EFAULT;
    return sys__newselect(
        (s32)a[0], (u32 __user *)(uintptr_t)a[1], (u32 __user *)(uintptr_t)a[2],
        (u32 __user *)(uintptr_t)a[3],
        (struct __kernel_old_timeval __user *)(uintptr_t)a[4]);
}

// @sigmask: a pointer and a size, since there are only six registers.
static s32 pselect(s32 count, u32 __user *in, u32 __user *out, u32 __user *ex,
                   struct select_timeout timeout, const u32 __user *sigmask)
{
    u32 pair[2] = {0, 0};

    if (sigmask && copy_from_user(pair, sigmask, sizeof(pair)))
        return -EFAULT;
    return select_masked(count, in, out, ex, timeout,
                         (const u64 __user *)(uintptr_t)pair[0], pair[1]);
}

s32 sys_pselect6(s32 count, u32 __user *in, u32 __user *out, u32 __user *ex,
                 struct __kernel_old_timespec __user *timeout,
                 const u32 __user *sigmask)
{
    struct select_timeout t = {timeout, TIME_OLD_TIMESPEC};

    return pselect(count, in, out, ex, t, sigmask);
}

s32 sys_pselect6_time64(s32 count, u32 __user *in, u32 __user *out,
                        u32 __user *ex,
                        struct __kernel_timespec __user *timeout,
                        const u32 __user *sigmask)
{
    struct select_timeout t = {timeout, TIME_TIMESPEC64};

    return pselect(count, in, out, ex, t, sigmask);
}
