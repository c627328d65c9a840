// include/lib/crc32.h - the CRC-32 of Ethernet, GPT and gzip [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// crc32 - checksum of @bytes bytes at @data, going on from @seed: 0 to begin,
// or the result for the bytes before these.
// Source: IEEE 802.3 3.2.9 (polynomial 0x04c11db7, reflected, complemented);
// UEFI 2.10 5.3.2 uses it for GPT headers and entries.
u32 crc32(u32 seed, const void *data, size_t bytes);
