// efi/elf.h - which bytes of an ELF file go where
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

enum {
    ELF_HEADER_BYTES = 4096, // the headers must lie within these first bytes
    ELF_SEGMENTS_MAX = 8,
};

// [address, address + memory_bytes): file_bytes from the file, the rest zero.
struct elf_segment {
    u32 file_offset;
    u32 file_bytes;
    u32 address; // physical
    u32 memory_bytes;
};

struct elf_image {
    u32 entry;      // physical
    u32 start, end; // of all segments together
    u32 segment_count;
    struct elf_segment segments[ELF_SEGMENTS_MAX];
};

/* elf_parse - check the headers of a 32-bit x86 executable.
 * @header: the first @header_bytes of a file that is @file_bytes long.
 * Return: NULL; or what is wrong with the file, in words, and @out is
 * undefined. After success every segment's file bytes lie within the file,
 * its memory lies below 4 GiB and at or above 1 MiB, no two segments share
 * memory, and the entry point lies in an executable segment's file bytes.
 * Source: System V ABI 4.1, chapter 5; its i386 supplement.
 */
const char *elf_parse(const void *header, u32 header_bytes, u64 file_bytes,
                      struct elf_image *out);
