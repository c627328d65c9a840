// tests/unit/test_vt_random.c - the terminal emulator against a dumb model
// sources: drivers/video/vt.c drivers/video/vt_parse.c drivers/video/vt_csi.c
// sources: drivers/video/vt_sgr.c drivers/video/vt_edit.c lib/fmt.c
// SPDX-License-Identifier: MIT
//
// The model keeps characters in an array and a colour beside each, and does by
// loops what the emulator does by its ring and its table. Operations are chosen
// so that margins and the last column come often. A second test feeds bytes
// that mean nothing.

#include "harness.h"

#include <string.h>

#include <base/bits.h>

#include "../../drivers/video/vt.h"

#define COLUMNS 7u
#define ROWS    5u
#define LINES   12u

static u32 cells[LINES * COLUMNS];
static struct vt vt;
static u32 replied;

static struct model {
    struct {
        u8 code, paper;
    } cell[ROWS][COLUMNS];
    u32 row, column, top, bottom;
    u8 paper;
    bool wrap;
} model;

static void reply(void *arg __unused, const u8 *bytes __unused, u32 count)
{
    replied += count;
}

static const struct vt_ops ops = {.reply = reply};

static void write_text(const char *text)
{
    vt_write(&vt, (const u8 *)text, (u32)strlen(text));
}

static void model_blank(u32 row, u32 from, u32 to)
{
    for (u32 i = from; i < to; i++) {
        model.cell[row][i].code = ' ';
        model.cell[row][i].paper = model.paper;
    }
}

// Row by row, up or down.
static void model_scroll(u32 top, u32 bottom, bool up)
{
    for (u32 i = 0; i + 1 < bottom - top; i++) {
        u32 to = up ? top + i : bottom - 1 - i;
        u32 from = up ? to + 1 : to - 1;

        memcpy(model.cell[to], model.cell[from], sizeof(model.cell[to]));
    }
    model_blank(up ? bottom - 1 : top, 0, COLUMNS);
}

static void model_feed(void)
{
    model.wrap = false;
    if (model.row + 1 == model.bottom)
        model_scroll(model.top, model.bottom, true);
    else if (model.row + 1 < ROWS)
        model.row++;
}

static void model_put(u8 c)
{
    if (model.wrap) {
        model_feed();
        model.column = 0;
    }
    model.wrap = false;
    model.cell[model.row][model.column].code = c;
    model.cell[model.row][model.column].paper = model.paper;
    if (model.column + 1 < COLUMNS)
        model.column++;
    else
        model.wrap = true;
}

static void model_shift(bool insert)
{
    for (u32 i = 0; i + 1 < COLUMNS - model.column; i++) {
        u32 to = insert ? COLUMNS - 1 - i : model.column + i;

        model.cell[model.row][to] =
            model.cell[model.row][insert ? to - 1 : to + 1];
    }
    model_blank(model.row, insert ? model.column : COLUMNS - 1,
                insert ? model.column + 1 : COLUMNS);
    model.wrap = false;
}

static bool in_region(void)
{
    return model.row >= model.top && model.row < model.bottom;
}

static void move_randomly(void)
{
    char text[32];

    model.row = test_random_below(ROWS);
    model.column = test_random_below(COLUMNS);
    model.wrap = false;
    snprintf(text, sizeof(text), "\033[%u;%uH", model.row + 1,
             model.column + 1);
    write_text(text);
}

static void set_region(void)
{
    u32 top = test_random_below(ROWS - 1);
    u32 bottom = top + 2 + test_random_below(ROWS - top - 1);
    char text[32];

    snprintf(text, sizeof(text), "\033[%u;%ur", top + 1, bottom);
    write_text(text);
    model.top = top;
    model.bottom = bottom;
    model.row = model.column = 0;
    model.wrap = false;
}

static void erase(void)
{
    switch (test_random_below(4)) {
    case 0:
        write_text("\033[K");
        model_blank(model.row, model.column, COLUMNS);
        break;
    case 1:
        write_text("\033[1K");
        model_blank(model.row, 0, model.column + 1);
        break;
    case 2:
        write_text("\033[J");
        model_blank(model.row, model.column, COLUMNS);
        for (u32 row = model.row + 1; row < ROWS; row++)
            model_blank(row, 0, COLUMNS);
        break;
    default:
        write_text("\033[X");
        model_blank(model.row, model.column, model.column + 1);
        break;
    }
    model.wrap = false;
}

