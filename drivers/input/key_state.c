// drivers/input/key_state.c - what keys do together: pure
// SPDX-License-Identifier: MIT
//
// The bytes are those of TERM=linux: terminfo's entry of that name is the
// list. Where Linux's console can be loaded with tables for every combination,
// this is what its usual tables say:
//
//   Shift, AltGr   choose the character; Caps Lock is Shift for letters
//   Ctrl           character & 0x1f for @ A-Z [ \ ] ^ _, the digits 2-8 as on a
//                  VT220, Space, ?, /; other characters come to nothing
//   Alt            ESC before it. AltGr is another Alt where no key has a third
//                  character (us)
//   dead keys      wait for the letter. One that does not go with it comes by
//                  itself before; the accent alone is dead key and space, or
//                  twice the dead key
//   Num Lock       keypad: digits; else what is printed below them
//   Scroll Lock    ^S, and when it goes off ^Q
//   Shift+PgUp/Dn  scroll; Alt+F1 etc. would change to other consoles: nothing
//   Alt+SysRq      and a key of the US layout: see kernel/sysrq.c
//
// Rejected: Compose, AltGr+Shift levels beyond four, codes by Alt and keypad,
// and the application keypad (DECKPAM): the ordinary sequences are understood.

#include "key_state.h"

#include <base/compiler.h>
#include <lib/string.h>

#include "keymap.h"
#include "keys.h"

#define ESC         0x1bu
#define DEL         0x7fu
#define CTRL_Q      0x11u
#define CTRL_S      0x13u
#define NO_CONTROL  0xffu
#define SHIFT_FIRST 8u // function keys with Shift are F13 and on, up to F20

static const struct {
    u8 key;
    u8 bit; // of held
} modifiers[] = {
    {KEY_LEFT_SHIFT, HELD_LEFT_SHIFT}, {KEY_RIGHT_SHIFT, HELD_RIGHT_SHIFT},
    {KEY_LEFT_CTRL, HELD_LEFT_CTRL},   {KEY_RIGHT_CTRL, HELD_RIGHT_CTRL},
    {KEY_LEFT_ALT, HELD_LEFT_ALT},     {KEY_RIGHT_ALT, HELD_RIGHT_ALT},
};

static const struct {
    u8 key;
    u8 bit; // of locks
} lock_keys[] = {
    {KEY_CAPS_LOCK, LOCK_CAPS},
    {KEY_NUM_LOCK, LOCK_NUM},
    {KEY_SCROLL_LOCK, LOCK_SCROLL},
};

// Keys that send the same in all layouts.
static const struct {
    u8 key;
    const char *bytes;
} fixed[] = {
    {KEY_ESC, "\033"},        {KEY_TAB, "\t"},
    {KEY_ENTER, "\r"},        {KEY_PAD_ENTER, "\r"},
    {KEY_PAD_SLASH, "/"},     {KEY_PAD_STAR, "*"},
    {KEY_PAD_MINUS, "-"},     {KEY_PAD_PLUS, "+"},
    {KEY_PAD_COMMA, "."},     {KEY_PAD_5, "\033[G"},
    {KEY_HOME, "\033[1~"},    {KEY_INSERT, "\033[2~"},
    {KEY_DELETE, "\033[3~"},  {KEY_END, "\033[4~"},
    {KEY_PAGE_UP, "\033[5~"}, {KEY_PAGE_DOWN, "\033[6~"},
    {KEY_F1, "\033[[A"},      {KEY_F1 + 1, "\033[[B"},
    {KEY_F1 + 2, "\033[[C"},  {KEY_F1 + 3, "\033[[D"},
    {KEY_F1 + 4, "\033[[E"},  {KEY_F1 + 5, "\033[17~"},
    {KEY_F1 + 6, "\033[18~"}, {KEY_F1 + 7, "\033[19~"},
    {KEY_F1 + 8, "\033[20~"}, {KEY_F10, "\033[21~"},
    {KEY_F11, "\033[23~"},    {KEY_F12, "\033[24~"},
};

// F13 to F20: Shift and F1 to F8.
static const char *const shifted_f[SHIFT_FIRST] = {
    "\033[25~", "\033[26~", "\033[28~", "\033[29~",
    "\033[31~", "\033[32~", "\033[33~", "\033[34~",
};

static const struct {
    u8 key;
    char final;
} cursor[] = {
    {KEY_UP, 'A'},
    {KEY_DOWN, 'B'},
    {KEY_RIGHT, 'C'},
    {KEY_LEFT, 'D'},
};

// ---- what is held ----------------------------------------------------------

static bool has_shift(const struct key_state *state)
{
    return state->held & (HELD_LEFT_SHIFT | HELD_RIGHT_SHIFT);
}

static bool has_ctrl(const struct key_state *state)
{
    return state->held & (HELD_LEFT_CTRL | HELD_RIGHT_CTRL);
}

