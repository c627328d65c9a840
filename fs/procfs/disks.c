// fs/procfs/disks.c - block devices: partitions, diskstats
// SPDX-License-Identifier: MIT
//
// The formats are Linux's (its admin-guide/iostats). Requests are never merged
// and blocks never discarded here, so those fields are 0.

#include "procfs.h"

#include <drivers/block.h>
#include <kernel/time.h>
#include <lib/div64.h>

int proc_show_partitions(struct proc_text *text, const struct proc_ref *ref)
{
    struct block_device *device = NULL;

    (void)ref;
    proc_print(text, "major minor  #blocks  name\n\n");
    while ((device = block_next(device)))
        proc_print(text, "%4u  %7u %10llu %s\n", device_major(device->number),
                   device_minor(device->number), device->sectors / 2,
                   device->name);
    return 0;
}

static u32 milliseconds(u64 ns)
{
    u64_div(&ns, NSEC_PER_SEC / 1000);
    return (u32)ns;
}

int proc_show_diskstats(struct proc_text *text, const struct proc_ref *ref)
{
    struct block_device *device = NULL;
    struct block_stats stats;

    (void)ref;
    while ((device = block_next(device))) {
        u64 waited = 0;

        block_get_stats(device, &stats);
        proc_print(text, "%4u %7u %s", device_major(device->number),
                   device_minor(device->number), device->name);
        for (u32 op = BLOCK_READ; op <= BLOCK_WRITE; op++)
            proc_print(text, " %u 0 %llu %u", stats.done[op].count,
                       stats.done[op].sectors, milliseconds(stats.done[op].ns));
        for (u32 op = 0; op < BLOCK_OPS; op++)
            waited += stats.done[op].ns;
        proc_print(text, " %u %u %u 0 0 0 0 %u %u\n", stats.in_flight,
                   milliseconds(stats.busy_ns), milliseconds(waited),
                   stats.done[BLOCK_FLUSH].count,
                   milliseconds(stats.done[BLOCK_FLUSH].ns));
    }
    return 0;
}
