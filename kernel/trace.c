// kernel/trace.c - the ring that trace points write to
// SPDX-License-Identifier: MIT
//
// Entries of one size, so that writing one is a handful of stores, and the
// oldest is overwritten: nobody waits for a reader. What can be left to who
// reads is: what time a stamp is (here), and what makes a record short for a
// line (trace_frame.c). A reader is nothing but a position, the number of the
// record it wants next; one that is too slow learns how many it has lost.
//
// Locking: interrupts off. A record is whole, or is not there.

#include <kernel/trace.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace_sink.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/sample.h>
#include <mm/vmalloc.h>

#include "trace_private.h"

// A record for each two KiB of memory, rounded down, which is a 64th of it: a
// task that ends gives all its pages back between two looks of ktrace.
#define RECORDS_MIN       16384u  // 512 KiB
#define RECORDS_MAX       262144u // 8 MiB
#define RECORDS_PER_FRAME 2u

u32 trace_groups;
u32 trace_ring_records;
struct trace_counts trace_counts;

struct trace_ring trace_ring;

u64 trace_position(void)
{
    u32 flags = irq_save();
    u64 position = trace_ring.written;

    irq_restore(flags);
    return position;
}

bool trace_read(u64 *position, struct trace_record *out, u32 *lost)
{
    u32 flags = irq_save();
    u64 written = trace_ring.written;
    bool found = *position < written;
    struct trace_entry entry;

    *lost = 0;
    if (found && written - *position > trace_ring_records) {
        *lost = (u32)(written - *position) - trace_ring_records;
        *position = written - trace_ring_records;
    }
    if (found)
        entry = trace_ring.first[(u32)(*position)++ & (trace_ring_records - 1)];
    irq_restore(flags);
    if (!found)
        return false;
    out->time_ns = time_stamp_ns(entry.stamp);
    out->type_pid = entry.type_pid;
    memcpy(out->arg, entry.arg, sizeof(out->arg));
    return true;
}

static int make_ring(void)
{
    struct trace_entry *ring;
    u32 records = RECORDS_MIN;

    while (records < RECORDS_MAX &&
           records * 2 <= mem_map_frames * RECORDS_PER_FRAME)
        records *= 2;
    ring = vzalloc(records * sizeof(*ring));
    if (!ring)
        return -ENOMEM;
    trace_ring.first = trace_ring.next = ring;
    trace_ring.end = ring + records;
    trace_ring_records = records;
    return 0;
}

int trace_set(u32 groups)
{
    u32 begun = groups & ~trace_groups;

    if (groups && trace_files_init())
        return -ENOMEM;
    if (groups && !trace_ring.first) {
        if (make_ring())
            return -ENOMEM;
        trace_stream_start();
    }
    if ((groups & 1u << TRACE_GROUP_sample) && sample_init())
        return -ENOMEM;
    // Nothing fails from here on: what is on is what was asked for.
    WRITE_ONCE(trace_groups, groups);
    syscall_watch(SYSCALL_TRACE, groups & 1u << TRACE_GROUP_syscall);
    page_alloc_watch(PAGE_ALLOC_TRACE, groups & 1u << TRACE_GROUP_page);
    if (begun & 1u << TRACE_GROUP_map)
        trace_there();
    if (trace_on(sample))
        sample_start();
    return 0;
}
