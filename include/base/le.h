// include/base/le.h - little-endian numbers in bytes that may lie anywhere [P]
// SPDX-License-Identifier: MIT
//
// For tables of disks and of firmware, whose fields need not be aligned.
#pragma once

#include <base/types.h>

static inline u16 get_le16(const u8 *at)
{
    return (u16)(at[0] | at[1] << 8);
}

static inline u32 get_le32(const u8 *at)
{
    return get_le16(at) | (u32)get_le16(at + 2) << 16;
}

static inline u64 get_le64(const u8 *at)
{
    return get_le32(at) | (u64)get_le32(at + 4) << 32;
}
