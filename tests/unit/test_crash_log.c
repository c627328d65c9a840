// tests/unit/test_crash_log.c - lib/crash_log.c: what was written comes back,
// sources: lib/crash_log.c lib/crc32.c lib/fmt.c lib/string.c lib/trace_line.c
// SPDX-License-Identifier: MIT
//
// and nothing else, whatever has become of the RAM it was in.

#include "harness.h"

#include <string.h>

#include <base/bits.h>
#include <boot/crash_log.h>

#define KERNEL     "6.1.0-test"
#define MODEL_MAX  (2u * 1024 * 1024)
#define TEXT_BYTES (CRASH_LOG_BLOCK_TEXT * (CRASH_LOG_BLOCKS - 1))
#define GAP        "[a part of the log is lost]\n"

static u8 *area;
static struct crash_log_writer writer;
static char *model; // all that was ever written
static u32 model_bytes;
static char *extracted;
static u32 extracted_bytes;

static void begin(u32 boot)
{
    // On the heap, so that ASan sees what reaches beyond.
    free(area);
    free(model);
    free(extracted);
    area = malloc(CRASH_LOG_AREA_BYTES);
    model = malloc(MODEL_MAX);
    extracted = malloc(CRASH_LOG_EXTRACT_BYTES);
    model_bytes = 0;
    for (u32 i = 0; i < CRASH_LOG_AREA_BYTES; i++)
        area[i] = (u8)test_random();
    CHECK(!crash_log_is_valid(area));
    CHECK(!crash_log_is_crash(area));
    crash_log_init(area, boot);
    CHECK(crash_log_is_valid(area));
    CHECK(!crash_log_is_crash(area));
    crash_log_begin(&writer, area, KERNEL);
}

static void append(const char *text, u32 bytes)
{
    CHECK(model_bytes + bytes <= MODEL_MAX);
    memcpy(model + model_bytes, text, bytes);
    model_bytes += bytes;
    crash_log_append(&writer, text, bytes);
}

// A line of 1 to 120 characters that says which it is.
static void append_line(u32 number)
{
    char line[160];
    u32 length = (u32)snprintf(line, sizeof(line), "%u:", number);
    u32 more = test_random_below(110);

    for (u32 i = 0; i < more; i++)
        line[length++] = (char)('a' + test_random_below(26));
    line[length++] = '\n';
    append(line, length);
}

// What comes behind the head line.
static const char *extract(u32 *out_bytes)
{
    char *text;

    extracted_bytes =
        crash_log_extract(area, extracted, CRASH_LOG_EXTRACT_BYTES);
    CHECK(extracted_bytes <= CRASH_LOG_EXTRACT_BYTES);
    text = memchr(extracted, '\n', extracted_bytes);
    CHECK(text != NULL);
    text++;
    *out_bytes = extracted_bytes - (u32)(text - extracted);
    return text;
}

static bool head_has(const char *words)
{
    char *end = memchr(extracted, '\n', extracted_bytes);
    size_t bytes = strlen(words);

    for (const char *at = extracted; at + bytes <= end; at++)
        if (memcmp(at, words, bytes) == 0)
            return true;
    return false;
}

// The text is the end of the model, from the start of a line on.
static void check_is_tail(void)
{
    u32 bytes;
    const char *text = extract(&bytes);

    CHECK(bytes <= model_bytes);
    CHECK(bytes == model_bytes ||
          (bytes > TEXT_BYTES - 2 * CRASH_LOG_BLOCK_TEXT - 160 &&
           bytes <= TEXT_BYTES));
    CHECK(memcmp(text, model + model_bytes - bytes, bytes) == 0);
    if (bytes < model_bytes)
        CHECK_EQ(model[model_bytes - bytes - 1], '\n');
}

