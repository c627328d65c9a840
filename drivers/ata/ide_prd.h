// drivers/ata/ide_prd.h - tables of memory for bus master IDE [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// Physical region descriptor, Bus Master IDE section 1.2
struct ide_prd {
    u32 address; // even
    u16 bytes;   // even; 0 would be 64 KiB
    u16 flags;
};
static_assert(sizeof(struct ide_prd) == 8, "as the controller reads it");

#define IDE_PRD_LAST 0x8000u // of flags: the table ends here

// The table itself must be aligned to 4 and not cross 64 KiB: a page is both.
#define IDE_PRDS_MAX (4096u / sizeof(struct ide_prd))

// ide_prd_append - a piece of memory at the end of @table, which has *@count
// descriptors and room for @max. One that begins where the last ended makes
// that longer; one that crosses a multiple of 64 KiB becomes two.
// Return: 0; -EINVAL: odd, empty, or not below 4 GiB; -ENOSPC. *@count is then
// what it was, and the descriptors still mean the same.
__must_check int ide_prd_append(struct ide_prd *table, u32 max, u32 *count,
                                u64 address, u32 bytes);

// ide_prd_end - mark the last of @count descriptors, of which there is one at
// least.
void ide_prd_end(struct ide_prd *table, u32 count);
