// drivers/input/keys.h - the numbers of keys
// SPDX-License-Identifier: MIT
//
// A key's number is its scan code of set 1, with the highest bit set when it
// comes behind the prefix E0: the keys that the first PC's keyboard did not
// have. So 0x48 is the 8 of the keypad, 0xc8 the arrow.
//
// Source: IBM Personal System/2 Hardware Interface Technical Reference,
// "Keyboards (101- and 102-Key)", scan code tables.
#pragma once

#define KEY_EXTENDED 0x80u

enum key {
    KEY_NONE = 0,
    KEY_ESC = 0x01,
    KEY_BACKSPACE = 0x0e,
    KEY_TAB = 0x0f,
    KEY_ENTER = 0x1c,
    KEY_LEFT_CTRL = 0x1d,
    KEY_LEFT_SHIFT = 0x2a,
    KEY_RIGHT_SHIFT = 0x36,
    KEY_PAD_STAR = 0x37,
    KEY_LEFT_ALT = 0x38,
    KEY_SPACE = 0x39,
    KEY_CAPS_LOCK = 0x3a,
    KEY_F1 = 0x3b, // and so on
    KEY_F10 = 0x44,
    KEY_NUM_LOCK = 0x45,
    KEY_SCROLL_LOCK = 0x46,
    KEY_PAD_7 = 0x47, // the keypad, from here row by row
    KEY_PAD_MINUS = 0x4a,
    KEY_PAD_5 = 0x4c,
    KEY_PAD_PLUS = 0x4e,
    KEY_PAD_DOT = 0x53,
    KEY_SYSRQ = 0x54, // Print while Alt is down
    KEY_F11 = 0x57,
    KEY_F12 = 0x58,
    KEY_PAD_COMMA = 0x7e, // of Brazilian keyboards
    KEY_PAD_ENTER = 0x9c,
    KEY_RIGHT_CTRL = 0x9d,
    KEY_PAD_SLASH = 0xb5,
    KEY_PRINT = 0xb7,
    KEY_RIGHT_ALT = 0xb8,
    KEY_PAUSE = 0xc5, // our own number: its code has a prefix of its own
    KEY_BREAK = 0xc6, // Pause while Ctrl is down
    KEY_HOME = 0xc7,
    KEY_UP = 0xc8,
    KEY_PAGE_UP = 0xc9,
    KEY_LEFT = 0xcb,
    KEY_RIGHT = 0xcd,
    KEY_END = 0xcf,
    KEY_DOWN = 0xd0,
    KEY_PAGE_DOWN = 0xd1,
    KEY_INSERT = 0xd2,
    KEY_DELETE = 0xd3,
};
