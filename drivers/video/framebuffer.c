// drivers/video/framebuffer.c - pixels of a linear framebuffer [P]
// SPDX-License-Identifier: MIT
//
// A row of a character is put together in memory and then written in words, as
// often as the scale says: so what reaches the bus is as wide as can be and
// ascending at all depths, which is what write combining wants (Intel SDM 3A
// 11.3.1). 32 bits a pixel, not scaled, which is nearly every framebuffer, are
// copied from a table of all that four pixels can be.
//
// Source: UEFI 2.10, 12.9 (pixel formats).

#include "framebuffer.h"

#include <base/bits.h>
#include <lib/string.h>

#include "font.h"

#define ROW_BYTES (FONT_WIDTH * FB_SCALE_MAX * 4) // of the widest character

// The scale is the largest that leaves this many cells.
#define COLUMNS_WANTED 160u
#define ROWS_WANTED    45u

// The VGA's text colours, in SGR's order.
static const u8 palette[FB_COLOURS][3] = {
    {0x00, 0x00, 0x00}, {0xaa, 0x00, 0x00}, {0x00, 0xaa, 0x00},
    {0xaa, 0x55, 0x00}, {0x00, 0x00, 0xaa}, {0xaa, 0x00, 0xaa},
    {0x00, 0xaa, 0xaa}, {0xaa, 0xaa, 0xaa}, {0x55, 0x55, 0x55},
    {0xff, 0x55, 0x55}, {0x55, 0xff, 0x55}, {0xff, 0xff, 0x55},
    {0x55, 0x55, 0xff}, {0xff, 0x55, 0xff}, {0x55, 0xff, 0xff},
    {0xff, 0xff, 0xff},
};

// Consecutive bits, inside a pixel of @bits.
static bool is_mask(u32 mask, u32 bits)
{
    u32 low;

    if (!mask || (bits < 32 && mask >> bits))
        return false;
    low = mask >> __builtin_ctz(mask);
    return (low & (low + 1)) == 0;
}

const char *framebuffer_refusal(const struct boot_framebuffer *info,
                                u64 address_end)
{
    u32 bits = info->bits_per_pixel;
    u64 bytes = (u64)info->pitch_bytes * info->height;

    if (info->format == BOOT_FB_NONE)
        return "there is none";
    if (bits != 16 && bits != 24 && bits != 32)
        return "neither 16 nor 24 nor 32 bits a pixel";
    if (!is_mask(info->red_mask, bits) || !is_mask(info->green_mask, bits) ||
        !is_mask(info->blue_mask, bits))
        return "its colour masks are none";
    if (info->width < FONT_WIDTH || info->height < FONT_HEIGHT)
        return "it is smaller than a character";
    if ((u64)info->width * (bits / 8) > info->pitch_bytes)
        return "its lines are longer than its pitch";
    if (!bytes || bytes > info->size_bytes || bytes >> 32)
        return "its lines do not fit its size";
    if (!info->base || info->base + bytes < info->base)
        return "its address wraps";
    if (info->base + bytes > address_end)
        return "it lies above what this kernel's page tables reach (firmware "
               "setup: turn \"above 4G decoding\" off)";
    return NULL;
}

// @value of 8 bits as one of the mask's width, at its place.
static u32 channel(u32 mask, u32 value)
{
    u32 low = (u32)__builtin_ctz(mask);
    u64 most = mask >> low;

    return (u32)(((value * most + 127) / 255) << low);
}

u32 framebuffer_pixel(const struct boot_framebuffer *info, u32 red, u32 green,
                      u32 blue)
{
    return channel(info->red_mask, red) | channel(info->green_mask, green) |
           channel(info->blue_mask, blue);
}

static u32 choose_scale(u32 width, u32 height)
{
    u32 scale = 1;

    while (scale < FB_SCALE_MAX &&
           width / (FONT_WIDTH * (scale + 1)) >= COLUMNS_WANTED &&
           height / (FONT_HEIGHT * (scale + 1)) >= ROWS_WANTED)
        scale++;
    return scale;
}

void framebuffer_init(struct framebuffer *fb,
                      const struct boot_framebuffer *info)
{
    *fb = (struct framebuffer){
        .width = info->width,
        .height = info->height,
        .pitch = info->pitch_bytes,
        .pixel_bytes = info->bits_per_pixel / 8,
        .scale = choose_scale(info->width, info->height),
    };
    for (u32 i = 0; i < FB_COLOURS; i++)
        fb->colours[i] = framebuffer_pixel(info, palette[i][0], palette[i][1],
                                           palette[i][2]);
}

