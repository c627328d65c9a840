// drivers/input/scancode.h - the bytes of a PS/2 keyboard as keys: pure
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

enum scan_set {
    SCAN_SET_1 = 1, // what the controller makes of set 2 by default
    SCAN_SET_2 = 2, // what the keyboard sends
};

// Zero but for the set, to begin with.
struct scan_decoder {
    u8 set;       // enum scan_set
    u8 prefix;    // E0, E1, or 0
    bool paused;  // of Pause the first of two codes has come
    bool release; // set 2: F0 was before this
};

enum scan_result {
    SCAN_NOTHING, // more is to come, or it means nothing
    SCAN_KEY,
    SCAN_OVERRUN, // the keyboard has lost keys: any may be up
    SCAN_STARTED, // the keyboard has been plugged in (only set 2 can tell)
};

struct scan_event {
    u8 key; // drivers/input/keys.h
    bool down;
};

// scan_decode - take one more byte. *@out is set with SCAN_KEY.
enum scan_result scan_decode(struct scan_decoder *decoder, u8 byte,
                             struct scan_event *out);

// scan_reset - what came may be half a code, and the rest lost.
void scan_reset(struct scan_decoder *decoder);
