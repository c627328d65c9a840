// tests/unit/test_framebuffer.c - pixels of any kind of framebuffer
// sources: drivers/video/framebuffer.c drivers/video/font_find.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include "../../drivers/video/font.h"
#include "../../drivers/video/framebuffer.h"

// The table of the font that is made when the kernel is built is not here: one
// of ASCII, and what a few others may become.
const u32 font_count = 98;
const u16 font_codes[] = {
    ' ', '!', '"', '#', '$',  '%',    '&',    '\'', '(',  ')', '*', '+', ',',
    '-', '.', '/', '0', '1',  '2',    '3',    '4',  '5',  '6', '7', '8', '9',
    ':', ';', '<', '=', '>',  '?',    '@',    'A',  'B',  'C', 'D', 'E', 'F',
    'G', 'H', 'I', 'J', 'K',  'L',    'M',    'N',  'O',  'P', 'Q', 'R', 'S',
    'T', 'U', 'V', 'W', 'X',  'Y',    'Z',    '[',  '\\', ']', '^', '_', '`',
    'a', 'b', 'c', 'd', 'e',  'f',    'g',    'h',  'i',  'j', 'k', 'l', 'm',
    'n', 'o', 'p', 'q', 'r',  's',    't',    'u',  'v',  'w', 'x', 'y', 'z',
    '{', '|', '}', '~', 0xe4, 0x2500, 0xfffd,
};
const u8 font_rows[98][FONT_HEIGHT] = {{0}};
const char font_notice[] = "";

static u32 index_of(u32 code)
{
    return (u32)(font_glyph(code) - font_rows[0]) / FONT_HEIGHT;
}

TEST(glyphs_are_found)
{
    for (u32 i = 0; i < font_count; i++)
        CHECK_EQ(index_of(font_codes[i]), i);
    CHECK_EQ(index_of(0x2013), '-' - ' ');
    CHECK_EQ(index_of(0x201c), '"' - ' ');
    CHECK_EQ(index_of(0x2504), 96);
    CHECK_EQ(index_of(0x4e00), 97);
    CHECK_EQ(index_of(0), 97);
    CHECK_EQ(index_of(0x1fffff), 97);
    CHECK_EQ(index_of(0xffff), 97);
}

static const struct boot_framebuffer usual = {
    .base = 0xc0000000,
    .size_bytes = 800 * 600 * 4,
    .width = 800,
    .height = 600,
    .pitch_bytes = 800 * 4,
    .bits_per_pixel = 32,
    .format = BOOT_FB_BGRX,
    .red_mask = 0xff0000,
    .green_mask = 0xff00,
    .blue_mask = 0xff,
};

#define REFUSED(change)                                                        \
    ({                                                                         \
        struct boot_framebuffer info = usual;                                  \
        change;                                                                \
        framebuffer_refusal(&info, 1ull << 32) != NULL;                        \
    })

TEST(what_cannot_be_drawn_on_is_refused)
{
    CHECK(!REFUSED((void)0));
    CHECK(REFUSED(info.format = BOOT_FB_NONE));
    CHECK(REFUSED(info.bits_per_pixel = 8));
    CHECK(REFUSED(info.bits_per_pixel = 15));
    CHECK(REFUSED(info.red_mask = 0));
    CHECK(REFUSED(info.green_mask = 0xa00));
    CHECK(REFUSED({
        info.bits_per_pixel = 24;
        info.red_mask = 0xff000000;
    }));
    CHECK(REFUSED(info.width = 7));
    CHECK(REFUSED(info.height = 0));
    CHECK(REFUSED(info.pitch_bytes = 800 * 4 - 1));
    CHECK(REFUSED(info.pitch_bytes = 0xffffffff));
    CHECK(REFUSED(info.size_bytes--));
    CHECK(REFUSED(info.base = 0));
    // Above what can be mapped: a 2-level kernel, and one that can.
    CHECK(REFUSED(info.base = 0x7000000000));
    CHECK(REFUSED(info.base = 0xfffff000));
    CHECK(REFUSED(info.base = 0xffffffffffff0000));
    CHECK(!REFUSED({
        info.base = 0x7000000000;
        if (!framebuffer_refusal(&info, 1ull << 40))
            info = usual;
    }));
}

