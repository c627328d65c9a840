// tests/unit/test_key_state.c - what keys send: layouts, modifiers, sequences
// sources: drivers/input/key_state.c drivers/input/keymap.c lib/string.c
// SPDX-License-Identifier: MIT
//
// Keys by the names of their places on a US keyboard. Random typing is compared
// with a model that knows only the US layout and looks things up in strings.

#include "harness.h"

#include <string.h>

#include "../../drivers/input/key_state.h"
#include "../../drivers/input/keymap.h"
#include "../../drivers/input/keys.h"

static struct key_state state;
static const struct keymap *map;
static bool application;
static struct key_action action; // of the last key
static char typed[64];           // since the start

static void change(u8 key, bool down)
{
    key_change(&state, map, key, down, application, &action);
    CHECK(action.count <= ACTION_BYTES);
    CHECK((action.kind == ACTION_INPUT) == (action.count > 0) ||
          action.kind == ACTION_SYSRQ);
    if (action.kind == ACTION_INPUT)
        strncat(typed, (const char *)action.bytes, action.count);
}

static void press(u8 key)
{
    change(key, true);
}

// Pressed and let go; the action is the press's.
static void tap(u8 key)
{
    struct key_action pressed;

    change(key, true);
    pressed = action;
    change(key, false);
    CHECK_EQ(action.kind, ACTION_NONE);
    action = pressed;
}

static void tap_with(u8 modifier, u8 key)
{
    struct key_action pressed;

    press(modifier);
    tap(key);
    pressed = action;
    change(modifier, false);
    action = pressed;
}

static void start(const char *layout)
{
    state = (struct key_state){0};
    map = keymap_find(layout);
    CHECK(map != NULL);
    application = false;
    typed[0] = '\0';
}

static void check_typed(const char *what)
{
    if (strcmp(typed, what) != 0)
        test_fail(__FILE__, __LINE__, "typed %s, not %s", typed, what);
    typed[0] = '\0';
}

enum { // places
    PLACE_1 = 0x02,
    PLACE_2 = 0x03,
    PLACE_7 = 0x08,
    PLACE_MINUS = 0x0c,
    PLACE_EQUAL = 0x0d,
    PLACE_Q = 0x10,
    PLACE_E = 0x12,
    PLACE_Y = 0x15,
    PLACE_LEFT_BRACKET = 0x1a,
    PLACE_RIGHT_BRACKET = 0x1b,
    PLACE_A = 0x1e,
    PLACE_H = 0x23,
    PLACE_SEMICOLON = 0x27,
    PLACE_GRAVE = 0x29,
    PLACE_BACKSLASH = 0x2b,
    PLACE_Z = 0x2c,
    PLACE_C = 0x2e,
    PLACE_B = 0x30,
    PLACE_SLASH = 0x35,
    PLACE_LESS = 0x56,
};

// ---- layouts ---------------------------------------------------------------

TEST(us)
{
    start("us");
    tap(PLACE_A);
    tap_with(KEY_LEFT_SHIFT, PLACE_A);
    tap(PLACE_1);
    tap_with(KEY_RIGHT_SHIFT, PLACE_1);
    tap(KEY_SPACE);
    tap(PLACE_SLASH);
    check_typed("aA1! /");
    CHECK(keymap_at(0) == map && !map->has_altgr);
}

TEST(de)
{
    start("de");
    tap(PLACE_Y);
    tap(PLACE_Z);
    tap(PLACE_LEFT_BRACKET);
    tap_with(KEY_LEFT_SHIFT, PLACE_LEFT_BRACKET);
    tap(PLACE_MINUS);
    check_typed("zyüÜß");
    tap_with(KEY_RIGHT_ALT, PLACE_Q);
    tap_with(KEY_RIGHT_ALT, PLACE_E);
    tap_with(KEY_RIGHT_ALT, PLACE_7);
    tap_with(KEY_RIGHT_ALT, PLACE_LESS);
    tap_with(KEY_RIGHT_ALT, PLACE_RIGHT_BRACKET);
    check_typed("@€{|~");
}

