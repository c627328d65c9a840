// drivers/video/font.h - the console's font [P]
// SPDX-License-Identifier: MIT
//
// The tables are made by tools/mkfont.py from a font of Debian's
// (docs/screen.md says which, and its licence).
#pragma once

#include <base/types.h>

#define FONT_WIDTH  8u // pixels: a row is a byte, its highest bit on the left
#define FONT_HEIGHT 16u

extern const u32 font_count;
extern const u16 font_codes[]; // code points, ascending
extern const u8 font_rows[][FONT_HEIGHT];
extern const char font_notice[]; // whose it is: goes with it wherever it goes

// font_glyph - FONT_HEIGHT rows for a code point; for one that the font has
// not, those of a character like it, or of U+FFFD. Never NULL.
const u8 *font_glyph(u32 code);
