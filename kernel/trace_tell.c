// kernel/trace_tell.c - what the records of a trace are understood by
// SPDX-License-Identifier: MIT

#include "trace_tell.h"

#include <arch/cpu.h>
#include <kernel/process.h>
#include <kernel/trace_choice.h>
#include <lib/string.h>
#include <mm/stat.h>
#include <mm/swap.h>
#include <mm/zone.h>

#include "trace_private.h"

#define STREAM_VERSION 1u

static void tell_at(struct trace_teller *to, u64 at_ns, enum trace_type type,
                    u32 a, u32 b, u32 c, u32 d, u32 e)
{
    const struct trace_record record = {
        .time_ns = at_ns,
        .type_pid = trace_type_pid(type, (u32)current->pid),
        .arg = {a, b, c, d, e},
    };

    to->add(to, &record);
}

// Now as records have it: time_ns() is up to 1 ns behind.
static u64 told_at(const struct trace_teller *to)
{
    return to->time_ns ? to->time_ns : time_stamp_ns(time_stamp());
}

void trace_tell(struct trace_teller *to, enum trace_type type, u32 a, u32 b,
                u32 c, u32 d, u32 e)
{
    tell_at(to, told_at(to), type, a, b, c, d, e);
}

static void tell_name(struct trace_teller *to, s32 pid, const char *name)
{
    u32 word[TASK_NAME_BYTES / 4];

    memcpy(word, name, sizeof(word));
    trace_tell(to, TRACE_NAME, (u32)pid, word[0], word[1], word[2], word[3]);
}

static_assert(TASK_NAME_BYTES == 16, "fields of NAME");

// Of the task that @record is of. One that has ended keeps the name that it
// had.
static void tell_task(struct trace_teller *to,
                      const struct trace_record *record)
{
    s32 pid = (s32)(record->type_pid >> 8);
    u32 at = (u32)pid % TELL_NAMES;
    struct task *task = task_find(pid);
    char name[TASK_NAME_BYTES];

    if (!task)
        return;
    memset(name, 0, sizeof(name));
    memcpy(name, task->name, strlen(task->name));
    if (to->names[at].pid == pid &&
        memcmp(to->names[at].name, name, sizeof(name)) == 0)
        return;
    to->names[at].pid = pid;
    memcpy(to->names[at].name, name, sizeof(name));
    tell_name(to, pid, name);
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
static void tell_file(struct trace_teller *to, u32 id)
{
    const char *path = id ? trace_file_path(id) : NULL;
    u32 word[TRACE_PIECE_BYTES / 4];

    if (!path || to->files[id % TELL_FILES] == id)
        return;
    to->files[id % TELL_FILES] = id;
    for (u32 i = 0; i <= strlen(path) / TRACE_PIECE_BYTES; i++) {
        memcpy(word, path + i * TRACE_PIECE_BYTES, sizeof(word));
        trace_tell(to, TRACE_FILE, id, i, word[0], word[1], word[2]);
    }
}

static void tell_zones(struct trace_teller *to)
{
    zone_for_each (zone)
        if (zone->managed)
            trace_tell(to, TRACE_ZONE, zone->id, zone->buddy.free_frames,
                       zone->mark[MARK_MIN], zone->mark[MARK_LOW],
                       zone->mark[MARK_HIGH]);
}

static u32 on_lists(enum lru_list list)
{
    u32 pages = 0;

    zone_for_each (zone)
        pages += zone->lru_pages[list];
    return pages;
}

static void tell_lists(struct trace_teller *to)
{
    trace_tell(to, TRACE_LRU, on_lists(LRU_ACTIVE_ANON),
               on_lists(LRU_INACTIVE_ANON), on_lists(LRU_ACTIVE_FILE),
               on_lists(LRU_INACTIVE_FILE),
               swap_total_pages() - swap_free_pages());
}

// Each as it is at its record's time: what was counted until then is what has a
// record until then, whoever sleeps for room in between.
static void tell_counters(struct trace_teller *to)
{
    for (u32 i = 0; i < VM_EVENTS; i++) {
        u32 flags = irq_save(), value = vm_events[i];
        u64 now_ns = told_at(to);

        irq_restore(flags);
        tell_at(to, now_ns, TRACE_COUNTER, i, value, 0, 0, 0);
    }
}

static void tell_filters(struct trace_teller *to)
{
    u32 changes;
    const struct trace_choice *choice = trace_chosen(&changes);

    if (choice->filters & 1u << TRACE_FILTER_PID)
        for (u32 i = 0; i < choice->pid_count; i++)
            trace_tell(to, TRACE_FILTER, TRACE_FILTER_PID,
                       (u32)choice->pids[i].pid, choice->pids[i].children, 0,
                       0);
    if (choice->filters & 1u << TRACE_FILTER_CAUSE)
        trace_tell(to, TRACE_FILTER, TRACE_FILTER_CAUSE, choice->causes, 0, 0,
                   0);
    if (choice->filters & 1u << TRACE_FILTER_ADDRESS)
        trace_tell(to, TRACE_FILTER, TRACE_FILTER_ADDRESS, choice->start,
                   choice->end, 0, 0);
}

void trace_tell_start(struct trace_teller *to)
{
    memset(to->names, 0, sizeof(to->names));
    memset(to->files, 0, sizeof(to->files));
    trace_tell(to, TRACE_START, STREAM_VERSION, trace_groups, mem_map_frames,
               trace_filters, 0);
    tell_filters(to);
}

void trace_tell_names(struct trace_teller *to,
                      const struct trace_record *record)
{
    tell_task(to, record);
    tell_file(to, file_in(record));
}

void trace_tell_levels(struct trace_teller *to)
{
    tell_zones(to);
    tell_lists(to);
}

void trace_tell_numbers(struct trace_teller *to)
{
    trace_tell_levels(to);
    tell_counters(to);
}
