// drivers/tty/ldisc_private.h - the ring of a line discipline, for its files
// SPDX-License-Identifier: MIT
#pragma once

#include "ldisc.h"

static inline bool ldisc_has(u32 flags, u32 flag)
{
    return flags & flag;
}

static inline u32 ldisc_used(const struct ldisc *ld)
{
    return ld->head - ld->tail;
}

static inline bool ldisc_is_canonical(const struct ldisc *ld)
{
    return ldisc_has(ld->termios.c_lflag, ICANON);
}

// ldisc_store - append a byte; the last place is kept for the end of a line.
void ldisc_store(struct ldisc *ld, u8 c);

// ldisc_store_end - end the line with @c, or with the mark of an end of file
// (0).
void ldisc_store_end(struct ldisc *ld, u8 c);

// ldisc_unstore - take the last character off the line, which is not empty,
// with all bytes of a UTF-8 sequence.
// Return: its first byte, which is now at head.
u8 ldisc_unstore(struct ldisc *ld);

// ldisc_set_flow - stop or restart output, if it is not so already.
void ldisc_set_flow(struct ldisc *ld, bool stopped);
