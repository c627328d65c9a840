// lib/crash_log.c - the log that survives a reset [P]
// SPDX-License-Identifier: MIT
//
// Compiled for the kernel, which writes, and for the UEFI stub, which reads;
// the layout, and why one may believe it, are in include/boot/crash_log.h.
//
// Rejected: one checksum over all (a torn line would cost the whole log);
// records of a line each with a checksum of their own (to find the first one
// after a wrap means to search byte by byte in what may be anything).

#include <boot/crash_log.h>

#include <base/bits.h>
#include <base/compiler.h>
#include <lib/crc32.h>
#include <lib/fmt.h>
#include <lib/string.h>

#define TRACE_HEAD_BYTES 128u // a line is less

#define GAP_TEXT "[a part of the log is lost]\n"

enum {
    SUM_BYTES = offsetof(struct crash_log_header, state),
    SUM_AT = offsetof(struct crash_log_header, checksum),
};

static struct crash_log_block *block_at(const u8 *area, u32 slot)
{
    return (struct crash_log_block *)(uintptr_t)(area + CRASH_LOG_TEXT_OFFSET) +
           slot;
}

static u32 header_checksum(const struct crash_log_header *header)
{
    static const u32 zero;
    const u8 *bytes = (const u8 *)header;
    u32 sum = crc32(0, bytes, SUM_AT);

    sum = crc32(sum, &zero, sizeof(zero));
    return crc32(sum, bytes + SUM_AT + sizeof(zero),
                 SUM_BYTES - SUM_AT - sizeof(zero));
}

// The value before the inverse: whoever reads in between finds neither.
static void word_set(struct crash_log_word *word, u32 value)
{
    WRITE_ONCE(word->value, value);
    WRITE_ONCE(word->inverse, ~value);
}

static bool word_get(const struct crash_log_word *word, u32 *out)
{
    *out = word->value;
    return word->value == ~word->inverse;
}

static void section_set(struct crash_log_header *header,
                        enum crash_log_section_kind kind, u32 offset, u32 end)
{
    header->sections[kind] = (struct crash_log_section){
        .magic = CRASH_LOG_MAGIC + 1 + (u32)kind,
        .offset = offset,
        .bytes = end - offset,
    };
}

// A header as it is at first.
static void header_make(struct crash_log_header *header, u32 boot)
{
    memset(header, 0, sizeof(*header));
    header->magic = CRASH_LOG_MAGIC;
    header->version = CRASH_LOG_VERSION;
    header->bytes = CRASH_LOG_AREA_BYTES;
    header->boot = boot;
    section_set(header, CRASH_LOG_TEXT, CRASH_LOG_TEXT_OFFSET,
                CRASH_LOG_TRACE_OFFSET);
    section_set(header, CRASH_LOG_TRACE, CRASH_LOG_TRACE_OFFSET,
                CRASH_LOG_AREA_BYTES);
    word_set(&header->state, CRASH_LOG_EMPTY);
    word_set(&header->uptime_seconds, 0);
    header->checksum = header_checksum(header);
}

void crash_log_init(void *area, u32 boot)
{
    // Of the text nothing stays: it may be what nobody else should read.
    memset(area, 0, CRASH_LOG_AREA_BYTES);
    header_make(area, boot);
}

bool crash_log_is_valid(const void *area)
{
    const struct crash_log_header *header = area;
    struct crash_log_header expected;

    if (header->magic != CRASH_LOG_MAGIC ||
        header->version != CRASH_LOG_VERSION ||
        header->bytes != CRASH_LOG_AREA_BYTES ||
        header->checksum != header_checksum(header))
        return false;
    // There is one layout of this version: what names another is not ours.
    header_make(&expected, header->boot);
    return memcmp(header->sections, expected.sections,
                  sizeof(expected.sections)) == 0;
}

u32 crash_log_boot(const void *area)
{
    return ((const struct crash_log_header *)area)->boot;
}

enum crash_log_state crash_log_state(const void *area)
{
    const struct crash_log_header *header = area;
    u32 state;

    if (!word_get(&header->state, &state))
        return CRASH_LOG_RUNNING;
    return (enum crash_log_state)state;
}

void crash_log_set_state(void *area, enum crash_log_state state)
{
    struct crash_log_header *header = area;

    word_set(&header->state, (u32)state);
}

// ---- reading ---------------------------------------------------------------

// Where the checksum of a block starts from: neither a block of another boot
// nor one in another's place can have it.
static u32 block_seed(u32 boot, u32 number)
{
    u32 who[2] = {boot, number};

    return crc32(0, who, sizeof(who));
}

