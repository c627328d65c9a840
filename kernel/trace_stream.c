// kernel/trace_stream.c - the thread that sends the trace
// SPDX-License-Identifier: MIT
//
// It looks into the ring a hundred times a second: trace points wake nobody.
// What it finds it packs into frames, for a sink that takes them as its line
// can; while that has no room the ring goes on, and what it overwrites is
// counted and told to whoever reads the stream (DROPPED). A frame that is not
// full is sent when nothing has come for a while.
//
// The area that survives a reset gets frames, too, of its own. Each look puts
// the AREA_RECORDS newest there, which costs nothing to speak of and tells of a
// reset without a word; a panic puts what there is room for (trace_end).
//
// It adds what a reader needs to understand the rest: ten times a second the
// zones' free frames and marks (ZONE) and what is on the lists (LRU); once a
// second the counters of /proc/vmstat (COUNTER), by which a reader can tell
// that it has seen everything; the names of tasks (NAME) and the paths of files
// (FILE) when they are met first or have changed. START begins a stream, of
// this boot or after the groups were changed.
//
// What it adds (trace_tell.c) goes past the ring: to be told of drops must not
// make more.
//
// Locking: none; there is one thread. trace_end interrupts it anywhere, and for
// good: it believes no more than which records have been sent for sure, and
// makes frames of the rest in a place of its own.

#include <kernel/trace_sink.h>

#include <arch/cpu.h>
#include <base/assert.h>
#include <kernel/crash_log.h>
#include <kernel/panic.h>
#include <kernel/process.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace_choice.h>
#include <kernel/wait.h>

#include "trace_tell.h"

#define LOG_NAME "trace"
#include <kernel/log.h>

#define LOOK_MS      10u
#define QUIET_LOOKS  10u    // then a frame goes as it is
#define AREA_RECORDS 16u    // of a look
#define END_RECORDS  16384u // of a panic: 10 bytes each are more than they take

static const struct trace_sink *sink;
static WAIT_QUEUE(room_queue);
static bool started, ended;

// Records on their way to a place.
struct stream {
    struct trace_frame frame;
    u64 position;                  // in the ring, of the next record
    u64 begun;                     // all before it are in the frame, or sent
    u64 sent;                      // all before it are sent for sure
    u32 number;                    // of the frame's first record
    bool (*send)(const u8 *frame); // false: no use to go on
    bool useless;
};

static bool send_to_sink(const u8 *frame);
static bool send_to_area(const u8 *frame);
static bool send_polled(const u8 *frame);

static struct stream line = {.send = send_to_sink};
static struct stream area = {.send = send_to_area};
static struct stream rest;        // trace_end's
static struct stream *to = &line; // where what is added goes

void trace_sink_ready(void)
{
    wake_up(&room_queue);
}

static void send_frame(void)
{
    u8 bytes[TRACE_FRAME_BYTES];

    trace_frame_end(&to->frame, bytes);
    if (!to->useless)
        to->useless = !to->send(bytes);
    to->sent = to->begun;
    to->number = to->frame.records;
}

static void add(const struct trace_record *record)
{
    if (trace_frame_add(&to->frame, record))
        return;
    send_frame();
    if (!trace_frame_add(&to->frame, record))
        panic("trace: a record that fits into no frame");
}

static void add_to(struct trace_teller *teller,
                   const struct trace_record *record)
{
    (void)teller;
    add(record);
}

// What was told of is known to the reader of `line`, or `rest`.
static struct trace_teller teller = {.add = add_to};

// ---- the thread ------------------------------------------------------------

// drain - all that is in the ring. Return: whether there was anything.
static bool drain(void)
{
    struct trace_record record;
    bool any = false;
    u32 lost;

    while (!to->useless && trace_read(&to->position, &record, &lost)) {
        to->begun = to->position - 1;
        if (lost) {
            trace_tell(&teller, TRACE_DROPPED, lost, 0, 0, 0, 0);
            trace_counts.dropped += lost;
        }
        trace_tell_names(&teller, &record);
        add(&record);
        to->begun = to->position;
        any = true;
    }
    return any;
}

// skip - all but the newest @count records, of which it is told.
static void skip(u32 count)
{
    u64 end = trace_position();
    u64 newest = end > count ? end - count : 0;

    if (to->position >= newest)
        return;
    trace_tell(&teller, TRACE_DROPPED, (u32)(newest - to->position), 0, 0, 0,
               0);
    to->position = newest;
}

