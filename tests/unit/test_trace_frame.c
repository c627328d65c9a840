// tests/unit/test_trace_frame.c - records packed into frames
// SPDX-License-Identifier: MIT
// sources: kernel/trace_frame.c lib/reed_solomon.c lib/trace_line.c
//
// What comes out is read back by tests/unit/test_trace.py: with TRACE_OUT in
// the environment, `stream` writes records as they are to TRACE_OUT.records and
// their frames to TRACE_OUT.frames, and as lines to TRACE_OUT.lines.

#include "harness.h"

#include <string.h>

#include <kernel/trace_frame.h>
#include <lib/reed_solomon.h>

static u8 times_two(u8 a)
{
    return (u8)(a << 1 ^ (a & 0x40 ? 0x89 : 0));
}

// The polynomial at 2^power.
static u8 value_at(const u8 *symbols, u32 count, u32 power)
{
    u8 value = 0;

    for (u32 i = 0; i < count; i++) {
        for (u32 p = 0; p < power; p++)
            value = times_two(value);
        value ^= symbols[i];
    }
    return value;
}

TEST(parity_makes_a_code_word)
{
    u8 word[RS_SYMBOLS_MAX];

    rs_init();
    for (u32 round = 0; round < 200; round++) {
        u32 count = test_random_below(RS_SYMBOLS_MAX - RS_PARITY) + 1;

        for (u32 i = 0; i < count; i++)
            word[i] = (u8)test_random_below(128);
        rs_parity(word, count, word + count);
        for (u32 i = 0; i < RS_PARITY; i++)
            CHECK_EQ(value_at(word, count + RS_PARITY, i), 0);
    }
}

static struct trace_frame frame;

TEST(an_empty_frame)
{
    u8 out[TRACE_FRAME_BYTES];

    trace_frame_init(&frame);
    CHECK(trace_frame_is_empty(&frame));
    trace_frame_end(&frame, out);
    CHECK_EQ(out[0], TRACE_FRAME_MARK);
    for (u32 i = 1; i < TRACE_FRAME_BYTES - RS_PARITY; i++)
        CHECK_EQ(out[i], i % 2 ? 0 : 0x80);
    for (u32 i = 0; i < TRACE_FRAME_BYTES; i++)
        CHECK_EQ(out[i] >> 7, (i + 1) % 2);
}

// Faults one after the other, as of a program that fills its memory.
static struct trace_record fault(u32 n)
{
    return (struct trace_record){
        .time_ns = 1000000000ull + n * 1000000ull,
        .type_pid = trace_type_pid(TRACE_FAULT, 17),
        .arg = {0x8100000 + n * 4096, 0x8049123, 0x4000 + n,
                1500 + test_random_below(200), 0x25},
    };
}

TEST(sequential_faults_are_short)
{
    u8 out[TRACE_FRAME_BYTES];
    u32 frames = 1, faults = 100000;

    trace_frame_init(&frame);
    for (u32 n = 0; n < faults; n++) {
        struct trace_record record = fault(n);

        if (trace_frame_add(&frame, &record))
            continue;
        trace_frame_end(&frame, out);
        frames++;
        CHECK(trace_frame_add(&frame, &record));
    }
    // 115200 baud are 11520 bytes a second, and other faults take more.
    printf("bytes for a fault: %.2f\n",
           (double)frames * TRACE_FRAME_BYTES / faults);
    CHECK(frames * TRACE_FRAME_BYTES / (faults / 1000) < 6500);
}

static struct trace_record any(u64 *time)
{
    u32 type = test_random_below(23) + 1;
    struct trace_record record;

    *time += test_random_below(4) ? test_random_below(5000)
                                  : test_random_below(1u << 30);
    record.time_ns = *time;
    record.type_pid = trace_type_pid(
        type, test_random_below(3) ? 5 : test_random_below(1u << 24));
    for (u32 i = 0; i < TRACE_ARGS; i++)
        record.arg[i] = test_random_below(2)
                            ? 0x1000 * test_random_below(8)
                            : (u32)test_random_below(0x10000) << 16 |
                                  test_random_below(0x10000);
    return record;
}

static FILE *records, *frames, *lines;

static FILE *create(const char *name, const char *suffix)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s.%s", name, suffix);
    file = fopen(path, "wb");
    CHECK(file);
    return file;
}

static void end_frame(void)
{
    u8 out[TRACE_FRAME_BYTES];
    char line[TRACE_LINE_BYTES];

    trace_frame_end(&frame, out);
    if (!frames)
        return;
    trace_line(out, line);
    CHECK_EQ(fwrite(out, sizeof(out), 1, frames), 1);
    CHECK_EQ(fwrite(line, sizeof(line), 1, lines), 1);
}

TEST(stream)
{
    const char *name = getenv("TRACE_OUT");
    u64 time = test_random_below(2) ? 0 : 1ull << 50;

    if (name) {
        records = create(name, "records");
        frames = create(name, "frames");
        lines = create(name, "lines");
    }
    trace_frame_init(&frame);
    for (u32 n = 0; n < 20000; n++) {
        struct trace_record record =
            test_random_below(3) ? fault(n) : any(&time);

        record.time_ns = time += 100;
        if (records)
            CHECK_EQ(fwrite(&record, sizeof(record), 1, records), 1);
        if (trace_frame_add(&frame, &record))
            continue;
        end_frame();
        CHECK(trace_frame_add(&frame, &record));
    }
    end_frame();
    if (name)
        CHECK(!fclose(records) && !fclose(frames) && !fclose(lines));
}
