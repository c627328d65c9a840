// tests/unit/test_vt.c - the terminal emulator, by example
// sources: drivers/video/vt.c drivers/video/vt_parse.c drivers/video/vt_csi.c
// sources: drivers/video/vt_sgr.c drivers/video/vt_edit.c lib/fmt.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include "../../drivers/video/vt.h"

#define COLUMNS 10u
#define ROWS    4u
#define LINES   9u // five of history

static u32 cells[LINES * COLUMNS];
static struct vt vt;
static char replies[256];

static void reply(void *arg __unused, const u8 *bytes, u32 count)
{
    strncat(replies, (const char *)bytes, count);
}

static const struct vt_ops ops = {.reply = reply};

static void start(void)
{
    replies[0] = '\0';
    vt_init(&vt, COLUMNS, ROWS, cells, LINES, &ops, NULL);
}

static void put(const char *text)
{
    vt_write(&vt, (const u8 *)text, (u32)strlen(text));
    CHECK(vt_check(&vt));
}

static void show(const char *text)
{
    start();
    put(text);
}

// Rows of text, without what is blank at their ends; code points beyond ASCII
// as '?'.
static bool row_is(u32 row, u32 back, const char *text)
{
    const u32 *at = vt_row(&vt, row, back);
    char line[COLUMNS + 1] = {0};
    u32 length = COLUMNS;

    for (u32 i = 0; i < COLUMNS; i++) {
        u32 code = at[i] & VT_CELL_CODE;

        line[i] = code < 0x7f ? (char)code : '?';
    }
    while (length && line[length - 1] == ' ')
        line[--length] = '\0';
    if (strcmp(line, text) == 0)
        return true;
    fprintf(stderr, "row %u is \"%s\", not \"%s\"\n", row, line, text);
    return false;
}

static bool screen_is(const char *a, const char *b, const char *c,
                      const char *d)
{
    return row_is(0, 0, a) && row_is(1, 0, b) && row_is(2, 0, c) &&
           row_is(3, 0, d);
}

static bool cursor_is(u32 row, u32 column)
{
    return vt.cursor.row == row && vt.cursor.column == column;
}

static u32 code_at(u32 row, u32 column)
{
    return vt_row(&vt, row, 0)[column] & VT_CELL_CODE;
}

static u32 ink_at(u32 row, u32 column)
{
    return vt_cell_ink(vt_row(&vt, row, 0)[column]);
}

static u32 paper_at(u32 row, u32 column)
{
    return vt_cell_paper(vt_row(&vt, row, 0)[column]);
}

TEST(text_and_line_ends)
{
    show("ab\r\ncd\ne\b\bx\tY");
    CHECK(screen_is("ab", "cd", " xe     Y", ""));
    CHECK(cursor_is(2, 9));
}

TEST(the_last_column_wraps_with_the_next_character)
{
    show("0123456789");
    CHECK(cursor_is(0, 9) && vt.cursor.wrap);
    put("\r\n");
    CHECK(cursor_is(1, 0));
    show("0123456789a");
    CHECK(screen_is("0123456789", "a", "", ""));
    show("\033[?7l0123456789ab");
    CHECK(screen_is("012345678b", "", "", ""));
    // A motion takes the mark away.
    show("0123456789\033[Dx");
    CHECK(screen_is("01234567x9", "", "", ""));
}

TEST(scrolling_keeps_a_history)
{
    show("1\r\n2\r\n3\r\n4\r\n5\r\n6");
    CHECK(screen_is("3", "4", "5", "6"));
    CHECK_EQ(vt.history, 2);
    CHECK(row_is(0, 1, "2") && row_is(0, 2, "1"));
    for (u32 i = 0; i < 20; i++)
        put("\r\nx");
    CHECK_EQ(vt.history, LINES - ROWS);
    put("\033[3J");
    CHECK_EQ(vt.history, 0);
}

TEST(scrolling_by_jumps)
{
    start();
    vt.jump = 2;
    put("1\r\n2\r\n3\r\n4\r\n5");
    CHECK(screen_is("3", "4", "5", ""));
    CHECK(cursor_is(2, 1));
    put("\r\n6\r\n7");
    CHECK(screen_is("5", "6", "7", ""));
}

TEST(motions_stay_on_the_screen)
{
    show("\033[3;4Hx\033[99;99Hy\033[H\033[99Bz\033[99A\033[99C!\033[99D#");
    CHECK(screen_is("#        !", "", "   x", "z        y"));
    show("\033[2;5H\033[A\033[Ca\033[2Eb\033[Fc\033[5Gd\033[3de");
    CHECK(screen_is("     a", "c   d", "b    e", ""));
    show("\033[0;0Ha\033[;3Hb\033[2Hc");
    CHECK(screen_is("a b", "c", "", ""));
}