TEST(short_log)
{
    begin(7);
    CHECK_EQ(crash_log_state(area), CRASH_LOG_RUNNING);
    CHECK(!crash_log_is_crash(area)); // nothing was written
    append("first\n", 6);
    crash_log_set_uptime(&writer, 12);
    append("second\n", 7);
    CHECK(crash_log_is_crash(area));
    check_is_tail();
    CHECK_EQ(crash_log_boot(area), 7);
    CHECK(head_has("boot=7 kernel=\"" KERNEL "\""));
    CHECK(head_has("end=\"reset without a shutdown\" uptime=12s"));
    crash_log_set_state(area, CRASH_LOG_PANIC);
    CHECK(crash_log_is_crash(area));
    check_is_tail();
    CHECK(head_has("end=\"kernel panic\""));
}

TEST(what_is_no_crash)
{
    begin(1);
    append("text\n", 5);
    crash_log_set_state(area, CRASH_LOG_CLEAN);
    CHECK(!crash_log_is_crash(area));
    crash_log_set_state(area, CRASH_LOG_SAVED);
    CHECK(!crash_log_is_crash(area));
    // Half written: as if it ran.
    ((struct crash_log_header *)area)->state.value = CRASH_LOG_RUNNING;
    CHECK(crash_log_is_crash(area));
    crash_log_init(area, 2);
    CHECK(!crash_log_is_crash(area));
}

TEST(blocks_of_another_boot_do_not_count)
{
    u8 *old = malloc(CRASH_LOG_AREA_BYTES);
    u32 bytes;

    begin(1);
    for (u32 i = 0; i < 3000; i++)
        append_line(i);
    memcpy(old, area, CRASH_LOG_AREA_BYTES);
    crash_log_init(area, 2);
    crash_log_begin(&writer, area, KERNEL);
    model_bytes = 0;
    append("new\n", 4);
    memcpy(area + CRASH_LOG_TEXT_OFFSET + CRASH_LOG_BLOCK_BYTES,
           old + CRASH_LOG_TEXT_OFFSET + CRASH_LOG_BLOCK_BYTES,
           CRASH_LOG_AREA_BYTES - CRASH_LOG_TEXT_OFFSET -
               CRASH_LOG_BLOCK_BYTES);
    free(old);
    CHECK(memcmp(extract(&bytes), "new\n", 4) == 0);
    CHECK_EQ(bytes, 4);
}

TEST(random_lines)
{
    begin(test_random());
    for (u32 i = 0; i < 25000; i++) {
        append_line(i);
        if (test_random_one_in(400))
            check_is_tail();
    }
    check_is_tail();
}

TEST(small_buffer)
{
    begin(1);
    for (u32 i = 0; i < 200; i++)
        append_line(i);
    for (u32 capacity = 0; capacity < 1200; capacity += 7) {
        char *small = malloc(capacity + 1);

        CHECK_EQ(crash_log_extract(area, small, capacity), capacity);
        free(small);
    }
}

// A reset in the middle of an append: its stores up to some point are there.
TEST(torn_writes_lose_the_last_piece)
{
    u8 *before = malloc(CRASH_LOG_AREA_BYTES);

    for (u32 round = 0; round < 300; round++) {
        u32 bytes, whole, number, slot;
        struct crash_log_block *now, *was;
        char *text;

        begin(round);
        for (u32 i = test_random_below(60) + 1; i; i--)
            append_line(i);
        memcpy(before, area, CRASH_LOG_AREA_BYTES);
        whole = model_bytes;
        number = writer.number;
        slot = number % CRASH_LOG_BLOCKS;
        append_line(round);
        // All of the text is there, the seal is half there or not at all.
        now = (void *)(area + CRASH_LOG_TEXT_OFFSET);
        was = (void *)(before + CRASH_LOG_TEXT_OFFSET);
        for (u32 i = 0; i < 2; i++) {
            if (test_random_one_in(2))
                now[slot].seals[i].checksum = was[slot].seals[i].checksum;
            else
                now[slot].seals[i] = was[slot].seals[i];
        }
        if (writer.number != number)
            memset(&now[slot + 1], 0, sizeof(now[0]));
        text = (char *)(uintptr_t)extract(&bytes);
        CHECK_EQ(bytes, whole);
        CHECK(memcmp(text, model, whole) == 0);
    }
    free(before);
}

