// drivers/input/ps2_send.c - commands to a PS/2 keyboard, one byte at a time
// SPDX-License-Identifier: MIT

#include "ps2_send.h"

bool ps2_send(struct ps2_sender *sender, const u8 *bytes, u32 count)
{
    if (count > PS2_QUEUE_BYTES - sender->count)
        return false;
    for (u32 i = 0; i < count; i++) {
        u32 at = (sender->first + sender->count) % PS2_QUEUE_BYTES;

        sender->queue[at] = bytes[i];
        sender->count++;
    }
    return true;
}

bool ps2_next(const struct ps2_sender *sender, u8 *out_byte)
{
    if (!sender->count || sender->waits)
        return false;
    *out_byte = sender->queue[sender->first];
    return true;
}

void ps2_sent(struct ps2_sender *sender, u64 now_ms)
{
    sender->waits = true;
    sender->tries++;
    sender->deadline_ms = now_ms + PS2_ANSWER_MS;
}

static void give_up(struct ps2_sender *sender)
{
    sender->count = 0;
    sender->tries = 0;
    sender->waits = false;
    sender->given_up++;
}

bool ps2_take_answer(struct ps2_sender *sender, u8 byte)
{
    if (!sender->waits || (byte != PS2_ACK && byte != PS2_RESEND))
        return false;
    sender->waits = false;
    if (byte == PS2_ACK) {
        sender->first = (sender->first + 1) % PS2_QUEUE_BYTES;
        sender->count--;
        sender->tries = 0;
        sender->given_up = 0;
    } else if (sender->tries >= PS2_TRIES) {
        give_up(sender);
    }
    return true;
}

void ps2_check_time(struct ps2_sender *sender, u64 now_ms)
{
    if (sender->waits && now_ms >= sender->deadline_ms)
        give_up(sender);
}
