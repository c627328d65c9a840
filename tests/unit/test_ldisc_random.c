// tests/unit/test_ldisc_random.c - the line discipline against a dumb model
// sources: drivers/tty/ldisc.c drivers/tty/ldisc_input.c drivers/tty/opost.c
// SPDX-License-Identifier: MIT
//
// The model keeps a list of lines and the line being typed, as plain strings.
// Keys are chosen so that every editing function comes often, in runs that
// overflow the ring, too.

#include "harness.h"

#include <string.h>

#include "../../drivers/tty/ldisc.h"

#define MODEL_LINES LDISC_BYTES

enum {
    ERASE = 0x7f,
    KILL = 0x15,
    END = 0x04,
    LITERAL = 0x16,
    INTR = 0x03
};

static struct model {
    struct {
        u8 bytes[LDISC_BYTES];
        u32 count; // without the mark of an end of file
        u32 room;  // with it
    } lines[MODEL_LINES];
    u32 first, line_count; // of lines
    u8 typed[LDISC_BYTES];
    u32 typed_count;
    u32 used; // of the ring
    bool literal;
    u32 signals;
} model;

static u32 signals;

static void echo(void *arg __unused, u8 byte __unused) {}

static void raise_signal(void *arg __unused, enum ldisc_signal signal __unused,
                         bool flush __unused)
{
    signals++;
}

static void flow(void *arg __unused, bool stopped __unused) {}

static const struct ldisc_ops ops = {echo, raise_signal, flow};

static void model_type(u8 c)
{
    if (model.used >= LDISC_BYTES - 1)
        return;
    model.typed[model.typed_count++] = c;
    model.used++;
}

static void model_end(u8 c)
{
    u32 at = (model.first + model.line_count) % MODEL_LINES;

    if (model.used >= LDISC_BYTES)
        return;
    model.used++;
    memcpy(model.lines[at].bytes, model.typed, model.typed_count);
    model.lines[at].count = model.typed_count;
    if (c)
        model.lines[at].bytes[model.lines[at].count++] = c;
    model.lines[at].room = model.typed_count + 1;
    model.typed_count = 0;
    model.line_count++;
}

static void model_key(u8 c)
{
    if (model.literal) {
        model.literal = false;
        model_type(c);
        return;
    }
    switch (c) {
    case ERASE:
        if (model.typed_count) {
            model.typed_count--;
            model.used--;
        }
        break;
    case KILL:
        model.used -= model.typed_count;
        model.typed_count = 0;
        break;
    case INTR:
        model.signals++;
        model.typed_count = model.line_count = model.used = 0;
        break;
    case LITERAL: model.literal = true; break;
    case END: model_end(0); break;
    case '\n': model_end('\n'); break;
    default: model_type(c); break;
    }
}

static void read_and_compare(struct ldisc *ld)
{
    static u8 buf[LDISC_BYTES];
    bool end;
    u32 count = ldisc_read(ld, buf, sizeof(buf), &end);

    CHECK_EQ(end, model.line_count != 0);
    if (!model.line_count) {
        CHECK_EQ(count, 0);
        return;
    }
    CHECK_EQ(count, model.lines[model.first].count);
    CHECK(memcmp(buf, model.lines[model.first].bytes, count) == 0);
    model.used -= model.lines[model.first].room;
    model.first = (model.first + 1) % MODEL_LINES;
    model.line_count--;
}

static u8 random_key(void)
{
    static const u8 special[] = {ERASE, ERASE, ERASE, KILL,   END,
                                 '\n',  '\n',  '\n',  LITERAL};

    if (test_random_one_in(8))
        return special[test_random_below(sizeof(special))];
    if (test_random_one_in(5000))
        return INTR;
    return test_random_one_in(16) ? '\t' : (u8)('a' + test_random_below(26));
}

static u32 model_readable(void)
{
    u32 sum = 0;

    for (u32 i = 0; i < model.line_count; i++)
        sum += model.lines[(model.first + i) % MODEL_LINES].count;
    return sum;
}

TEST(random_keys)
{
    static struct ldisc ld;
    struct termios2 modes = {
        .c_oflag = OPOST | ONLCR,
        .c_lflag =
            ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
        .c_cc = {[VINTR] = INTR,
                 [VERASE] = ERASE,
                 [VKILL] = KILL,
                 [VEOF] = END,
                 [VLNEXT] = LITERAL},
    };

    memset(&model, 0, sizeof(model));
    signals = 0;
    ldisc_init(&ld, &ops, NULL, &modes);
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        // Now and then nobody reads for a while, or there is no end of a line.
        u32 run = test_random_one_in(1000) ? 5000 : test_random_below(20);
        u8 only = test_random_one_in(4) ? 'x' : 0;

        for (u32 k = 0; k < run; k++) {
            u8 key = only && run > 20 ? only : random_key();

            ldisc_receive(&ld, key, LDISC_CHAR);
            model_key(key);
        }
        CHECK(ldisc_check(&ld));
        CHECK_EQ(signals, model.signals);
        CHECK_EQ(ldisc_can_read(&ld), model.line_count != 0);
        CHECK(!ldisc_is_full(&ld) || model.line_count);
        if (test_random_one_in(64))
            CHECK_EQ(ldisc_readable(&ld), model_readable());
        while (test_random_below(3))
            read_and_compare(&ld);
    }
}

// Any bytes, any modes, any changes: nothing breaks.
TEST(random_modes)
{
    static struct ldisc ld;
    struct termios2 modes = {0};
    u8 buf[512];
    bool end;

    ldisc_init(&ld, &ops, NULL, &modes);
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        if (test_random_one_in(50)) {
            modes.c_iflag = test_random();
            modes.c_oflag = test_random();
            modes.c_lflag = test_random();
            for (u32 k = 0; k < NCCS; k++)
                modes.c_cc[k] = (u8)test_random_below(64);
            ldisc_set_termios(&ld, &modes);
            CHECK(ldisc_check(&ld));
        }
        for (u32 k = test_random_below(40); k; k--) {
            ldisc_receive(&ld, (u8)test_random_below(80),
                          test_random_one_in(30) ? test_random_below(3)
                                                 : LDISC_CHAR);
            CHECK(ldisc_check(&ld));
        }
        if (test_random_below(3)) {
            u32 before = ldisc_readable(&ld);
            u32 count = ldisc_read(&ld, buf, test_random_below(512), &end);

            CHECK(ldisc_check(&ld));
            CHECK_EQ(ldisc_readable(&ld), before - count);
        }
    }
}
