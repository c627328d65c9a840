// drivers/ata/ide_prd.c - tables of memory for bus master IDE [P]
// SPDX-License-Identifier: MIT
//
// No descriptor crosses a multiple of 64 KiB: the controller counts 16 bits of
// the address. None is of 64 KiB, whose length is written as 0: there are
// controllers that take that for nothing (Linux: ata_bmdma_dumb_qc_prep).
//
// Source: Programming Interface for Bus Master IDE Controller 1.0, section 1.2.

#include "ide_prd.h"

#include <base/errno.h>

#define REGION    0x10000u // what a descriptor must not cross
#define PIECE_MAX 0x8000u  // of a whole region, the half

// piece_bytes - how much of @bytes at @address a descriptor can name.
static u32 piece_bytes(u64 address, u32 bytes)
{
    u32 room = REGION - (u32)(address % REGION);
    u32 piece = bytes < room ? bytes : room;

    return piece == REGION ? PIECE_MAX : piece;
}

// pieces - how many descriptors that takes.
static u32 pieces(u64 address, u32 bytes)
{
    u32 n = 0;

    for (u32 piece; bytes; bytes -= piece, address += piece, n++)
        piece = piece_bytes(address, bytes);
    return n;
}

// joins - the piece can be put to the end of @last.
static bool joins(const struct ide_prd *last, u64 address, u32 bytes)
{
    u32 joined = last->bytes + bytes;

    return (u64)last->address + last->bytes == address && joined < REGION &&
           last->address % REGION + joined <= REGION;
}

int ide_prd_append(struct ide_prd *table, u32 max, u32 *count, u64 address,
                   u32 bytes)
{
    if (bytes == 0 || bytes % 2 || address % 2 || address >> 32 ||
        (address + bytes - 1) >> 32)
        return -EINVAL;
    if (*count && joins(&table[*count - 1], address, bytes)) {
        table[*count - 1].bytes = (u16)(table[*count - 1].bytes + bytes);
        return 0;
    }
    // Nearly always it is one.
    if (*count == max || (piece_bytes(address, bytes) < bytes &&
                          pieces(address, bytes) > max - *count))
        return -ENOSPC;
    for (u32 piece; bytes; bytes -= piece, address += piece) {
        piece = piece_bytes(address, bytes);
        table[(*count)++] =
            (struct ide_prd){.address = (u32)address, .bytes = (u16)piece};
    }
    return 0;
}

void ide_prd_end(struct ide_prd *table, u32 count)
{
    table[count - 1].flags = IDE_PRD_LAST;
}
