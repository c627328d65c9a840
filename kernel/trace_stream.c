// kernel/trace_stream.c - the thread that sends the trace
// SPDX-License-Identifier: MIT
//
// It looks into the ring a hundred times a second: trace points wake nobody.
// What it finds it packs into frames, for a sink that takes them as its line
// can; while that has no room the ring goes on, and what it overwrites is
// counted and told to whoever reads the stream (DROPPED). A frame that is not
// full is sent when nothing has come for a while.
//
// It adds what a reader needs to understand the rest: ten times a second the
// zones' free frames and marks (ZONE) and what is on the lists (LRU); once a
// second the counters of /proc/vmstat (COUNTER), by which a reader can tell
// that it has seen everything; the names of tasks (NAME) and the paths of files
// (FILE) when they are met first or have changed. START begins a stream, of
// this boot or after the groups were changed.
//
// What it adds: trace_tell.c.

#include <kernel/trace_sink.h>

#include <base/assert.h>
#include <kernel/panic.h>
#include <kernel/process.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/wait.h>

#include "trace_tell.h"

#define LOG_NAME "trace"
#include <kernel/log.h>

#define LOOK_MS     10u
#define QUIET_LOOKS 10u // then a frame goes as it is

static const struct trace_sink *sink;
static struct trace_frame frame;
static WAIT_QUEUE(room_queue);

void trace_sink_ready(void)
{
    wake_up(&room_queue);
}

static void send_frame(void)
{
    u8 bytes[TRACE_FRAME_BYTES];

    trace_frame_end(&frame, bytes);
    wait_event(&room_queue, sink->room() >= TRACE_FRAME_BYTES);
    sink->put(bytes, TRACE_FRAME_BYTES);
}

static void add(const struct trace_record *record)
{
    if (trace_frame_add(&frame, record))
        return;
    send_frame();
    if (!trace_frame_add(&frame, record))
        panic("trace: a record that fits into no frame");
}

static void add_to(struct trace_teller *to, const struct trace_record *record)
{
    (void)to;
    add(record);
}

static struct trace_teller teller = {.add = add_to};

// ---- the thread ------------------------------------------------------------

// drain - all that is in the ring. Return: whether there was anything.
static bool drain(u64 *position)
{
    struct trace_record record;
    bool any = false;
    u32 lost;

    while (trace_read(position, &record, &lost)) {
        if (lost) {
            trace_tell(&teller, TRACE_DROPPED, lost, 0, 0, 0, 0);
            trace_counts.dropped += lost;
        }
        trace_tell_names(&teller, &record);
        add(&record);
        any = true;
    }
    return any;
}

static void look(void)
{
    sleep_ms(LOOK_MS);
}

static void stream_thread(void *arg)
{
    u64 position = 0, next_second = 0, next_tenth = 0;
    u32 seen = 0, changes, quiet = 0;

    (void)arg;
    for (;;) {
        trace_chosen(&changes);
        if (seen != changes) {
            seen = changes;
            trace_tell_start(&teller);
            next_second = next_tenth = 0;
        }
        if (trace_groups && time_ns() >= next_second) {
            trace_tell_numbers(&teller);
            next_second = time_ns() + NSEC_PER_SEC;
            next_tenth = time_ns() + NSEC_PER_SEC / 10;
        }
        if (trace_groups && time_ns() >= next_tenth) {
            trace_tell_levels(&teller);
            next_tenth = time_ns() + NSEC_PER_SEC / 10;
        }
        quiet = drain(&position) ? 0 : quiet + 1;
        if (quiet >= QUIET_LOOKS && !trace_frame_is_empty(&frame))
            send_frame();
        look();
    }
}

void trace_sink_register(const struct trace_sink *to)
{
    ASSERT(!sink);
    trace_frame_init(&frame);
    sink = to;
    if (!kthread_start(stream_thread, NULL, "ktrace"))
        log_err("no memory for the stream");
}
