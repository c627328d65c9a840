// lib/trace_line.c - a frame of the trace as a line of text [P]
// SPDX-License-Identifier: MIT
//
// Compiled for the kernel, and for the UEFI stub, which writes the trace that
// survived a reset into a file.
//
// Rejected: base 85. It is as dense, but a character that is wrong costs 32
// bits, more than a frame can mend when another one is wrong.

#include <lib/trace_line.h>

#include <base/compiler.h>
#include <lib/reed_solomon.h>

enum {
    DIGITS = 91,
    FIRST_DIGIT = '#',
    PAIR_BITS = 13,
    PAIRS = TRACE_LINE_DIGITS / 2,
};

static_assert(DIGITS * DIGITS >= 1 << PAIR_BITS, "a pair");
static_assert(PAIRS * PAIR_BITS >= TRACE_FRAME_BYTES * RS_SYMBOL_BITS,
              "all symbols");

void trace_line(const u8 *frame, char out[TRACE_LINE_BYTES])
{
    u32 bits = 0, count = 0, at = 0;
    char *to = out;

    *to++ = TRACE_LINE_MARK[0];
    *to++ = TRACE_LINE_MARK[1];
    for (u32 pair = 0; pair < PAIRS; pair++) {
        u32 value;

        for (; count < PAIR_BITS; count += RS_SYMBOL_BITS) {
            u8 symbol = at < TRACE_FRAME_BYTES ? frame[at++] & 0x7f : 0;

            bits = bits << RS_SYMBOL_BITS | symbol;
        }
        count -= PAIR_BITS;
        value = bits >> count & ((1u << PAIR_BITS) - 1);
        *to++ = (char)(FIRST_DIGIT + value % DIGITS);
        *to++ = (char)(FIRST_DIGIT + value / DIGITS);
    }
    *to = '\n';
}
