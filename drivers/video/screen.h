// drivers/video/screen.h - shared by the files of the screen
// SPDX-License-Identifier: MIT
//
//   screen.c       cells to pixels: when, and which
//   screen_log.c   the log's console
//   screen_tty.c   the terminal, and the keyboard that belongs to it
#pragma once

#include <base/types.h>

struct vt;
struct vt_ops;

// screen_vt - the emulator, NULL without a framebuffer. Interrupts off while it
// is used.
struct vt *screen_vt(void);

// screen_size - in characters, and in pixels.
void screen_size(u32 *columns, u32 *rows, u32 *width, u32 *height);

// screen_changed - after writing to the emulator: draw, now or soon. Whoever
// looked at the history sees the present again. Any context.
void screen_changed(void);

// screen_draw_now - all that has changed, from wherever it is called. With
// @anew, all.
void screen_draw_now(bool anew);

// screen_scroll - show what has gone by, half a screen at a time; @direction
// < 0: older. Any context.
void screen_scroll(int direction);

// screen_vt_ops - what the emulator answers is typed for whoever asked: the
// terminal's.
extern const struct vt_ops screen_vt_ops;

// screen_log_init - the log on the screen.
void screen_log_init(void);
