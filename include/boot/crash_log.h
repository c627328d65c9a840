// include/boot/crash_log.h - the log that survives a reset [P]
// SPDX-License-Identifier: MIT
//
// An area of RAM at a place that every boot finds again, in which the kernel
// keeps the end of its log. RAM keeps its content over a warm reset; whoever
// boots next (the UEFI stub, or arch/x86/multiboot.c) finds the area, saves the
// text if that boot did not end well, and begins it anew.
//
//   offset 0       struct crash_log_header
//   TEXT_OFFSET    CRASH_LOG_BLOCKS of struct crash_log_block, used in a ring
//   TRACE_OFFSET   CRASH_LOG_FRAMES of struct crash_log_frame, used in a ring
//
// What is in RAM after a reset may be anything, so nothing is believed without
// its checksum. Each block has its own, which starts from the block's number
// and the boot's: a block that is damaged, or that is an older boot's, is left
// out, and the others are still good. Text is sealed by (bytes, checksum)
// written behind it; a block has two seals that take turns, so that one that
// was torn leaves the one before: what is lost is the last piece. The frames of
// the trace (kernel/trace_frame.h) have a checksum each in the same way, and
// are read as lines of text (lib/trace_line.h).
//
// Context of all functions: any; no allocation, nothing but the area is
// touched. The writer's caller keeps interrupts off.
#pragma once

#include <base/types.h>
#include <lib/trace_line.h>

#define CRASH_LOG_MAGIC   0x474c5243u // "CRLG"
#define CRASH_LOG_VERSION 1u

#define CRASH_LOG_AREA_BYTES  (512u * 1024)
#define CRASH_LOG_BLOCKS      272u
#define CRASH_LOG_BLOCK_BYTES 1024u
#define CRASH_LOG_TEXT_OFFSET 4096u
#define CRASH_LOG_TRACE_OFFSET                                                 \
    (CRASH_LOG_TEXT_OFFSET + CRASH_LOG_BLOCKS * CRASH_LOG_BLOCK_BYTES)
#define CRASH_LOG_KERNEL_CHARS 64u // its name and release, with the NUL

// Physical addresses at which the area may be, the preferred one first. All lie
// below the end of the kernel's direct map and above where known firmware has
// memory of its own (IA32 OVMF: up to 23 MiB), apart from each other.
#define CRASH_LOG_PLACES                                                       \
    {                                                                          \
        48u << 20, 96u << 20, 192u << 20, 32u << 20, 24u << 20                 \
    }

enum crash_log_state {
    CRASH_LOG_EMPTY = 1,   // begun anew; no kernel has written yet
    CRASH_LOG_RUNNING = 2, // a kernel writes; after a reset: it did not end
    CRASH_LOG_CLEAN = 3,   // it was shut down
    CRASH_LOG_PANIC = 4,
    CRASH_LOG_SAVED = 5, // somebody has taken the text, or has died trying
};

enum crash_log_section_kind {
    CRASH_LOG_TEXT = 0,
    CRASH_LOG_TRACE = 1,
    CRASH_LOG_SECTIONS
};

struct crash_log_section {
    u32 magic; // CRASH_LOG_MAGIC + its enum crash_log_section_kind + 1
    u32 offset;
    u32 bytes;
};

// A number that changes while the area is in use: false if half written.
struct crash_log_word {
    u32 value;
    u32 inverse; // ~value
};

struct crash_log_header {
    u32 magic;
    u32 version;
    u32 bytes;    // of the area
    u32 checksum; // CRC-32 of this struct up to `state`, with 0 here
    u32 boot;     // how many boots have begun the area
    struct crash_log_section sections[CRASH_LOG_SECTIONS];
    char kernel[CRASH_LOG_KERNEL_CHARS];
    struct crash_log_word state;          // enum crash_log_state
    struct crash_log_word uptime_seconds; // at the last line
};

struct crash_log_seal {
    u32 bytes;
    u32 checksum; // CRC-32 of so many bytes of text, from the block's seed
};

#define CRASH_LOG_BLOCK_TEXT                                                   \
    (CRASH_LOG_BLOCK_BYTES - 4u - 2u * (u32)sizeof(struct crash_log_seal))

