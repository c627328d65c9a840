// include/kernel/ids.h - user and group numbers of 16 bits
// SPDX-License-Identifier: MIT
//
// What i386's oldest calls and structures take and give.
#pragma once

#include <base/types.h>

#define ID_KEEP     0xffffffffu // "leave as it is"
#define ID_16_KEEP  0xffffu
#define ID_16_OTHER 65534u // what one that does not fit reads as

static inline u16 id_to_16(u32 id)
{
    return (u16)(id > 0xffff ? ID_16_OTHER : id);
}

// @id16: the lower half of a register.
static inline u32 id_from_16(u32 id16)
{
    id16 &= 0xffff;
    return id16 == ID_16_KEEP ? ID_KEEP : id16;
}