static void insert_or_delete(void)
{
    switch (test_random_below(4)) {
    case 0:
        write_text("\033[@");
        model_shift(true);
        break;
    case 1:
        write_text("\033[P");
        model_shift(false);
        break;
    case 2:
        write_text("\033[L");
        if (in_region()) {
            model_scroll(model.row, model.bottom, false);
            model.wrap = false;
        }
        break;
    default:
        write_text("\033[M");
        if (in_region()) {
            model_scroll(model.row, model.bottom, true);
            model.wrap = false;
        }
        break;
    }
}

static void colour(void)
{
    char text[16];

    model.paper = (u8)test_random_below(8);
    snprintf(text, sizeof(text), "\033[%um", 40 + model.paper);
    write_text(text);
}

static void step(void)
{
    char text[2] = {0};

    switch (test_random_below(12)) {
    case 0: move_randomly(); break;
    case 1:
        if (test_random_one_in(4))
            set_region();
        break;
    case 2: erase(); break;
    case 3: insert_or_delete(); break;
    case 4: colour(); break;
    case 5:
        write_text("\r");
        model.column = 0;
        model.wrap = false;
        break;
    case 6:
        write_text("\n");
        model_feed();
        break;
    case 7:
        write_text("\033M");
        model.wrap = false;
        if (model.row == model.top)
            model_scroll(model.top, model.bottom, false);
        else if (model.row > 0)
            model.row--;
        break;
    default:
        text[0] = (char)('a' + test_random_below(26));
        write_text(text);
        model_put((u8)text[0]);
        break;
    }
}

static void compare(void)
{
    CHECK(vt_check(&vt));
    CHECK_EQ(vt.cursor.row, model.row);
    CHECK_EQ(vt.cursor.column, model.column);
    CHECK_EQ(vt.cursor.wrap, model.wrap);
    for (u32 row = 0; row < ROWS; row++) {
        const u32 *at = vt_row(&vt, row, 0);

        for (u32 i = 0; i < COLUMNS; i++) {
            CHECK_EQ(at[i] & VT_CELL_CODE, model.cell[row][i].code);
            CHECK_EQ(vt_cell_paper(at[i]), model.cell[row][i].paper);
        }
    }
}

TEST(it_does_as_the_model_does)
{
    vt_init(&vt, COLUMNS, ROWS, cells, LINES, &ops, NULL);
    model = (struct model){.bottom = ROWS};
    for (u32 row = 0; row < ROWS; row++)
        model_blank(row, 0, COLUMNS);
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        step();
        compare();
    }
}

// Bytes as sequences have them, so that most are finished.
static u8 random_byte(void)
{
    static const u8 usual[] = "\033\033[[[;;?0123456789\r\n\b\t\016\017()#%"
                              "ABCDEFGHIJKLMPSTXZabcdefghlmnrsu@`]P78\\\x18";

    if (test_random_one_in(3))
        return (u8)test_random_below(256);
    return usual[test_random_below(sizeof(usual) - 1)];
}

TEST(no_bytes_do_harm)
{
    vt_init(&vt, COLUMNS, ROWS, cells, LINES, &ops, NULL);
    for (u32 i = 0; i < 5 * TEST_ROUNDS; i++) {
        u8 c = random_byte();

        vt_write(&vt, &c, 1);
        CHECK(vt_check(&vt));
        if (test_random_one_in(1000)) {
            vt.jump = 1 + test_random_below(ROWS);
            vt_write_line(&vt, "line\n", 5);
            CHECK(vt_check(&vt));
        }
        for (u32 j = 0; j < LINES * COLUMNS && !(i % 997); j++)
            CHECK((cells[j] & VT_CELL_CODE) <= 0x10ffff &&
                  !(cells[j] & VT_CELL_INVERSE));
    }
    CHECK(replied > 0);
}