TEST(erasing)
{
    show("aaaaaaaaaa\r\nbbbbbbbbbb\r\ncccccccccc\r\ndddddddddd");
    put("\033[2;4H\033[K");
    CHECK(row_is(1, 0, "bbb"));
    put("\033[3;4H\033[1K");
    CHECK(row_is(2, 0, "    cccccc"));
    put("\033[3;6H\033[2X");
    CHECK(row_is(2, 0, "    c  ccc"));
    put("\033[J");
    CHECK(screen_is("aaaaaaaaaa", "bbb", "    c", ""));
    put("\033[2;2H\033[1J");
    CHECK(screen_is("", "  b", "    c", ""));
    put("\033[2J");
    CHECK(screen_is("", "", "", ""));
    CHECK(cursor_is(1, 1));
}

TEST(erasing_leaves_the_paper_of_now)
{
    show("\033[44mx\033[2J");
    CHECK_EQ(paper_at(0, 0), 4);
    CHECK_EQ(paper_at(3, 9), 4);
    put("\033[3;1H\033[m\033[K");
    CHECK_EQ(paper_at(2, 5), 0);
}

TEST(inserting_and_deleting)
{
    show("abcdef\r\033[2C\033[2@");
    CHECK(row_is(0, 0, "ab  cdef"));
    put("\033[3P");
    CHECK(row_is(0, 0, "abdef"));
    put("\033[4hXY\033[4lZ");
    CHECK(row_is(0, 0, "abXYZef"));
    show("1\r\n2\r\n3\r\n4\033[2;1H\033[L");
    CHECK(screen_is("1", "", "2", "3"));
    put("\033[2M");
    CHECK(screen_is("1", "3", "", ""));
    show("1\r\n2\r\n3\r\n4\033[S");
    CHECK(screen_is("2", "3", "4", ""));
    put("\033[2T");
    CHECK(screen_is("", "", "2", "3"));
}

TEST(a_region_scrolls_alone)
{
    show("1\r\n2\r\n3\r\n4\033[2;3r");
    CHECK(cursor_is(0, 0));
    put("\033[3;1H\nx");
    CHECK(screen_is("1", "3", "x", "4"));
    put("\033[2;1H\033My");
    CHECK(screen_is("1", "y", "3", "4"));
    CHECK_EQ(vt.history, 0);
    // Below it nothing scrolls.
    put("\033[4;1H\n\nz");
    CHECK(screen_is("1", "y", "3", "z"));
    put("\033[r\033[1;1H\033M");
    CHECK(screen_is("", "1", "y", "3"));
    // Origin mode: rows count from the region.
    put("\033[2;3r\033[?6h\033[9;1Hb\033[1;2Ha\033[6n");
    CHECK(screen_is("", "1a", "b", "3"));
    CHECK(strcmp(replies, "\033[1;3R") == 0);
    put("\033[?6l");
    CHECK(cursor_is(0, 0));
}

// Interrupts are off meanwhile: no more than the screen has room for.
TEST(repeating)
{
    show("a\033[3b\033[b-");
    CHECK(row_is(0, 0, "aaaaa-"));
    show("x\033[65535b\r\n");
    CHECK_EQ(vt.history, 2); // of 41 characters, and a line's end
    show("\033[9b");         // there is nothing yet
    CHECK(row_is(0, 0, ""));
}

TEST(colours)
{
    show("\033[31;44ma\033[1mb\033[7mc\033[0md\033[2me\033[22;97;100mf");
    CHECK_EQ(ink_at(0, 0), 1);
    CHECK_EQ(paper_at(0, 0), 4);
    CHECK_EQ(ink_at(0, 1), 9);
    CHECK_EQ(ink_at(0, 2), 4);
    CHECK_EQ(paper_at(0, 2), 9);
    CHECK_EQ(ink_at(0, 3), 7);
    CHECK_EQ(ink_at(0, 4), 8);
    CHECK_EQ(ink_at(0, 5), 15);
    CHECK_EQ(paper_at(0, 5), 8);
    put("\033[m\033[4mu\033[24mn");
    CHECK(vt_row(&vt, 0, 0)[6] & VT_CELL_UNDERLINE);
    CHECK(!(vt_row(&vt, 0, 0)[7] & VT_CELL_UNDERLINE));
    put("\033[38;5;196mr\033[38;2;0;0;255mb");
    CHECK_EQ(ink_at(0, 8), 9);
    CHECK_EQ(ink_at(0, 9), 12);
    put("\033[39;49m\r\nx");
    CHECK_EQ(ink_at(1, 0), 7);
    // A palette is swallowed, and does not swallow what follows.
    put("\033]P0123456y\033]Rz\033]0;title\007!\033]2;t\033\\?");
    CHECK(row_is(1, 0, "xyz!?"));
}

TEST(saving_and_resetting)
{
    show("\033[2;3H\033[31m\0337\033[H\033[maa\0338b");
    CHECK(screen_is("aa", "  b", "", ""));
    CHECK_EQ(ink_at(1, 2), 1);
    put("\033[s\033[H\033[ux");
    CHECK(row_is(1, 0, "  bx"));
    put("\033[?25l\033[?1h\033[?5h\033[2;3r");
    CHECK(vt.cursor_hidden && vt.application_cursor && vt.reverse_screen);
    put("\033c");
    CHECK(screen_is("", "", "", ""));
    CHECK(!vt.cursor_hidden && !vt.application_cursor && !vt.reverse_screen);
    CHECK(vt.top == 0 && vt.bottom == ROWS && cursor_is(0, 0));
}