// The keys of other layouts by which they are known.
TEST(other_layouts)
{
    static const struct {
        const char *layout;
        u8 key;
        const char *text;
    } cases[] = {
        {"fr", PLACE_Q, "a"},
        {"fr", PLACE_2, "é"},
        {"gb", PLACE_BACKSLASH, "#"},
        {"es", PLACE_SEMICOLON, "ñ"},
        {"it", PLACE_SEMICOLON, "ò"},
        {"se", PLACE_LEFT_BRACKET, "å"},
        {"dk", PLACE_SEMICOLON, "æ"},
        {"ch", PLACE_LEFT_BRACKET, "ü"},
        {"us-dvorak", PLACE_Q, "'"},
        {"tr", PLACE_SEMICOLON, "ş"},
        {"cz", PLACE_2, "ě"},
        {"pt", PLACE_SEMICOLON, "ç"},
        {"br", 0x73, "/"},
        {"de-nodeadkeys", PLACE_GRAVE, "^"},
    };

    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        start(cases[i].layout);
        tap(cases[i].key);
        check_typed(cases[i].text);
    }
    CHECK(!keymap_find("none"));
    CHECK(!keymap_find(""));
}

// Every layout has all of ASCII: without it there is no shell.
TEST(all_layouts_have_ascii)
{
    for (u32 n = 0; (map = keymap_at(n)); n++) {
        for (u32 c = '!'; c < 0x7f; c++) {
            bool found = false;

            for (u32 key = 0; key < 0x80 && !found; key++) {
                const struct keymap_key *entry = keymap_key_of(map, (u8)key);

                for (u32 level = 0; entry && level < KEYMAP_LEVELS; level++) {
                    u32 got = entry->level[level];

                    found =
                        found || got == c ||
                        (keymap_is_dead(got) && keymap_dead_alone(got) == c);
                }
            }
            if (!found)
                test_fail(__FILE__, __LINE__, "%s has no %c", map->name,
                          (int)c);
        }
    }
    CHECK(keymap_at(1000) == NULL);
}

TEST(dead_keys)
{
    start("de");
    tap(PLACE_EQUAL); // acute
    CHECK_EQ(action.kind, ACTION_NONE);
    tap(PLACE_E);
    tap_with(KEY_LEFT_SHIFT, PLACE_EQUAL); // grave
    tap_with(KEY_LEFT_SHIFT, PLACE_A);
    check_typed("éÀ");
    tap(PLACE_GRAVE); // circumflex
    tap(KEY_SPACE);
    tap(PLACE_GRAVE);
    tap(PLACE_GRAVE);
    check_typed("^^");
    tap(PLACE_GRAVE); // what does not go together comes one by one
    tap(PLACE_B);
    tap(PLACE_GRAVE);
    tap(PLACE_EQUAL);
    tap(PLACE_E);
    check_typed("^b^é");
    tap(PLACE_GRAVE);
    press(KEY_LEFT_CTRL); // is no letter
    change(KEY_LEFT_CTRL, false);
    tap(PLACE_E);
    check_typed("ê");
    tap(PLACE_GRAVE);
    tap_with(KEY_LEFT_CTRL, PLACE_C);
    tap(PLACE_E);
    check_typed("\003e");
}

// ---- modifiers -------------------------------------------------------------

TEST(caps_lock)
{
    start("de");
    tap(KEY_CAPS_LOCK);
    CHECK_EQ(state.locks, LOCK_CAPS);
    tap(PLACE_A);
    tap(PLACE_LEFT_BRACKET);
    tap(PLACE_1);
    tap(PLACE_MINUS);
    tap_with(KEY_LEFT_SHIFT, PLACE_A);
    check_typed("AÜ1ßa");
    press(KEY_CAPS_LOCK);
    press(KEY_CAPS_LOCK); // repeats
    change(KEY_CAPS_LOCK, false);
    CHECK_EQ(state.locks, 0);
    start("tr");
    tap(KEY_CAPS_LOCK);
    tap(0x17); // an i without a dot is the other key
    tap(PLACE_SEMICOLON + 1);
    check_typed("Iİ");
}

