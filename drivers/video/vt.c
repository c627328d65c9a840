// drivers/video/vt.c - the emulator's screen [P]
// SPDX-License-Identifier: MIT
//
// Lines are kept in a ring, the history before the screen. When the whole
// screen moves up, which is what a log does, the ring turns by a line and
// nothing is copied. Other regions are moved cell by cell.
//
// A character in the last column does not wrap at once but leaves a mark; the
// next one wraps (terminfo: xenl).
//
// Sources: ECMA-48, 5th edition; DEC VT102 User Guide, chapter 5 and appendix
// A; console_codes(4); terminfo(5), entry linux.

#include "vt.h"

#include <base/assert.h>
#include <base/bits.h>
#include <lib/string.h>

#include "vt_private.h"

#define TAB_WIDTH 8u

// ---- lines -----------------------------------------------------------------

u32 *vt_cells(struct vt *vt, u32 row)
{
    u32 line = vt->first + row;

    if (line >= vt->lines)
        line -= vt->lines;
    return vt->cells + line * vt->columns;
}

const u32 *vt_row(const struct vt *vt, u32 row, u32 back)
{
    u32 line = vt->first + row + vt->lines - back;

    return vt->cells + line % vt->lines * vt->columns;
}

void vt_touch_all(struct vt *vt)
{
    memset(vt->dirty, 0xff, sizeof(vt->dirty));
}

u32 vt_blank(const struct vt *vt)
{
    return ' ' | (u32)vt_default_look.ink << VT_CELL_INK |
           (u32)vt->cursor.look.paper << VT_CELL_PAPER;
}

static bool is_whole(const struct vt *vt, u32 top, u32 bottom)
{
    return top == 0 && bottom == vt->rows;
}

void vt_scroll_up(struct vt *vt, u32 top, u32 bottom, u32 count)
{
    u32 bytes = vt->columns * (u32)sizeof(*vt->cells);

    count = min(count, bottom - top);
    if (is_whole(vt, top, bottom)) {
        vt->first = (vt->first + count) % vt->lines;
        vt->history = min(vt->history + count, vt->lines - vt->rows);
    } else {
        for (u32 row = top; row + count < bottom; row++)
            memcpy(vt_cells(vt, row), vt_cells(vt, row + count), bytes);
    }
    for (u32 row = bottom - count; row < bottom; row++)
        vt_fill(vt, row, 0, vt->columns);
    for (u32 row = top; row < bottom; row++)
        vt_touch(vt, row);
}

void vt_scroll_down(struct vt *vt, u32 top, u32 bottom, u32 count)
{
    u32 bytes = vt->columns * (u32)sizeof(*vt->cells);

    count = min(count, bottom - top);
    for (u32 row = bottom; row-- > top + count;)
        memcpy(vt_cells(vt, row), vt_cells(vt, row - count), bytes);
    for (u32 row = top; row < top + count; row++)
        vt_fill(vt, row, 0, vt->columns);
    for (u32 row = top; row < bottom; row++)
        vt_touch(vt, row);
}

// ---- the cursor ------------------------------------------------------------

// Its row is drawn anew, and the one that it goes to.
static void place(struct vt *vt, u32 row, u32 column)
{
    vt_touch(vt, vt->cursor.row);
    vt->cursor.row = row;
    vt->cursor.column = column;
    vt->cursor.wrap = false;
    vt_touch(vt, row);
}

void vt_move(struct vt *vt, u32 row, u32 column)
{
    u32 first = vt->cursor.origin ? vt->top : 0;
    u32 end = vt->cursor.origin ? vt->bottom : vt->rows;

    place(vt, min(max(row, first), end - 1), min(column, vt->columns - 1));
}

void vt_line_feed(struct vt *vt)
{
    u32 row = vt->cursor.row;

    vt->cursor.wrap = false;
    if (row + 1 == vt->bottom) {
        u32 count = is_whole(vt, vt->top, vt->bottom) ? vt->jump : 1;

        vt_scroll_up(vt, vt->top, vt->bottom, count);
        place(vt, row + 1 - count, vt->cursor.column);
    } else if (row + 1 < vt->rows) {
        place(vt, row + 1, vt->cursor.column);
    }
}

