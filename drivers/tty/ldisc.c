// drivers/tty/ldisc.c - line discipline: modes, and the ring of input [P]
// SPDX-License-Identifier: MIT
//
// How it works: bytes from the line go through ldisc_receive, which edits, maps
// and echoes them (ldisc_input.c), into one ring:
//
//     tail          lines_end          head
//      | complete lines | line being typed |
//
// With ICANON what lies before lines_end can be read, a line at a time; a line
// ends at a byte whose bit in `ends` is set: newline, VEOL, VEOL2, or the mark
// of VEOF, a zero byte with the bit set, which no reader sees (a zero byte that
// was typed never has the bit). Without ICANON all up to head can be read.
//
// Invariants: tail <= lines_end <= head <= tail + LDISC_BYTES, as differences;
// with ICANON, the byte before lines_end ends a line.
//
// Not supported: ECHOPRT, IUCLC, OLCUC, XCASE, IMAXBEL, EXTPROC: hard-copy
// terminals and their time.
//
// Sources: POSIX.1-2017 11.1 and 11.2; termios(3). Where they leave it open:
// as Linux answers (docs/serial.md).

#include "ldisc.h"

#include <base/bits.h>

#include "ldisc_private.h"

// The most ring bytes that one byte received may take: PARMRK's 377 0 c.
#define RECEIVE_MAX 3u

static bool is_end(const struct ldisc *ld, u32 at)
{
    at %= LDISC_BYTES;
    return ld->ends[at / 8] >> at % 8 & 1;
}

static void set_end(struct ldisc *ld, u32 at, bool end)
{
    u8 bit;

    at %= LDISC_BYTES;
    bit = (u8)(1u << at % 8);
    if (end)
        ld->ends[at / 8] |= bit;
    else
        ld->ends[at / 8] &= (u8)~bit;
}

static bool is_eof_mark(const struct ldisc *ld, u32 at)
{
    return is_end(ld, at) && !ld->data[at % LDISC_BYTES];
}

bool ldisc_check(const struct ldisc *ld)
{
    u32 lines = ld->lines_end - ld->tail;
    u32 all = ld->head - ld->tail;

    if (lines > all || all > LDISC_BYTES)
        return false;
    if (!ldisc_is_canonical(ld))
        return lines == all;
    return !lines || is_end(ld, ld->lines_end - 1);
}

void ldisc_store(struct ldisc *ld, u8 c)
{
    if (ldisc_used(ld) >= LDISC_BYTES - 1)
        return;
    set_end(ld, ld->head, false);
    ld->data[ld->head++ % LDISC_BYTES] = c;
    if (!ldisc_is_canonical(ld))
        ld->lines_end = ld->head;
}

void ldisc_store_end(struct ldisc *ld, u8 c)
{
    if (ldisc_used(ld) >= LDISC_BYTES)
        return;
    set_end(ld, ld->head, true);
    ld->data[ld->head++ % LDISC_BYTES] = c;
    ld->lines_end = ld->head;
}

u8 ldisc_unstore(struct ldisc *ld)
{
    u8 c;

    do
        c = ld->data[--ld->head % LDISC_BYTES];
    while (ldisc_is_continuation(ld, c) && ld->head != ld->lines_end);
    return c;
}

void ldisc_set_flow(struct ldisc *ld, bool stopped)
{
    if (ld->stopped == stopped)
        return;
    ld->stopped = stopped;
    ld->ops->flow(ld->arg, stopped);
}

void ldisc_restart(struct ldisc *ld)
{
    ld->stopped = false;
}

void ldisc_flush_input(struct ldisc *ld)
{
    ld->tail = ld->head;
    ld->lines_end = ld->head;
    ld->literal = false;
}

void ldisc_init(struct ldisc *ld, const struct ldisc_ops *ops, void *arg,
                const struct termios2 *termios)
{
    *ld = (struct ldisc){.termios = *termios, .ops = ops, .arg = arg};
}

void ldisc_set_termios(struct ldisc *ld, const struct termios2 *termios)
{
    bool was_canonical = ldisc_is_canonical(ld);

    ld->termios = *termios;
    if (!ldisc_has(termios->c_iflag, IXON))
        ldisc_set_flow(ld, false);
    if (was_canonical == ldisc_is_canonical(ld))
        return;
    ld->lines_end = ld->head;
    ld->literal = false;
    // A program that turns ICANON on finds what was typed before as a line.
    if (ldisc_is_canonical(ld) && ldisc_used(ld))
        set_end(ld, ld->head - 1, true);
}

// ---- reading ---------------------------------------------------------------

bool ldisc_is_full(const struct ldisc *ld)
{
    if (ldisc_is_canonical(ld) && ld->lines_end == ld->tail)
        return false;
    return ldisc_used(ld) > LDISC_BYTES - 1 - RECEIVE_MAX;
}

u32 ldisc_readable(const struct ldisc *ld)
{
    u32 count = ld->lines_end - ld->tail;

    if (ldisc_is_canonical(ld))
        for (u32 at = ld->tail; at != ld->lines_end; at++)
            count -= is_eof_mark(ld, at);
    return count;
}

bool ldisc_can_read(const struct ldisc *ld)
{
    return ld->lines_end != ld->tail;
}

bool ldisc_poll(const struct ldisc *ld)
{
    u32 enough = 1;

    if (!ldisc_is_canonical(ld) && !ld->termios.c_cc[VTIME] &&
        ld->termios.c_cc[VMIN])
        enough = ld->termios.c_cc[VMIN];
    return ld->lines_end - ld->tail >= enough;
}

u32 ldisc_read(struct ldisc *ld, u8 *out, u32 max, bool *out_end)
{
    bool canonical = ldisc_is_canonical(ld);
    u32 count = 0;

    *out_end = false;
    while (count < max && ld->tail != ld->lines_end) {
        u32 at = ld->tail++;

        *out_end = canonical && is_end(ld, at);
        if (*out_end && is_eof_mark(ld, at))
            return count;
        out[count++] = ld->data[at % LDISC_BYTES];
        if (*out_end)
            return count;
    }
    // An end of file right behind belongs to this read; alone it would look
    // to the next one as if nothing more were to come.
    if (canonical && count && ld->tail != ld->lines_end &&
        is_eof_mark(ld, ld->tail)) {
        ld->tail++;
        *out_end = true;
    }
    return count;
}

enum ldisc_wait ldisc_read_wait(const struct ldisc *ld, u32 wanted, u32 got,
                                u32 *out_ds)
{
    u32 least = ld->termios.c_cc[VMIN];
    u32 time = ld->termios.c_cc[VTIME];

    *out_ds = time;
    if (ldisc_is_canonical(ld))
        return got ? LDISC_RETURN : LDISC_SLEEP;
    if (got >= min(max(least, 1u), wanted))
        return LDISC_RETURN;
    if (!least)
        return time ? LDISC_SLEEP_TIMED : LDISC_RETURN;
    return time && got ? LDISC_SLEEP_TIMED : LDISC_SLEEP;
}
