// include/kernel/trace_frame.h - records of the trace, packed for a line [P]
// SPDX-License-Identifier: MIT
//
// A stream is frames of one length, each of which can be read alone:
//
//   offset  bytes
//   0       1   TRACE_FRAME_MARK
//   1       2   number of its first record, little-endian, modulo 65536
//   3       81  records; behind the last a 0, and whatever is left
//   84      4   CRC-32 of all before it, little-endian
//   88      8   Reed-Solomon bytes of all before them (lib/reed_solomon.h)
//
// A record: its type, one byte; a mask; its time, as the difference to that of
// the record before it, in units of 64 ns; the task's number, as the difference
// to the one before, if bit 0 of the mask is set; field i, if bit i + 1 is. A
// field that is not there is as expected (trace_records.def): `same` as the
// last one of its kind in this frame, `stride` that plus its last difference,
// `value` and `time` 0. One that is there is the difference to the last one
// (same, stride), or itself (value), or itself in units of 64 ns, cut off
// (time). All begin at 0 in each frame.
//
// Numbers are little-endian groups of seven bits, all but the last with bit 7
// set; differences are of 32 bits, folded so that small ones of both signs are
// small numbers: 0, -1, 1, -2, ...
//
// The format is told to readers by docs/tracing.md, and read by tools/tracelib.
#pragma once

#include <base/types.h>

#define TRACE_FRAME_BYTES   96u
#define TRACE_FRAME_MARK    0xa7u
#define TRACE_ARGS          5u
#define TRACE_TIME_NS_SHIFT 6u // times are in units of 64 ns
#define TRACE_TYPES         32u

enum trace_type {
#define TRACE_RECORD(name, number, group, fields) TRACE_##name = (number),
#include <kernel/trace_records.def>
#undef TRACE_RECORD
};

// As it lies in the ring.
struct trace_record {
    u64 time_ns;
    u32 type_pid; // type in the lowest 8 bits
    u32 arg[TRACE_ARGS];
};

static inline u32 trace_type_pid(enum trace_type type, u32 pid)
{
    return pid << 8 | (u32)type;
}

// What the fields of a type were last, in this frame.
struct trace_last {
    u32 value[TRACE_ARGS];
    u32 stride[TRACE_ARGS];
};

struct trace_frame {
    u8 bytes[TRACE_FRAME_BYTES];
    u32 used;    // of bytes
    u16 records; // so far, of all frames
    u64 time;    // of the last record, in units
    u32 pid;
    u32 known; // bit type: `last` is of this frame
    struct trace_last last[TRACE_TYPES];
};

// trace_frame_init - an empty stream. trace_frame_init calls rs_init.
void trace_frame_init(struct trace_frame *frame);

// trace_frame_add - pack @record behind those that are there. Return: false: it
// does not fit; end the frame and add it to the next.
bool trace_frame_add(struct trace_frame *frame,
                     const struct trace_record *record);

// trace_frame_is_empty - no record is in it.
bool trace_frame_is_empty(const struct trace_frame *frame);

// trace_frame_end - TRACE_FRAME_BYTES to send; the next frame is begun.
void trace_frame_end(struct trace_frame *frame, u8 out[TRACE_FRAME_BYTES]);
