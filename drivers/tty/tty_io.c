// drivers/tty/tty_io.c - read, write and drain of terminals
// SPDX-License-Identifier: MIT
//
// A reader holds read_lock only while it copies, never while it waits for
// input, so that a signal always gets it out. A writer holds `writing` for its
// whole write, so that the output of two does not mix; waiting for it and for
// room can be interrupted. Nothing that was written is dropped, but by tcflush,
// a signal character, or a port that has died.
//
// Locking: read_lock (MUTEX_RANK_TTY), then interrupts off. User memory is
// touched under read_lock or `writing` (the page fault takes mm->lock, later in
// the order), never with interrupts off.
//
// Source: POSIX.1-2017 11.1.5 to 11.1.9.

#include "tty_private.h"

#include <base/bits.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>

// Copied at a time, on the stack.
#define CHUNK_BYTES 256u
// Polling the last bytes out of the hardware.
#define SENDING_POLL_MS 2u

// ---- reading ---------------------------------------------------------------

// Copy what there is, a line at most with ICANON.
// Return: bytes; -EFAULT. *@out_end: a line or the file ended.
static ssize_t copy_input(struct tty *tty, u8 __user *buf, size_t bytes,
                          bool *out_end)
{
    u8 chunk[CHUNK_BYTES];
    size_t done = 0;

    *out_end = false;
    while (done < bytes && !*out_end) {
        u32 flags = irq_save();
        u32 count = ldisc_read(&tty->ldisc, chunk,
                               (u32)min(bytes - done, sizeof(chunk)), out_end);

        irq_restore(flags);
        if (copy_to_user(buf + done, chunk, count))
            return done ? (ssize_t)done : -EFAULT;
        done += count;
        if (!count)
            break;
    }
    return (ssize_t)done;
}

// Wait as the modes say for more than the @got bytes that the read has.
// Return: 1: look again; 0: the read ends with what it has; -EAGAIN;
// -ERESTARTSYS.
static int wait_input(struct tty_file *file, u32 wanted, u32 got, bool nonblock)
{
    struct tty *tty = file->tty;
    u64 deadline = 0;
    u32 ds;
    int result;

    switch (ldisc_read_wait(&tty->ldisc, wanted, got, &ds)) {
    case LDISC_RETURN: return 0;
    case LDISC_SLEEP: break;
    case LDISC_SLEEP_TIMED:
        deadline = time_ns() + (u64)ds * (100 * NSEC_PER_MSEC);
        break;
    }
    if (nonblock)
        return -EAGAIN;
    result = wait_event_full(
        &tty->wait, ldisc_can_read(&tty->ldisc) || tty_file_is_hung_up(file),
        WAIT_INTERRUPTIBLE, deadline);
    if (result == -EINTR)
        return -ERESTARTSYS;
    return result == 0;
}

ssize_t tty_read(void *handle, void __user *buf, size_t bytes, bool nonblock)
{
    struct tty_file *file = handle;
    struct tty *tty = file->tty;
    size_t done = 0;
    bool end;

    if (!bytes)
        return 0;
    for (;;) {
        ssize_t count;
        int result;

        if (tty_file_is_hung_up(file))
            return (ssize_t)done;
        result = file->console ? 0 : tty_job_read(tty);
        if (result)
            return done ? (ssize_t)done : result;
        mutex_lock(&tty->read_lock);
        count = copy_input(tty, (u8 __user *)buf + done, bytes - done, &end);
        mutex_unlock(&tty->read_lock);
        tty_input_taken(tty);
        if (count < 0)
            return done ? (ssize_t)done : count;
        done += (size_t)count;
        if (end || done == bytes)
            return (ssize_t)done;
        result = wait_input(file, bytes, done, nonblock);
        if (result <= 0)
            return done || !result ? (ssize_t)done : result;
    }
}

// ---- writing ---------------------------------------------------------------

static bool has_output_room(const struct tty *tty)
{
    return tty_output_used(tty) + LDISC_OUTPUT_MAX <=
           TTY_OUTPUT_BYTES - TTY_OUTPUT_RESERVE;
}

