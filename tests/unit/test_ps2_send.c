// tests/unit/test_ps2_send.c - commands to a PS/2 keyboard
// sources: drivers/input/ps2_send.c
// SPDX-License-Identifier: MIT
//
// The model is a keyboard that takes bytes, asks for some again, and leaves
// some unanswered. It notes the commands that it has understood.

#include "harness.h"

#include <string.h>

#include "../../drivers/input/ps2_send.h"

static struct ps2_sender sender;
static u64 now;

static void send(u8 command, u8 argument)
{
    u8 bytes[] = {command, argument};

    CHECK(ps2_send(&sender, bytes, 2));
}

// Return: the byte that is sent.
static u8 expect_byte(void)
{
    u8 byte;

    CHECK(ps2_next(&sender, &byte));
    ps2_sent(&sender, now);
    CHECK(!ps2_next(&sender, &byte)); // not before the answer
    return byte;
}

static void reset(void)
{
    sender = (struct ps2_sender){0};
}

TEST(each_byte_waits_for_its_answer)
{
    u8 byte;

    reset();
    CHECK(!ps2_next(&sender, &byte));
    CHECK(!ps2_take_answer(&sender, PS2_ACK)); // of nothing
    send(PS2_SET_LIGHTS, 2);
    CHECK_EQ(expect_byte(), PS2_SET_LIGHTS);
    CHECK(!ps2_take_answer(&sender, 0x1e)); // a key
    CHECK(ps2_take_answer(&sender, PS2_ACK));
    CHECK_EQ(expect_byte(), 2);
    CHECK(ps2_take_answer(&sender, PS2_ACK));
    CHECK(!ps2_next(&sender, &byte));
}

TEST(it_is_sent_again_three_times)
{
    u8 byte;

    reset();
    send(PS2_SET_LIGHTS, 2);
    for (u32 i = 0; i < PS2_TRIES; i++) {
        CHECK_EQ(expect_byte(), PS2_SET_LIGHTS);
        CHECK(ps2_take_answer(&sender, PS2_RESEND));
    }
    CHECK(!ps2_next(&sender, &byte)); // the argument has gone, too
    CHECK_EQ(sender.given_up, 1);
}

TEST(no_answer)
{
    u8 byte;

    reset();
    now = 1000;
    send(PS2_SET_LIGHTS, 2);
    CHECK_EQ(expect_byte(), PS2_SET_LIGHTS);
    ps2_check_time(&sender, now + PS2_ANSWER_MS - 1);
    CHECK(!ps2_next(&sender, &byte));
    CHECK_EQ(sender.count, 2);
    ps2_check_time(&sender, now + PS2_ANSWER_MS);
    CHECK_EQ(sender.count, 0);
    CHECK(!ps2_take_answer(&sender, PS2_ACK)); // too late
}

TEST(no_room)
{
    const u8 bytes[PS2_QUEUE_BYTES + 1] = {0};

    reset();
    CHECK(!ps2_send(&sender, bytes, sizeof(bytes)));
    CHECK(ps2_send(&sender, bytes, PS2_QUEUE_BYTES));
    CHECK(!ps2_send(&sender, bytes, 1));
}

// Commands have their number as argument: the keyboard must see them in order,
// whole, and never an argument for itself.
TEST(random_keyboard)
{
    u8 next_sent = 0, next_seen = 0;
    bool argument = false; // the keyboard waits for one
    u8 seen = 0;

    reset();
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u8 byte;

        now += test_random_below(20);
        ps2_check_time(&sender, now);
        if (!sender.count) // given up, or all sent: it forgets half a command
            argument = false;
        if (test_random_one_in(4) && sender.count + 2 <= PS2_QUEUE_BYTES) {
            u8 command[] = {PS2_SET_LIGHTS, next_sent};

            CHECK(ps2_send(&sender, command, 2));
            next_sent = (next_sent + 1) % 0x80;
        }
        if (!ps2_next(&sender, &byte))
            continue;
        CHECK_EQ(argument, byte < 0x80);
        ps2_sent(&sender, now);
        if (test_random_one_in(20)) { // nothing, for as long as it takes
            now += PS2_ANSWER_MS;
            continue;
        }
        if (test_random_one_in(3)) {
            CHECK(ps2_take_answer(&sender, PS2_RESEND));
            continue;
        }
        CHECK(ps2_take_answer(&sender, PS2_ACK));
        if (argument) {
            u8 ahead = (u8)(byte - next_seen) % 0x80;

            CHECK(ahead < 0x40); // some were given up, none came twice
            next_seen = (byte + 1) % 0x80;
            seen |= byte;
        }
        argument = !argument;
    }
    CHECK_EQ(seen, 0x7f);
}