static bool has_any_alt(const struct key_state *state)
{
    return state->held & (HELD_LEFT_ALT | HELD_RIGHT_ALT);
}

static bool has_altgr(const struct key_state *state, const struct keymap *map)
{
    return map->has_altgr && (state->held & HELD_RIGHT_ALT);
}

static bool has_alt(const struct key_state *state, const struct keymap *map)
{
    return (state->held & HELD_LEFT_ALT) ||
           (!map->has_altgr && (state->held & HELD_RIGHT_ALT));
}

static u8 modifier_of(u8 key)
{
    for (u32 i = 0; i < ARRAY_SIZE(modifiers); i++)
        if (modifiers[i].key == key)
            return modifiers[i].bit;
    return 0;
}

static u8 lock_of(u8 key)
{
    for (u32 i = 0; i < ARRAY_SIZE(lock_keys); i++)
        if (lock_keys[i].key == key)
            return lock_keys[i].bit;
    return 0;
}

// Return: whether it was down before.
static bool note_down(struct key_state *state, u8 key, bool down)
{
    u32 bit = 1u << (key % 32), *word = &state->down[key / 32];
    bool was = *word & bit;

    *word = down ? *word | bit : *word & ~bit;
    return was;
}

void key_release_all(struct key_state *state)
{
    state->held = 0;
    state->sysrq = false;
    memset(state->down, 0, sizeof(state->down));
}

// ---- bytes -----------------------------------------------------------------

static void put_byte(struct key_action *out, u32 byte)
{
    out->kind = ACTION_INPUT;
    if (out->count < ACTION_BYTES)
        out->bytes[out->count++] = (u8)byte;
}

static void put_text(struct key_action *out, const char *text)
{
    while (*text)
        put_byte(out, (u8)*text++);
}

static void put_character(struct key_action *out, u32 character)
{
    if (character < 0x80) {
        put_byte(out, character);
    } else if (character < 0x800) {
        put_byte(out, 0xc0 | character >> 6);
        put_byte(out, 0x80 | (character & 0x3f));
    } else {
        put_byte(out, 0xe0 | character >> 12);
        put_byte(out, 0x80 | (character >> 6 & 0x3f));
        put_byte(out, 0x80 | (character & 0x3f));
    }
}

// ---- characters ------------------------------------------------------------

// character_of - 0: none.
static u32 character_of(const struct key_state *state, const struct keymap *map,
                        u8 key)
{
    const struct keymap_key *entry = keymap_key_of(map, key);
    bool altgr = has_altgr(state, map);
    bool caps;
    u32 level;

    if (!entry)
        return 0;
    caps = (state->locks & LOCK_CAPS) && (entry->caps & (altgr ? 2 : 1));
    level = (altgr ? LEVEL_ALTGR : 0u) |
            (has_shift(state) != caps ? LEVEL_SHIFT : 0u);
    return entry->level[level];
}

// control_of - what Ctrl makes of a character. NO_CONTROL: nothing.
static u32 control_of(u32 character)
{
    static const u8 digits[] = {0, ESC, 0x1c, 0x1d, 0x1e, 0x1f, DEL}; // 2 to 8

    if ((character >= '@' && character <= '_') ||
        (character >= 'a' && character <= 'z'))
        return character & 0x1f;
    if (character >= '2' && character <= '8')
        return digits[character - '2'];
    switch (character) {
    case ' ': return 0;
    case '?': return DEL;
    case '/': return 0x1f;
    default: return NO_CONTROL;
    }
}

// With Ctrl the dead key is of no account: it is gone.
static void put_control(struct key_state *state, u32 character,
                        struct key_action *out)
{
    u32 control = control_of(character);

    state->dead = 0;
    if (control == NO_CONTROL) {
        out->count = 0;
        out->kind = ACTION_NONE;
        return;
    }
    put_byte(out, control);
}

// The second of two dead keys waits in place of the first, unless it is the
// same.
static void put_dead(struct key_state *state, u32 dead, struct key_action *out)
{
    u32 before = state->dead;

    state->dead = before == dead ? 0 : (u16)dead;
    if (before)
        put_character(out, keymap_dead_alone(before));
}

static void put_composed(struct key_state *state, u32 character,
                         struct key_action *out)
{
    u32 made = keymap_compose(state->dead, character);

    if (!made) {
        put_character(out, keymap_dead_alone(state->dead));
        made = character == ' ' ? 0 : character;
    }
    if (made)
        put_character(out, made);
    state->dead = 0;
}

// Return: whether the key has a character, of whatever effect.
static bool press_character(struct key_state *state, const struct keymap *map,
                            u8 key, struct key_action *out)
{
    u32 character = character_of(state, map, key);

    if (!character)
        return keymap_key_of(map, key) != NULL;
    if (keymap_is_dead(character)) {
        put_dead(state, character, out);
        return true;
    }
    if (has_alt(state, map))
        put_byte(out, ESC);
    if (has_ctrl(state))
        put_control(state, character, out);
    else if (state->dead)
        put_composed(state, character, out);
    else
        put_character(out, character);
    return true;
}

