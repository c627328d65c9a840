// drivers/video/vt_private.h - shared by the files of the emulator [P]
// SPDX-License-Identifier: MIT
//
//   vt.c         the screen: printing, scrolling, what the kernel writes
//   vt_parse.c   bytes to characters and sequences
//   vt_csi.c     what control sequences do
//   vt_sgr.c     colours
//   vt_edit.c    erase, insert, delete
#pragma once

#include "vt.h"

// ---- vt.c -------------------------------------------------------------------

u32 *vt_cells(struct vt *vt, u32 row);

// vt_put - print a character at the cursor.
void vt_put(struct vt *vt, u32 code);

void vt_line_feed(struct vt *vt);    // IND
void vt_reverse_feed(struct vt *vt); // RI
void vt_tab(struct vt *vt);
void vt_tab_back(struct vt *vt);

// vt_move - the cursor, to where it can be: on the screen, with DECOM in the
// region. @row counts from the top of the screen.
void vt_move(struct vt *vt, u32 row, u32 column);

void vt_save(struct vt *vt);    // DECSC
void vt_restore(struct vt *vt); // DECRC
void vt_reset(struct vt *vt);   // RIS

// vt_scroll_up, vt_scroll_down - the rows [@top, @bottom), by @count; a whole
// screen that moves up goes to the history.
void vt_scroll_up(struct vt *vt, u32 top, u32 bottom, u32 count);
void vt_scroll_down(struct vt *vt, u32 top, u32 bottom, u32 count);

// ---- vt_edit.c --------------------------------------------------------------

// vt_fill - blanks in [@from, @to) of @row.
void vt_fill(struct vt *vt, u32 row, u32 from, u32 to);

void vt_erase_display(struct vt *vt, u32 how);
void vt_erase_line(struct vt *vt, u32 how);
void vt_erase_chars(struct vt *vt, u32 count);
void vt_insert_chars(struct vt *vt, u32 count);
void vt_delete_chars(struct vt *vt, u32 count);
void vt_insert_lines(struct vt *vt, u32 count);
void vt_delete_lines(struct vt *vt, u32 count);
void vt_align(struct vt *vt); // DECALN

// ---- vt_csi.c ---------------------------------------------------------------

// vt_csi - the sequence in vt->parser, that ends with @final.
void vt_csi(struct vt *vt, u8 final);

// vt_reply_attributes - DA.
void vt_reply_attributes(struct vt *vt);

// ---- vt_sgr.c ---------------------------------------------------------------

extern const struct vt_look vt_default_look;

void vt_sgr(struct vt *vt);

// vt_look_bits - of a cell that is printed so.
u32 vt_look_bits(const struct vt_look *look);

// ---- vt_parse.c -------------------------------------------------------------

extern const struct vt_parser vt_parser_start;
