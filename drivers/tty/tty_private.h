// drivers/tty/tty_private.h - struct tty, shared by the files of this folder
// SPDX-License-Identifier: MIT
//
// Guards: (i) interrupts off; (s) tasks only, no sleep between look and change;
// (c) constant after tty_setup. A serial terminal is never freed; a pseudo
// terminal is, with the last file of either side (pty.c).
#pragma once

#include <asm/ioctls.h>
#include <asm/termios.h>
#include <drivers/tty.h>
#include <kernel/chardev.h>
#include <kernel/mutex.h>
#include <kernel/wait.h>

#include "ldisc.h"

#define TTY_OUTPUT_BYTES 4096u
// Programs leave this much of the output ring to echo.
#define TTY_OUTPUT_RESERVE 256u
// Writers are woken when the ring holds no more than this.
#define TTY_OUTPUT_WAKE (TTY_OUTPUT_BYTES / 2)
// How long a close waits for the output to be sent, as Linux's closing_wait.
#define TTY_CLOSE_WAIT_MS 30000u

struct tty {
    const char *name;               // (c)
    u32 index;                      // (c)
    const struct tty_port_ops *ops; // (c)
    void *port;                     // (c)
    struct chardev chardev;         // (c)

    struct ldisc ldisc;           // (i)
    u8 output[TTY_OUTPUT_BYTES];  // (i) ring, positions run freely
    u32 output_head, output_tail; // (i)
    u8 urgent;                    // (i) VSTART or VSTOP to be sent; 0: none
    bool stopped;                 // (i) output, by VSTOP or tcflow
    bool told_stop;               // (i) we sent VSTOP (IXOFF) and owe VSTART
    bool input_came;              // (i) since tty_wake

    struct wait_queue wait; // all who wait for anything
    struct mutex read_lock; // one reader at a time takes a line
    bool writing;           // (s) one writer at a time
    struct winsize size;    // (s)
    u32 opens;              // (s) open files
    bool exclusive;         // (s) TIOCEXCL
    u32 hangups;            // (i) opens from before the last one are dead
    s32 session;            // (i) that has it as controlling terminal; 0: none
    s32 foreground;         // (i) process group; 0: none
};

// An open file.
struct tty_file {
    struct tty *tty;
    u32 hangups;  // tty->hangups then
    bool console; // /dev/console: survives hang-ups
    bool readable;
};

static inline bool tty_file_is_hung_up(const struct tty_file *file)
{
    return !file->console && file->hangups != READ_ONCE(file->tty->hangups);
}

static inline u32 tty_output_used(const struct tty *tty)
{
    return tty->output_head - tty->output_tail;
}

// As stat64 has it.
static inline u32 tty_number(const struct tty *tty)
{
    return (tty->chardev.minor & 0xff) | tty->chardev.major << 8 |
           (tty->chardev.minor & 0xfff00) << 12;
}

extern struct tty *tty_console; // NULL: no such port
extern const struct termios2 tty_default_termios;

// ---- tty.c -----------------------------------------------------------------

extern const struct chardev_ops tty_chardev_ops;

// ---- tty_io.c --------------------------------------------------------------

ssize_t tty_read(void *handle, void __user *buf, size_t bytes, bool nonblock);
ssize_t tty_write(void *handle, const void __user *buf, size_t bytes,
                  bool nonblock);

// What writes from kernel memory to @to, a terminal's file or the like.
// Return: 0, *@out_taken: bytes that went, before an error, too; -errno.
// Sleeps.
typedef int (*tty_chunk_writer)(void *to, const u8 *chunk, u32 bytes,
                                bool nonblock, u32 *out_taken);

// tty_write_chunks - all of the program's @buf by @write.
// Return: bytes, if any went; -EFAULT; what @write says. Sleeps.
ssize_t tty_write_chunks(void *to, tty_chunk_writer write, const u8 __user *buf,
                         size_t bytes, bool nonblock);

// tty_drain - wait until all is sent. @deadline_ns: 0: none.
// Return: 0; -ERESTARTSYS; -EIO: hung up or dead. Sleeps.
__must_check int tty_drain(struct tty_file *file, u64 deadline_ns);

// ---- tty_port.c ------------------------------------------------------------

// NULL: there is none.
struct tty *tty_find(const char *name);
struct tty *tty_screen(void);
struct tty *tty_first_serial(void);

// tty_setup - fill in a zeroed terminal, but for its chardev.
void tty_setup(struct tty *tty, const char *name,
               const struct tty_port_ops *ops, void *port,
               const struct termios2 *modes);

// tty_put_output - append a processed byte; there is room. Interrupts off.
static inline void tty_put_output(struct tty *tty, u8 c)
{
    tty->output[tty->output_head++ % TTY_OUTPUT_BYTES] = c;
}

// tty_input_taken - after input was read: there may be room for more.
void tty_input_taken(struct tty *tty);

// tty_start - output may go on (again).
void tty_start(struct tty *tty);
void tty_stop(struct tty *tty);

void tty_flush_input(struct tty *tty);
void tty_flush_output(struct tty *tty);

// tty_send_urgent - before all other output.
void tty_send_urgent(struct tty *tty, u8 c);

// ---- tty_job.c -------------------------------------------------------------

// It is the controlling terminal of the current task.
bool tty_is_mine(const struct tty *tty);

// tty_job_read, tty_job_change - may the current task read; or write, or change
// the terminal? Return: 0; -EIO; -ERESTARTSYS: it was sent SIGTTIN or SIGTTOU.
__must_check int tty_job_read(struct tty *tty);
__must_check int tty_job_change(struct tty *tty);

// tty_job_open - an open without O_NOCTTY.
void tty_job_open(struct tty *tty);

// tty_hangup - every file open on it is dead. The session loses it. Any
// context.
void tty_hangup(struct tty *tty);

// tty_forget - no task has it as controlling terminal: it is to be freed.
void tty_forget(const struct tty *tty);

// tty_job_take - TIOCSCTTY. @steal: root may take it from another session.
// @readable: else only root may take it. Return: 0; -EPERM.
int tty_job_take(struct tty *tty, bool steal, bool readable);

// Process groups: ioctls that take or give a number at @argument.
int tty_job_ioctl(struct tty *tty, u32 command, u32 argument);

// ---- tty_ioctl.c -----------------------------------------------------------

int tty_ioctl(void *handle, u32 command, u32 argument);

// tty_ioctl_peer - the same by the master side of a pseudo terminal, which job
// control does not hold back. @file: one that is not hung up.
int tty_ioctl_peer(struct tty_file *file, u32 command, u32 argument);

// ---- tty_modes.c -----------------------------------------------------------

// tty_apply_modes - make the port's line what the terminal's termios say.
// tty_set_modes - change termios, line discipline and port. Context: task.
void tty_apply_modes(struct tty *tty);
void tty_set_modes(struct tty *tty, struct termios2 *modes);
void tty_modes_set_baud(struct termios2 *modes, u32 baud);
// tty_modes_set_line - make @modes say what @line is, but for its locality.
void tty_modes_set_line(struct termios2 *modes, const struct tty_line *line);

// ---- pty.c -----------------------------------------------------------------

// pty_init - /dev/ptmx. Context: boot.
void pty_init(void);
