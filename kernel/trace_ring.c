// kernel/trace_ring.c - what is in the ring, as a file of frames
// SPDX-License-Identifier: MIT
//
// First the records are copied, without a sleep, so that they are those of one
// moment; then packed, at leisure. START has the time of the oldest, DROPPED
// behind it says how many there were before; ZONE, LRU and COUNTER come last
// and are of that moment, too. Names are those of tasks that are still there,
// and of files.

#include <kernel/trace_ring.h>

#include <base/assert.h>
#include <base/errno.h>
#include <kernel/panic.h>
#include <lib/string.h>
#include <mm/vmalloc.h>

#include "trace_tell.h"

#define FIRST_BYTES (64u * KIB)
#define TOLD_MAX    256u // ZONE, COUNTER

struct packer {
    struct trace_teller teller;   // first
    struct trace_record *records; // as they were
    u32 count, room;
    struct trace_frame frame;
    u8 *bytes;
    u32 used, size;
    bool failed; // no memory: what comes is packed for nothing
};

static void grow(struct packer *packer)
{
    u32 size = packer->size ? packer->size * 2 : FIRST_BYTES;
    u8 *bytes = vmalloc(size);

    if (bytes && packer->used)
        memcpy(bytes, packer->bytes, packer->used);
    vfree(packer->bytes);
    packer->bytes = bytes;
    packer->size = size;
    packer->failed = !bytes;
}

static void end_frame(struct packer *packer)
{
    u8 bytes[TRACE_FRAME_BYTES];

    trace_frame_end(&packer->frame, bytes);
    if (!packer->failed && packer->size - packer->used < sizeof(bytes))
        grow(packer);
    if (packer->failed)
        return;
    memcpy(packer->bytes + packer->used, bytes, sizeof(bytes));
    packer->used += sizeof(bytes);
    cond_resched();
}

static void pack(struct trace_teller *to, const struct trace_record *record)
{
    struct packer *packer = container_of(to, struct packer, teller);

    if (trace_frame_add(&packer->frame, record))
        return;
    end_frame(packer);
    if (!trace_frame_add(&packer->frame, record))
        panic("trace: a record that fits into no frame");
}

// keep - what is told at the moment of the copy, to be packed behind it.
static void keep(struct trace_teller *to, const struct trace_record *record)
{
    struct packer *packer = container_of(to, struct packer, teller);

    ASSERT(packer->count < packer->room);
    packer->records[packer->count++] = *record;
}

// copy - all that the ring has, and what is told. Return: how many records
// there were before those. No sleep.
static u64 copy(struct packer *packer)
{
    u64 end = trace_position(), position = 0, before = 0;
    u32 lost;

    // An interrupt handler may write, too, and overwrite the oldest.
    while (position < end && packer->count < packer->room - TOLD_MAX &&
           trace_read(&position, &packer->records[packer->count], &lost)) {
        before += lost;
        packer->count++;
    }
    packer->teller.add = keep;
    trace_tell_numbers(&packer->teller);
    return before;
}

static void pack_all(struct packer *packer, u64 before)
{
    struct trace_teller *to = &packer->teller;
    const struct trace_record *record = packer->records;

    to->add = pack;
    to->time_ns = record->time_ns;
    trace_tell_start(to);
    if (before)
        trace_tell(to, TRACE_DROPPED, (u32)min(before, (u64)~0u), 0, 0, 0, 0);
    for (; record < packer->records + packer->count; record++) {
        to->time_ns = record->time_ns;
        trace_tell_names(to, record);
        pack(to, record);
    }
    end_frame(packer);
}

int trace_ring_pack(u8 **out, u32 *out_bytes)
{
    struct packer *packer = vzalloc(sizeof(*packer));
    int err = -ENOMEM;

    if (!packer)
        return -ENOMEM;
    packer->room = trace_ring_records + TOLD_MAX;
    packer->records = vmalloc(packer->room * sizeof(*packer->records));
    if (packer->records) {
        trace_frame_init(&packer->frame);
        pack_all(packer, copy(packer));
        *out = packer->bytes;
        *out_bytes = packer->used;
        err = packer->failed ? -ENOMEM : 0;
    }
    vfree(packer->records);
    vfree(packer);
    return err;
}