// ---- frames of the trace ---------------------------------------------------

static void random_frame(u8 frame[TRACE_FRAME_BYTES])
{
    for (u32 i = 0; i < TRACE_FRAME_BYTES; i++)
        frame[i] = (u8)test_random();
}

// find_line - where the line of @frame is in what was extracted. NULL: nowhere.
static const char *find_line(const u8 *frame)
{
    char line[TRACE_LINE_BYTES];

    trace_line(frame, line);
    for (u32 at = 0; at + sizeof(line) <= extracted_bytes; at++)
        if (memcmp(extracted + at, line, sizeof(line)) == 0)
            return extracted + at;
    return NULL;
}

static void extract_all(u32 capacity)
{
    free(extracted);
    extracted = malloc(capacity);
    extracted_bytes = crash_log_extract(area, extracted, capacity);
}

TEST(frames_are_lines_before_the_text)
{
    static u8 frames[CRASH_LOG_FRAMES + 40][TRACE_FRAME_BYTES];
    u32 counts[] = {1, 5, CRASH_LOG_FRAMES, CRASH_LOG_FRAMES + 40};

    for (u32 round = 0; round < ARRAY_SIZE(counts); round++) {
        const char *before = NULL;
        u32 count = counts[round], bytes;

        begin(round);
        append("the text\n", 9);
        CHECK_EQ(crash_log_extract_bytes(area), CRASH_LOG_EXTRACT_BYTES);
        for (u32 i = 0; i < count; i++) {
            random_frame(frames[i]);
            crash_log_put_frame(&writer, frames[i]);
        }
        bytes = crash_log_extract_bytes(area);
        CHECK(bytes <= CRASH_LOG_EXTRACT_MAX);
        extract_all(bytes);
        CHECK(memcmp(extracted + extracted_bytes - 9, "the text\n", 9) == 0);
        for (u32 i = 0; i < count; i += 1 + (count > 100) * 37) {
            const char *line = find_line(frames[i]);

            CHECK_EQ(line != NULL, i + CRASH_LOG_FRAMES >= count);
            CHECK(!line || line > before);
            before = line;
        }
        // With less room the oldest go, and the text stays.
        extract_all(CRASH_LOG_EXTRACT_BYTES + 110 + 5 * TRACE_LINE_BYTES);
        CHECK(find_line(frames[count - 1]));
        CHECK(count <= 5 || !find_line(frames[count - 7]));
        CHECK(memcmp(extracted + extracted_bytes - 9, "the text\n", 9) == 0);
        crash_log_drop_frames(&writer);
        CHECK_EQ(crash_log_extract_bytes(area), CRASH_LOG_EXTRACT_BYTES);
    }
}

TEST(frames_of_another_boot_or_damaged)
{
    u8 *old = malloc(CRASH_LOG_AREA_BYTES);
    u8 frame[TRACE_FRAME_BYTES];
    u32 at;

    begin(1);
    append("old\n", 4);
    for (u32 i = 0; i < 20; i++) {
        random_frame(frame);
        crash_log_put_frame(&writer, frame);
    }
    memcpy(old, area, CRASH_LOG_AREA_BYTES);
    crash_log_init(area, 2);
    crash_log_begin(&writer, area, KERNEL);
    append("new\n", 4);
    memcpy(area + CRASH_LOG_TRACE_OFFSET, old + CRASH_LOG_TRACE_OFFSET,
           CRASH_LOG_AREA_BYTES - CRASH_LOG_TRACE_OFFSET);
    free(old);
    CHECK_EQ(crash_log_extract_bytes(area), CRASH_LOG_EXTRACT_BYTES);
    crash_log_put_frame(&writer, frame);
    CHECK_EQ(crash_log_extract_bytes(area),
             CRASH_LOG_EXTRACT_BYTES + 128 + TRACE_LINE_BYTES);
    at = CRASH_LOG_TRACE_OFFSET +
         test_random_below(sizeof(struct crash_log_frame));
    area[at] ^= (u8)(1u << test_random_below(8));
    CHECK_EQ(crash_log_extract_bytes(area), CRASH_LOG_EXTRACT_BYTES);
}

