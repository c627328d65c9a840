// include/drivers/tty.h - terminals: for their ports, and for the kernel
// SPDX-License-Identifier: MIT
//
// A port (drivers/serial; drivers/video/screen_tty.c; drivers/tty/pty.c) moves
// bytes. It registers a terminal for itself, takes from it the bytes to send,
// and gives it those that came.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct task;
struct tty;

// ---- for the kernel --------------------------------------------------------

// tty_init - terminals on all ports; /dev/ttyS*, /dev/console, /dev/tty.
// Context: boot, after interrupts, timers and kmalloc work.
void tty_init(void);

// tty_flush_all - send what programs wrote and what is in the log, polled, at
// most about two seconds. Before power-off and reset. Context: any.
void tty_flush_all(void);

// tty_session_leader_exit - @task, the leader of a session, ends (or gives its
// terminal up): hang up its terminal. Harmless for any other task. Any context.
void tty_session_leader_exit(struct task *task);

// tty_device - the number, as stat64 has it, of the controlling terminal of
// @task; 0: none. For /proc/PID/stat.
u32 tty_device(const struct task *task);

// tty_foreground - the process group in the foreground of that terminal; -1:
// there is no terminal.
s32 tty_foreground(const struct task *task);

// tty_console_is - /dev/console is the terminal with this number.
bool tty_console_is(u32 major, u32 minor);

// ---- for ports -------------------------------------------------------------

enum tty_parity {
    TTY_PARITY_NONE,
    TTY_PARITY_ODD,
    TTY_PARITY_EVEN
};

struct tty_line {
    u32 baud; // 0: hang up
    u32 data_bits;
    u32 stop_bits;
    enum tty_parity parity;
    bool local; // ignore the carrier
    bool flow;  // RTS/CTS: ask before sending, and be asked
};

// The lines of a modem: as the port drives them, and as it sees them.
enum tty_modem {
    TTY_MODEM_DTR = 1u << 0,
    TTY_MODEM_RTS = 1u << 1,
    TTY_MODEM_OUT1 = 1u << 2,
    TTY_MODEM_OUT2 = 1u << 3,
    TTY_MODEM_LOOP = 1u << 4,
    TTY_MODEM_CTS = 1u << 5, // from here on only seen
    TTY_MODEM_DSR = 1u << 6,
    TTY_MODEM_RING = 1u << 7,
    TTY_MODEM_CARRIER = 1u << 8,
};

// How often each thing came, since boot.
struct tty_counts {
    u32 received, sent, frame, overrun, parity, breaks;
};

// What a terminal asks of its port. @port is tty_register's.
struct tty_port_ops {
    // It is no line: what waits to be sent counts as sent, and what was
    // received outlives a close.
    bool pseudo;
    // Whether it can be opened now: 0; -EIO. NULL: always.
    int (*may_open)(void *port);
    // The first open: receive from now on. The last close: no more.
    void (*open)(void *port);
    void (*close)(void *port, bool hang_up);
    // Behind the last close: no file is open on it. May free the terminal.
    // NULL: nothing to be done.
    void (*release)(void *port);
    // *@line is set to what the hardware really does.
    void (*set_line)(void *port, struct tty_line *line);
    void (*set_break)(void *port, bool on);
    // enum tty_modem. NULL, both: it has no such lines.
    u32 (*modem_get)(void *port);
    void (*modem_set)(void *port, u32 set, u32 clear);
    // There is something to send. Any context.
    void (*start)(void *port);
    // There is room for input again.
    void (*resume_input)(void *port);
    // Bytes are still under way in the hardware.
    bool (*is_sending)(const void *port);
    // It has accepted nothing for so long that waiting is no use.
    bool (*is_dead)(const void *port);
    // Send all, polled and bounded. Any context.
    void (*flush)(void *port);
    void (*counts)(const void *port, struct tty_counts *out);
};

// What a port that is no line has for these: nothing is done, nothing was
// counted, it neither is sending nor dead, and has characters of 8 bits.
void tty_no_line_close(void *port, bool hang_up);
void tty_no_line_set(void *port, struct tty_line *line);
void tty_no_line_break(void *port, bool on);
bool tty_no_line_is(const void *port);
void tty_no_line_counts(const void *port, struct tty_counts *out);

#define TTY_PORTS 16u // at most

// tty_register - a serial terminal /dev/@name with number (4, 64 + @index),
// whose termios begin as @line has it. Return: NULL when there was no memory.
struct tty *tty_register(const char *name, u32 index,
                         const struct tty_port_ops *ops, void *port,
                         const struct tty_line *line);

struct tty_size {
    u32 columns, rows; // characters
    u32 width, height; // pixels
};

// tty_register_screen - the terminal of the screen: /dev/tty1, (4, 1), and
// /dev/tty0, (4, 0), which is the same. Its input is UTF-8. Once.
// Return: NULL when there was no memory.
struct tty *tty_register_screen(const struct tty_port_ops *ops, void *port,
                                const struct tty_size *size);

// The rest is called with interrupts off.

enum tty_input {
    TTY_CHAR,
    TTY_BREAK,
    TTY_ERROR
};

// tty_input - a byte came (TTY_ERROR: with a parity or framing error).
void tty_input(struct tty *tty, u8 c, enum tty_input kind);
// Whether tty_input would lose a byte now; resume_input tells when no more.
bool tty_input_is_full(const struct tty *tty);

// tty_output_next - take the next byte to send. Return: false: none.
bool tty_output_next(struct tty *tty, u8 *out);
// tty_output_urgent - the same for flow control, which overtakes everything.
bool tty_output_urgent(struct tty *tty, u8 *out);
// Something is there for these two.
bool tty_output_waits(const struct tty *tty);
// A write is under way: more will follow soon.
bool tty_is_writing(const struct tty *tty);

// tty_wake - after some input or output, or when the port has died: wake those
// who waited for it.
void tty_wake(struct tty *tty);

// tty_carrier_lost - the other side has gone.
void tty_carrier_lost(struct tty *tty);
