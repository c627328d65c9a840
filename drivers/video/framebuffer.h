// drivers/video/framebuffer.h - pixels of a linear framebuffer [P]
// SPDX-License-Identifier: MIT
//
// Nothing here reads the framebuffer: over a bus that is slow beyond measure.
#pragma once

#include <base/types.h>
#include <boot/boot_info.h>

#define FB_COLOURS   16u
#define FB_SCALE_MAX 8u // pixels on a side for one of the font

struct framebuffer {
    u8 *base;                // what is mapped: write-only
    u32 width, height;       // pixels
    u32 pitch;               // bytes from one line to the next
    u32 pixel_bytes;         // 2, 3 or 4
    u32 scale;               // of the font
    u32 colours[FB_COLOURS]; // pixels, in the order of SGR 30 to 37, then
                             // the bright ones
};

// framebuffer_refusal - why what the firmware says cannot be drawn on: words
// for the log. @address_end: behind the last byte that can be mapped. NULL: it
// can.
const char *framebuffer_refusal(const struct boot_framebuffer *info,
                                u64 address_end);

// framebuffer_init - from one that is not refused, but for its base.
void framebuffer_init(struct framebuffer *fb,
                      const struct boot_framebuffer *info);

// framebuffer_pixel - the pixel of a colour, by the masks. 8 bits each.
u32 framebuffer_pixel(const struct boot_framebuffer *info, u32 red, u32 green,
                      u32 blue);

// framebuffer_cells - how many characters fit, at most @columns_max and
// @rows_max; and the scale that they have then.
void framebuffer_cells(struct framebuffer *fb, u32 columns_max, u32 rows_max,
                       u32 *out_columns, u32 *out_rows);

// Two colours as they are drawn with, and for the usual framebuffer every four
// pixels that they can make. The caller's, for as many characters as it likes.
struct framebuffer_ink {
    u32 ink, paper;
    u32 four[16][4];
};

void framebuffer_ink_init(const struct framebuffer *fb,
                          struct framebuffer_ink *out, u32 ink, u32 paper);

// framebuffer_draw - a character's rows (font.h) at a cell that is there.
// @underline: its last row is ink.
void framebuffer_draw(const struct framebuffer *fb, u32 column, u32 row,
                      const u8 *glyph, const struct framebuffer_ink *ink,
                      bool underline);

// framebuffer_clear - all of it in one colour.
void framebuffer_clear(const struct framebuffer *fb, u32 pixel);
