// include/drivers/screen.h - the firmware's framebuffer as a text console
// SPDX-License-Identifier: MIT
//
// /dev/tty1 (and /dev/tty0, which is the same), and a console for the log: see
// docs/screen.md. Each of these does nothing on a machine without one.
#pragma once

struct boot_framebuffer;
struct keyboard_sink;

// screen_init_early - map @info and show the log on it, each line at once.
// Context: boot, as soon as ioremap works.
void screen_init_early(const struct boot_framebuffer *info);

// screen_init - its terminal. For tty_init.
void screen_init(void);

// screen_keyboard - who gets what is typed: for keyboard_attach. NULL: nobody.
const struct keyboard_sink *screen_keyboard(void);

// screen_draw_lazily - the system is up: from here on a thread draws what has
// changed, some fifty times a second. Context: task.
void screen_draw_lazily(void);
