// drivers/input/ps2_send.h - commands to a PS/2 keyboard, one byte at a time
// SPDX-License-Identifier: MIT
//
// Pure: it knows what is to be sent and what an answer means; the driver does
// the sending, and tells the time. Every byte is answered by ACK, or by RESEND.
// A byte without an answer takes all behind it along: an argument must not
// become a command.
//
// Source: IBM Personal System/2 Hardware Interface Technical Reference,
// "Keyboards (101- and 102-Key)", commands from and to the system.
#pragma once

#include <base/types.h>

#define PS2_QUEUE_BYTES 16u
#define PS2_TRIES       3u
#define PS2_ANSWER_MS   500u // the specification says 20; emulations take longer

enum ps2_byte {
    PS2_SET_LIGHTS = 0xed, // and which: enum key_lock
    PS2_SET_CODES = 0xf0,  // and the scan code set
    PS2_SET_REPEAT = 0xf3, // and rate and delay
    PS2_ENABLE = 0xf4,
    PS2_ACK = 0xfa,
    PS2_RESEND = 0xfe,
};

// Zero to begin with.
struct ps2_sender {
    u8 queue[PS2_QUEUE_BYTES];
    u32 first, count;
    bool waits; // for the answer to the first
    u32 tries;  // of the first
    u64 deadline_ms;
    u32 given_up; // commands in a row that came to nothing
};

// ps2_send - @count bytes, or none when there is no room (false).
bool ps2_send(struct ps2_sender *sender, const u8 *bytes, u32 count);

// ps2_next - the byte to be sent now. False: there is none, or one has not been
// answered yet. ps2_sent - it has been.
bool ps2_next(const struct ps2_sender *sender, u8 *out_byte);
void ps2_sent(struct ps2_sender *sender, u64 now_ms);

// ps2_take_answer - Return: whether @byte is one, and not a key's.
bool ps2_take_answer(struct ps2_sender *sender, u8 byte);

// ps2_check_time - give up what has been waited for too long.
void ps2_check_time(struct ps2_sender *sender, u64 now_ms);
