// kernel/trace_frame.c - records of the trace, packed for a line [P]
// SPDX-License-Identifier: MIT
//
// A record is packed into a small buffer first, and copied if it fits: what is
// expected of the next one changes only then.
//
// Rejected: what is expected going on from frame to frame. A frame that is lost
// would take those behind it along, and at 115200 baud it would save a seventh.

#include <kernel/trace_frame.h>

#include <lib/crc32.h>
#include <lib/reed_solomon.h>
#include <lib/string.h>

enum {
    HEAD_BYTES = 3,
    CRC_AT = 84,
    PARITY_AT = 88,
    RECORD_BYTES_MAX = 2 + 10 + (1 + TRACE_ARGS) * 5,
};

static_assert(PARITY_AT + RS_PARITY_BYTES == TRACE_FRAME_BYTES, "layout");

enum coding {
    CODING_none, // no such field
    CODING_same,
    CODING_stride,
    CODING_value,
    CODING_time,
};

static const u8 codings[TRACE_TYPES][TRACE_ARGS] = {
#define F(name, coding, shown)                    CODING_##coding,
#define TRACE_RECORD(name, number, group, fields) [number] = {fields},
#include <kernel/trace_records.def>
#undef TRACE_RECORD
#undef F
};

static u8 *put_number(u8 *at, u32 number)
{
    while (number >= 0x80) {
        *at++ = (u8)number | 0x80;
        number >>= 7;
    }
    *at++ = (u8)number;
    return at;
}

// Records of several writers need not be in order.
static u8 *put_time(u8 *at, u64 difference)
{
    u64 time = difference << 1 ^ (u64)((s64)difference >> 63);

    while (time >> 32) {
        *at++ = (u8)time | 0x80;
        time >>= 7;
    }
    return put_number(at, (u32)time);
}

static u32 fold(u32 difference)
{
    return difference << 1 ^ (u32)((s32)difference >> 31);
}

static struct trace_last *last_of(struct trace_frame *frame, u32 type)
{
    struct trace_last *last = &frame->last[type];

    if (!(frame->known & 1u << type)) {
        frame->known |= 1u << type;
        memset(last, 0, sizeof(*last));
    }
    return last;
}

// put_fields - those that are not as expected, and their bits. @last becomes
// what is expected next.
static u8 *put_fields(u8 *at, const struct trace_record *record, u32 type,
                      struct trace_last *last, u8 *mask)
{
    for (u32 i = 0; i < TRACE_ARGS && codings[type][i] != CODING_none; i++) {
        u32 now = record->arg[i], difference = now - last->value[i];

        if (codings[type][i] == CODING_time)
            now >>= TRACE_TIME_NS_SHIFT;
        if (codings[type][i] >= CODING_value) {
            if (now == 0)
                continue;
            *mask |= (u8)(2u << i);
            at = put_number(at, now);
            continue;
        }
        last->value[i] = now;
        if (difference == last->stride[i])
            continue;
        *mask |= (u8)(2u << i);
        at = put_number(at, fold(difference));
        if (codings[type][i] == CODING_stride)
            last->stride[i] = difference;
    }
    return at;
}

void trace_frame_init(struct trace_frame *frame)
{
    rs_init();
    memset(frame, 0, sizeof(*frame));
    frame->used = HEAD_BYTES;
}

bool trace_frame_is_empty(const struct trace_frame *frame)
{
    return frame->used == HEAD_BYTES;
}

bool trace_frame_add(struct trace_frame *frame,
                     const struct trace_record *record)
{
    u32 type = record->type_pid & 0xff, pid = record->type_pid >> 8;
    u64 time = record->time_ns >> TRACE_TIME_NS_SHIFT;
    struct trace_last *last = last_of(frame, type), before = *last;
    u8 packed[RECORD_BYTES_MAX], *at = packed + 2;
    u32 bytes;

    packed[0] = (u8)type;
    packed[1] = 0;
    at = put_time(at, time - frame->time);
    if (pid != frame->pid) {
        packed[1] = 1;
        at = put_number(at, fold(pid - frame->pid));
    }
    at = put_fields(at, record, type, last, &packed[1]);
    bytes = (u32)(at - packed);
    if (frame->used + bytes > CRC_AT) {
        *last = before;
        return false;
    }
    memcpy(frame->bytes + frame->used, packed, bytes);
    frame->used += bytes;
    frame->records++;
    frame->time = time;
    frame->pid = pid;
    return true;
}

void trace_frame_end(struct trace_frame *frame, u8 out[TRACE_FRAME_BYTES])
{
    u8 *bytes = frame->bytes;
    u32 crc;

    // The number that the first one had was put there when the frame began.
    bytes[0] = TRACE_FRAME_MARK;
    memset(bytes + frame->used, 0, CRC_AT - frame->used);
    crc = crc32(0, bytes, CRC_AT);
    for (u32 i = 0; i < 4; i++)
        bytes[CRC_AT + i] = (u8)(crc >> (8 * i));
    rs_parity(bytes, PARITY_AT, bytes + PARITY_AT);
    memcpy(out, bytes, TRACE_FRAME_BYTES);
    frame->used = HEAD_BYTES;
    frame->time = 0;
    frame->pid = 0;
    frame->known = 0;
    bytes[1] = (u8)frame->records;
    bytes[2] = (u8)(frame->records >> 8);
}
