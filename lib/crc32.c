// lib/crc32.c - the CRC-32 of Ethernet, GPT and gzip [P]
// SPDX-License-Identifier: MIT
//
// Four bits a step: the table takes one cache line, and what is summed here
// (partition tables) is small. Rejected: 1 KiB tables for a byte a step.

#include <lib/crc32.h>

#define POLYNOMIAL 0xedb88320u // 0x04c11db7 with its bits reversed

// What four bits, shifted out at the bottom, do to the rest.
#define STEP(x)    ((x) >> 1 ^ ((x)&1 ? POLYNOMIAL : 0u))
#define NIBBLE(x)  STEP(STEP(STEP(STEP((u32)(x)))))
#define NIBBLES(x) NIBBLE(x), NIBBLE(x + 1), NIBBLE(x + 2), NIBBLE(x + 3)

static const u32 nibble_table[16] = {NIBBLES(0), NIBBLES(4), NIBBLES(8),
                                     NIBBLES(12)};

u32 crc32(u32 seed, const void *data, size_t bytes)
{
    const u8 *byte = data;
    u32 crc = ~seed;

    for (; bytes; bytes--, byte++) {
        crc ^= *byte;
        crc = crc >> 4 ^ nibble_table[crc & 15];
        crc = crc >> 4 ^ nibble_table[crc & 15];
    }
    return ~crc;
}
