// drivers/video/vt_parse.c - bytes to characters and sequences [P]
// SPDX-License-Identifier: MIT
//
// A state machine. Control characters work in the middle of a sequence, too,
// and CAN and SUB end it. What is not known is swallowed to its end.
//
// Bytes from 0x80 on are UTF-8. What is malformed gives one U+FFFD for each
// longest beginning of a sequence, and the byte that broke it is looked at anew
// (Unicode 15, 3.9, "U+FFFD substitution of maximal subparts").
//
// Sources: ECMA-48 5.4; VT500 parser state diagram as in the VT510 manual,
// chapter 4; console_codes(4).

#include "vt_private.h"

#include <base/bits.h>

#define REPLACEMENT    0xfffdu
#define PARAM_MOST     0xffffu
#define PALETTE_DIGITS 7u

enum {
    BEL = 0x07,
    BS = 0x08,
    HT = 0x09,
    LF = 0x0a,
    VT_ = 0x0b,
    FF = 0x0c,
    CR = 0x0d,
    SO = 0x0e,
    SI = 0x0f,
    CAN = 0x18,
    SUB = 0x1a,
    ESC = 0x1b,
    DEL = 0x7f,
    CSI_8BIT = 0x9b, // as a code point
};

const struct vt_parser vt_parser_start = {.state = VT_GROUND, .count = 1};

static void go(struct vt *vt, enum vt_state state)
{
    vt->parser.state = state;
}

static void begin_csi(struct vt *vt)
{
    vt->parser = vt_parser_start;
    go(vt, VT_CSI_FIRST);
}

static void back_space(struct vt *vt)
{
    u32 column = vt->cursor.column;

    vt_move(vt, vt->cursor.row, column - min(column, 1u));
}

static void control(struct vt *vt, u8 c)
{
    switch (c) {
    case BS: back_space(vt); break;
    case HT: vt_tab(vt); break;
    case LF:
    case VT_:
    case FF:
        vt_line_feed(vt);
        if (!vt->newline)
            break;
        __attribute__((fallthrough));
    case CR: vt_move(vt, vt->cursor.row, 0); break;
    case SO:
    case SI: vt->cursor.shifted = c == SO; break;
    case CAN:
    case SUB: vt->parser = vt_parser_start; break;
    case ESC:
        vt->parser = vt_parser_start;
        go(vt, VT_ESCAPE);
        break;
    default: break; // BEL: there is nothing to ring
    }
}

// ---- UTF-8 -----------------------------------------------------------------

static void put_code(struct vt *vt, u32 code)
{
    if (code == CSI_8BIT)
        begin_csi(vt);
    else
        vt_put(vt, code);
}

// The first byte of a sequence.
static void utf8_begin(struct vt *vt, u8 c)
{
    struct vt_parser *parser = &vt->parser;

    if (c >= 0xc2 && c <= 0xdf) {
        parser->code = c & 0x1f;
        parser->more = 1;
        parser->least = 0x80;
    } else if (c >= 0xe0 && c <= 0xef) {
        parser->code = c & 0x0f;
        parser->more = 2;
        parser->least = 0x800;
    } else if (c >= 0xf0 && c <= 0xf4) {
        parser->code = c & 0x07;
        parser->more = 3;
        parser->least = 0x10000;
    } else {
        vt_put(vt, REPLACEMENT);
    }
}

// Whether @c, a continuation, can follow what there is: not in overlong forms,
// surrogates, or beyond U+10FFFF.
static bool utf8_can_follow(const struct vt_parser *parser, u8 c)
{
    u32 shift = (parser->more - 1) * 6;
    u32 low = (parser->code << 6 | (c & 0x3f)) << shift;
    u32 high = low | ((1u << shift) - 1);

    return high >= parser->least && low <= 0x10ffff &&
           !(low >= 0xd800 && high <= 0xdfff);
}

// Return: false: @c does not belong to the sequence, which is over.
static bool utf8_continue(struct vt *vt, u8 c)
{
    struct vt_parser *parser = &vt->parser;

    if ((c & 0xc0) != 0x80 || !utf8_can_follow(parser, c)) {
        parser->more = 0;
        vt_put(vt, REPLACEMENT);
        return false;
    }
    parser->code = parser->code << 6 | (c & 0x3f);
    if (--parser->more == 0)
        put_code(vt, parser->code);
    return true;
}

static void ground(struct vt *vt, u8 c)
{
    if (vt->parser.more && utf8_continue(vt, c))
        return;
    if (c < ' ')
        control(vt, c);
    else if (c < DEL)
        vt_put(vt, c);
    else if (c >= 0x80)
        utf8_begin(vt, c);
}

// ---- sequences -------------------------------------------------------------

