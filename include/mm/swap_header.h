// include/mm/swap_header.h - the first page of a swap area [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/swap_map.h>

enum swap_format {
    SWAP_FORMAT_OLD, // "SWAP-SPACE": a bitmap of the usable pages
    SWAP_FORMAT_1,   // "SWAPSPACE2": a number of pages and a list of bad ones
};

enum swap_kind {
    SWAP_PARTITION,
    SWAP_FILE, // has no bad pages: that is the file system's business
};

// What is wrong with a header; for a line in the log.
enum swap_header_fault {
    SWAP_HEADER_OK,
    SWAP_HEADER_NONE,       // no signature
    SWAP_HEADER_HIBERNATED, // a system's memory: must not be touched
    SWAP_HEADER_VERSION,
    SWAP_HEADER_EMPTY,     // no pages
    SWAP_HEADER_TOO_SHORT, // the place has fewer pages than the header says
    SWAP_HEADER_BAD_PAGES, // too many, beyond the end, or in a file
};

struct swap_header {
    enum swap_format format;
    u32 slots;     // the header's own page included; at most SWAP_SLOTS_MAX
    u32 bad_pages; // entries of the list of format 1
};

// swap_header_parse - what @header (a page) says. @pages: what the place has.
enum swap_header_fault swap_header_parse(const u8 *header, u32 pages,
                                         enum swap_kind kind,
                                         struct swap_header *out);

// swap_header_mark_bad - mark the bad pages of a parsed header in @map, which
// may have fewer slots than the header says.
void swap_header_mark_bad(const u8 *header, const struct swap_header *parsed,
                          struct swap_map *map);

// swap_header_fault_text - in words.
const char *swap_header_fault_text(enum swap_header_fault fault);