TEST(control)
{
    static const struct {
        u8 key;
        u8 byte;
    } cases[] = {
        {PLACE_A, 1},
        {PLACE_C, 3},
        {PLACE_Z, 0x1a},
        {PLACE_2, 0},
        {0x04, 0x1b},
        {PLACE_7, 0x1f},
        {0x09, 0x7f},
        {KEY_SPACE, 0},
        {PLACE_LEFT_BRACKET, 0x1b},
        {PLACE_SLASH, 0x1f},
        {PLACE_BACKSLASH, 0x1c},
        {KEY_BACKSPACE, 8},
    };

    start("us");
    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        tap_with(i % 2 ? KEY_LEFT_CTRL : KEY_RIGHT_CTRL, cases[i].key);
        CHECK_EQ(action.count, 1);
        CHECK_EQ(action.bytes[0], cases[i].byte);
    }
    tap_with(KEY_LEFT_CTRL, PLACE_1);
    CHECK_EQ(action.kind, ACTION_NONE);
    press(KEY_LEFT_ALT); // nor does ESC come alone
    tap_with(KEY_LEFT_CTRL, PLACE_1);
    CHECK_EQ(action.kind, ACTION_NONE);
    tap_with(KEY_LEFT_CTRL, PLACE_C);
    CHECK(action.count == 2 && action.bytes[0] == 0x1b);
    // By the layout's characters: [ is AltGr+8.
    start("de");
    press(KEY_RIGHT_ALT);
    tap_with(KEY_LEFT_CTRL, 0x09);
    CHECK(action.count == 1 && action.bytes[0] == 0x1b);
}

TEST(alt)
{
    start("us");
    tap_with(KEY_LEFT_ALT, PLACE_B);
    tap_with(KEY_RIGHT_ALT, PLACE_B);
    tap_with(KEY_LEFT_ALT, KEY_BACKSPACE);
    check_typed("\033b\033b\033\177");
    tap_with(KEY_LEFT_ALT, KEY_F1);
    CHECK_EQ(action.kind, ACTION_NONE); // there are no other consoles
}

// ---- other keys ------------------------------------------------------------

TEST(sequences)
{
    static const struct {
        u8 key;
        const char *text;
    } cases[] = {
        {KEY_ESC, "\033"},
        {KEY_TAB, "\t"},
        {KEY_ENTER, "\r"},
        {KEY_PAD_ENTER, "\r"},
        {KEY_BACKSPACE, "\177"},
        {KEY_UP, "\033[A"},
        {KEY_DOWN, "\033[B"},
        {KEY_RIGHT, "\033[C"},
        {KEY_LEFT, "\033[D"},
        {KEY_HOME, "\033[1~"},
        {KEY_INSERT, "\033[2~"},
        {KEY_DELETE, "\033[3~"},
        {KEY_END, "\033[4~"},
        {KEY_PAGE_UP, "\033[5~"},
        {KEY_PAGE_DOWN, "\033[6~"},
        {KEY_F1, "\033[[A"},
        {KEY_F1 + 4, "\033[[E"},
        {KEY_F1 + 5, "\033[17~"},
        {KEY_F10, "\033[21~"},
        {KEY_F11, "\033[23~"},
        {KEY_F12, "\033[24~"},
        {KEY_PAD_SLASH, "/"},
        {KEY_PAD_7, "\033[1~"},
        {KEY_PAD_7 + 1, "\033[A"},
        {KEY_PAD_5, "\033[G"},
        {KEY_PAD_PLUS, "+"},
        {KEY_PAD_MINUS, "-"},
        {KEY_PAUSE, ""},
        {KEY_PRINT, ""},
        {KEY_SYSRQ, ""},
    };

    start("us");
    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        tap(cases[i].key);
        check_typed(cases[i].text);
    }
    application = true;
    tap(KEY_UP);
    tap(KEY_PAD_7 + 1);
    check_typed("\033OA\033OA");
    tap_with(KEY_LEFT_SHIFT, KEY_F1);
    tap_with(KEY_LEFT_SHIFT, KEY_TAB);
    check_typed("\033[25~\033\t");
}

TEST(num_lock)
{
    start("us");
    tap(KEY_NUM_LOCK);
    CHECK_EQ(state.locks, LOCK_NUM);
    for (u8 key = KEY_PAD_7; key <= KEY_PAD_DOT; key++)
        tap(key);
    check_typed("789-456+1230.");
}

TEST(scroll_lock)
{
    start("us");
    tap(KEY_SCROLL_LOCK);
    CHECK_EQ(state.locks, LOCK_SCROLL);
    tap(KEY_SCROLL_LOCK);
    check_typed("\023\021");
}

TEST(scrolling)
{
    start("us");
    tap_with(KEY_LEFT_SHIFT, KEY_PAGE_UP);
    CHECK(action.kind == ACTION_SCROLL && action.direction == -1);
    tap_with(KEY_RIGHT_SHIFT, KEY_PAGE_DOWN);
    CHECK(action.kind == ACTION_SCROLL && action.direction == 1);
}

