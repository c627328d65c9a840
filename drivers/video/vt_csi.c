// drivers/video/vt_csi.c - what control sequences do [P]
// SPDX-License-Identifier: MIT
//
// Unknown ones do nothing, as does what a framebuffer has no use for: 132
// columns (DECCOLM), the alternate screen (as on Linux's console), LEDs.
//
// Sources: ECMA-48 8.3; DEC VT102 User Guide, appendix A; console_codes(4).

#include "vt_private.h"

#include <base/bits.h>
#include <lib/fmt.h>
#include <lib/string.h>

static void reply(struct vt *vt, const char *text)
{
    vt->ops->reply(vt->arg, (const u8 *)text, (u32)strlen(text));
}

void vt_reply_attributes(struct vt *vt)
{
    reply(vt, "\033[?6c"); // a VT102
}

// DSR. A position in the region counts from its top.
static void report(struct vt *vt, u32 what)
{
    const struct vt_cursor *cursor = &vt->cursor;
    u32 row = cursor->row;
    char text[32];

    if (what == 5)
        reply(vt, "\033[0n");
    if (what != 6)
        return;
    if (cursor->origin)
        row -= min(row, vt->top);
    fmt_print(text, sizeof(text), "\033[%u;%uR", row + 1, cursor->column + 1);
    reply(vt, text);
}

static void set_mode(struct vt *vt, u32 mode, bool on)
{
    if (mode == 4)
        vt->insert = on;
    if (mode == 20)
        vt->newline = on;
}

static void set_private_mode(struct vt *vt, u32 mode, bool on)
{
    switch (mode) {
    case 1: vt->application_cursor = on; break;
    case 5:
        vt->reverse_screen = on;
        vt_touch_all(vt);
        break;
    case 6:
        vt->cursor.origin = on;
        vt_move(vt, on ? vt->top : 0, 0);
        break;
    case 7:
        vt->autowrap = on;
        vt->cursor.wrap = false;
        break;
    case 25:
        vt->cursor_hidden = !on;
        vt_touch(vt, vt->cursor.row);
        break;
    default: break;
    }
}

// With a marker before the parameters: only modes are known.
static void private_sequence(struct vt *vt, u8 final)
{
    const struct vt_parser *parser = &vt->parser;

    if (parser->marker != '?' || (final != 'h' && final != 'l'))
        return;
    for (u32 i = 0; i < parser->count; i++)
        set_private_mode(vt, parser->params[i], final == 'h');
}

// DECSTBM: at least two rows.
static void set_region(struct vt *vt, u32 top, u32 bottom)
{
    top = max(top, 1u);
    if (!bottom || bottom > vt->rows)
        bottom = vt->rows;
    if (top >= bottom)
        return;
    vt->top = top - 1;
    vt->bottom = bottom;
    vt_move(vt, vt->cursor.origin ? vt->top : 0, 0);
}

static void clear_tabs(struct vt *vt, u32 what)
{
    u32 column = vt->cursor.column;

    if (what == 0)
        vt->tabs[column / 32] &= ~(1u << column % 32);
    if (what == 3)
        memset(vt->tabs, 0, sizeof(vt->tabs));
}

static void repeat(struct vt *vt, u32 count)
{
    // No more than would fill the screen: a number is quickly written.
    count = min(count, vt->columns * vt->rows);
    while (vt->last && count--)
        vt_put(vt, vt->last);
}

// Up or down, not out of the region if the cursor is in it.
static void move_up(struct vt *vt, u32 count, bool to_margin)
{
    const struct vt_cursor *cursor = &vt->cursor;
    u32 first = cursor->row >= vt->top ? vt->top : 0;

    vt_move(vt, cursor->row - min(count, cursor->row - first),
            to_margin ? 0 : cursor->column);
}

static void move_down(struct vt *vt, u32 count, bool to_margin)
{
    const struct vt_cursor *cursor = &vt->cursor;
    u32 last = (cursor->row < vt->bottom ? vt->bottom : vt->rows) - 1;

    vt_move(vt, cursor->row + min(count, last - cursor->row),
            to_margin ? 0 : cursor->column);
}

// An absolute row; with DECOM from the region's top.
static void move_to(struct vt *vt, u32 row, u32 column)
{
    vt_move(vt, min(row, vt->rows) + (vt->cursor.origin ? vt->top : 0), column);
}

// Motions. @n: the parameter, at least 1. Return: false: it is none.
static bool motion(struct vt *vt, u8 final, u32 n)
{
    const struct vt_cursor *cursor = &vt->cursor;
    u32 column = cursor->column;

    switch (final) {
    case 'A': move_up(vt, n, false); break;
    case 'B':
    case 'e': move_down(vt, n, false); break;
    case 'C':
    case 'a': vt_move(vt, cursor->row, column + min(n, vt->columns)); break;
    case 'D': vt_move(vt, cursor->row, column - min(n, column)); break;
    case 'E': move_down(vt, n, true); break;
    case 'F': move_up(vt, n, true); break;
    case 'G':
    case '`': vt_move(vt, cursor->row, n - 1); break;
    case 'H':
    case 'f': move_to(vt, n - 1, max(vt->parser.params[1], 1u) - 1); break;
    case 'd': move_to(vt, n - 1, column); break;
    case 'I':
        for (n = min(n, vt->columns); n; n--)
            vt_tab(vt);
        break;
    case 'Z':
        for (n = min(n, vt->columns); n; n--)
            vt_tab_back(vt);
        break;
    default: return false;
    }
    return true;
}

// Erase, insert, delete. Return: false: it is none.
static bool edit(struct vt *vt, u8 final, u32 param, u32 n)
{
    switch (final) {
    case '@': vt_insert_chars(vt, n); break;
    case 'J': vt_erase_display(vt, param); break;
    case 'K': vt_erase_line(vt, param); break;
    case 'L': vt_insert_lines(vt, n); break;
    case 'M': vt_delete_lines(vt, n); break;
    case 'P': vt_delete_chars(vt, n); break;
    case 'S': vt_scroll_up(vt, vt->top, vt->bottom, n); break;
    case 'T': vt_scroll_down(vt, vt->top, vt->bottom, n); break;
    case 'X': vt_erase_chars(vt, n); break;
    default: return false;
    }
    return true;
}

void vt_csi(struct vt *vt, u8 final)
{
    const struct vt_parser *parser = &vt->parser;
    u32 param = parser->params[0], n = max(param, 1u);

    if (parser->marker) {
        private_sequence(vt, final);
        return;
    }
    if (motion(vt, final, n) || edit(vt, final, param, n))
        return;
    switch (final) {
    case 'b': repeat(vt, n); break;
    case 'c':
        if (!param)
            vt_reply_attributes(vt);
        break;
    case 'g': clear_tabs(vt, param); break;
    case 'h':
    case 'l':
        for (u32 i = 0; i < parser->count; i++)
            set_mode(vt, parser->params[i], final == 'h');
        break;
    case 'm': vt_sgr(vt); break;
    case 'n': report(vt, param); break;
    case 'r': set_region(vt, param, parser->params[1]); break;
    case 's': vt_save(vt); break;
    case 'u': vt_restore(vt); break;
    default: break;
    }
}