// ---- the area --------------------------------------------------------------

static bool send_to_area(const u8 *frame)
{
    crash_log_frame(frame);
    return true;
}

// keep - the newest records, as they are. The thread may be about something
// else with the other stream.
static void keep(void)
{
    struct stream *before = to;
    struct trace_record record;
    u32 lost;

    to = &area;
    skip(AREA_RECORDS);
    while (trace_read(&to->position, &record, &lost))
        add(&record);
    if (!trace_frame_is_empty(&to->frame))
        send_frame();
    to = before;
}

// ---- the sink --------------------------------------------------------------

static bool send_to_sink(const u8 *frame)
{
    while (!sink->has_room()) {
        (void)wait_event_full(&room_queue, sink->has_room(),
                              WAIT_UNINTERRUPTIBLE,
                              time_ns() + LOOK_MS * NSEC_PER_MSEC);
        if (crash_log_is_kept())
            keep();
    }
    sink->put(frame);
    return true;
}

// When what is told from time to time is told next.
static struct {
    u32 choice; // that START was said of
    u64 second_ns, tenth_ns;
} due;

static void tell_what_is_due(void)
{
    u64 now = time_ns();
    u32 changes;

    trace_chosen(&changes);
    if (due.choice != changes) {
        due.choice = changes;
        trace_tell_start(&teller);
        due.second_ns = 0;
    }
    if (trace_groups && now >= due.second_ns) {
        trace_tell_numbers(&teller);
        due.second_ns = now + NSEC_PER_SEC;
        due.tenth_ns = now + NSEC_PER_SEC / 10;
    }
    if (trace_groups && now >= due.tenth_ns) {
        trace_tell_levels(&teller);
        due.tenth_ns = now + NSEC_PER_SEC / 10;
    }
}

static void look(void)
{
    sleep_ms(LOOK_MS);
}

static void stream_thread(void *arg)
{
    u32 quiet = 0;

    (void)arg;
    while (!ended) {
        if (sink) {
            tell_what_is_due();
            quiet = drain() ? 0 : quiet + 1;
            if (quiet >= QUIET_LOOKS && !trace_frame_is_empty(&line.frame))
                send_frame();
        }
        if (crash_log_is_kept())
            keep();
        look();
    }
}

static void start(void)
{
    if (started)
        return;
    started = true;
    trace_frame_init(&line.frame);
    trace_frame_init(&area.frame);
    if (!kthread_start(stream_thread, NULL, "ktrace"))
        log_err("no memory for the stream");
}

void trace_stream_start(void)
{
    if (crash_log_is_kept())
        start();
}

void trace_sink_register(const struct trace_sink *to_sink)
{
    ASSERT(!sink);
    start();
    sink = to_sink;
}

// ---- the end ---------------------------------------------------------------

static u64 deadline_ns;

static bool send_polled(const u8 *frame)
{
    return sink->put_sync(frame, deadline_ns);
}

// send_rest - the newest @count records from @position on, and what they are
// understood by: of what was told last nobody knows whether it arrived.
static void send_rest(bool (*send)(const u8 *), u64 position, u32 number,
                      u32 count)
{
    to = &rest;
    trace_frame_init(&rest.frame);
    trace_frame_set_number(&rest.frame, number);
    rest.send = send;
    rest.useless = false;
    rest.position = position;
    trace_tell_start(&teller);
    skip(count);
    (void)drain();
    trace_tell_numbers(&teller);
    send_frame();
}

void trace_end(enum trace_end how)
{
    u32 flags = irq_save();

    if (started && !ended) {
        ended = true;
        if (how == TRACE_END_PANIC && crash_log_is_kept()) {
            crash_log_forget_frames();
            send_rest(send_to_area, 0, 0, END_RECORDS);
            crash_log_flush();
        }
        deadline_ns = time_ns() + TRACE_END_MS * NSEC_PER_MSEC;
        // The frames that are on their way, and then the rest.
        if (sink && sink->put_sync(NULL, deadline_ns))
            send_rest(send_polled, line.sent, line.number,
                      sink->records_at_end);
    }
    irq_restore(flags);
}