void vt_reverse_feed(struct vt *vt)
{
    vt->cursor.wrap = false;
    if (vt->cursor.row == vt->top)
        vt_scroll_down(vt, vt->top, vt->bottom, 1);
    else if (vt->cursor.row > 0)
        place(vt, vt->cursor.row - 1, vt->cursor.column);
}

void vt_tab(struct vt *vt)
{
    u32 column = vt->cursor.column;

    do
        column++;
    while (column < vt->columns - 1 && column < VT_COLUMNS_MAX &&
           !(vt->tabs[column / 32] >> column % 32 & 1));
    place(vt, vt->cursor.row, min(column, vt->columns - 1));
}

void vt_tab_back(struct vt *vt)
{
    u32 column = vt->cursor.column;

    while (column > 0) {
        column--;
        if (vt->tabs[column / 32] >> column % 32 & 1)
            break;
    }
    place(vt, vt->cursor.row, column);
}

void vt_save(struct vt *vt)
{
    vt->saved = vt->cursor;
}

void vt_restore(struct vt *vt)
{
    u32 row = vt->saved.row, column = vt->saved.column;
    bool wrap = vt->saved.wrap;

    vt_touch(vt, vt->cursor.row);
    vt->cursor = vt->saved;
    vt_move(vt, row, column);
    vt->cursor.wrap = wrap && vt->cursor.column == vt->columns - 1;
}

// ---- printing --------------------------------------------------------------

