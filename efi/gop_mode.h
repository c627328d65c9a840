// efi/gop_mode.h - which graphics mode to try [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// gop_mode_rank - how much a mode of this size is wanted: more is better; 0:
// too small for a console.
u64 gop_mode_rank(u32 width, u32 height);
