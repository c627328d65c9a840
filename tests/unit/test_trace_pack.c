// tests/unit/test_trace_pack.c - any records, packed by the kernel's own code
// SPDX-License-Identifier: MIT
// sources: kernel/trace_frame.c lib/reed_solomon.c lib/crc32.c
//
// What tests/unit/trace_pack.py drives, so that tests in Python have streams of
// any content: with TRACE_IN and TRACE_OUT in the environment, `pack` reads
// struct trace_record from the one and writes frames to the other.

#include "harness.h"

#include <kernel/trace_frame.h>

#define MADE_RECORDS 20000u

static struct trace_frame frame;
static u8 out[TRACE_FRAME_BYTES];
static FILE *input, *output;

static bool next_record(u32 n, struct trace_record *record)
{
    if (input)
        return fread(record, sizeof(*record), 1, input) == 1;
    *record = (struct trace_record){
        .time_ns = n * 1000ull,
        .type_pid = trace_type_pid(TRACE_FAULT, test_random_below(4)),
        .arg = {test_random(), 1, 2, test_random_below(1u << 20), 5},
    };
    return n < MADE_RECORDS;
}

static void end_frame(void)
{
    CHECK(!trace_frame_is_empty(&frame));
    trace_frame_end(&frame, out);
    CHECK(trace_frame_is_empty(&frame));
    CHECK_EQ(out[0], TRACE_FRAME_MARK);
    if (output)
        CHECK_EQ(fwrite(out, sizeof(out), 1, output), 1);
}

TEST(pack)
{
    const char *in_name = getenv("TRACE_IN"), *out_name = getenv("TRACE_OUT");
    struct trace_record record;
    u32 n;

    if (in_name) {
        input = fopen(in_name, "rb");
        CHECK(input && out_name);
        output = fopen(out_name, "wb");
        CHECK(output);
    }
    trace_frame_init(&frame);
    for (n = 0; next_record(n, &record); n++) {
        if (trace_frame_add(&frame, &record))
            continue;
        end_frame();
        CHECK(trace_frame_add(&frame, &record));
    }
    if (!trace_frame_is_empty(&frame))
        end_frame();
    if (input)
        CHECK(fclose(input) == 0 && fclose(output) == 0);
}
