// drivers/tty/pty_master.c - pseudo terminals: /dev/ptmx
// SPDX-License-Identifier: MIT
//
// An open file on /dev/ptmx is the master of one pair. Reading takes what the
// slave's line discipline has made of the output, and the echo; writing types.
// A write blocks while the slave's input is full, as a serial line would be
// held back.
//
// When nobody has the slave open any more, reads give what is left and then
// EIO, until it is opened again; before it was ever opened they wait. What is
// written waits for who opens it.
//
// Modes, window size and the foreground group are the slave's: ioctls go there.
// Not supported (-ENOTTY): packet mode (TIOCPKT), TIOCGPTPEER.
//
// Locking: interrupts off around the slave's line discipline and rings, as for
// a port; user memory is never touched so.
//
// Sources: as pty.c.

#include "pty.h"

#include <asm/signal.h>
#include <base/bits.h>
#include <kernel/irq.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>

// Copied at a time, on the stack.
#define CHUNK_BYTES 256u

static int master_open(void *device __unused, void **handle, u32 flags __unused)
{
    struct pty *pty;
    int result = pty_create(&pty);

    if (!result)
        *handle = pty;
    return result;
}

static void master_release(void *handle)
{
    pty_close_master(handle);
}

// Nobody is at the other side any more.
static bool is_deserted(const struct pty *pty)
{
    return pty->was_open && !pty->tty.opens;
}

// ---- reading ---------------------------------------------------------------

static u32 take_output(struct pty *pty, u8 *chunk, u32 max)
{
    u32 flags = irq_save();
    u32 count = 0;

    while (count < max && tty_output_next(&pty->tty, chunk + count))
        count++;
    if (count)
        tty_wake(&pty->tty); // writers
    irq_restore(flags);
    return count;
}

// Return: bytes; -EFAULT.
static ssize_t copy_output(struct pty *pty, u8 __user *buf, size_t bytes)
{
    u8 chunk[CHUNK_BYTES];
    size_t done = 0;

    while (done < bytes) {
        u32 count =
            take_output(pty, chunk, (u32)min(bytes - done, sizeof(chunk)));

        if (!count)
            break;
        if (copy_to_user(buf + done, chunk, count))
            return done ? (ssize_t)done : -EFAULT;
        done += count;
    }
    return (ssize_t)done;
}

static ssize_t master_read(void *handle, void __user *buf, size_t bytes,
                           bool nonblock)
{
    struct pty *pty = handle;

    if (!bytes)
        return 0;
    for (;;) {
        ssize_t count = copy_output(pty, buf, bytes);

        if (count)
            return count;
        if (is_deserted(pty))
            return -EIO;
        if (nonblock)
            return -EAGAIN;
        if (wait_event_interruptible(&pty->wait, tty_output_waits(&pty->tty) ||
                                                     is_deserted(pty)))
            return -ERESTARTSYS;
    }
}

// ---- writing ---------------------------------------------------------------

static u32 put_input(struct pty *pty, const u8 *chunk, u32 bytes)
{
    u32 flags = irq_save();
    u32 taken = 0;

    while (taken < bytes && !tty_input_is_full(&pty->tty))
        tty_input(&pty->tty, chunk[taken++], TTY_CHAR);
    if (taken)
        tty_wake(&pty->tty); // readers
    irq_restore(flags);
    if (tty_output_waits(&pty->tty))
        wake_up(&pty->wait); // echo
    return taken;
}

// tty_chunk_writer of a struct pty.
static int write_chunk(void *to, const u8 *chunk, u32 bytes, bool nonblock,
                       u32 *out_taken)
{
    struct pty *pty = to;

    *out_taken = 0;
    for (;;) {
        *out_taken += put_input(pty, chunk + *out_taken, bytes - *out_taken);
        if (*out_taken == bytes)
            return 0;
        if (nonblock)
            return -EAGAIN;
        if (wait_event_interruptible(&pty->wait, !tty_input_is_full(&pty->tty)))
            return -ERESTARTSYS;
    }
}

static ssize_t master_write(void *handle, const void __user *buf, size_t bytes,
                            bool nonblock)
{
    return tty_write_chunks(handle, write_chunk, buf, bytes, nonblock);
}

// ---- the rest --------------------------------------------------------------

static u32 master_poll(void *handle, struct wait_queue **queue)
{
    struct pty *pty = handle;
    u32 events = 0;

    *queue = &pty->wait;
    if (tty_output_waits(&pty->tty))
        events |= POLLIN_;
    if (!tty_input_is_full(&pty->tty))
        events |= POLLOUT_;
    if (is_deserted(pty))
        events |= POLLHUP_;
    return events;
}

static int set_lock(struct pty *pty, u32 argument)
{
    s32 lock;
    int result = get_user(lock, (s32 __user *)(uintptr_t)argument);

    if (!result)
        pty->locked = lock;
    return result;
}

static int send_signal(const struct pty *pty, u32 signal)
{
    if (signal != SIGINT && signal != SIGQUIT && signal != SIGTSTP)
        return -EINVAL;
    if (pty->tty.foreground) // gone: nobody to tell
        (void)signal_send_group(pty->tty.foreground, (int)signal);
    return 0;
}

// Its input is the slave's output, and the other way round.
static int flush(struct pty *pty, u32 queue)
{
    if (queue != TCIFLUSH && queue != TCOFLUSH && queue != TCIOFLUSH)
        return -EINVAL;
    if (queue != TCOFLUSH)
        tty_flush_output(&pty->tty);
    if (queue != TCIFLUSH)
        tty_flush_input(&pty->tty);
    return 0;
}

static s32 readable(const struct pty *pty)
{
    return pty->tty.stopped ? 0 : (s32)tty_output_used(&pty->tty);
}

static int master_ioctl(void *handle, u32 command, u32 argument)
{
    struct pty *pty = handle;
    s32 __user *number = (s32 __user *)(uintptr_t)argument;

    switch (command) {
    case TIOCGPTN:
        return put_user(pty_number(pty), (u32 __user *)(uintptr_t)argument);
    case TIOCSPTLCK: return set_lock(pty, argument);
    case TIOCGPTLCK: return put_user((s32)pty->locked, number);
    case TIOCSIG: return send_signal(pty, argument);
    case FIONREAD: return put_user(readable(pty), number);
    case TIOCOUTQ: return put_user(0, number);
    case TCFLSH: return flush(pty, argument);
    case TIOCGPGRP: return put_user(pty->tty.foreground, number);
    case TIOCGSID:
        return pty->tty.session ? put_user(pty->tty.session, number) : -ENOTTY;
    case TCSBRK:
    case TCSBRKP: return 0;
    case TIOCVHANGUP:
    case TIOCNOTTY: return -ENOTTY;
    default: return tty_ioctl_peer(&pty->peer, command, argument);
    }
}

const struct chardev_ops pty_master_ops = {
    .open = master_open,
    .release = master_release,
    .read = master_read,
    .write = master_write,
    .ioctl = master_ioctl,
    .poll = master_poll,
};
