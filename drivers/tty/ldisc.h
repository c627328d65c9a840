// drivers/tty/ldisc.h - the line discipline of terminals [P]
// SPDX-License-Identifier: MIT
//
// Context of all: any; the caller keeps out interrupts that use the same
// struct. Nothing here sleeps.
#pragma once

#include <asm/termbits.h>
#include <base/types.h>

// With its newline a line has at most this many bytes (termios(3)).
#define LDISC_BYTES 4096u
// The most bytes that ldisc_output makes of one.
#define LDISC_OUTPUT_MAX 8u

enum ldisc_input {
    LDISC_CHAR,
    LDISC_BREAK, // the line was held at space
    LDISC_ERROR, // the character came with a parity or framing error
};

enum ldisc_signal {
    LDISC_INTERRUPT,
    LDISC_QUIT,
    LDISC_SUSPEND
};

// What a line discipline asks of its terminal.
struct ldisc_ops {
    // One byte of echo, processed already. May be dropped when there is no
    // room: echo is a courtesy.
    void (*echo)(void *arg, u8 byte);
    // Tell the foreground. @flush: throw away what waits to be written, too.
    void (*signal)(void *arg, enum ldisc_signal signal, bool flush);
    // Stop or restart output (VSTOP, VSTART).
    void (*flow)(void *arg, bool stopped);
};

struct ldisc {
    struct termios2 termios; // changed by ldisc_set_termios only
    const struct ldisc_ops *ops;
    void *arg;
    u8 data[LDISC_BYTES];     // ring; the positions below run freely
    u8 ends[LDISC_BYTES / 8]; // bit: this byte ends a line
    u32 tail;                 // the next byte to be read
    u32 lines_end;            // behind the last complete line
    u32 head;                 // where the next byte goes
    bool literal;             // VLNEXT came: take the next byte as it is
    bool stopped;             // as last told by ops->flow
    u32 column;               // of the cursor, as far as output tells
    u32 line_column;          // where the echo of the present line began
};

void ldisc_init(struct ldisc *ld, const struct ldisc_ops *ops, void *arg,
                const struct termios2 *termios);

// ldisc_set_termios - from now on. Input that waits becomes readable when
// ICANON changes; output goes on when IXON is taken away.
void ldisc_set_termios(struct ldisc *ld, const struct termios2 *termios);

// ldisc_receive - a byte came from the line.
void ldisc_receive(struct ldisc *ld, u8 c, enum ldisc_input kind);

// ldisc_is_full - no byte should be received until some are read: it would be
// lost. Never while a line is being typed and none is complete; such a line
// loses its end instead, so that its newline and signals get through.
bool ldisc_is_full(const struct ldisc *ld);

// ldisc_restart - output was restarted by other means than VSTART.
void ldisc_restart(struct ldisc *ld);

// ldisc_readable - bytes that a read could have now (FIONREAD). End-of-file
// marks do not count: see ldisc_can_read.
u32 ldisc_readable(const struct ldisc *ld);

// ldisc_can_read - there is a byte or an end of file.
bool ldisc_can_read(const struct ldisc *ld);

// ldisc_poll - a read would not wait, by the rules of poll(2).
bool ldisc_poll(const struct ldisc *ld);

// ldisc_read - take up to @max bytes, of one line only with ICANON.
// Return: how many; *@out_end: the line ended here (0 bytes: end of file).
u32 ldisc_read(struct ldisc *ld, u8 *out, u32 max, bool *out_end);

void ldisc_flush_input(struct ldisc *ld);

// ldisc_check - all invariants hold. For tests.
bool ldisc_check(const struct ldisc *ld);

// ldisc_read_wait - whether a read that wants @wanted bytes, has got @got and
// finds no more goes on waiting.
enum ldisc_wait {
    LDISC_RETURN,      // with what it has
    LDISC_SLEEP,       // for the next byte or line
    LDISC_SLEEP_TIMED, // at most *@out_ds tenths of a second
};
enum ldisc_wait ldisc_read_wait(const struct ldisc *ld, u32 wanted, u32 got,
                                u32 *out_ds);

// ldisc_output - post-process one byte a program wrote (drivers/tty/opost.c).
// Return: bytes put in @out.
u32 ldisc_output(struct ldisc *ld, u8 c, u8 out[LDISC_OUTPUT_MAX]);

// Shared by ldisc.c and opost.c.
void ldisc_echo_raw(struct ldisc *ld, u8 c);  // through output processing
void ldisc_echo_char(struct ldisc *ld, u8 c); // control characters as ^X
// ldisc_echo_erase - rub @c out, the byte at position @at, which ended the
// line until now.
void ldisc_echo_erase(struct ldisc *ld, u8 c, u32 at);

static inline bool ldisc_is_control(u8 c)
{
    return c < 0x20 || c == 0x7f;
}

// A byte of a UTF-8 sequence that is not its first: no column of its own.
static inline bool ldisc_is_continuation(const struct ldisc *ld, u8 c)
{
    return (ld->termios.c_iflag & IUTF8) && (c & 0xc0) == 0x80;
}
