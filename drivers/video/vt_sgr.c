// drivers/video/vt_sgr.c - select graphic rendition [P]
// SPDX-License-Identifier: MIT
//
// 16 colours. Bold is the bright colour and dim the dark grey, there being one
// weight of the font. Colours of 256 and of 24 bits become the nearest of 16:
// programs that look at TERM do not send them, others do.
//
// Sources: ECMA-48 8.3.117; console_codes(4); ITU-T T.416 13.1.8 (38 and 48).

#include "vt_private.h"

#include <base/bits.h>

#define BRIGHT    8u
#define DARK_GREY 8u

const struct vt_look vt_default_look = {.ink = 7, .paper = 0};

u32 vt_look_bits(const struct vt_look *look)
{
    u32 ink = look->ink & (VT_COLOURS - 1);
    u32 paper = look->paper & (VT_COLOURS - 1);

    if (look->bold)
        ink |= BRIGHT;
    else if (look->dim)
        ink = DARK_GREY;
    if (look->reverse) {
        u32 swap = ink;

        ink = paper;
        paper = swap;
    }
    return ink << VT_CELL_INK | paper << VT_CELL_PAPER |
           (look->underline ? VT_CELL_UNDERLINE : 0);
}

// The nearest colour: which of the three are on, and whether brightly.
static u8 nearest(u32 red, u32 green, u32 blue)
{
    u32 most = max(red, max(green, blue));
    u32 colour = 0;

    if (most < 0x30)
        return 0;
    colour |= red > most / 2 ? 1 : 0;
    colour |= green > most / 2 ? 2 : 0;
    colour |= blue > most / 2 ? 4 : 0;
    if (colour == 7 && most < 0x80)
        return DARK_GREY;
    return (u8)(most > 0xc0 ? colour | BRIGHT : colour);
}

// Of xterm's 256: the 16, a cube of six levels, and greys.
static u8 of_256(u32 number)
{
    if (number < 16)
        return (u8)number;
    if (number < 232) {
        u32 level[] = {0, 95, 135, 175, 215, 255};
        u32 cube = number - 16;

        return nearest(level[cube / 36], level[cube / 6 % 6], level[cube % 6]);
    }
    number = min(number, 255u);
    return nearest((number - 232) * 10 + 8, (number - 232) * 10 + 8,
                   (number - 232) * 10 + 8);
}

// 38 or 48 and what follows. Return: how many parameters follow.
static u32 extended(const u32 *params, u32 count, u8 *out)
{
    if (count >= 2 && params[0] == 5) {
        *out = of_256(params[1]);
        return 2;
    }
    if (count >= 4 && params[0] == 2) {
        *out = nearest(min(params[1], 255u), min(params[2], 255u),
                       min(params[3], 255u));
        return 4;
    }
    return count; // not understood: nothing behind it is, either
}

// Return: how many parameters behind this one it took.
static u32 one(struct vt_look *look, const u32 *params, u32 count)
{
    u32 param = params[0];

    switch (param) {
    case 0: *look = vt_default_look; break;
    case 1: look->bold = true; break;
    case 2: look->dim = true; break;
    case 4:
    case 21: look->underline = true; break;
    case 7: look->reverse = true; break;
    case 22: look->bold = look->dim = false; break;
    case 24: look->underline = false; break;
    case 27: look->reverse = false; break;
    case 38: return extended(params + 1, count - 1, &look->ink);
    case 39: look->ink = vt_default_look.ink; break;
    case 48: return extended(params + 1, count - 1, &look->paper);
    case 49: look->paper = vt_default_look.paper; break;
    default:
        if (param >= 30 && param <= 37)
            look->ink = (u8)(param - 30);
        else if (param >= 40 && param <= 47)
            look->paper = (u8)(param - 40);
        else if (param >= 90 && param <= 97)
            look->ink = (u8)(param - 90 + BRIGHT);
        else if (param >= 100 && param <= 107)
            look->paper = (u8)(param - 100 + BRIGHT);
        break; // blink, italics, fonts: nothing
    }
    return 0;
}

void vt_sgr(struct vt *vt)
{
    const struct vt_parser *parser = &vt->parser;

    for (u32 i = 0; i < parser->count; i++)
        i += one(&vt->cursor.look, parser->params + i, parser->count - i);
}
