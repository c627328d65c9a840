// tests/unit/test_ldisc.c - drivers/tty/ldisc.c and its neighbours, by example
// sources: drivers/tty/ldisc.c drivers/tty/ldisc_input.c drivers/tty/opost.c
// SPDX-License-Identifier: MIT
//
// Keys go in as strings; what the terminal shows, what a program reads, and
// which signals were sent are compared with what a Linux terminal does.

#include "harness.h"

#include <string.h>

#include "../../drivers/tty/ldisc.h"

#define CTRL(c) ((c)&0x1f)

static struct {
    struct ldisc ld;
    char shown[65536];
    u32 shown_bytes;
    char signals[64];
    u32 signal_count;
    u32 flushes;
    bool stopped;
    u32 flow_changes;
} t;

static void echo(void *arg, u8 byte)
{
    CHECK(arg == &t);
    CHECK(t.shown_bytes < sizeof(t.shown) - 1);
    t.shown[t.shown_bytes++] = (char)byte;
    t.shown[t.shown_bytes] = '\0';
}

static void raise_signal(void *arg, enum ldisc_signal signal, bool flush)
{
    static const char names[] = {
        [LDISC_INTERRUPT] = 'I', [LDISC_QUIT] = 'Q', [LDISC_SUSPEND] = 'S'};

    CHECK(arg == &t);
    t.signals[t.signal_count++] = names[signal];
    t.flushes += flush;
}

static void flow(void *arg, bool stopped)
{
    CHECK(arg == &t);
    t.stopped = stopped;
    t.flow_changes++;
}

static const struct ldisc_ops ops = {echo, raise_signal, flow};

// The modes of a terminal that was just opened.
static struct termios2 sane(void)
{
    return (struct termios2){
        .c_iflag = ICRNL | IXON,
        .c_oflag = OPOST | ONLCR,
        .c_cflag = CS8 | CREAD,
        .c_lflag =
            ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
        .c_cc = {[VINTR] = CTRL('C'),
                 [VQUIT] = CTRL('\\'),
                 [VERASE] = 0x7f,
                 [VKILL] = CTRL('U'),
                 [VEOF] = CTRL('D'),
                 [VMIN] = 1,
                 [VSTART] = CTRL('Q'),
                 [VSTOP] = CTRL('S'),
                 [VSUSP] = CTRL('Z'),
                 [VREPRINT] = CTRL('R'),
                 [VWERASE] = CTRL('W'),
                 [VLNEXT] = CTRL('V')},
    };
}

static void begin_with(struct termios2 modes)
{
    memset(&t, 0, sizeof(t));
    ldisc_init(&t.ld, &ops, &t, &modes);
}

static void begin(void)
{
    begin_with(sane());
}

static void begin_raw(u8 least, u8 time)
{
    struct termios2 modes = sane();

    modes.c_iflag = 0;
    modes.c_oflag = 0;
    modes.c_lflag = 0;
    modes.c_cc[VMIN] = least;
    modes.c_cc[VTIME] = time;
    begin_with(modes);
}

static void keys_of(const char *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ldisc_receive(&t.ld, (u8)keys[i], LDISC_CHAR);
        CHECK(ldisc_check(&t.ld));
    }
}

static void keys(const char *text)
{
    keys_of(text, strlen(text));
}

static void shows(const char *expected)
{
    if (strcmp(t.shown, expected) != 0)
        test_fail(__FILE__, __LINE__, "shown \"%s\", expected \"%s\"", t.shown,
                  expected);
    t.shown_bytes = 0;
    t.shown[0] = '\0';
}

// The next read gives exactly this, and ends a line if @end says so.
static void reads_of(const char *expected, u32 bytes, bool end)
{
    char buf[8192];
    bool ended;
    u32 count = ldisc_read(&t.ld, (u8 *)buf, sizeof(buf), &ended);

    CHECK_EQ(count, bytes);
    CHECK(memcmp(buf, expected, bytes) == 0);
    CHECK_EQ(ended, end);
    CHECK(ldisc_check(&t.ld));
}

static void reads(const char *expected)
{
    reads_of(expected, (u32)strlen(expected), true);
}