// Process as much as there is room for. Return: bytes of @chunk taken.
static u32 put_chunk(struct tty *tty, const u8 *chunk, u32 bytes)
{
    u32 flags = irq_save();
    u32 taken = 0;

    while (taken < bytes && has_output_room(tty)) {
        u8 out[LDISC_OUTPUT_MAX];
        u32 count = ldisc_output(&tty->ldisc, chunk[taken++], out);

        for (u32 i = 0; i < count; i++)
            tty_put_output(tty, out[i]);
    }
    irq_restore(flags);
    if (taken)
        tty->ops->start(tty->port);
    return taken;
}

// Why a write cannot go on: 0: it can.
static int output_error(const struct tty_file *file)
{
    const struct tty *tty = file->tty;

    return tty_file_is_hung_up(file) || tty->ops->is_dead(tty->port) ? -EIO : 0;
}

static int wait_room(struct tty_file *file, bool nonblock)
{
    struct tty *tty = file->tty;

    if (nonblock)
        return -EAGAIN;
    return wait_event_interruptible(&tty->wait,
                                    has_output_room(tty) || output_error(file))
               ? -ERESTARTSYS
               : 0;
}

// tty_chunk_writer of a tty_file.
static int write_chunk(void *to, const u8 *chunk, u32 bytes, bool nonblock,
                       u32 *out_taken)
{
    struct tty_file *file = to;
    int result;

    *out_taken = 0;
    for (;;) {
        result = output_error(file);
        if (result)
            return result;
        *out_taken +=
            put_chunk(file->tty, chunk + *out_taken, bytes - *out_taken);
        if (*out_taken == bytes)
            return 0;
        result = wait_room(file, nonblock);
        if (result)
            return result;
    }
}

ssize_t tty_write_chunks(void *to, tty_chunk_writer write, const u8 __user *buf,
                         size_t bytes, bool nonblock)
{
    u8 chunk[CHUNK_BYTES];
    size_t done = 0;
    int result = 0;

    while (done < bytes && !result) {
        u32 part = (u32)min(bytes - done, sizeof(chunk));
        u32 taken;

        result = copy_from_user(chunk, buf + done, part);
        if (result)
            break;
        result = write(to, chunk, part, nonblock, &taken);
        done += taken;
    }
    return done ? (ssize_t)done : result;
}

ssize_t tty_write(void *handle, const void __user *buf, size_t bytes,
                  bool nonblock)
{
    struct tty_file *file = handle;
    struct tty *tty = file->tty;
    ssize_t result;

    if (tty_file_is_hung_up(file))
        return -EIO;
    if ((tty->ldisc.termios.c_lflag & TOSTOP) && !file->console) {
        result = tty_job_change(tty);
        if (result)
            return result;
    }
    if (nonblock && tty->writing)
        return -EAGAIN;
    if (wait_event_interruptible(&tty->wait, !tty->writing))
        return -ERESTARTSYS;
    tty->writing = true;
    result = tty_write_chunks(file, write_chunk, buf, bytes, nonblock);
    tty->writing = false;
    // The port may have held lines of the log back until this was whole.
    tty->ops->start(tty->port);
    wake_up(&tty->wait);
    return result;
}

// ---- waiting ---------------------------------------------------------------

int tty_drain(struct tty_file *file, u64 deadline_ns)
{
    struct tty *tty = file->tty;
    int result;

    if (tty->ops->pseudo)
        return output_error(file);
    result =
        wait_event_full(&tty->wait, !tty_output_used(tty) || output_error(file),
                        WAIT_INTERRUPTIBLE, deadline_ns);
    if (result == -EINTR)
        return -ERESTARTSYS;
    // At most a FIFO of characters: no interrupt tells when they are out.
    while (!result && tty->ops->is_sending(tty->port)) {
        if (signal_pending(current))
            return -ERESTARTSYS;
        if (deadline_ns && time_ns() >= deadline_ns)
            return -EIO;
        result = output_error(file);
        sleep_ms(SENDING_POLL_MS);
    }
    return result ? -EIO : output_error(file);
}
