// fs/pipe_splice.c - from pipes to files and back: splice(2), tee(2)
// SPDX-License-Identifier: MIT
//
// Bytes are copied by way of a buffer; no pages are moved. What a file did not
// take stays in the pipe: bytes are looked at, written, and then taken as far
// as that went. Between the first and the last no other reader may come, and
// pipe->lock cannot be held, since files' locks come before it: the pipe is
// "held" (pipe_private.h).
//
// Rejected: giving pages away. A pipe is a ring of bytes here; and what is
// saved is one of two copies.

#include <fs/pipe.h>

#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <linux/uio.h>
#include <mm/slab.h>

#include "pipe_private.h"

bool file_is_pipe(const struct file *file)
{
    return file->ops == &fifo_file_ops;
}

static struct pipe *pipe_of(const struct file *file)
{
    return file->inode->pipe;
}

// Return: 1: there are bytes, and they are the caller's until release;
// 0: there will be none; -EAGAIN; -ERESTARTSYS.
static int hold(struct pipe *pipe, bool nowait)
{
    while (!pipe->used || pipe->held) {
        if (!pipe->used && !pipe->writers)
            return 0;
        if (nowait)
            return -EAGAIN;
        if (wait_event_interruptible(&pipe->queue, pipe_may_take(pipe)))
            return -ERESTARTSYS;
    }
    pipe->held = true;
    return 1;
}

static void release(struct pipe *pipe)
{
    pipe->held = false;
    wake_up_events(&pipe->queue, 0);
}

// Waits for room. Return: 0; -EPIPE; -EAGAIN; -ERESTARTSYS.
static int await_room(struct pipe *pipe, bool nowait)
{
    while (pipe->readers && pipe->used == PIPE_BYTES) {
        if (nowait)
            return -EAGAIN;
        if (wait_event_interruptible(&pipe->queue,
                                     pipe->used < PIPE_BYTES || !pipe->readers))
            return -ERESTARTSYS;
    }
    if (pipe->readers)
        return 0;
    signal_send_simple(current, SIGPIPE);
    return -EPIPE;
}

static void iter_over(struct io_iter *it, struct iovec *segment, void *buf,
                      u32 bytes)
{
    *segment = (struct iovec){buf, bytes};
    io_init(it, segment, bytes, IO_KERNEL);
    it->nowait = true;
}

// Copies up to a page of the bytes from @skip on. Return: how many.
static u32 look(struct pipe *pipe, u32 skip, u8 *buf, u32 bytes)
{
    u32 done = 0, at, here;

    mutex_lock(&pipe->lock);
    bytes = skip < pipe->used ? min(bytes, pipe->used - skip) : 0;
    bytes = min(bytes, PAGE_SIZE);
    while (done < bytes) {
        at = (pipe->head + skip + done) % PIPE_BYTES;
        here = min(bytes - done, PAGE_SIZE - at % PAGE_SIZE);
        memcpy(buf + done, pipe->pages[at / PAGE_SIZE] + at % PAGE_SIZE, here);
        done += here;
    }
    mutex_unlock(&pipe->lock);
    return done;
}

// The first @bytes, which were looked at, go. @buf is overwritten.
static void take(struct pipe *pipe, u8 *buf, u32 bytes)
{
    bool had_room = pipe_has_room(pipe);
    struct iovec segment;
    struct io_iter it;
    ssize_t taken;

    iter_over(&it, &segment, buf, bytes);
    mutex_lock(&pipe->lock);
    taken = pipe_take_bytes(pipe, &it);
    mutex_unlock(&pipe->lock);
    ASSERT(taken == (ssize_t)bytes);
    wake_up_events(&pipe->queue, had_room ? 0 : POLLOUT | POLLWRNORM);
}

static ssize_t write_from(struct file *out, u64 *pos, u8 *buf, u32 bytes)
{
    struct iovec segment;
    struct io_iter it;

    iter_over(&it, &segment, buf, bytes);
    return file_write(out, &it, pos);
}

