// fs/pipe.c - pipes and FIFOs
// SPDX-License-Identifier: MIT
//
// How it works: a ring of PIPE_BYTES over pages that exist only where there are
// bytes (and one that is kept). A pipe belongs to an inode: of a FIFO, or of a
// pipe without a name (pipefs.c). So pipe(2) and opening a FIFO, or
// /proc/self/fd/1, end in the same file operations.
//
// A write of up to PIPE_BUF bytes waits until there is room for all of them,
// and is not mixed with others'; longer ones go in as there is room.
//
// Locking: pipe->lock (rank PIPE) while bytes move; it is held over faults of
// user memory (mm->lock comes after it). Nobody holds it while waiting.
// `used`, `readers` and `writers` are read without it by conditions and poll.
// While splice(2) brings the first bytes to a file, which needs locks that come
// before this one, `held` keeps other readers away (pipe_splice.c).

#include "pipe_private.h"

#include <asm/ioctls.h>
#include <kernel/signal.h>
#include <kernel/uaccess.h>
#include <linux/limits.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <mm/owner.h>
#include <mm/slab.h>

struct pipe *pipe_alloc(void)
{
    struct pipe *pipe = kzalloc(sizeof(*pipe), GFP_KERNEL);

    if (!pipe)
        return NULL;
    mutex_init(&pipe->lock, MUTEX_RANK_PIPE);
    wait_queue_init(&pipe->queue);
    return pipe;
}

// Pages for bytes, in the owner's book.
static u8 *get_page(void)
{
    u8 *page = page_alloc_lowmem(GFP_KERNEL | GFP_OWNER(OWNER_PIPE), 0);

    if (page)
        owner_take(OWNER_PIPE, 1);
    return page;
}

static void put_page(u8 *page)
{
    owner_give(OWNER_PIPE, 1);
    page_free_lowmem(page, 0);
}

void pipe_free(struct inode *inode)
{
    struct pipe *pipe = inode->pipe;
    u32 i;

    inode->pipe = NULL;
    for (i = 0; i < PIPE_PAGES; i++)
        if (pipe->pages[i])
            put_page(pipe->pages[i]);
    kfree(pipe);
}

// ---- bytes -----------------------------------------------------------------

// Gives back the page that the head has left, unless the tail has come round
// into it; of an empty pipe, keeps the page at the head.
static void leave_page(struct pipe *pipe, u32 index)
{
    if (pipe->used > PIPE_BYTES - PAGE_SIZE)
        return;
    put_page(pipe->pages[index]);
    pipe->pages[index] = NULL;
}

ssize_t pipe_take_bytes(struct pipe *pipe, struct io_iter *it)
{
    u32 index, offset, here, moved, total = 0;

    while (it->left && pipe->used) {
        index = pipe->head / PAGE_SIZE;
        offset = pipe->head % PAGE_SIZE;
        here = min(it->left, pipe->used);
        here = min(here, PAGE_SIZE - offset);
        moved = io_put(it, pipe->pages[index] + offset, here);
        total += moved;
        pipe->used -= moved;
        pipe->head = (pipe->head + moved) % PIPE_BYTES;
        if (moved && pipe->head % PAGE_SIZE == 0)
            leave_page(pipe, index);
        if (moved < here)
            return total ? (ssize_t)total : -EFAULT;
    }
    if (!pipe->used)
        pipe->head &= PAGE_MASK; // use its page again from the start
    return (ssize_t)total;
}

static ssize_t add_bytes(struct pipe *pipe, struct io_iter *it)
{
    u32 tail, offset, here, moved, total = 0;
    u8 **slot;

    while (it->left && pipe->used < PIPE_BYTES) {
        tail = (pipe->head + pipe->used) % PIPE_BYTES;
        offset = tail % PAGE_SIZE;
        slot = &pipe->pages[tail / PAGE_SIZE];
        if (!*slot)
            *slot = get_page();
        if (!*slot)
            return total ? (ssize_t)total : -ENOMEM;
        here = min(it->left, PIPE_BYTES - pipe->used);
        here = min(here, PAGE_SIZE - offset);
        moved = io_get(it, *slot + offset, here);
        total += moved;
        pipe->used += moved;
        if (moved < here)
            return total ? (ssize_t)total : -EFAULT;
    }
    return (ssize_t)total;
}

// ---- file operations -------------------------------------------------------

static ssize_t pipe_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct pipe *pipe = file->inode->pipe;
    bool had_room;
    ssize_t rc;

    (void)pos;
    if (!it->left)
        return 0;
    for (;;) {
        mutex_lock(&pipe->lock);
        had_room = pipe_has_room(pipe);
        rc = pipe->held ? 0 : pipe_take_bytes(pipe, it);
        mutex_unlock(&pipe->lock);
        if (rc) {
            wake_up_events(&pipe->queue, had_room ? 0 : POLLOUT | POLLWRNORM);
            if (rc > 0)
                file_touch_accessed(file);
            return rc;
        }
        if (!pipe->used && !pipe->writers)
            return 0;
        if (file_is_nonblocking(file) || it->nowait)
            return -EAGAIN;
        if (wait_event_interruptible(&pipe->queue, pipe_may_take(pipe)))
            return -ERESTARTSYS;
    }
}