static void reads_nothing(void)
{
    CHECK(!ldisc_can_read(&t.ld));
    reads_of("", 0, false);
}

// ---- lines -----------------------------------------------------------------

TEST(lines)
{
    begin();
    keys("ls -l");
    shows("ls -l");
    CHECK(!ldisc_can_read(&t.ld) && !ldisc_poll(&t.ld));
    reads_nothing();
    keys("\r");
    shows("\r\n");
    CHECK(ldisc_can_read(&t.ld) && ldisc_poll(&t.ld));
    CHECK_EQ(ldisc_readable(&t.ld), 6);
    keys("a\nbc\n");
    reads("ls -l\n");
    reads("a\n");
    reads("bc\n");
    reads_nothing();
}

TEST(a_line_in_parts)
{
    u8 buf[4];
    bool end;

    begin();
    keys("abcdef\n");
    CHECK_EQ(ldisc_read(&t.ld, buf, 4, &end), 4);
    CHECK(memcmp(buf, "abcd", 4) == 0 && !end);
    CHECK_EQ(ldisc_read(&t.ld, buf, 4, &end), 3);
    CHECK(memcmp(buf, "ef\n", 3) == 0 && end);
}

TEST(end_of_file)
{
    u8 buf[3];
    bool end;

    begin();
    keys("\x04");
    CHECK(ldisc_can_read(&t.ld));
    CHECK_EQ(ldisc_readable(&t.ld), 0);
    reads("");
    keys("abc\x04");
    shows("abc");
    reads("abc"); // pushes what was typed
    reads_nothing();
    // A read of just the line's length takes the mark along.
    keys("abc\x04x\n");
    CHECK_EQ(ldisc_read(&t.ld, buf, 3, &end), 3);
    CHECK(end);
    reads("x\n");
    // A zero byte that was typed is no mark.
    keys_of("\x16\0a\n", 4);
    reads_of("\0a\n", 3, true);
}

TEST(other_line_ends)
{
    struct termios2 modes = sane();

    modes.c_cc[VEOL] = ';';
    modes.c_cc[VEOL2] = '!';
    begin_with(modes);
    keys("ab;c!d\n");
    shows("ab;c!d\r\n");
    reads("ab;");
    reads("c!");
    reads("d\n");
    modes.c_lflag &= ~IEXTEN; // VEOL2 is an extension
    begin_with(modes);
    keys("c!d\n");
    reads("c!d\n");
}

TEST(carriage_returns)
{
    struct termios2 modes = sane();

    modes.c_iflag = IGNCR;
    begin_with(modes);
    keys("a\r\n");
    reads("a\n");
    modes.c_iflag = INLCR;
    begin_with(modes);
    keys("a\nb");
    shows("a^Mb");
    reads_nothing();
    modes.c_iflag = 0;
    begin_with(modes);
    keys("a\rb\n");
    reads("a\rb\n");
    modes.c_iflag = ISTRIP;
    begin_with(modes);
    keys("\xe1\n");
    reads("a\n");
}

TEST(long_line)
{
    static char line[6000];

    begin();
    memset(line, 'x', sizeof(line));
    keys_of(line, sizeof(line));
    CHECK_EQ(t.shown_bytes, sizeof(line)); // echoed, though not kept
    CHECK(!ldisc_is_full(&t.ld));
    keys("\n");
    CHECK(ldisc_is_full(&t.ld)); // a line waits: no more, please
    line[LDISC_BYTES - 1] = '\n';
    reads_of(line, LDISC_BYTES, true);
    CHECK(!ldisc_is_full(&t.ld));
    keys("y\n");
    reads("y\n");
    // The end of a line can be rubbed out of an overlong one, and it can be
    // interrupted.
    memset(line, 'x', sizeof(line));
    keys_of(line, sizeof(line));
    keys("\x15ok\n");
    reads("ok\n");
    keys_of(line, sizeof(line));
    keys("\x03");
    CHECK_EQ(t.signal_count, 1);
    reads_nothing();
}

