// kernel/trace.c - the ring that trace points write to
// SPDX-License-Identifier: MIT
//
// Records of one size, so that writing one is a handful of stores, and the
// oldest is overwritten: nobody waits for a reader. What makes them short for a
// line is done by who reads (trace_frame.c). A reader is nothing but a
// position, the number of the record it wants next; one that is too slow learns
// how many it has lost.
//
// Locking: interrupts off. A record is whole, or is not there.

#include <kernel/trace.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace_sink.h>
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

static struct trace_record *ring;
static u64 written; // records, since boot

// Inline in both, which would push all of it once more.
static __always_inline void write(s32 pid, enum trace_type type, u32 a, u32 b,
                                  u32 c, u32 d, u32 e)
{
    u32 flags = irq_save();
    struct trace_record *record;

    if (unlikely(trace_filters) && !trace_passes(pid, type, a, b, e)) {
        trace_counts.filtered++;
        irq_restore(flags);
        return;
    }
    record = &ring[(u32)written++ & (trace_ring_records - 1)];
    record->time_ns = time_ns_irqs_off();
    record->type_pid = trace_type_pid(type, (u32)pid);
    record->arg[0] = a;
    record->arg[1] = b;
    record->arg[2] = c;
    record->arg[3] = d;
    record->arg[4] = e;
    irq_restore(flags);
}

void trace_write(enum trace_type type, u32 a, u32 b, u32 c, u32 d, u32 e)
{
    write(current->pid, type, a, b, c, d, e);
}

void trace_write_of(s32 pid, enum trace_type type, u32 a, u32 b, u32 c, u32 d,
                    u32 e)
{
    write(pid, type, a, b, c, d, e);
}

u32 trace_since(u64 start_ns)
{
    return (u32)min(time_ns() - start_ns, (u64)0xffffffffu);
}

u64 trace_position(void)
{
    u32 flags = irq_save();
    u64 position = written;

    irq_restore(flags);
    return position;
}

bool trace_read(u64 *position, struct trace_record *out, u32 *lost)
{
    u32 flags = irq_save();
    bool found = *position < written;

    *lost = 0;
    if (found && written - *position > trace_ring_records) {
        *lost = (u32)(written - *position) - trace_ring_records;
        *position = written - trace_ring_records;
    }
    if (found)
        *out = ring[(u32)(*position)++ & (trace_ring_records - 1)];
    irq_restore(flags);
    return found;
}

static int make_ring(void)
{
    u32 records = RECORDS_MIN;

    while (records < RECORDS_MAX &&
           records * 2 <= mem_map_frames * RECORDS_PER_FRAME)
        records *= 2;
    ring = vzalloc(records * sizeof(*ring));
    if (!ring)
        return -ENOMEM;
    trace_ring_records = records;
    return 0;
}

int trace_set(u32 groups)
{
    u32 begun = groups & ~trace_groups;

    if (groups && trace_files_init())
        return -ENOMEM;
    if (groups && !ring) {
        if (make_ring())
            return -ENOMEM;
        trace_stream_start();
    }
    WRITE_ONCE(trace_groups, groups);
    syscall_watch(SYSCALL_TRACE, groups & 1u << TRACE_GROUP_syscall);
    page_alloc_watch(PAGE_ALLOC_TRACE, groups & 1u << TRACE_GROUP_page);
    if (begun & 1u << TRACE_GROUP_map)
        trace_there();
    return trace_on(sample) ? sample_start() : 0;
}
