// drivers/video/font_find.c - from code points to bitmaps [P]
// SPDX-License-Identifier: MIT
//
// The printable characters of ASCII, which are nearly all that is drawn, are
// consecutive in the table: found once, and then by subtraction. The others by
// binary search.

#include "font.h"

#include <base/compiler.h>

#define REPLACEMENT 0xfffdu

// What may stand for a character that is not in the font.
static const struct {
    u16 first, last; // code points
    u16 instead;
} like[] = {
    {0x2010, 0x2015, '-'},    // hyphens and dashes
    {0x2018, 0x201b, '\''},   // quotation marks
    {0x201c, 0x201f, '"'},    //
    {0x2504, 0x2505, 0x2500}, // dashed lines
    {0x2506, 0x2507, 0x2502}, //
    {0x254c, 0x254d, 0x2500}, //
    {0x254e, 0x254f, 0x2502}, //
    {0x2594, 0x2594, 0x2580}, // parts of a block
    {0x2595, 0x2595, 0x2590}, //
};

// Return: the index of @code; font_count: it is not there.
static u32 find(u32 code)
{
    u32 low = 0, high = font_count;

    while (low < high) {
        u32 middle = low + (high - low) / 2;

        if (font_codes[middle] < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < font_count && font_codes[low] == code ? low : font_count;
}

static u32 find_like(u32 code)
{
    for (u32 i = 0; i < ARRAY_SIZE(like); i++)
        if (code >= like[i].first && code <= like[i].last)
            return find(like[i].instead);
    return font_count;
}

const u8 *font_glyph(u32 code)
{
    u32 index;

    // mkfont.py sees to it that ASCII is there, from the blank on.
    if (code >= ' ' && code < 0x7f)
        return font_rows[code - ' '];
    index = find(code);
    if (index == font_count)
        index = find_like(code);
    if (index == font_count)
        index = find(REPLACEMENT);
    return font_rows[index < font_count ? index : 0];
}