TEST(full_of_lines)
{
    begin();
    for (u32 i = 0; i < LDISC_BYTES; i++)
        keys("\n");
    CHECK(ldisc_is_full(&t.ld));
    keys("\nx\x04"); // whoever does not ask loses it
    CHECK_EQ(ldisc_readable(&t.ld), LDISC_BYTES);
    for (u32 i = 0; i < LDISC_BYTES; i++)
        reads("\n");
    reads_nothing();
}

// ---- editing ---------------------------------------------------------------

TEST(erase)
{
    begin();
    keys("\x7f"); // nothing there
    shows("");
    keys("ab\x7f\x7f\x7f");
    shows("ab\b \b\b \b");
    keys("x\x01\x7f");
    shows("x^A\b \b\b \b"); // two columns
    keys("\n");
    reads("x\n");
    // What ended cannot be erased.
    keys("a\n\x7f\x7f");
    reads("a\n");
}

TEST(erase_without_echoe)
{
    struct termios2 modes = sane();

    modes.c_lflag &= ~ECHOE;
    begin_with(modes);
    keys("ab\x7f\n");
    shows("ab^?\r\n");
    reads("a\n");
}

TEST(erase_tab)
{
    begin();
    keys("ab\t\x7f");
    shows("ab\t\b\b\b\b\b\b");
    keys("\t\t\x7f");
    shows("\t\t\b\b\b\b\b\b\b\b");
    keys("\x15");
    shows("\b\b\b\b\b\b\b \b\b \b");
    // The line began behind a prompt.
    for (const char *p = "# "; *p; p++) {
        u8 out[LDISC_OUTPUT_MAX];

        CHECK_EQ(ldisc_output(&t.ld, (u8)*p, out), 1);
    }
    keys("\t\x7f");
    shows("\t\b\b\b\b\b\b");
}

TEST(erase_utf8)
{
    struct termios2 modes = sane();

    modes.c_iflag |= IUTF8;
    begin_with(modes);
    keys("a\xc3\xa9\xe2\x82\xac\x7f");
    shows("a\xc3\xa9\xe2\x82\xac\b \b");
    keys("\x7f");
    shows("\b \b");
    keys("\n");
    reads("a\n");
    // A tail without its head goes alone.
    keys("\xa9\x7f\n");
    reads("\n");
}

TEST(erase_word)
{
    begin();
    keys("ls foo_1/bar  \x17");
    shows("ls foo_1/bar  \b \b\b \b\b \b\b \b\b \b");
    keys("\x17");
    shows("\b \b\b \b\b \b\b \b\b \b\b \b");
    keys("\n");
    reads("ls \n");
    keys("  \x17\x17x\n");
    reads("x\n");
}

TEST(kill_line)
{
    struct termios2 modes = sane();

    begin();
    keys("abc\x15");
    shows("abc\b \b\b \b\b \b");
    keys("d\n");
    reads("d\n");
    modes.c_lflag &= ~ECHOKE;
    begin_with(modes);
    keys("abc\x15");
    shows("abc^U\r\n");
    modes.c_lflag &= ~ECHOK;
    begin_with(modes);
    keys("abc\x15");
    shows("abc^U");
    modes.c_lflag &= ~ECHO;
    begin_with(modes);
    keys("abc\x15\n");
    shows("");
    reads("\n");
}

TEST(literal_next)
{
    begin();
    keys("\x16\x03");
    shows("^\b^C");
    CHECK_EQ(t.signal_count, 0);
    keys("\x16\x16\x16\x7f\x16\r\n");
    reads("\x03\x16\x7f\r\n");
}

TEST(reprint)
{
    begin();
    keys("ab\x01\x12");
    shows("ab^A^R\r\nab^A");
    keys("\n");
    reads("ab\x01\n");
}

TEST(echo_nl_only)
{
    struct termios2 modes = sane();

    modes.c_lflag = (modes.c_lflag & ~ECHO) | ECHONL;
    begin_with(modes);
    keys("secret\n");
    shows("\r\n");
    reads("secret\n");
}

TEST(disabled_characters)
{
    struct termios2 modes = sane();

    memset(modes.c_cc, 0, sizeof(modes.c_cc));
    begin_with(modes);
    keys_of("\0\x03\x7f\x15\x04\n", 6);
    CHECK_EQ(t.signal_count, 0);
    reads_of("\0\x03\x7f\x15\x04\n", 6, true);
}

