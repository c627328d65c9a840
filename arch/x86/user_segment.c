// arch/x86/user_segment.c - descriptors from what programs say
// SPDX-License-Identifier: MIT
//
// What comes out is a code or data segment of privilege 3, whatever is asked
// for: a gate or a system segment cannot be said with a user_desc. The accessed
// bit is set, so that the CPU never writes to the table.
//
// Source: Intel SDM 3A 3.4.5.
#include <arch/ldt.h>

#include <asm/ldt.h>

enum {
    ACCESS_USER_DATA = 0x71, // DPL 3, accessed
    ACCESS_PRESENT = 1 << 7,
    ACCESS_WRITABLE = 1 << 1, // of code: readable
    ACCESS_CONTENTS_SHIFT = 2,
};

u64 user_segment_descriptor(const struct user_desc *d)
{
    u32 low = d->base_addr << 16 | (d->limit & 0xffff);
    u32 access = ACCESS_USER_DATA | d->contents << ACCESS_CONTENTS_SHIFT |
                 (d->read_exec_only ? 0 : ACCESS_WRITABLE) |
                 (d->seg_not_present ? 0 : ACCESS_PRESENT);
    u32 flags = d->limit_in_pages << 3 | d->seg_32bit << 2 | d->useable;
    u32 high = (d->base_addr & 0xff000000) | flags << 20 |
               (d->limit & 0xf0000) | access << 8 | (d->base_addr >> 16 & 0xff);

    return (u64)high << 32 | low;
}