// A part of a write, when there is room for @need bytes. Return: bytes, 0: no
// room; -EPIPE; -EFAULT; -ENOMEM.
static ssize_t write_part(struct pipe *pipe, struct io_iter *it, u32 need)
{
    ssize_t rc = 0;

    mutex_lock(&pipe->lock);
    if (!pipe->readers)
        rc = -EPIPE;
    else if (PIPE_BYTES - pipe->used >= need)
        rc = add_bytes(pipe, it);
    mutex_unlock(&pipe->lock);
    if (rc > 0)
        wake_up_events(&pipe->queue, POLLIN | POLLRDNORM);
    return rc;
}

static ssize_t write_parts(struct file *file, struct io_iter *it)
{
    struct pipe *pipe = file->inode->pipe;
    u32 need = it->left <= PIPE_BUF ? it->left : 1;
    ssize_t total = 0, rc;

    while (it->left) {
        rc = write_part(pipe, it, need);
        if (rc == -EPIPE)
            signal_send_simple(current, SIGPIPE);
        if (rc < 0)
            return total ? total : rc;
        total += rc;
        if (total)
            need = 1; // what is left of a long one, or after a fault
        if (rc > 0)
            continue;
        if (file_is_nonblocking(file) || it->nowait)
            return total ? total : -EAGAIN;
        if (wait_event_interruptible(&pipe->queue,
                                     PIPE_BYTES - pipe->used >= need ||
                                         !pipe->readers))
            return total ? total : -ERESTARTSYS;
    }
    return total;
}

static ssize_t pipe_write(struct file *file, struct io_iter *it, u64 *pos)
{
    ssize_t rc = write_parts(file, it);

    (void)pos;
    if (rc > 0 && !path_is_readonly(&file->path))
        inode_touch(file->inode);
    return rc;
}

// Whether all writers have gone. Who opened a FIFO without waiting for one is
// not told so before one has come (fifo_open).
static bool is_deserted(const struct pipe *pipe, const struct file *file)
{
    return !pipe->writers && (uintptr_t)file->private != pipe->writer_opens + 1;
}

static u32 pipe_poll(struct file *file, struct wait_queue **queue)
{
    const struct pipe *pipe = file->inode->pipe;
    u32 events = 0;

    *queue = &file->inode->pipe->queue;
    if (file_is_readable(file)) {
        if (pipe->used)
            events |= POLLIN | POLLRDNORM;
        if (is_deserted(pipe, file))
            events |= POLLHUP;
    }
    if (file_is_writable(file)) {
        if (pipe_has_room(pipe))
            events |= POLLOUT | POLLWRNORM;
        if (!pipe->readers)
            events |= POLLERR;
    }
    return events;
}

static int pipe_ioctl(struct file *file, u32 command, u32 argument)
{
    s32 __user *user = (s32 __user *)(uintptr_t)argument;

    if (command != FIONREAD)
        return -ENOTTY;
    return put_user((s32)file->inode->pipe->used, user);
}

void pipe_count_open(struct pipe *pipe, const struct file *file)
{
    if (file_is_readable(file)) {
        pipe->readers++;
        pipe->reader_opens++;
    }
    if (file_is_writable(file)) {
        pipe->writers++;
        pipe->writer_opens++;
    }
}

static void pipe_release(struct file *file)
{
    struct pipe *pipe = file->inode->pipe;

    if (file_is_readable(file))
        pipe->readers--;
    if (file_is_writable(file))
        pipe->writers--;
    if (pipe->readers || pipe->writers)
        wake_up(&pipe->queue);
    else
        pipe_free(file->inode);
}

// Waits for the other side, as open(2) of a FIFO does. It may have come and
// gone meanwhile: that counts.
static int wait_for_other_side(struct pipe *pipe, const struct file *file)
{
    u32 readers = pipe->reader_opens, writers = pipe->writer_opens;

    if (file_is_nonblocking(file) ||
        (file_is_readable(file) && file_is_writable(file)))
        return 0;
    if (file_is_writable(file))
        return wait_event_interruptible(
            &pipe->queue, pipe->readers || pipe->reader_opens != readers);
    return wait_event_interruptible(
        &pipe->queue, pipe->writers || pipe->writer_opens != writers);
}

// The inode's pipe, made if it has none. NULL: no memory.
static struct pipe *pipe_of(struct inode *inode)
{
    struct pipe *fresh;

    if (inode->pipe)
        return inode->pipe;
    fresh = pipe_alloc();
    if (inode->pipe) // made by another while we slept
        kfree(fresh);
    else
        inode->pipe = fresh;
    return inode->pipe;
}

// A FIFO; or a pipe by /proc/PID/fd, which has no sides to wait for.
static int fifo_open(struct inode *inode, struct file *file)
{
    bool internal = inode->super->flags & SUPER_INTERNAL;
    struct pipe *pipe = pipe_of(inode);

    if (!pipe)
        return -ENOMEM;
    if (!internal && file_is_nonblocking(file) && !file_is_readable(file) &&
        !pipe->readers) {
        if (!pipe->writers)
            pipe_free(inode);
        return -ENXIO;
    }
    pipe_count_open(pipe, file);
    if (!internal && file_is_nonblocking(file) && !pipe->writers)
        file->private = (void *)(uintptr_t)(pipe->writer_opens + 1);
    wake_up(&pipe->queue);
    if (internal || wait_for_other_side(pipe, file) == 0)
        return 0;
    pipe_release(file);
    return -ERESTARTSYS;
}

const struct file_ops fifo_file_ops = {
    .open = fifo_open,
    .release = pipe_release,
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .ioctl = pipe_ioctl,
};