// ---- signals, flow control, errors -----------------------------------------

TEST(signals)
{
    struct termios2 modes = sane();

    begin();
    keys("done\nhalf\x03");
    shows("done\r\nhalf^C");
    reads_nothing(); // flushed, complete lines too
    keys("\x1c\x1a");
    CHECK(strcmp(t.signals, "IQS") == 0);
    CHECK_EQ(t.flushes, 3);
    modes.c_lflag |= NOFLSH;
    begin_with(modes);
    keys("a\x03"
         "b\n");
    CHECK_EQ(t.flushes, 0);
    reads("ab\n");
    modes.c_lflag &= ~ISIG;
    begin_with(modes);
    keys("a\x03\n");
    CHECK_EQ(t.signal_count, 0);
    reads("a\x03\n");
}

TEST(flow_control)
{
    struct termios2 modes = sane();

    begin();
    keys("\x13\x13");
    CHECK(t.stopped && t.flow_changes == 1);
    keys("a");
    CHECK(t.stopped);
    keys("\x11");
    CHECK(!t.stopped && t.flow_changes == 2);
    keys("\x13\x03"); // who interrupts wants to see it
    CHECK(!t.stopped);
    modes.c_iflag |= IXANY;
    begin_with(modes);
    keys("\x13"
         "a\n");
    CHECK(!t.stopped);
    reads("a\n");
    keys("\x13");
    modes.c_iflag = 0;
    ldisc_set_termios(&t.ld, &modes);
    CHECK(!t.stopped); // nobody could start it again
    keys("\x13\n");
    reads("\x13\n");
    modes = sane();
    modes.c_cc[VSTOP] = modes.c_cc[VSTART];
    begin_with(modes);
    keys("\x11");
    CHECK(t.stopped);
    keys("\x11");
    CHECK(!t.stopped);
}

static void receive_bad(void)
{
    ldisc_receive(&t.ld, 'x', LDISC_ERROR);
    ldisc_receive(&t.ld, 0, LDISC_BREAK);
    ldisc_receive(&t.ld, 0xff, LDISC_CHAR);
}

TEST(errors_and_breaks)
{
    struct {
        u32 flags;
        const char *reads;
        u32 bytes;
    } cases[] = {
        {0, "x\0\xff", 3},
        {IGNBRK, "x\xff", 2},
        {INPCK, "\0\0\xff", 3},
        {INPCK | IGNPAR, "\0\xff", 2},
        {INPCK | PARMRK, "\xff\0x\xff\0\0\xff\xff", 8},
        {PARMRK | ISTRIP, "x\xff\0\0\x7f", 5},
    };

    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        begin_raw(1, 0);
        t.ld.termios.c_iflag = cases[i].flags;
        receive_bad();
        reads_of(cases[i].reads, cases[i].bytes, false);
        CHECK_EQ(t.signal_count, 0);
    }
    begin_raw(1, 0);
    t.ld.termios.c_iflag = BRKINT;
    receive_bad();
    CHECK(strcmp(t.signals, "I") == 0);
    reads_of("\xff", 1, false);
}

// ---- without ICANON --------------------------------------------------------