// ---- other keys ------------------------------------------------------------

// Digits of the keypad, or the key that is printed below.
static u8 press_keypad(const struct key_state *state, u8 key,
                       struct key_action *out)
{
    static const char digits[] = "789-456+1230.";

    if (key < KEY_PAD_7 || key > KEY_PAD_DOT || key == KEY_PAD_MINUS ||
        key == KEY_PAD_PLUS)
        return key;
    if (state->locks & LOCK_NUM) {
        put_byte(out, (u8)digits[key - KEY_PAD_7]);
        return KEY_NONE;
    }
    return key == KEY_PAD_5 ? key : key | (u8)KEY_EXTENDED;
}

static const char *sequence_of(const struct key_state *state, u8 key)
{
    if (has_shift(state) && key >= KEY_F1 && key < KEY_F1 + SHIFT_FIRST)
        return shifted_f[key - KEY_F1];
    for (u32 i = 0; i < ARRAY_SIZE(fixed); i++)
        if (fixed[i].key == key)
            return fixed[i].bytes;
    return NULL;
}

static bool is_function_key(u8 key)
{
    return (key >= KEY_F1 && key <= KEY_F10) || key == KEY_F11 ||
           key == KEY_F12;
}

static void press_sequence(const struct key_state *state,
                           const struct keymap *map, u8 key, bool application,
                           struct key_action *out)
{
    const char *bytes = sequence_of(state, key);

    // terminfo: kcbt is ESC and Tab.
    if (has_alt(state, map) || (key == KEY_TAB && has_shift(state)))
        put_byte(out, ESC);
    if (key == KEY_BACKSPACE)
        put_byte(out, has_ctrl(state) ? '\b' : DEL);
    else if (bytes)
        put_text(out, bytes);
    for (u32 i = 0; i < ARRAY_SIZE(cursor); i++) {
        if (cursor[i].key == key) {
            put_text(out, application ? "\033O" : "\033[");
            put_byte(out, (u8)cursor[i].final);
            return;
        }
    }
    if (!bytes && key != KEY_BACKSPACE) { // a key without meaning
        out->kind = ACTION_NONE;
        out->count = 0;
    }
}

static void press_other(const struct key_state *state, const struct keymap *map,
                        u8 key, bool application, struct key_action *out)
{
    if ((key == KEY_DELETE || key == KEY_PAD_DOT) && has_ctrl(state) &&
        has_any_alt(state)) {
        out->kind = ACTION_RESTART;
        return;
    }
    key = press_keypad(state, key, out);
    if (key == KEY_NONE)
        return;
    if (has_shift(state) && (key == KEY_PAGE_UP || key == KEY_PAGE_DOWN)) {
        out->kind = ACTION_SCROLL;
        out->direction = key == KEY_PAGE_UP ? -1 : 1;
        return;
    }
    if (has_any_alt(state) && is_function_key(key))
        return;
    press_sequence(state, map, key, application, out);
}

// ---- locks and SysRq -------------------------------------------------------

static void toggle(struct key_state *state, u8 lock, struct key_action *out)
{
    state->locks ^= lock;
    if (lock == LOCK_SCROLL)
        put_byte(out, state->locks & LOCK_SCROLL ? CTRL_S : CTRL_Q);
}

// Keys of Alt+SysRq are found by their place: whatever the layout is.
static void press_sysrq(u8 key, struct key_action *out)
{
    const struct keymap_key *entry = keymap_key_of(keymap_at(0), key);

    if (!entry || !entry->level[0])
        return;
    out->kind = ACTION_SYSRQ;
    out->bytes[0] = (u8)entry->level[0];
    out->count = 1;
}

static void change_modifier(struct key_state *state, u8 bit, bool down)
{
    state->held = down ? state->held | bit : state->held & (u8)~bit;
    state->sysrq = state->sysrq && has_any_alt(state);
}

void key_change(struct key_state *state, const struct keymap *map, u8 key,
                bool down, bool application, struct key_action *out)
{
    bool repeats = note_down(state, key, down);
    u8 modifier = modifier_of(key), lock = lock_of(key);

    *out = (struct key_action){.kind = ACTION_NONE};
    if (modifier) {
        change_modifier(state, modifier, down);
    } else if (!down) {
        return;
    } else if ((key == KEY_SYSRQ || key == KEY_PRINT) && has_any_alt(state)) {
        state->sysrq = true;
    } else if (state->sysrq) {
        if (!repeats)
            press_sysrq(key, out);
    } else if (lock) {
        if (!repeats)
            toggle(state, lock, out);
    } else if (!press_character(state, map, key, out)) {
        press_other(state, map, key, application, out);
    }
}
