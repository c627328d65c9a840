// fs/procfs/locks.c - /proc/locks
// SPDX-License-Identifier: MIT

#include "procfs.h"

#include <fs/inode.h>
#include <fs/locks.h>

struct listing {
    struct proc_text *text;
    u32 count;
};

static void show_lock(void *arg, enum lock_kind kind, const struct inode *inode,
                      const struct lock_range *range)
{
    static const char *const kinds[] = {
        [LOCK_FLOCK] = "FLOCK ",
        [LOCK_POSIX] = "POSIX ",
        [LOCK_OFD] = "OFDLCK",
    };
    struct listing *listing = arg;
    u32 device = inode->super->device;

    proc_print(listing->text, "%u: %s ADVISORY  %s %d %02x:%02x:%u %llu ",
               ++listing->count, kinds[kind],
               range->mode == LOCK_MODE_SHARED ? "READ" : "WRITE", range->pid,
               device_major(device), device_minor(device), inode->ino,
               range->start);
    if (range->last == LOCK_RANGE_END)
        proc_print(listing->text, "EOF\n");
    else
        proc_print(listing->text, "%llu\n", range->last);
}

int proc_show_locks(struct proc_text *text, const struct proc_ref *ref)
{
    struct listing listing = {.text = text};

    (void)ref;
    locks_for_each(show_lock, &listing);
    return 0;
}
