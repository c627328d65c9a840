// include/kernel/trace_frame.h - records of the trace, packed for a line [P]
// SPDX-License-Identifier: MIT
//
// A stream is frames of TRACE_FRAME_BYTES bytes, each of which can be read
// alone. A byte holds seven bits of the frame, its symbol, and on top whether
// its place in the frame is even: 1, 0, 1, 0, ... Where bytes are missing that
// goes wrong, so a reader knows where, and missing symbols cost half of what
// wrong ones do.
//
//   symbol  count
//   0       1   TRACE_FRAME_SYNC (so that the byte is TRACE_FRAME_MARK)
//   1       83  581 bits, the highest of each symbol first
//   84      12  Reed-Solomon symbols of all before them (lib/reed_solomon.h)
//
// The bits: number of the frame's first record, modulo 65536, 16 of them; then
// records; then zeros, of which a reader thinks as many behind the 581 bits as
// it wants: a frame that is full has no room for the 0 that would end it. Each
// value is written from its highest bit on. A record:
//
//   1 bit   1: type and task are those of the record before. Else
//   5 bits  its type, 0: there is no more; and
//   1 bit   1: of another task; then a number: how its pid differs from that
//           of the record before, folded
//   time    as it differs from that of the record before, in units of 64 ns:
//           of the frame's first record, where that is 0, a number, folded; of
//           others a time (below)
//   1 bit   0: its fields' mask is that of the last record of this type; else
//           a bit for each field, the first on top
//   fields  those whose bit in the mask is 1, in their order
//
// A field that is not there is as expected (trace_records.def): `same` as the
// last one of its type in this frame; `stride` and `address` that plus its last
// difference; `value` and `time` 0. Of one that is there, there is
//
//   same, stride  a number: the difference to the last one, folded
//   address       1 bit; 1: the number is of pages (the difference shifted
//                 down by 12, as a signed number), else as stride
//   value         a number: itself
//   time          a time: itself in units of 64 ns, cut off
//
// A number is groups of four bits, the lowest first, each with a bit behind it:
// whether there is another. A time is q times a 1, a 0, and k bits, which
// together stand for q * 2^k plus those bits; or, if that is negative or q were
// more than 5, six times a 1 and a number, folded for differences of time. k is
// different for each field, begins with 9 for a record's time and with 6 for
// fields, and becomes half of (k plus the bits that the value has), at most 20,
// after each time but a negative one; the number that a frame begins with is no
// time. To fold is to make small numbers of small ones of both signs: 0, -1, 1,
// -2, ... to 0, 1, 2, 3, ... Differences are of 32 bits, those of a record's
// time of 64.
//
// All begins anew in each frame: values, their last differences and the time
// with 0, masks with all bits 1, and the type before with 0, of task 0.
//
// The rest of the format: docs/tracing.md. It is read by tools/tracelib.
#pragma once

#include <base/types.h>
#include <lib/trace_line.h>

#define TRACE_FRAME_SYNC    0x27u
#define TRACE_FRAME_MARK    0xa7u
#define TRACE_ARGS          5u
#define TRACE_TIME_NS_SHIFT 6u // times are in units of 64 ns
#define TRACE_TYPES         32u

// More than a record can take: what does not fit is written, and forgotten.
#define TRACE_FRAME_SLACK 64u

enum trace_type {
#define TRACE_RECORD(name, number, group, fields) TRACE_##name = (number),
#include <kernel/trace_records.def>
#undef TRACE_RECORD
};

struct trace_record {
    u64 time_ns;
    u32 type_pid; // type in the lowest 8 bits
    u32 arg[TRACE_ARGS];
};

static inline u32 trace_type_pid(enum trace_type type, u32 pid)
{
    return pid << 8 | (u32)type;
}

// What is expected of a type's fields, in this frame.
struct trace_last {
    u32 value[TRACE_ARGS];
    u32 stride[TRACE_ARGS];
    u8 k[TRACE_ARGS]; // of times
    u8 mask;
};

// Where the next bits go.
struct trace_bits {
    u32 at;      // of symbols
    u32 pending; // bits that make no whole symbol yet, at the bottom
    u32 count;   // so many of them; what is above is left from before
};

struct trace_frame {
    u8 symbols[TRACE_FRAME_BYTES + TRACE_FRAME_SLACK];
    struct trace_bits bits;
    u16 records;   // so far, of all frames
    bool is_empty; // no record is in it
    u8 time_k;
    u32 type_pid; // of the last record
    u64 time;     // of the same, in units
    u32 known;    // bit type: `last` is of this frame
    struct trace_last last[TRACE_TYPES];
};

// trace_frame_init - an empty stream. trace_frame_init calls rs_init.
void trace_frame_init(struct trace_frame *frame);

// trace_frame_set_number - of an empty frame: the number of its first record.
void trace_frame_set_number(struct trace_frame *frame, u32 number);

// trace_frame_add - pack @record behind those that are there. Return: false: it
// does not fit; end the frame and add it to the next.
bool trace_frame_add(struct trace_frame *frame,
                     const struct trace_record *record);

// trace_frame_is_empty - no record is in it.
bool trace_frame_is_empty(const struct trace_frame *frame);

// trace_frame_end - TRACE_FRAME_BYTES to send; the next frame is begun.
void trace_frame_end(struct trace_frame *frame, u8 out[TRACE_FRAME_BYTES]);
