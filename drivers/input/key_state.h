// drivers/input/key_state.h - what keys do together: pure
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

struct keymap;

enum key_modifier { // bits of key_state.held
    HELD_LEFT_SHIFT = 1 << 0,
    HELD_RIGHT_SHIFT = 1 << 1,
    HELD_LEFT_CTRL = 1 << 2,
    HELD_RIGHT_CTRL = 1 << 3,
    HELD_LEFT_ALT = 1 << 4,
    HELD_RIGHT_ALT = 1 << 5,
};

enum key_lock { // bits of key_state.locks, as a PS/2 keyboard has its lights
    LOCK_SCROLL = 1 << 0,
    LOCK_NUM = 1 << 1,
    LOCK_CAPS = 1 << 2,
};

// All zero to begin with.
struct key_state {
    u8 held;     // enum key_modifier
    u8 locks;    // enum key_lock
    bool sysrq;  // Alt+SysRq was pressed, and Alt is down since
    u16 dead;    // a dead key waits for its letter
    u32 down[8]; // one bit a key: typematic repeats are known by it
};

enum key_action_kind {
    ACTION_NONE,
    ACTION_INPUT,   // bytes, for whoever reads
    ACTION_SCROLL,  // the screen: direction
    ACTION_SYSRQ,   // sysrq_key(bytes[0])
    ACTION_RESTART, // Ctrl+Alt+Del
};

#define ACTION_BYTES 12u

struct key_action {
    enum key_action_kind kind;
    s32 direction; // -1: up
    u32 count;
    u8 bytes[ACTION_BYTES];
};

// key_change - @key is pressed (or repeats), or let go: state->locks may change
// and *@out is set. @application: cursor keys send ESC O A (DECCKM).
void key_change(struct key_state *state, const struct keymap *map, u8 key,
                bool down, bool application, struct key_action *out);

// key_release_all - the keyboard has lost count.
void key_release_all(struct key_state *state);
