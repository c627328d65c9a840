// include/kernel/trace_sink.h - where the frames of the trace go
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// A line that takes frames (TRACE_FRAME_BYTES each) as it can.
struct trace_sink {
    const char *name;
    u32 records_at_end; // how many are worth being sent at the end
    bool (*has_room)(void);
    void (*put)(const u8 *frame); // there is room
    // Polled, behind what was put before; a NULL: only that. Interrupts off;
    // may interrupt the above. Return: false: the line takes nothing any more,
    // or time_ns() has reached @deadline_ns.
    bool (*put_sync)(const u8 *frame, u64 deadline_ns);
};

// trace_sink_register - frames go to @sink, which stays, and the thread that
// makes them is started. Once. Context: boot; kthreads can be started.
void trace_sink_register(const struct trace_sink *sink);

// trace_sink_ready - there is room again. Any context.
void trace_sink_ready(void);

// trace_stream_start - the newest records go to the area that survives a reset,
// if there is one. May be called again. Context: task.
void trace_stream_start(void);

// trace_end - the machine is about to end: what the sink has not got yet it
// gets now, polled, for TRACE_END_MS at most; after a panic the area has all of
// the ring. Nothing comes behind. Any context.
enum trace_end {
    TRACE_END_ORDERLY,
    TRACE_END_PANIC,
};
#define TRACE_END_MS 2000u
void trace_end(enum trace_end how);