// What @out takes at once. A pipe takes all of a short write or nothing, so it
// is asked for no more than it has room for.
static u32 room_in(const struct file *out)
{
    return file_is_pipe(out) ? PIPE_BYTES - pipe_of(out)->used : PIPE_BYTES;
}

// While bytes are held: to the file, or another pipe as far as it has room.
static ssize_t move_held(struct pipe *pipe, struct file *out, u64 *pos, u8 *buf,
                         u32 bytes, enum pipe_transfer transfer)
{
    u32 done = 0, seen, here;
    ssize_t rc = 0;

    while (done < bytes) {
        here = min(bytes - done, room_in(out));
        if (!here)
            rc = -EAGAIN;
        seen = look(pipe, transfer == PIPE_COPY ? done : 0, buf, here);
        if (!seen)
            break;
        rc = write_from(out, pos, buf, seen);
        if (rc <= 0)
            break;
        if (transfer == PIPE_MOVE)
            take(pipe, buf, (u32)rc);
        done += (u32)rc;
        if ((u32)rc < seen || signal_pending(current))
            break;
    }
    return done ? (ssize_t)done : rc;
}

static ssize_t from_pipe(struct file *from, struct file *out, u64 *pos,
                         u32 bytes, enum pipe_transfer transfer, bool nowait)
{
    struct pipe *pipe = pipe_of(from);
    u8 *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
    ssize_t rc;

    if (!buf)
        return -ENOMEM;
    rc = hold(pipe, nowait);
    if (rc > 0) {
        rc = move_held(pipe, out, pos, buf, bytes, transfer);
        release(pipe);
    }
    kfree(buf);
    return rc;
}

ssize_t pipe_to_file(struct file *pipe, struct file *out, u64 *pos, u32 bytes,
                     bool nowait)
{
    nowait |= file_is_nonblocking(pipe);
    return from_pipe(pipe, out, pos, bytes, PIPE_MOVE, nowait);
}

// Both have to be ready: who waits for the second looks at the first again.
ssize_t pipe_to_pipe(struct file *from, struct file *to, u32 bytes,
                     enum pipe_transfer transfer, bool nowait)
{
    u64 no_pos = 0;
    ssize_t rc;

    nowait |= file_is_nonblocking(from) || file_is_nonblocking(to);
    do {
        rc = await_room(pipe_of(to), nowait);
        if (!rc)
            rc = from_pipe(from, to, &no_pos, bytes, transfer, nowait);
    } while (rc == -EAGAIN && !nowait);
    return rc;
}

static ssize_t read_from(struct file *in, u64 pos, u8 *buf, u32 bytes,
                         bool nowait)
{
    struct iovec segment;
    struct io_iter it;

    iter_over(&it, &segment, buf, bytes);
    it.nowait = nowait;
    return file_read(in, &it, &pos);
}

// A socket is waited for once: what it has given by then is enough, and of
// datagrams each call takes one.
ssize_t pipe_from_file(struct file *in, u64 *pos, struct file *pipe, u32 bytes,
                       bool nowait)
{
    u8 *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
    u32 done = 0, here;
    u64 no_pos = 0;
    ssize_t rc;

    if (!buf)
        return -ENOMEM;
    rc = await_room(pipe_of(pipe), nowait || file_is_nonblocking(pipe));
    while (rc >= 0 && done < bytes) {
        here = min(bytes - done, PIPE_BYTES - pipe_of(pipe)->used);
        here = min(here, PAGE_SIZE);
        rc = here ? read_from(in, *pos, buf, here, nowait || done) : 0;
        if (rc > 0)
            rc = write_from(pipe, &no_pos, buf, (u32)rc);
        if (rc > 0) {
            *pos += (u32)rc;
            done += (u32)rc;
        }
        if (!here || rc < (ssize_t)here)
            break;
    }
    kfree(buf);
    return done ? (ssize_t)done : rc;
}