// How much of the text of the block at @slot is good; 0: none.
static u32 block_good_bytes(const u8 *area, u32 slot)
{
    const struct crash_log_block *block = block_at(area, slot);
    u32 seed = block_seed(crash_log_boot(area), block->number);
    u32 good = 0;

    if (block->number % CRASH_LOG_BLOCKS != slot)
        return 0;
    for (u32 i = 0; i < ARRAY_SIZE(block->seals); i++) {
        u32 bytes = block->seals[i].bytes;

        if (bytes > good && bytes <= CRASH_LOG_BLOCK_TEXT &&
            crc32(seed, block->text, bytes) == block->seals[i].checksum)
            good = bytes;
    }
    return good;
}

// newest_block - Return: false: no block is good.
static bool newest_block(const u8 *area, u32 *out_number)
{
    bool found = false;

    *out_number = 0;
    for (u32 slot = 0; slot < CRASH_LOG_BLOCKS; slot++) {
        u32 number = block_at(area, slot)->number;

        if ((!found || number > *out_number) && block_good_bytes(area, slot)) {
            *out_number = number;
            found = true;
        }
    }
    return found;
}

bool crash_log_is_crash(const void *area)
{
    enum crash_log_state state;
    u32 number;

    if (!crash_log_is_valid(area))
        return false;
    state = crash_log_state(area);
    return (state == CRASH_LOG_RUNNING || state == CRASH_LOG_PANIC) &&
           newest_block(area, &number);
}

// ---- frames ----------------------------------------------------------------

static struct crash_log_frame *frame_at(const u8 *area, u32 slot)
{
    return (struct crash_log_frame *)(uintptr_t)(area +
                                                 CRASH_LOG_TRACE_OFFSET) +
           slot;
}

// As block_seed; no frame has the seed of a block.
static u32 frame_checksum(u32 boot, u32 number, const u8 *frame)
{
    u32 who[3] = {boot, number, CRASH_LOG_TRACE};

    return crc32(crc32(0, who, sizeof(who)), frame, TRACE_FRAME_BYTES);
}

static bool frame_is_good(const u8 *area, u32 slot)
{
    const struct crash_log_frame *frame = frame_at(area, slot);

    return frame->number % CRASH_LOG_FRAMES == slot &&
           frame->checksum == frame_checksum(crash_log_boot(area),
                                             frame->number, frame->frame);
}

// count_frames - how many are good, and the number behind the newest.
static u32 count_frames(const u8 *area, u32 *out_end)
{
    u32 count = 0;

    *out_end = 0;
    for (u32 slot = 0; slot < CRASH_LOG_FRAMES; slot++) {
        if (!frame_is_good(area, slot))
            continue;
        *out_end = max(*out_end, frame_at(area, slot)->number + 1);
        count++;
    }
    return count;
}

// ---- text ------------------------------------------------------------------

struct extract {
    char *text;
    u32 capacity;
    u32 bytes;
};

static void put(struct extract *to, const char *text, u32 bytes)
{
    bytes = min(bytes, to->capacity - to->bytes);
    memcpy(to->text + to->bytes, text, bytes);
    to->bytes += bytes;
}

static const char *end_name(enum crash_log_state state)
{
    switch (state) {
    case CRASH_LOG_PANIC: return "kernel panic";
    case CRASH_LOG_CLEAN: return "shutdown";
    case CRASH_LOG_EMPTY:
    case CRASH_LOG_RUNNING:
    case CRASH_LOG_SAVED: break;
    }
    return "reset without a shutdown";
}

static void put_head(struct extract *to, const u8 *area)
{
    const struct crash_log_header *header = (const void *)(uintptr_t)(area);
    char kernel[CRASH_LOG_KERNEL_CHARS];
    char line[256];
    u32 uptime;
    int length;

    // It has a checksum, but a NUL that is missing would lead astray.
    memcpy(kernel, header->kernel, sizeof(kernel));
    kernel[sizeof(kernel) - 1] = '\0';
    if (!word_get(&header->uptime_seconds, &uptime))
        uptime = 0;
    length = fmt_print(line, sizeof(line),
                       "Faultline's last log: boot=%u kernel=\"%s\" end=\"%s\" "
                       "uptime=%us\n",
                       header->boot, kernel, end_name(crash_log_state(area)),
                       uptime);
    put(to, line, min((u32)length, (u32)sizeof(line) - 1));
}

// Whole lines only: the ring's oldest block may begin in the middle of one.
static void put_from_next_line(struct extract *to, const char *text, u32 bytes)
{
    u32 skip = 0;

    while (skip < bytes && text[skip] != '\n')
        skip++;
    if (skip < bytes)
        put(to, text + skip + 1, bytes - skip - 1);
}

