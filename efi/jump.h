// efi/jump.h - the last page: what leads from the firmware's mode to ours
// SPDX-License-Identifier: MIT
//
// One low page holds all that the last steps need: at its start the
// parameters with the GDT, then a copy of the code of trampoline.S. The
// firmware's own tables, the stub's image and its stack are then dispensable,
// and the kernel may be copied over them.
#pragma once

#define JUMP_CODE_SELECTOR 0x08
#define JUMP_DATA_SELECTOR 0x10

// Offsets in struct jump_page.
#define JUMP_GDTR     30
#define JUMP_IDTR     46
#define JUMP_ENTRY    56
#define JUMP_INFO     60
#define JUMP_MAGIC    64
#define JUMP_COUNT    68
#define JUMP_SEGMENTS 72
#define JUMP_CODE     256
#define JUMP_BYTES    4096

#define JUMP_CODE_BYTES 256

// Offsets in struct jump_segment.
#define JUMP_SEGMENT_FROM  0
#define JUMP_SEGMENT_TO    4
#define JUMP_SEGMENT_COPY  8
#define JUMP_SEGMENT_CLEAR 12
#define JUMP_SEGMENT_BYTES 16

#define JUMP_CR4_PGE   (1 << 7)
#define JUMP_CR4_PCIDE (1 << 17)
#define JUMP_CR4_CET   (1 << 23)

#define JUMP_CR4_FRED_BIT 32 // too high for an immediate operand

#ifndef __ASSEMBLER__

#include <base/compiler.h>
#include <base/types.h>

#include "elf.h"

// A pseudo-descriptor as lgdt and lidt read it (6 bytes in 32-bit code, 10 in
// 64-bit code).
struct jump_table_register {
    u16 padding[3];
    u16 limit;
    u64 base;
};

struct jump_segment {
    u32 from, to;
    u32 copy_bytes, clear_bytes; // cleared: right behind the copied ones
};

struct jump_page {
    u64 gdt[3];
    struct jump_table_register gdtr;
    struct jump_table_register idtr; // limit 0: any exception now is a reset
    u32 entry;
    u32 info;
    u32 magic;
    u32 segment_count; // at least 1
    struct jump_segment segments[ELF_SEGMENTS_MAX];
    u8 padding[JUMP_CODE - JUMP_SEGMENTS -
               ELF_SEGMENTS_MAX * JUMP_SEGMENT_BYTES];
    u8 code[JUMP_CODE_BYTES];
    u8 stack[JUMP_BYTES - JUMP_CODE - JUMP_CODE_BYTES];
};

static_assert(offsetof(struct jump_page, gdtr.limit) == JUMP_GDTR, "offset");
static_assert(offsetof(struct jump_page, idtr.limit) == JUMP_IDTR, "offset");
static_assert(offsetof(struct jump_page, entry) == JUMP_ENTRY, "offset");
static_assert(offsetof(struct jump_page, info) == JUMP_INFO, "offset");
static_assert(offsetof(struct jump_page, magic) == JUMP_MAGIC, "offset");
static_assert(offsetof(struct jump_page, segment_count) == JUMP_COUNT,
              "offset");
static_assert(offsetof(struct jump_page, segments) == JUMP_SEGMENTS, "offset");
static_assert(offsetof(struct jump_page, code) == JUMP_CODE, "offset");
static_assert(sizeof(struct jump_segment) == JUMP_SEGMENT_BYTES, "size");
static_assert(sizeof(struct jump_page) == JUMP_BYTES, "one page");

// The code to copy to jump_page.code: 32-bit, runs anywhere.
extern const u8 trampoline_code[JUMP_CODE_BYTES];

/* jump_enter - go to the page's code with paging off or identity-mapped.
 * @page: physical address of the struct jump_page.
 * @page_root: x64: CR3 of tables that map the first 4 GiB one to one, writable
 *             and executable, and the running code where it is. IA32: unused.
 * Context: boot services have ended.
 */
__noreturn void jump_enter(u32 page, u32 page_root);

#endif
