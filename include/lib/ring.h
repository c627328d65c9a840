// include/lib/ring.h - a ring of bytes that overwrites its oldest [P]
// SPDX-License-Identifier: MIT
//
// For the log. Every byte ever put has a sequence number, from 0; a reader is
// nothing but the number of the byte it wants next, so there may be any number
// of readers, and a slow one learns how much it lost.
//
// Context: any; whoever calls from interrupt handlers too keeps them off.
#pragma once

#include <base/types.h>

struct ring {
    u8 *data;  // storage of the caller
    u32 size;  // bytes, any number but 0
    u32 write; // where the next byte goes
    u64 head;  // its sequence number
};

// ring_init - an empty ring of @bytes (not 0).
void ring_init(struct ring *ring, void *storage, u32 bytes);

// ring_put - append. Of more than the ring holds only the end stays.
void ring_put(struct ring *ring, const void *bytes, u32 count);

// ring_oldest - the sequence number of the oldest byte still there.
u64 ring_oldest(const struct ring *ring);

// ring_read - up to @max bytes from sequence number *@position on, which moves
// behind them. A position that was overwritten moves to the oldest byte first;
// one beyond the end (of another ring) moves to the end.
// Return: how many bytes; *@out_lost (may be NULL): how many were overwritten.
u32 ring_read(const struct ring *ring, u64 *position, void *out, u32 max,
              u64 *out_lost);