static bool is_line_of_model(const char *line, u32 bytes)
{
    if (bytes == sizeof(GAP) - 1 && memcmp(line, GAP, bytes) == 0)
        return true;
    for (u32 at = 0; at + bytes <= model_bytes; at++)
        if (memcmp(model + at, line, bytes) == 0)
            return true;
    return false;
}

// Damage of any kind: the text that comes back is made of pieces of what was
// written, in their order, and says where something is missing.
TEST(damaged_blocks_are_left_out)
{
    for (u32 round = 0; round < 60; round++) {
        const char *text;
        u32 bytes, from = 0;
        bool hit = false;

        begin(round);
        for (u32 i = 0; i < 400; i++)
            append_line(i);
        for (u32 i = test_random_below(4) + 1; i; i--) {
            u32 at = CRASH_LOG_TEXT_OFFSET +
                     test_random_below(model_bytes / CRASH_LOG_BLOCK_TEXT *
                                       CRASH_LOG_BLOCK_BYTES);

            area[at] ^= (u8)(1 + test_random_below(255));
            hit = true;
        }
        text = extract(&bytes);
        CHECK(hit && bytes <= model_bytes + 8 * sizeof(GAP));
        while (from < bytes) {
            const char *end = memchr(text + from, '\n', bytes - from);
            u32 length = end ? (u32)(end - text) + 1 - from : bytes - from;

            // A line that a gap follows may be cut, and the gap's own text
            // stand in it.
            if (end && length > sizeof(GAP) - 1 &&
                memcmp(end + 2 - sizeof(GAP), GAP, sizeof(GAP) - 1) == 0)
                length -= (u32)sizeof(GAP) - 1;
            CHECK(is_line_of_model(text + from, length));
            from += length;
        }
    }
}

// Nothing that a header or a block says leads beyond the area or the buffer.
TEST(mutated_areas)
{
    begin(3);
    for (u32 i = 0; i < 4000; i++)
        append_line(i);
    for (u32 round = 0; round < 300; round++) {
        u8 saved[64];
        u32 at, bytes;

        for (u32 i = 0; i < sizeof(saved); i++) {
            at = test_random_one_in(2)
                     ? test_random_below(sizeof(struct crash_log_header))
                     : CRASH_LOG_TEXT_OFFSET +
                           test_random_below(CRASH_LOG_BLOCKS) *
                               CRASH_LOG_BLOCK_BYTES +
                           test_random_below(20);
            area[at] = (u8)test_random();
        }
        // As if its checksum were right: extract must bear it all.
        (void)crash_log_is_crash(area);
        (void)extract(&bytes);
    }
}

TEST(any_bit_of_the_header_counts)
{
    struct crash_log_header *header;

    begin(3);
    header = (void *)area;
    for (u32 bit = 0; bit < offsetof(struct crash_log_header, state) * 8;
         bit++) {
        area[bit / 8] ^= (u8)(1u << bit % 8);
        CHECK(!crash_log_is_valid(area));
        area[bit / 8] ^= (u8)(1u << bit % 8);
    }
    CHECK(crash_log_is_valid(area));
    header->state.value = 77;
    CHECK_EQ(crash_log_state(area), CRASH_LOG_RUNNING);
    header->state.inverse = ~77u;
    CHECK(!crash_log_is_crash(area));
}

TEST(long_kernel_name)
{
    char name[200];

    begin(1);
    memset(name, 'k', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    crash_log_init(area, 1);
    crash_log_begin(&writer, area, name);
    model_bytes = 0;
    append("x\n", 2);
    check_is_tail();
    CHECK(head_has("kkkk\" end"));
}
