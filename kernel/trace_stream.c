// kernel/trace_stream.c - the thread that sends the trace
// SPDX-License-Identifier: MIT
//
// It looks into the ring a hundred times a second: trace points wake nobody.
// What it finds it packs into frames, for a sink that takes them as its line
// can; while that has no room the ring goes on, and what it overwrites is
// counted and told to whoever reads the stream (DROPPED). A frame that is not
// full is sent when nothing has come for a while.
//
// Once a second it adds what a reader needs to understand the rest: the zones'
// free frames and marks (ZONE), the counters of /proc/vmstat (COUNTER), by
// which a reader can tell that it has seen everything; and the names of tasks
// when they are met first or have changed (NAME). START begins a stream, of
// this boot or after the groups were changed.
//
// Its own records go past the ring: to be told of drops must not make more.

#include <kernel/trace_sink.h>

#include <kernel/panic.h>
#include <kernel/process.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <kernel/trace_choice.h>
#include <kernel/wait.h>
#include <lib/string.h>
#include <mm/stat.h>
#include <mm/zone.h>

#include "trace_private.h"

#define LOG_NAME "trace"
#include <kernel/log.h>

#define LOOK_MS        10u
#define QUIET_LOOKS    10u // then a frame goes as it is
#define STREAM_VERSION 1u
#define FILES          512u // whose paths it knows
#define NAMES          256u // tasks whose names the reader knows; a power of two

static const struct trace_sink *sink;
static struct trace_frame frame;
static WAIT_QUEUE(room_queue);

// What was said of tasks, by their numbers.
static struct {
    s32 pid;
    char name[TASK_NAME_BYTES];
} told[NAMES];

static u32 told_files[FILES]; // numbers

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

static void say(enum trace_type type, u32 a, u32 b, u32 c, u32 d, u32 e)
{
    const struct trace_record record = {
        .time_ns = time_ns(),
        .type_pid = trace_type_pid(type, (u32)current->pid),
        .arg = {a, b, c, d, e},
    };

    add(&record);
}

// ---- what the rest is understood by ----------------------------------------

static void say_name(s32 pid, const char *name)
{
    u32 word[TASK_NAME_BYTES / 4];

    memcpy(word, name, sizeof(word));
    say(TRACE_NAME, (u32)pid, word[0], word[1], word[2], word[3]);
}

static_assert(TASK_NAME_BYTES == 16, "fields of NAME");

// tell_name - of the task that @record is of, unless the reader knows it. One
// that has ended keeps the name that it had.
static void tell_name(const struct trace_record *record)
{
    s32 pid = (s32)(record->type_pid >> 8);
    u32 at = (u32)pid % NAMES;
    struct task *task = task_find(pid);
    char name[TASK_NAME_BYTES];

    if (!task)
        return;
    memset(name, 0, sizeof(name));
    memcpy(name, task->name, strlen(task->name));
    if (told[at].pid == pid && memcmp(told[at].name, name, sizeof(name)) == 0)
        return;
    told[at].pid = pid;
    memcpy(told[at].name, name, sizeof(name));
    say_name(pid, name);
}

// The file that @record has, or 0.
static u32 file_in(const struct trace_record *record)
{
    switch (record->type_pid & 0xff) {
    case TRACE_READAHEAD:
    case TRACE_CACHE:
    case TRACE_WRITEBACK: return record->arg[0];
    case TRACE_MAP: return record->arg[3];
    case TRACE_PROCESS:
        return record->arg[0] == TRACE_PROCESS_EXEC ? record->arg[1] : 0;
    default: return 0;
    }
}

// tell_file - the path of a file that is met first.
static void tell_file(u32 id)
{
    const char *path = id ? trace_file_path(id) : NULL;
    u32 word[TRACE_PIECE_BYTES / 4];

    if (!path || told_files[id % FILES] == id)
        return;
    told_files[id % FILES] = id;
    for (u32 i = 0; i <= strlen(path) / TRACE_PIECE_BYTES; i++) {
        memcpy(word, path + i * TRACE_PIECE_BYTES, sizeof(word));
        say(TRACE_FILE, id, i, word[0], word[1], word[2]);
    }
}

static void say_zones(void)
{
    zone_for_each (zone)
        say(TRACE_ZONE, zone->id, zone->buddy.free_frames, zone->mark[MARK_MIN],
            zone->mark[MARK_LOW], zone->mark[MARK_HIGH]);
}

static void say_counters(void)
{
    for (u32 i = 0; i < VM_EVENTS; i++)
        say(TRACE_COUNTER, i, vm_events[i], 0, 0, 0);
}

static void say_filters(void)
{
    u32 changes;
    const struct trace_choice *choice = trace_chosen(&changes);

    if (choice->filters & 1u << TRACE_FILTER_PID)
        for (u32 i = 0; i < choice->pid_count; i++)
            say(TRACE_FILTER, TRACE_FILTER_PID, (u32)choice->pids[i].pid,
                choice->pids[i].children, 0, 0);
    if (choice->filters & 1u << TRACE_FILTER_CAUSE)
        say(TRACE_FILTER, TRACE_FILTER_CAUSE, choice->causes, 0, 0, 0);
    if (choice->filters & 1u << TRACE_FILTER_ADDRESS)
        say(TRACE_FILTER, TRACE_FILTER_ADDRESS, choice->start, choice->end, 0,
            0);
}

static void say_start(void)
{
    memset(told, 0, sizeof(told));
    memset(told_files, 0, sizeof(told_files));
    say(TRACE_START, STREAM_VERSION, trace_groups, mem_map_frames,
        trace_filters, 0);
    say_filters();
}

// ---- the thread ------------------------------------------------------------

// drain - all that is in the ring. Return: whether there was anything.
static bool drain(u64 *position)
{
    struct trace_record record;
    bool any = false;
    u32 lost;

    while (trace_read(position, &record, &lost)) {
        if (lost) {
            say(TRACE_DROPPED, lost, 0, 0, 0, 0);
            trace_counts.dropped += lost;
        }
        tell_name(&record);
        tell_file(file_in(&record));
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
    u64 position = 0, next_second = 0;
    u32 seen = 0, changes, quiet = 0;

    (void)arg;
    for (;;) {
        trace_chosen(&changes);
        if (seen != changes) {
            seen = changes;
            say_start();
            next_second = 0;
        }
        if (trace_groups && time_ns() >= next_second) {
            say_zones();
            say_counters();
            next_second = time_ns() + NSEC_PER_SEC;
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