TEST(pixels_by_masks)
{
    struct boot_framebuffer info = usual;

    CHECK_EQ(framebuffer_pixel(&info, 0xff, 0x55, 0xaa), 0xff55aa);
    info.red_mask = 0xf800;
    info.green_mask = 0x07e0;
    info.blue_mask = 0x001f;
    CHECK_EQ(framebuffer_pixel(&info, 0xff, 0xff, 0xff), 0xffff);
    CHECK_EQ(framebuffer_pixel(&info, 0xff, 0, 0), 0xf800);
    CHECK_EQ(framebuffer_pixel(&info, 0, 0x80, 0), 32 << 5);
    info.red_mask = 0x3ff00000; // 10 bits
    info.green_mask = 0xffc00;
    info.blue_mask = 0x3ff;
    CHECK_EQ(framebuffer_pixel(&info, 0xff, 0, 0xff), 0x3ff003ff);
}

TEST(scales)
{
    static const struct {
        u32 width, height, scale, columns, rows;
    } rows[] = {
        {640, 480, 1, 80, 30},    {800, 600, 1, 100, 37},
        {1280, 800, 1, 160, 50},  {1920, 1080, 1, 240, 67},
        {2560, 1440, 2, 160, 45}, {3840, 2160, 3, 160, 45},
        {7680, 4320, 6, 160, 45}, {15360, 8640, 8, 240, 67},
        {16384, 480, 1, 512, 30},
    };

    for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
        struct boot_framebuffer info = usual;
        struct framebuffer fb;
        u32 columns, count;

        info.width = rows[i].width;
        info.height = rows[i].height;
        framebuffer_init(&fb, &info);
        framebuffer_cells(&fb, 512, 256, &columns, &count);
        CHECK_EQ(fb.scale, rows[i].scale);
        CHECK_EQ(columns, rows[i].columns);
        CHECK_EQ(count, rows[i].rows);
    }
}

// ---- drawing against a model ------------------------------------------------

#define GUARD 64u

static u32 read_pixel(const u8 *at, u32 bytes)
{
    u32 pixel = 0;

    memcpy(&pixel, at, bytes);
    return pixel;
}

// What should be at (x, y) inside the cell.
static u32 model_pixel(const u8 *glyph, u32 x, u32 y, bool underline, u32 ink,
                       u32 paper)
{
    bool on = glyph[y] >> (7 - x) & 1;

    return on || (underline && y == 15) ? ink : paper;
}

static void draw_one(u32 bytes, u32 scale)
{
    u32 columns = 3 + test_random_below(4), rows = 1 + test_random_below(3);
    u32 width = columns * 8 * scale, height = rows * 16 * scale;
    u32 pitch = width * bytes + test_random_below(13);
    u32 size = pitch * height;
    u8 *memory = malloc(size + 2 * GUARD);
    u32 mask = bytes == 4 ? 0xffffffff : (1u << bytes * 8) - 1;
    u32 ink = test_random() & mask, paper = test_random() & mask;
    u32 column = test_random_below(columns), row = test_random_below(rows);
    bool underline = test_random_one_in(3);
    u8 glyph[16];
    struct framebuffer_ink pen;
    struct framebuffer fb = {
        .base = memory + GUARD,
        .width = width,
        .height = height,
        .pitch = pitch,
        .pixel_bytes = bytes,
        .scale = scale,
    };

    memset(memory, 0x5a, size + 2 * GUARD);
    for (u32 i = 0; i < 16; i++)
        glyph[i] = (u8)test_random();
    framebuffer_ink_init(&fb, &pen, ink, paper);
    framebuffer_draw(&fb, column, row, glyph, &pen, underline);
    for (u32 i = 0; i < size + 2 * GUARD; i++) {
        u32 at = i - GUARD, y = at / pitch, x = at % pitch / (bytes * scale);
        bool inside = i >= GUARD && at < size && at % pitch < width * bytes &&
                      y / (16 * scale) == row && x / 8 == column;

        if (!inside) {
            CHECK_EQ(memory[i], 0x5a);
            continue;
        }
        if (at % pitch % bytes == 0)
            CHECK_EQ(read_pixel(memory + i, bytes),
                     model_pixel(glyph, x % 8, y / scale % 16, underline, ink,
                                 paper));
    }
    framebuffer_clear(&fb, ink);
    for (u32 y = 0; y < height; y++)
        for (u32 x = 0; x < width; x++)
            CHECK_EQ(read_pixel(fb.base + y * pitch + x * bytes, bytes), ink);
    CHECK_EQ(memory[GUARD - 1], 0x5a);
    CHECK_EQ(memory[GUARD + size], 0x5a);
    free(memory);
}

TEST(drawing)
{
    for (u32 i = 0; i < 1000; i++)
        draw_one(2 + test_random_below(3), 1 + test_random_below(4));
    draw_one(4, FB_SCALE_MAX);
}