// put_frames - the newest for which there is room, and a line about them.
static void put_frames(struct extract *to, const u8 *area)
{
    char line[TRACE_LINE_BYTES + 1];
    u32 end, count = count_frames(area, &end);
    u32 used = CRASH_LOG_EXTRACT_BYTES + TRACE_HEAD_BYTES;
    u32 room =
        to->capacity > used ? (to->capacity - used) / TRACE_LINE_BYTES : 0;
    u32 left_out = count > room ? count - room : 0;

    if (!count || !room)
        return;
    put(to, line,
        (u32)fmt_print(line, sizeof(line),
                       "[%u frames of the trace: faultline decode "
                       "shows them]\n",
                       count - left_out));
    for (u32 i = min(end, CRASH_LOG_FRAMES); i > 0; i--) {
        u32 number = end - i, slot = number % CRASH_LOG_FRAMES;

        if (frame_at(area, slot)->number != number ||
            !frame_is_good(area, slot))
            continue;
        if (left_out) {
            left_out--;
            continue;
        }
        trace_line(frame_at(area, slot)->frame, line);
        put(to, line, TRACE_LINE_BYTES);
    }
}

u32 crash_log_extract_bytes(const void *area)
{
    u32 end, count = count_frames(area, &end);

    return CRASH_LOG_EXTRACT_BYTES +
           (count ? TRACE_HEAD_BYTES + count * TRACE_LINE_BYTES : 0);
}

u32 crash_log_extract(const void *area, char *text, u32 capacity)
{
    struct extract to = {.text = text, .capacity = capacity};
    const u8 *bytes = area;
    bool gap = false;
    u32 newest, count;

    put_head(&to, bytes);
    put_frames(&to, bytes);
    if (!newest_block(bytes, &newest))
        return to.bytes;
    // From the oldest that can be there: the one before it lies where the block
    // behind the newest may have been begun.
    count = min(newest, CRASH_LOG_BLOCKS - 2) + 1;
    for (u32 i = 0; i < count; i++) {
        u32 number = newest - (count - 1) + i;
        u32 slot = number % CRASH_LOG_BLOCKS;
        const struct crash_log_block *block = block_at(bytes, slot);
        u32 good = block->number == number ? block_good_bytes(bytes, slot) : 0;

        if (!good) {
            if (!gap)
                put(&to, GAP_TEXT, sizeof(GAP_TEXT) - 1);
            gap = true;
            continue;
        }
        if (gap || (i == 0 && number > 0))
            put_from_next_line(&to, block->text, good);
        else
            put(&to, block->text, good);
        gap = false;
    }
    return to.bytes;
}

// ---- writing ---------------------------------------------------------------

static void block_begin(struct crash_log_writer *writer, u32 number)
{
    struct crash_log_block *block =
        block_at(writer->area, number % CRASH_LOG_BLOCKS);

    // No seal of the block that was here fits the new number.
    WRITE_ONCE(block->number, number);
    writer->number = number;
    writer->bytes = 0;
    writer->checksum = block_seed(writer->boot, number);
}

void crash_log_begin(struct crash_log_writer *writer, void *area,
                     const char *kernel)
{
    struct crash_log_header *header = area;

    // Until here there is nothing to lose in the area.
    (void)str_copy(header->kernel, kernel, sizeof(header->kernel));
    header->checksum = header_checksum(header);
    *writer = (struct crash_log_writer){
        .area = area,
        .boot = header->boot,
    };
    block_begin(writer, 0);
    crash_log_set_state(area, CRASH_LOG_RUNNING);
}

void crash_log_append(struct crash_log_writer *writer, const char *text,
                      u32 bytes)
{
    while (bytes) {
        struct crash_log_block *block =
            block_at(writer->area, writer->number % CRASH_LOG_BLOCKS);
        u32 here = min(bytes, CRASH_LOG_BLOCK_TEXT - writer->bytes);
        struct crash_log_seal *seal = &block->seals[writer->seal];

        memcpy(block->text + writer->bytes, text, here);
        writer->checksum = crc32(writer->checksum, text, here);
        writer->bytes += here;
        writer->seal ^= 1;
        barrier(); // the seal behind what it is about
        WRITE_ONCE(seal->bytes, writer->bytes);
        WRITE_ONCE(seal->checksum, writer->checksum);
        barrier();
        if (writer->bytes == CRASH_LOG_BLOCK_TEXT)
            block_begin(writer, writer->number + 1);
        text += here;
        bytes -= here;
    }
}

void crash_log_put_frame(struct crash_log_writer *writer, const u8 *bytes)
{
    u32 number = writer->frame++;
    struct crash_log_frame *frame =
        frame_at(writer->area, number % CRASH_LOG_FRAMES);

    // Half of one and half of another have no checksum that fits.
    WRITE_ONCE(frame->number, number);
    memcpy(frame->frame, bytes, TRACE_FRAME_BYTES);
    WRITE_ONCE(frame->checksum, frame_checksum(writer->boot, number, bytes));
}

void crash_log_drop_frames(struct crash_log_writer *writer)
{
    memset(frame_at(writer->area, 0), 0,
           CRASH_LOG_FRAMES * sizeof(struct crash_log_frame));
    writer->frame = 0;
}

void crash_log_set_uptime(struct crash_log_writer *writer, u32 seconds)
{
    struct crash_log_header *header = (void *)writer->area;

    word_set(&header->uptime_seconds, seconds);
}