TEST(tabs)
{
    show("\033[3C\033H\r\tx");
    CHECK(cursor_is(0, 4));
    put("\033[3g\r\ty");
    CHECK(cursor_is(0, 9));
    put("\033c\t\033[Zz");
    CHECK(row_is(0, 0, "z"));
}

TEST(reports)
{
    show("\033[3;7H\033[6n\033[5n\033[c\033Z");
    CHECK(strcmp(replies, "\033[3;7R\033[0n\033[?6c\033[?6c") == 0);
    // What terminfo's linux has for the cursor is no question.
    replies[0] = '\0';
    put("\033[?25l\033[?1c\033[?0c\033[>c");
    CHECK_EQ(strlen(replies), 0);
}

TEST(line_drawing)
{
    show("\033(0lqk\033(Bq\033)0\016x\017x");
    CHECK_EQ(code_at(0, 0), 0x250c);
    CHECK_EQ(code_at(0, 1), 0x2500);
    CHECK_EQ(code_at(0, 2), 0x2510);
    CHECK_EQ(code_at(0, 3), 'q');
    CHECK_EQ(code_at(0, 4), 0x2502);
    CHECK_EQ(code_at(0, 5), 'x');
}

TEST(utf8)
{
    show("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    CHECK_EQ(code_at(0, 0), 0xe4);
    CHECK_EQ(code_at(0, 1), 0x20ac);
    CHECK_EQ(code_at(0, 2), 0x1f600);
    CHECK(cursor_is(0, 4)); // it is wide
    // A lone continuation, an overlong form, a surrogate, one cut short, one
    // beyond the last: each byte that begins nothing gives one.
    show("\x80|\xc0\xaf|\xed\xa0|");
    CHECK_EQ(code_at(0, 0), 0xfffd);
    CHECK(row_is(0, 0, "?|??|??|"));
    show("\xe2\x82|\xe2\x82\xe2\x82\xac|\xf4\x90|");
    CHECK(row_is(0, 0, "?|??|??|"));
    CHECK_EQ(code_at(0, 3), 0x20ac);
    // Marks that combine have no column.
    show("a\xcc\x81"
         "b");
    CHECK(row_is(0, 0, "ab"));
}

TEST(control_characters_inside_sequences)
{
    show("\033[3\r\n1mx");
    CHECK(row_is(1, 0, "x"));
    CHECK_EQ(ink_at(1, 0), 1);
    show("\033[3\030m\033[3\033[32mx");
    CHECK(row_is(0, 0, "mx"));
    CHECK_EQ(ink_at(0, 1), 2);
    show("\033[[Aa\033[1$xb\033[<5hc\033Pq\033\\d\033%Ge\033#8");
    CHECK(row_is(0, 0, "EEEEEEEEEE"));
    show("ab\033[3b\033[99999999999b\033[r\033[2;1r\033[9;9r");
    CHECK(cursor_is(0, 0) || vt.cursor.wrap);
}

TEST(the_kernel_writes_lines_of_its_own)
{
    show("\033[31;4m\033[4hprompt\033[");
    vt_write_line(&vt, "a line\nb\033[1mc\n", 14);
    put("32mx");
    CHECK(screen_is("prompt", "a line", "b?[1mc", "x"));
    CHECK_EQ(ink_at(1, 0), 7);
    CHECK_EQ(ink_at(3, 0), 2);
    CHECK(vt_row(&vt, 3, 0)[0] & VT_CELL_UNDERLINE);
}

TEST(the_kernel_writes_no_sequences)
{
    show("kept\r\n");
    vt_write_line(&vt, "n\302\2332Jm\n", 7); // U+009B, as a name has it
    CHECK(screen_is("kept", "n2Jm", "", ""));
    vt_write_line(&vt, "\302\2336n\n", 5);
    CHECK_EQ(replies[0], '\0');
}

TEST(going_on_after_anything)
{
    start();
    vt.first = 0xffffffff;
    vt.history = 77;
    vt.top = 9;
    vt.bottom = 3;
    vt.cursor.row = 1000;
    vt.cursor.column = 1000;
    vt.parser.count = 99;
    vt_recover(&vt);
    CHECK(vt_check(&vt));
    vt_write_line(&vt, "here\n", 5);
    CHECK(vt_check(&vt));
}

TEST(dirty_rows_are_told)
{
    show("1\r\n2");
    memset(vt.dirty, 0, sizeof(vt.dirty));
    put("x");
    CHECK_EQ(vt.dirty[0], 1u << 1);
    memset(vt.dirty, 0, sizeof(vt.dirty));
    put("\033[4;1H");
    CHECK_EQ(vt.dirty[0], 1u << 1 | 1u << 3);
    put("\n");
    CHECK_EQ(vt.dirty[0] & 0xf, 0xf);
}