void framebuffer_cells(struct framebuffer *fb, u32 columns_max, u32 rows_max,
                       u32 *out_columns, u32 *out_rows)
{
    *out_columns = min(fb->width / (FONT_WIDTH * fb->scale), columns_max);
    *out_rows = min(fb->height / (FONT_HEIGHT * fb->scale), rows_max);
}

// A word at any address.
struct word {
    u32 v;
} __packed __attribute__((may_alias));

// Whole words, then what is left. Volatile: each written once, in order.
static void write_out(u8 *to, const u8 *from, u32 bytes)
{
    volatile struct word *words = (volatile struct word *)(void *)to;
    const struct word *source = (const struct word *)(const void *)from;
    volatile u8 *rest = to + (bytes & ~3u);

    for (u32 i = 0; i < bytes / 4; i++)
        words[i].v = source[i].v;
    for (u32 i = 0; i < (bytes & 3); i++)
        rest[i] = from[(bytes & ~3u) + i];
}

static u8 *put_pixel(u8 *at, u32 pixel, u32 bytes)
{
    switch (bytes) {
    case 4: memcpy(at, &pixel, 4); break;
    case 3: at[2] = (u8)(pixel >> 16); __attribute__((fallthrough));
    default:
        at[0] = (u8)pixel;
        at[1] = (u8)(pixel >> 8);
        break;
    }
    return at + bytes;
}

static bool is_usual(const struct framebuffer *fb)
{
    return fb->pixel_bytes == 4 && fb->scale == 1;
}

void framebuffer_ink_init(const struct framebuffer *fb,
                          struct framebuffer_ink *out, u32 ink, u32 paper)
{
    out->ink = ink;
    out->paper = paper;
    if (!is_usual(fb))
        return;
    for (u32 bits = 0; bits < 16; bits++)
        for (u32 x = 0; x < 4; x++)
            out->four[bits][x] = bits & 8u >> x ? ink : paper;
}

static void write_four(u8 *to, const u32 *from)
{
    volatile struct word *words = (volatile struct word *)(void *)to;

    words[0].v = from[0];
    words[1].v = from[1];
    words[2].v = from[2];
    words[3].v = from[3];
}

// 32 bits a pixel, not scaled.
static void draw_usual(u8 *to, u32 pitch, const u8 *glyph,
                       const struct framebuffer_ink *ink, bool underline)
{
    for (u32 y = 0; y < FONT_HEIGHT; y++, to += pitch) {
        u32 bits = underline && y == FONT_HEIGHT - 1 ? 0xff : glyph[y];

        write_four(to, ink->four[bits >> 4]);
        write_four(to + 16, ink->four[bits & 15]);
    }
}

// A row of the font as pixels.
static void build_row(const struct framebuffer *fb, u8 *out, u32 bits,
                      const struct framebuffer_ink *ink)
{
    for (u32 x = 0; x < FONT_WIDTH; x++)
        for (u32 i = 0; i < fb->scale; i++)
            out = put_pixel(out, bits & 0x80u >> x ? ink->ink : ink->paper,
                            fb->pixel_bytes);
}

void framebuffer_draw(const struct framebuffer *fb, u32 column, u32 row,
                      const u8 *glyph, const struct framebuffer_ink *ink,
                      bool underline)
{
    u32 bytes = FONT_WIDTH * fb->scale * fb->pixel_bytes;
    u8 *to =
        fb->base + row * FONT_HEIGHT * fb->scale * fb->pitch + column * bytes;
    u8 line[ROW_BYTES] __attribute__((aligned(4)));
    u32 built = 0x100; // the row that the line has: none

    if (is_usual(fb)) {
        draw_usual(to, fb->pitch, glyph, ink, underline);
        return;
    }
    for (u32 y = 0; y < FONT_HEIGHT; y++) {
        u32 bits = underline && y == FONT_HEIGHT - 1 ? 0xff : glyph[y];

        if (bits != built)
            build_row(fb, line, bits, ink);
        built = bits;
        for (u32 i = 0; i < fb->scale; i++, to += fb->pitch)
            write_out(to, line, bytes);
    }
}

void framebuffer_clear(const struct framebuffer *fb, u32 pixel)
{
    u8 line[FONT_WIDTH * 4] __attribute__((aligned(4)));
    u8 *at = line;

    for (u32 x = 0; x < FONT_WIDTH; x++)
        at = put_pixel(at, pixel, fb->pixel_bytes);
    for (u32 y = 0; y < fb->height; y++) {
        u32 bytes = fb->width * fb->pixel_bytes;
        u8 *to = fb->base + y * fb->pitch;

        for (u32 part; bytes; bytes -= part, to += part) {
            part = min(bytes, FONT_WIDTH * fb->pixel_bytes);
            write_out(to, line, part);
        }
    }
}
