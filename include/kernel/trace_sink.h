// include/kernel/trace_sink.h - where the frames of the trace go
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// A line that takes bytes as it can.
struct trace_sink {
    const char *name;
    u32 (*room)(void); // bytes that `put` takes now
    void (*put)(const u8 *bytes, u32 count);
};

// trace_sink_register - frames go to @sink, which stays, and the thread that
// makes them is started. Once. Context: boot; kthreads can be started.
void trace_sink_register(const struct trace_sink *sink);

// trace_sink_ready - there is room again. Any context.
void trace_sink_ready(void);