TEST(restart)
{
    start("de");
    press(KEY_LEFT_CTRL);
    tap_with(KEY_LEFT_ALT, KEY_DELETE);
    CHECK_EQ(action.kind, ACTION_RESTART);
    tap_with(KEY_RIGHT_ALT, KEY_PAD_DOT);
    CHECK_EQ(action.kind, ACTION_RESTART);
    change(KEY_LEFT_CTRL, false);
    tap_with(KEY_LEFT_ALT, KEY_DELETE);
    CHECK_EQ(action.kind, ACTION_INPUT);
}

TEST(sysrq)
{
    start("de"); // the keys are where they are on a US keyboard
    press(KEY_LEFT_ALT);
    tap(KEY_SYSRQ);
    press(PLACE_Y);
    CHECK(action.kind == ACTION_SYSRQ && action.bytes[0] == 'y');
    press(PLACE_Y); // repeats
    CHECK_EQ(action.kind, ACTION_NONE);
    change(PLACE_Y, false);
    tap(PLACE_H);
    CHECK(action.kind == ACTION_SYSRQ && action.bytes[0] == 'h');
    tap(KEY_UP);
    CHECK_EQ(action.kind, ACTION_NONE);
    change(KEY_LEFT_ALT, false);
    tap(PLACE_H);
    check_typed("h");
    tap(KEY_SYSRQ); // without Alt: nothing
    tap(PLACE_H);
    check_typed("h");
}

TEST(lost_count)
{
    start("us");
    press(KEY_LEFT_SHIFT);
    press(KEY_LEFT_ALT);
    key_release_all(&state);
    tap(PLACE_A);
    check_typed("a");
}

// ---- random ----------------------------------------------------------------

static const char plain[] = "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./";
static const char upper[] = "!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"~|ZXCVBNM<>?";

static u8 place_of(u32 n)
{
    return (u8)(n < 12   ? 0x02 + n
                : n < 24 ? 0x10 + (n - 12)
                : n < 36 ? 0x1e + (n - 24)
                         : 0x2b + (n - 36));
}

TEST(random_typing)
{
    bool shift = false, caps = false, ctrl = false, alt = false;

    start("us");
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u32 n = test_random_below(sizeof(plain) - 1);
        bool letter = plain[n] >= 'a' && plain[n] <= 'z';
        char c = (shift != (caps && letter)) ? upper[n] : plain[n];
        u32 expected = 0;

        typed[0] = '\0';
        switch (test_random_below(8)) {
        case 0:
            shift = !shift;
            change(KEY_LEFT_SHIFT, shift);
            continue;
        case 1:
            ctrl = !ctrl;
            change(KEY_RIGHT_CTRL, ctrl);
            continue;
        case 2:
            alt = !alt;
            change(KEY_LEFT_ALT, alt);
            continue;
        case 3:
            caps = !caps;
            tap(KEY_CAPS_LOCK);
            continue;
        default: break;
        }
        tap(place_of(n));
        if (!ctrl) {
            expected = (u8)c;
        } else if (letter) {
            expected = (u8)c & 0x1f;
        } else { // TEST(control) has them
            continue;
        }
        CHECK_EQ(action.count, alt ? 2 : 1);
        CHECK_EQ(action.bytes[action.count - 1], expected);
        CHECK(!alt || action.bytes[0] == 0x1b);
    }
}

// Whatever keys come, in whatever layout: nothing but whole UTF-8 and ASCII
// comes out, and not too much of it (change() checks).
TEST(random_keys)
{
    u32 layouts = 0;

    while (keymap_at(layouts))
        layouts++;
    start("us");
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u32 left = 0;

        if (test_random_one_in(100))
            map = keymap_at(test_random_below(layouts));
        if (test_random_one_in(1000))
            key_release_all(&state);
        application = test_random_one_in(2);
        typed[0] = '\0';
        change((u8)test_random(), test_random_one_in(2));
        if (action.kind != ACTION_INPUT)
            continue;
        for (u32 n = 0; n < action.count; n++) {
            u8 byte = action.bytes[n];

            CHECK((left > 0) == ((byte & 0xc0) == 0x80));
            left = left ? left - 1 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
        }
        CHECK_EQ(left, 0);
    }
}
