// fs/procfs/crash.c - /proc/faultline/last and /proc/faultline/crash
// SPDX-License-Identifier: MIT
//
// last: the log of the boot before this one, if that crashed; else empty. Read
// where it lies: it does not change. crash: written, a kind of kernel/crash.c;
// what Linux has as provoke-crash/DIRECT.

#include "procfs.h"

#include <kernel/crash.h>
#include <kernel/crash_log.h>

static ssize_t last_read(struct file *file, struct io_iter *it, u64 *pos)
{
    const char *text;
    u32 bytes = crash_log_last(&text);
    u32 here, moved;

    (void)file;
    if (*pos >= bytes)
        return 0;
    here = min(it->left, bytes - (u32)*pos);
    moved = io_put(it, text + *pos, here);
    if (here && !moved)
        return -EFAULT;
    *pos += moved;
    return (ssize_t)moved;
}

const struct file_ops proc_last_file_ops = {
    .read = last_read,
    .llseek = dir_llseek,
};

static int crash_store(const char *name, const char *text)
{
    (void)name;
    return crash_provoke(text);
}

const struct proc_setting proc_crash_setting = {.store = crash_store};
