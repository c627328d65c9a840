// drivers/video/vt.h - a terminal emulator: bytes in, cells out [P]
// SPDX-License-Identifier: MIT
//
// What TERM=linux describes, which is a VT102 with a part of ECMA-48, 16
// colours and UTF-8. It knows nothing of pixels: it fills cells and says which
// rows have changed.
//
// Context of all: any; the caller keeps out interrupts that use the same
// struct. Nothing here allocates or sleeps.
#pragma once

#include <base/types.h>

#define VT_COLUMNS_MAX 512u
#define VT_ROWS_MAX    256u
#define VT_PARAMS_MAX  16u

// A cell: a code point and how it looks, in one word.
#define VT_CELL_CODE      0x001fffffu
#define VT_CELL_INK       21u // bits 21 to 24: colour of the character
#define VT_CELL_PAPER     25u // bits 25 to 28: of what is behind it
#define VT_CELL_UNDERLINE (1u << 29)
#define VT_CELL_INVERSE   (1u << 30) // free for who draws: the cursor
#define VT_COLOURS        16u

static inline u32 vt_cell_ink(u32 cell)
{
    return cell >> VT_CELL_INK & (VT_COLOURS - 1);
}
static inline u32 vt_cell_paper(u32 cell)
{
    return cell >> VT_CELL_PAPER & (VT_COLOURS - 1);
}

struct vt_ops {
    // What it answers to a report that was asked for, as if it had been typed.
    void (*reply)(void *arg, const u8 *bytes, u32 count);
};

struct vt_look { // as SGR says
    u8 ink, paper;
    bool bold, dim, underline, reverse;
};

enum vt_charset {
    VT_ASCII,
    VT_LINES // DEC special graphics
};

// What DECSC saves.
struct vt_cursor {
    u32 row, column;
    bool wrap;    // the last column was written: the next character wraps first
    bool origin;  // DECOM: rows count from the region's top
    bool shifted; // SO: G1 is used
    enum vt_charset charset[2]; // G0, G1
    struct vt_look look;
};

enum vt_state {
    VT_GROUND,
    VT_ESCAPE,
    VT_ESCAPE_SKIP, // one more byte belongs to it
    VT_ESCAPE_HASH,
    VT_CHARSET_0,
    VT_CHARSET_1,
    VT_CSI_FIRST, // behind ESC [
    VT_CSI,
    VT_CSI_SKIP, // a sequence that is not known, up to its final byte
    VT_OSC,
    VT_PALETTE, // ESC ] P and seven digits
    VT_STRING,  // DCS and the like, up to ST
    VT_STRING_ESCAPE,
};

struct vt_parser {
    enum vt_state state;
    u32 skip; // VT_PALETTE: digits to come
    u32 params[VT_PARAMS_MAX];
    u32 count;       // of params, at least 1
    u8 marker;       // '?' or the like; 0: none
    u32 code, least; // UTF-8: bits so far; what a sequence this long begins at
    u32 more;        // bytes to come
};

struct vt {
    u32 columns, rows;
    u32 *cells;      // of the caller: ring of lines
    u32 lines;       // in it, at least rows
    u32 first;       // the line of it that is row 0
    u32 history;     // lines before that which were seen, at most lines - rows
    u32 top, bottom; // rows that scroll: [top, bottom)
    struct vt_cursor cursor, saved;
    struct vt_parser parser;
    bool autowrap, insert, newline, cursor_hidden;
    bool application_cursor; // DECCKM: for the keyboard
    bool reverse_screen;     // DECSCNM
    u32 jump; // lines that the whole screen scrolls at a time; at least 1
    u32 last; // the character that REP repeats; 0: none
    u32 tabs[VT_COLUMNS_MAX / 32];
    u32 dirty[VT_ROWS_MAX / 32]; // rows that changed; the caller clears them
    const struct vt_ops *ops;
    void *arg;
};

// vt_init - an empty screen. @cells: @lines * @columns, @lines >= @rows.
void vt_init(struct vt *vt, u32 columns, u32 rows, u32 *cells, u32 lines,
             const struct vt_ops *ops, void *arg);

// vt_write - what a program wrote.
void vt_write(struct vt *vt, const u8 *bytes, u32 count);

// vt_write_line - text that is nobody's part, of the kernel: on a line of its
// own, in default colours; what a program's sequences have set is as before.
void vt_write_line(struct vt *vt, const char *text, u32 bytes);

// vt_recover - whatever was interrupted: make it safe to go on.
void vt_recover(struct vt *vt);

// vt_blank - a cell that is erased: in the paper of now.
u32 vt_blank(const struct vt *vt);

// vt_row - the cells of @row; of a line before the first with @back lines up
// (at most vt->history).
const u32 *vt_row(const struct vt *vt, u32 row, u32 back);

// vt_touch - @row is to be drawn. vt_touch_all.
static inline void vt_touch(struct vt *vt, u32 row)
{
    vt->dirty[row / 32] |= 1u << row % 32;
}
void vt_touch_all(struct vt *vt);

// vt_check - all invariants hold. For tests.
bool vt_check(const struct vt *vt);
