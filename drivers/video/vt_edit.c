// drivers/video/vt_edit.c - erase, insert, delete [P]
// SPDX-License-Identifier: MIT
//
// What becomes free is blank, in the paper of now (terminfo: bce).
//
// Sources: ECMA-48 8.3.26, 8.3.29, 8.3.32, 8.3.38, 8.3.39, 8.3.41, 8.3.64,
// 8.3.67; DEC VT102 User Guide, chapter 5.

#include "vt_private.h"

#include <base/bits.h>
#include <lib/string.h>

void vt_fill(struct vt *vt, u32 row, u32 from, u32 to)
{
    u32 *cells = vt_cells(vt, row);
    u32 blank = vt_blank(vt);

    for (u32 i = from; i < to; i++)
        cells[i] = blank;
    vt_touch(vt, row);
}

// 0: from the cursor on; 1: up to it; 2: all; 3: all, and the history.
void vt_erase_display(struct vt *vt, u32 how)
{
    u32 row = vt->cursor.row;
    u32 first = how == 0 ? row + 1 : 0;
    u32 end = how == 1 ? row : vt->rows;

    if (how > 3)
        return;
    if (how == 3)
        vt->history = 0;
    if (how < 2)
        vt_erase_line(vt, how);
    vt->cursor.wrap = false;
    for (u32 i = first; i < end; i++)
        vt_fill(vt, i, 0, vt->columns);
}

void vt_erase_line(struct vt *vt, u32 how)
{
    u32 column = vt->cursor.column;

    if (how > 2)
        return;
    vt->cursor.wrap = false;
    vt_fill(vt, vt->cursor.row, how == 0 ? column : 0,
            how == 1 ? column + 1 : vt->columns);
}

void vt_erase_chars(struct vt *vt, u32 count)
{
    u32 column = vt->cursor.column;

    vt->cursor.wrap = false;
    vt_fill(vt, vt->cursor.row, column,
            column + min(count, vt->columns - column));
}

void vt_insert_chars(struct vt *vt, u32 count)
{
    u32 column = vt->cursor.column;
    u32 *cells = vt_cells(vt, vt->cursor.row);

    count = min(count, vt->columns - column);
    vt->cursor.wrap = false;
    memmove(cells + column + count, cells + column,
            (vt->columns - column - count) * sizeof(*cells));
    vt_fill(vt, vt->cursor.row, column, column + count);
}

void vt_delete_chars(struct vt *vt, u32 count)
{
    u32 column = vt->cursor.column;
    u32 *cells = vt_cells(vt, vt->cursor.row);

    count = min(count, vt->columns - column);
    vt->cursor.wrap = false;
    memmove(cells + column, cells + column + count,
            (vt->columns - column - count) * sizeof(*cells));
    vt_fill(vt, vt->cursor.row, vt->columns - count, vt->columns);
}

static bool in_region(const struct vt *vt)
{
    return vt->cursor.row >= vt->top && vt->cursor.row < vt->bottom;
}

void vt_insert_lines(struct vt *vt, u32 count)
{
    if (!in_region(vt))
        return;
    vt->cursor.wrap = false;
    vt_scroll_down(vt, vt->cursor.row, vt->bottom, count);
}

void vt_delete_lines(struct vt *vt, u32 count)
{
    if (!in_region(vt))
        return;
    vt->cursor.wrap = false;
    vt_scroll_up(vt, vt->cursor.row, vt->bottom, count);
}

void vt_align(struct vt *vt)
{
    u32 cell = 'E' | vt_look_bits(&vt_default_look);

    vt->cursor.origin = false;
    vt->top = 0;
    vt->bottom = vt->rows;
    for (u32 row = 0; row < vt->rows; row++)
        for (u32 column = 0; column < vt->columns; column++)
            vt_cells(vt, row)[column] = cell;
    vt_touch_all(vt);
    vt_move(vt, 0, 0);
}
