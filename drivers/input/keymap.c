// drivers/input/keymap.c - what is printed on the keys: pure
// SPDX-License-Identifier: MIT

#include "keymap.h"

#include <base/compiler.h>
#include <lib/string.h>

struct keymap_dead {
    u16 dead, alone;
};

struct keymap_composed {
    u16 dead, character, made;
};

#include <generated/keymaps.h>

const struct keymap *keymap_at(u32 n)
{
    return n < ARRAY_SIZE(keymap_table) ? &keymap_table[n] : NULL;
}

const struct keymap *keymap_find(const char *name)
{
    for (u32 i = 0; i < ARRAY_SIZE(keymap_table); i++)
        if (strcmp(keymap_table[i].name, name) == 0)
            return &keymap_table[i];
    return NULL;
}

// Runs of keys, in the order of the tables (SCAN_CODES in tools/mkkeymaps.py).
static const struct {
    u8 first, last;
} runs[] = {
    {0x02, 0x0d}, {0x10, 0x1b}, {0x1e, 0x29}, {0x2b, 0x35},
    {0x39, 0x39}, {0x56, 0x56}, {0x73, 0x73},
};

const struct keymap_key *keymap_key_of(const struct keymap *map, u8 key)
{
    u32 index = 0;

    for (u32 i = 0; i < ARRAY_SIZE(runs); i++) {
        if (key >= runs[i].first && key <= runs[i].last)
            return &map->keys[index + key - runs[i].first];
        index += runs[i].last - runs[i].first + 1u;
    }
    return NULL;
}

u32 keymap_dead_alone(u32 dead)
{
    for (u32 i = 0; i < ARRAY_SIZE(dead_table); i++)
        if (dead_table[i].dead == dead)
            return dead_table[i].alone;
    return 0;
}

u32 keymap_compose(u32 dead, u32 character)
{
    for (u32 i = 0; i < ARRAY_SIZE(composed_table); i++)
        if (composed_table[i].dead == dead &&
            composed_table[i].character == character)
            return composed_table[i].made;
    return 0;
}