struct crash_log_block {
    u32 number; // from 0; it lies at number % CRASH_LOG_BLOCKS
    struct crash_log_seal seals[2];
    char text[CRASH_LOG_BLOCK_TEXT];
};

_Static_assert(sizeof(struct crash_log_header) <= CRASH_LOG_TEXT_OFFSET,
               "the header has a page");
_Static_assert(sizeof(struct crash_log_block) == CRASH_LOG_BLOCK_BYTES,
               "same layout in both builds of the stub and in the kernel");
_Static_assert(CRASH_LOG_TRACE_OFFSET < CRASH_LOG_AREA_BYTES,
               "there is room for trace records");

struct crash_log_frame {
    u32 number;   // from 0; it lies at number % CRASH_LOG_FRAMES
    u32 checksum; // CRC-32 of the frame, from the seed of the number
    u8 frame[TRACE_FRAME_BYTES];
};

#define CRASH_LOG_FRAMES                                                       \
    ((CRASH_LOG_AREA_BYTES - CRASH_LOG_TRACE_OFFSET) /                         \
     (u32)sizeof(struct crash_log_frame))

// What crash_log_extract makes at most: a line about the end, the text, and a
// line for each gap in it; and with a trace, a line about it and its frames.
#define CRASH_LOG_EXTRACT_BYTES                                                \
    (512u + CRASH_LOG_BLOCKS * CRASH_LOG_BLOCK_BYTES)
#define CRASH_LOG_EXTRACT_MAX                                                  \
    (CRASH_LOG_EXTRACT_BYTES + 128u + CRASH_LOG_FRAMES * TRACE_LINE_BYTES)

/* crash_log_init - begin the area at @area anew, for boot number @boot.
 * Its state is CRASH_LOG_EMPTY then.
 */
void crash_log_init(void *area, u32 boot);

// crash_log_is_valid - whether @area holds what crash_log_init has made.
bool crash_log_is_valid(const void *area);

// crash_log_boot - of a valid area: its number.
u32 crash_log_boot(const void *area);

/* crash_log_state - of a valid area.
 * Return: CRASH_LOG_RUNNING, too, when the state is half written.
 */
enum crash_log_state crash_log_state(const void *area);
void crash_log_set_state(void *area, enum crash_log_state state);

/* crash_log_is_crash - whether the boot that wrote @area (which may hold
 * anything) ended otherwise than by a shutdown, and left text.
 */
bool crash_log_is_crash(const void *area);

/* crash_log_extract - the text of a valid area, oldest line first, behind a
 * line that says which boot it was, of what kernel, and how it ended, and the
 * frames of the trace: those come first, as the end is what people look at.
 * @capacity: of @text. What does not fit is left out: first the oldest frames,
 * to leave CRASH_LOG_EXTRACT_BYTES to the text, then the text's end.
 * Return: bytes. There is no NUL; the text may hold any byte.
 */
u32 crash_log_extract(const void *area, char *text, u32 capacity);

// crash_log_extract_bytes - of a valid area: the @capacity that is enough.
u32 crash_log_extract_bytes(const void *area);

// Where the next text goes.
struct crash_log_writer {
    u8 *area;
    u32 boot;
    u32 number; // of the block
    u32 bytes;  // in it
    u32 checksum;
    u32 seal;  // which of the two is next
    u32 frame; // number of the next frame
};

/* crash_log_begin - write to @area, which crash_log_init has made.
 * @kernel: its name and release. The state becomes CRASH_LOG_RUNNING.
 */
void crash_log_begin(struct crash_log_writer *writer, void *area,
                     const char *kernel);

/* crash_log_append - more text; the oldest goes when the ring is full.
 * Cost: 13 instructions a byte for the checksum, and the copy.
 */
void crash_log_append(struct crash_log_writer *writer, const char *text,
                      u32 bytes);

// crash_log_put_frame - of the trace, TRACE_FRAME_BYTES. The oldest goes.
// crash_log_drop_frames - all that were put.
void crash_log_put_frame(struct crash_log_writer *writer, const u8 *frame);
void crash_log_drop_frames(struct crash_log_writer *writer);

void crash_log_set_uptime(struct crash_log_writer *writer, u32 seconds);