TEST(raw_bytes)
{
    char all[256];

    begin_raw(1, 0);
    for (u32 i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    keys_of(all, sizeof(all));
    shows("");
    CHECK_EQ(ldisc_readable(&t.ld), 256);
    reads_of(all, 256, false);
    reads_nothing();
}

TEST(raw_full)
{
    static char line[LDISC_BYTES];
    u32 count = 0;

    begin_raw(1, 0);
    memset(line, 'r', sizeof(line));
    while (!ldisc_is_full(&t.ld)) {
        keys("r");
        CHECK(++count < LDISC_BYTES);
    }
    CHECK(count > LDISC_BYTES - 8);
    CHECK_EQ(ldisc_readable(&t.ld), count);
    reads_of(line, count, false);
    CHECK(!ldisc_is_full(&t.ld));
}

TEST(raw_poll)
{
    begin_raw(3, 0);
    keys("ab");
    CHECK(ldisc_can_read(&t.ld) && !ldisc_poll(&t.ld));
    keys("c");
    CHECK(ldisc_poll(&t.ld));
    begin_raw(3, 5);
    keys("a");
    CHECK(ldisc_poll(&t.ld));
    begin_raw(0, 0);
    CHECK(!ldisc_poll(&t.ld));
}

TEST(changing_modes)
{
    struct termios2 raw = sane(), modes = sane();

    raw.c_lflag &= ~ICANON;
    begin();
    keys("a\nhalf");
    ldisc_set_termios(&t.ld, &raw);
    CHECK(ldisc_check(&t.ld));
    reads_of("a\nhalf", 6, false);
    keys("xy");
    ldisc_set_termios(&t.ld, &modes);
    CHECK(ldisc_check(&t.ld));
    keys("\x7fz\n"); // what was typed before is a line of its own now
    reads("xy");
    reads("z\n");
    ldisc_set_termios(&t.ld, &raw);
    ldisc_set_termios(&t.ld, &modes);
    reads_nothing();
    keys("abc");
    ldisc_flush_input(&t.ld);
    keys("\n");
    reads("\n");
}

TEST(vmin_vtime)
{
    struct {
        u8 least, time;
        u32 wanted, got;
        enum ldisc_wait wait;
    } cases[] = {
        {0, 0, 10, 0, LDISC_RETURN},
        {0, 0, 10, 3, LDISC_RETURN},
        {0, 7, 10, 0, LDISC_SLEEP_TIMED}, // for the first byte
        {0, 7, 10, 1, LDISC_RETURN},
        {1, 0, 10, 0, LDISC_SLEEP},
        {1, 0, 10, 1, LDISC_RETURN},
        {5, 0, 10, 4, LDISC_SLEEP},
        {5, 0, 10, 5, LDISC_RETURN},
        {5, 0, 3, 3, LDISC_RETURN}, // more than the read has room for
        {5, 7, 10, 0, LDISC_SLEEP}, // the clock starts with the first byte
        {5, 7, 10, 1, LDISC_SLEEP_TIMED},
        {5, 7, 10, 5, LDISC_RETURN},
        {255, 255, 1000, 254, LDISC_SLEEP_TIMED},
    };
    u32 ds;

    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        begin_raw(cases[i].least, cases[i].time);
        CHECK_EQ(ldisc_read_wait(&t.ld, cases[i].wanted, cases[i].got, &ds),
                 cases[i].wait);
        CHECK_EQ(ds, cases[i].time);
    }
    begin();
    CHECK_EQ(ldisc_read_wait(&t.ld, 10, 0, &ds), LDISC_SLEEP);
    CHECK_EQ(ldisc_read_wait(&t.ld, 10, 3, &ds), LDISC_RETURN);
}

// ---- output ----------------------------------------------------------------

static void outputs(u32 flags, const char *text, const char *expected)
{
    struct termios2 modes = sane();
    char all[64] = "";

    modes.c_oflag = flags;
    begin_with(modes);
    for (; *text; text++) {
        u8 out[LDISC_OUTPUT_MAX];
        u32 count = ldisc_output(&t.ld, (u8)*text, out);

        CHECK(count <= sizeof(out));
        strncat(all, (char *)out, count);
    }
    if (strcmp(all, expected) != 0)
        test_fail(__FILE__, __LINE__, "output \"%s\", expected \"%s\"", all,
                  expected);
}

TEST(output_modes)
{
    outputs(0, "a\tb\r\n", "a\tb\r\n");
    outputs(ONLCR, "a\n", "a\n"); // nothing without OPOST
    outputs(OPOST, "a\r\n", "a\r\n");
    outputs(OPOST | ONLCR, "a\nb\r\n", "a\r\nb\r\r\n");
    outputs(OPOST | OCRNL, "a\rb", "a\nb");
    outputs(OPOST | ONOCR, "\ra\r\r", "a\r");
    outputs(OPOST | ONLRET | ONOCR, "a\n\rb", "a\nb");
    outputs(OPOST | XTABS, "ab\tc\t", "ab      c       ");
    outputs(OPOST | XTABS | ONLCR, "abc\n\tx", "abc\r\n        x");
    outputs(OPOST | XTABS, "abc\b\b\tx", "abc\b\b       x");
}
