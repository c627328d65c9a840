// lib/ring.c - a ring of bytes that overwrites its oldest [P]
// SPDX-License-Identifier: MIT
//
// `write` is head modulo size, kept beside it because the modulo of a 64-bit
// number is dear on i386. A byte's place is then found by its distance from
// the head, which fits 32 bits.

#include <lib/ring.h>

#include <base/assert.h>
#include <base/bits.h>
#include <lib/string.h>

void ring_init(struct ring *ring, void *storage, u32 bytes)
{
    ASSERT(bytes);
    *ring = (struct ring){.data = storage, .size = bytes};
}

void ring_put(struct ring *ring, const void *bytes, u32 count)
{
    const u8 *from = bytes;

    ring->head += count;
    if (count > ring->size) {
        u32 dropped = count - ring->size;

        from += dropped;
        count = ring->size;
        // The place moves as if all had been written.
        dropped %= ring->size;
        if (dropped < ring->size - ring->write)
            ring->write += dropped;
        else
            ring->write = dropped - (ring->size - ring->write);
    }
    while (count) {
        u32 part = min(count, ring->size - ring->write);

        memcpy(ring->data + ring->write, from, part);
        from += part;
        count -= part;
        ring->write += part;
        if (ring->write == ring->size)
            ring->write = 0;
    }
}

u64 ring_oldest(const struct ring *ring)
{
    return ring->head > ring->size ? ring->head - ring->size : 0;
}

u32 ring_read(const struct ring *ring, u64 *position, void *out, u32 max,
              u64 *out_lost)
{
    u64 oldest = ring_oldest(ring);
    u64 lost = *position < oldest ? oldest - *position : 0;
    u64 from = min(*position + lost, ring->head);
    u32 behind = (u32)(ring->head - from); // distance from the head
    u32 count = min(behind, max);
    u32 place = ring->write >= behind ? ring->write - behind
                                      : ring->write + (ring->size - behind);
    u32 part = min(count, ring->size - place);

    memcpy(out, ring->data + place, part);
    memcpy((u8 *)out + part, ring->data, count - part);
    *position = from + count;
    if (out_lost)
        *out_lost = lost;
    return count;
}
