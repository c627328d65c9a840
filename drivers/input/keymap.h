// drivers/input/keymap.h - what is printed on the keys: pure
// SPDX-License-Identifier: MIT
//
// The tables are made from Debian's xkb-data (tools/mkkeymaps.py). A character
// is a UTF-16 unit: none of a keyboard is beyond. A dead key's is the combining
// character, U+0300 to U+036F.
#pragma once

#include <base/types.h>

#define KEYMAP_KEYS   50u // with characters that depend on the layout
#define KEYMAP_LEVELS 4u

enum keymap_level { // bits
    LEVEL_SHIFT = 1,
    LEVEL_ALTGR = 2,
};

struct keymap_key {
    u16 level[KEYMAP_LEVELS]; // 0: nothing
    u16 caps; // Caps Lock is as Shift; bit 0: without, bit 1: with AltGr
};

struct keymap {
    char name[14];
    bool has_altgr; // else that key is another Alt
    struct keymap_key keys[KEYMAP_KEYS];
};

// keymap_find - NULL: there is none of that name. keymap_at - the n-th; 0: us,
// which is the default; NULL: no more.
const struct keymap *keymap_find(const char *name);
const struct keymap *keymap_at(u32 n);

// keymap_key_of - NULL: what @key sends is no matter of the layout.
const struct keymap_key *keymap_key_of(const struct keymap *map, u8 key);

static inline bool keymap_is_dead(u32 character)
{
    return character >= 0x300 && character < 0x370;
}

// keymap_dead_alone - what a dead key gives without a letter: an accent.
u32 keymap_dead_alone(u32 dead);
// keymap_compose - 0: they do not go together.
u32 keymap_compose(u32 dead, u32 character);