// Of East Asian width W or F (Unicode 15, EastAsianWidth.txt, whole blocks):
// programs count two columns. The font has none of them.
static bool is_wide(u32 code)
{
    static const struct {
        u32 first, last;
    } wide[] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
        {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
        {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
        {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
        {0x1f900, 0x1f9ff}, {0x20000, 0x2fffd}, {0x30000, 0x3fffd},
    };

    if (code < wide[0].first)
        return false;
    for (u32 i = 0; i < ARRAY_SIZE(wide); i++)
        if (code >= wide[i].first && code <= wide[i].last)
            return true;
    return false;
}

// Combining marks, joiners, direction marks, variation selectors: what has no
// column. And the second set of controls.
static bool is_nothing(u32 code)
{
    return (code >= 0x80 && code < 0xa0) || (code >= 0x300 && code <= 0x36f) ||
           (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x20d0 && code <= 0x20ff) ||
           (code >= 0xfe00 && code <= 0xfe0f) || code == 0xfeff;
}

// DEC special graphics, from '`' to '~' (VT102 User Guide, table 5-13), and the
// few that terminfo's acsc adds below.
static u32 line_drawing(u32 code)
{
    static const u16 codes[] = {
        0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1,
        0x2424, 0x240b, 0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba,
        0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534, 0x252c,
        0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
    };

    if (code >= '`' && code <= '~')
        return codes[code - '`'];
    switch (code) {
    case '+': return 0x2192; // arrows
    case ',': return 0x2190;
    case '-': return 0x2191;
    case '.': return 0x2193;
    case '0': return 0x2588; // a block
    case '_': return 0x00a0;
    default: return code;
    }
}

static void put_cell(struct vt *vt, u32 code)
{
    struct vt_cursor *cursor = &vt->cursor;
    u32 *cell;

    if (cursor->wrap && vt->autowrap) {
        vt_line_feed(vt);
        place(vt, cursor->row, 0);
    }
    cursor->wrap = false;
    if (vt->insert)
        vt_insert_chars(vt, 1);
    cell = vt_cells(vt, cursor->row) + cursor->column;
    *cell = code | vt_look_bits(&cursor->look);
    if (cursor->column + 1 < vt->columns)
        cursor->column++;
    else
        cursor->wrap = true;
    vt_touch(vt, cursor->row);
}

void vt_put(struct vt *vt, u32 code)
{
    if (is_nothing(code))
        return;
    if (vt->cursor.charset[vt->cursor.shifted] == VT_LINES)
        code = line_drawing(code);
    vt->last = code;
    put_cell(vt, code);
    if (is_wide(code))
        put_cell(vt, ' ');
}

// ---- what the kernel writes ------------------------------------------------

void vt_write_line(struct vt *vt, const char *text, u32 bytes)
{
    struct vt_cursor before = vt->cursor;
    struct vt_parser parser = vt->parser;
    u32 last = vt->last;
    bool autowrap = vt->autowrap, insert = vt->insert;

    vt->cursor.look = vt_default_look;
    vt->cursor.charset[0] = VT_ASCII;
    vt->cursor.shifted = false;
    vt->parser = vt_parser_start;
    vt->autowrap = true;
    vt->insert = false;
    if (vt->cursor.column > 0)
        vt_write(vt, (const u8 *)"\r\n", 2);
    for (u32 i = 0; i < bytes; i++) {
        u8 c = (u8)text[i];

        if (c == '\n')
            vt_write(vt, (const u8 *)"\r\n", 2);
        else if (c == '\t' || (c >= ' ' && c != 0x7f))
            vt_write(vt, &c, 1);
        else
            vt_write(vt, (const u8 *)"?", 1);
        // No sequences, of 8-bit controls (U+009B) either: names of programs
        // are in the log, and anybody chooses those.
        if (vt->parser.state != VT_GROUND)
            vt->parser = vt_parser_start;
    }
    vt->cursor.look = before.look;
    vt->cursor.charset[0] = before.charset[0];
    vt->cursor.shifted = before.shifted;
    vt->parser = parser;
    vt->last = last;
    vt->autowrap = autowrap;
    vt->insert = insert;
}

// ---- beginning -------------------------------------------------------------

static void reset_modes(struct vt *vt)
{
    vt->cursor = (struct vt_cursor){.look = vt_default_look};
    vt->saved = vt->cursor;
    vt->parser = vt_parser_start;
    vt->top = 0;
    vt->bottom = vt->rows;
    vt->autowrap = true;
    vt->insert = false;
    vt->newline = false;
    vt->cursor_hidden = false;
    vt->application_cursor = false;
    vt->reverse_screen = false;
    vt->last = 0;
    for (u32 i = 0; i < ARRAY_SIZE(vt->tabs); i++)
        vt->tabs[i] = 0x01010101; // every eighth
    static_assert(TAB_WIDTH == 8, "");
}

void vt_reset(struct vt *vt)
{
    reset_modes(vt);
    for (u32 row = 0; row < vt->rows; row++)
        vt_fill(vt, row, 0, vt->columns);
    vt_touch_all(vt);
}

void vt_init(struct vt *vt, u32 columns, u32 rows, u32 *cells, u32 lines,
             const struct vt_ops *ops, void *arg)
{
    ASSERT(columns && columns <= VT_COLUMNS_MAX);
    ASSERT(rows && rows <= VT_ROWS_MAX && lines >= rows);
    *vt = (struct vt){
        .columns = columns,
        .rows = rows,
        .cells = cells,
        .lines = lines,
        .jump = 1,
        .ops = ops,
        .arg = arg,
    };
    vt_reset(vt);
}

void vt_recover(struct vt *vt)
{
    vt->first %= vt->lines;
    vt->history = min(vt->history, vt->lines - vt->rows);
    vt->top = 0;
    vt->bottom = vt->rows;
    vt->cursor.origin = false;
    vt->cursor.row = min(vt->cursor.row, vt->rows - 1);
    vt->cursor.column = min(vt->cursor.column, vt->columns - 1);
    vt->parser = vt_parser_start;
    vt_touch_all(vt);
}

bool vt_check(const struct vt *vt)
{
    const struct vt_cursor *cursor = &vt->cursor;

    if (vt->first >= vt->lines || vt->history > vt->lines - vt->rows ||
        vt->top + 1 > vt->bottom || vt->bottom > vt->rows || !vt->jump ||
        vt->jump > vt->rows)
        return false;
    if (cursor->row >= vt->rows || cursor->column >= vt->columns ||
        (cursor->wrap && cursor->column != vt->columns - 1))
        return false;
    if (cursor->look.ink >= VT_COLOURS || cursor->look.paper >= VT_COLOURS)
        return false;
    return vt->parser.count >= 1 && vt->parser.count <= VT_PARAMS_MAX &&
           vt->parser.more <= 3;
}