static void escape(struct vt *vt, u8 c)
{
    u32 column = vt->cursor.column;

    go(vt, VT_GROUND);
    switch (c) {
    case '[': begin_csi(vt); break;
    case ']': go(vt, VT_OSC); break;
    case 'P': // DCS, SOS, PM, APC
    case 'X':
    case '^':
    case '_': go(vt, VT_STRING); break;
    case '(': go(vt, VT_CHARSET_0); break;
    case ')': go(vt, VT_CHARSET_1); break;
    case '*': // G2, G3
    case '+':
    case ' ':
    case '%': go(vt, VT_ESCAPE_SKIP); break;
    case '#': go(vt, VT_ESCAPE_HASH); break;
    case '7': vt_save(vt); break;
    case '8': vt_restore(vt); break;
    case 'D': vt_line_feed(vt); break;
    case 'E':
        vt_line_feed(vt);
        vt_move(vt, vt->cursor.row, 0);
        break;
    case 'H': vt->tabs[column / 32] |= 1u << column % 32; break;
    case 'M': vt_reverse_feed(vt); break;
    case 'Z': vt_reply_attributes(vt); break;
    case 'c': vt_reset(vt); break;
    default: break; // keypad modes: the keyboard has digits there
    }
}

static void set_charset(struct vt *vt, u32 which, u8 c)
{
    vt->cursor.charset[which] = c == '0' ? VT_LINES : VT_ASCII;
    go(vt, VT_GROUND);
}

static void add_digit(struct vt_parser *parser, u8 c)
{
    u32 *param = &parser->params[parser->count - 1];

    *param = min(*param * 10 + (u32)(c - '0'), PARAM_MOST);
}

// Parameters beyond the last that is kept are lost.
static void next_param(struct vt_parser *parser)
{
    if (parser->count < VT_PARAMS_MAX)
        parser->params[parser->count++] = 0;
    else
        parser->params[VT_PARAMS_MAX - 1] = 0;
}

static void csi(struct vt *vt, u8 c)
{
    struct vt_parser *parser = &vt->parser;
    bool first = parser->state == VT_CSI_FIRST;

    if (parser->state == VT_CSI_FIRST)
        go(vt, VT_CSI);
    if (c >= '0' && c <= '9') {
        add_digit(parser, c);
    } else if (c == ';' || c == ':') {
        next_param(parser);
    } else if (c >= '<' && c <= '?') {
        parser->marker = c;
        if (!first)
            go(vt, VT_CSI_SKIP);
    } else if (first && c == '[') {
        go(vt, VT_ESCAPE_SKIP); // what a function key sends, echoed
    } else if (c < '@' || c >= DEL) {
        go(vt, VT_CSI_SKIP); // intermediate bytes: none of these is known
    } else {
        go(vt, VT_GROUND);
        vt_csi(vt, c);
    }
}

// A string ends with BEL (as xterm has it) or ST; Linux's palette sequences
// end by themselves.
static void string(struct vt *vt, u8 c)
{
    bool first = vt->parser.state == VT_OSC;

    if (first && c == 'P') {
        vt->parser.skip = PALETTE_DIGITS;
        go(vt, VT_PALETTE);
    } else if ((first && c == 'R') || c == BEL || c == CAN || c == SUB) {
        go(vt, VT_GROUND);
    } else {
        go(vt, c == ESC ? VT_STRING_ESCAPE : VT_STRING);
    }
}

// Inside a string no control character does anything but end it.
static bool in_string(const struct vt *vt)
{
    switch (vt->parser.state) {
    case VT_OSC:
    case VT_STRING: return true;
    default: return false;
    }
}

static void step(struct vt *vt, u8 c)
{
    if (in_string(vt)) {
        string(vt, c);
        return;
    }
    if (c < ' ' && vt->parser.state != VT_GROUND &&
        vt->parser.state != VT_STRING_ESCAPE) {
        control(vt, c);
        return;
    }
    switch (vt->parser.state) {
    case VT_GROUND: ground(vt, c); break;
    case VT_STRING_ESCAPE:
        if (c == '\\') {
            go(vt, VT_GROUND);
            break;
        }
        __attribute__((fallthrough)); // any other sequence ends it as well
    case VT_ESCAPE: escape(vt, c); break;
    case VT_ESCAPE_SKIP: go(vt, VT_GROUND); break;
    case VT_ESCAPE_HASH:
        go(vt, VT_GROUND);
        if (c == '8')
            vt_align(vt);
        break;
    case VT_CHARSET_0: set_charset(vt, 0, c); break;
    case VT_CHARSET_1: set_charset(vt, 1, c); break;
    case VT_CSI_FIRST:
    case VT_CSI: csi(vt, c); break;
    case VT_CSI_SKIP:
        if (c >= '@' && c < DEL)
            go(vt, VT_GROUND);
        break;
    case VT_PALETTE:
        if (--vt->parser.skip == 0)
            go(vt, VT_GROUND);
        break;
    case VT_OSC:
    case VT_STRING: break; // above
    }
}

void vt_write(struct vt *vt, const u8 *bytes, u32 count)
{
    for (u32 i = 0; i < count; i++)
        step(vt, bytes[i]);
}
