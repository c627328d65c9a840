// kernel/sys_copy.c - from file to file: sendfile, copy_file_range, splice, tee
// SPDX-License-Identifier: MIT
//
// A position is the call's own or the file's. The output file's is kept locked
// meanwhile; the input file's is copied and put back, so that never two
// positions are locked.

#include <kernel/sys_fs.h>

#include <fs/files.h>
#include <fs/pipe.h>
#include <fs/vfs.h>
#include <kernel/signal.h>
#include <kernel/uaccess.h>
#include <linux/uio.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define COPY_CHUNK     PAGE_SIZE
#define COPY_BYTES_MAX 0x7ffff000u // of one call, as on Linux

// Two files of a call, held; their positions, NULL: the files' own.
struct transfer {
    struct file *in, *out;
    u64 *in_pos, *out_pos;
    u32 bytes;
};

// Return: 0; -EBADF: one is not there, or not open for that.
static int transfer_begin(struct transfer *t, s32 in_fd, s32 out_fd)
{
    t->in = file_from_fd(in_fd);
    if (!t->in)
        return -EBADF;
    t->out = file_from_fd(out_fd);
    if (t->out && file_is_readable(t->in) && file_is_writable(t->out))
        return 0;
    if (t->out)
        file_put(t->out);
    file_put(t->in);
    return -EBADF;
}

static void transfer_end(struct transfer *t)
{
    file_put(t->out);
    file_put(t->in);
}

// One chunk through @buf. Positions move by what was written.
// Return: bytes written; 0: the end; -errno.
static s32 copy_chunk(const struct transfer *t, u8 *buf, u32 bytes)
{
    struct iovec segment = {buf, 0};
    struct io_iter it;
    s32 rc;

    rc = file_read_kernel(t->in, buf, bytes, *t->in_pos);
    if (rc <= 0)
        return rc;
    segment.iov_len = (u32)rc;
    io_init(&it, &segment, (u32)rc, IO_KERNEL);
    rc = file_write(t->out, &it, t->out_pos);
    if (rc > 0)
        *t->in_pos += (u32)rc;
    return rc;
}

static s32 copy_chunks(const struct transfer *t)
{
    u8 *buf = kmalloc(COPY_CHUNK, GFP_KERNEL);
    u32 done = 0, here;
    s32 rc = 0;

    if (!buf)
        return -ENOMEM;
    while (done < t->bytes) {
        here = min(t->bytes - done, COPY_CHUNK);
        rc = copy_chunk(t, buf, here);
        if (rc <= 0)
            break;
        done += (u32)rc;
        if ((u32)rc < here || signal_pending(current))
            break;
        cond_resched();
    }
    kfree(buf);
    return done ? (s32)done : rc;
}

// @move with positions that are really there, put back as told above.
static s32 at_positions(struct transfer *t,
                        s32 (*move)(const struct transfer *))
{
    u64 in_pos = t->in->pos;
    bool own = !t->in_pos, locked = false;
    s32 rc;

    t->bytes = min(t->bytes, COPY_BYTES_MAX);
    if (own)
        t->in_pos = &in_pos;
    if (!t->out_pos) {
        locked = file_lock_pos(t->out);
        t->out_pos = &t->out->pos;
    }
    rc = move(t);
    file_unlock_pos(t->out, locked);
    if (own && rc > 0) {
        locked = file_lock_pos(t->in);
        t->in->pos = in_pos;
        file_unlock_pos(t->in, locked);
    }
    return rc;
}

static bool is_store(const struct file *file)
{
    return S_ISREG(file->inode->mode) || S_ISBLK(file->inode->mode);
}

// A position at user address @user, if that is not NULL: *@out_pos is @pos.
static int pos_from_user(const s64 __user *user, u64 *pos, u64 **out_pos)
{
    *out_pos = NULL;
    if (!user)
        return 0;
    *out_pos = pos;
    return get_user(*pos, user);
}

static s32 pos_to_user(s64 __user *user, u64 pos, s32 rc)
{
    return rc >= 0 && user && put_user(pos, user) ? -EFAULT : rc;
}

// ---- sendfile --------------------------------------------------------------

static s32 sendfile(s32 out_fd, s32 in_fd, u64 *pos, u32 bytes)
{
    struct transfer t = {.in_pos = pos, .bytes = bytes};
    s32 rc;

    if (pos && (s64)*pos < 0)
        return -EINVAL;
    rc = transfer_begin(&t, in_fd, out_fd);
    if (rc)
        return rc;
    rc = -EINVAL;
    if (is_store(t.in) && !(t.out->flags & O_APPEND))
        rc = at_positions(&t, copy_chunks);
    transfer_end(&t);
    return rc;
}

s32 sys_sendfile64(s32 out_fd, s32 in_fd, s64 __user *offset, u32 bytes)
{
    u64 pos, *own_pos;

    if (pos_from_user(offset, &pos, &own_pos))
        return -EFAULT;
    return pos_to_user(offset, pos, sendfile(out_fd, in_fd, own_pos, bytes));
}

// The position stays one that @offset can hold.
s32 sys_sendfile(s32 out_fd, s32 in_fd, s32 __user *offset, u32 bytes)
{
    s32 small, rc;
    u64 pos;

    if (!offset)
        return sendfile(out_fd, in_fd, NULL, bytes);
    if (get_user(small, offset))
        return -EFAULT;
    pos = (u64)(s64)small;
    rc = sendfile(out_fd, in_fd, &pos, min(bytes, 0x7fffffffu - (u32)small));
    return rc >= 0 && put_user((s32)pos, offset) ? -EFAULT : rc;
}

// ---- copy_file_range -------------------------------------------------------

static int check_type(const struct file *in, const struct file *out)
{
    if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
        return -EISDIR;
    if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
        return -EINVAL;
    if (out->flags & O_APPEND)
        return -EBADF;
    return in->inode->super == out->inode->super ? 0 : -EXDEV;
}

static s32 copy_range(const struct transfer *t)
{
    struct transfer all = *t;
    u64 in = *t->in_pos, out = *t->out_pos, size = file_size(t->in);

    if ((s64)in < 0 || (s64)out < 0)
        return -EOVERFLOW;
    all.bytes = (u32)min((u64)t->bytes, size > in ? size - in : 0);
    if (t->in->inode == t->out->inode && in < out + all.bytes &&
        out < in + all.bytes)
        return -EINVAL;
    return copy_chunks(&all);
}

s32 sys_copy_file_range(s32 in_fd, s64 __user *in_user, s32 out_fd,
                        s64 __user *out_user, u32 bytes, u32 flags)
{
    struct transfer t = {.bytes = bytes};
    u64 in_pos = 0, out_pos = 0;
    s32 rc;

    if (pos_from_user(in_user, &in_pos, &t.in_pos) ||
        pos_from_user(out_user, &out_pos, &t.out_pos))
        return -EFAULT;
    if (flags)
        return -EINVAL;
    rc = transfer_begin(&t, in_fd, out_fd);
    if (rc)
        return rc;
    rc = check_type(t.in, t.out);
    if (!rc)
        rc = at_positions(&t, copy_range);
    transfer_end(&t);
    return pos_to_user(out_user, out_pos, pos_to_user(in_user, in_pos, rc));
}

// ---- splice, tee, vmsplice -------------------------------------------------

// Positions of what has none are refused.
static int check_splice(const struct transfer *t)
{
    bool from_pipe = file_is_pipe(t->in), to_pipe = file_is_pipe(t->out);

    if ((from_pipe && t->in_pos) || (to_pipe && t->out_pos))
        return -ESPIPE;
    if (from_pipe && to_pipe)
        return t->in->inode == t->out->inode ? -EINVAL : 0;
    if (from_pipe) // the position is the end of the file then
        return t->out->flags & O_APPEND || (t->out_pos && !t->out->ops->llseek)
                   ? -EINVAL
                   : 0;
    return to_pipe && (is_store(t->in) || S_ISSOCK(t->in->inode->mode))
               ? 0
               : -EINVAL;
}

static s32 splice_wait(const struct transfer *t)
{
    if (file_is_pipe(t->out))
        return pipe_from_file(t->in, t->in_pos, t->out, t->bytes, false);
    return pipe_to_file(t->in, t->out, t->out_pos, t->bytes, false);
}

static s32 splice_nowait(const struct transfer *t)
{
    if (file_is_pipe(t->out))
        return pipe_from_file(t->in, t->in_pos, t->out, t->bytes, true);
    return pipe_to_file(t->in, t->out, t->out_pos, t->bytes, true);
}

s32 sys_splice(s32 in_fd, s64 __user *in_user, s32 out_fd, s64 __user *out_user,
               u32 bytes, u32 flags)
{
    bool nowait = flags & SPLICE_NONBLOCK;
    struct transfer t = {.bytes = bytes};
    u64 in_pos = 0, out_pos = 0;
    s32 rc;

    if (!bytes)
        return 0;
    if (flags & ~SPLICE_FLAGS)
        return -EINVAL;
    rc = transfer_begin(&t, in_fd, out_fd);
    if (rc)
        return rc;
    if (pos_from_user(in_user, &in_pos, &t.in_pos) ||
        pos_from_user(out_user, &out_pos, &t.out_pos))
        rc = -EFAULT;
    if (!rc)
        rc = check_splice(&t);
    if (!rc && ((s64)in_pos < 0 || (s64)out_pos < 0))
        rc = -EINVAL;
    if (!rc && file_is_pipe(t.in) && file_is_pipe(t.out))
        rc = pipe_to_pipe(t.in, t.out, bytes, PIPE_MOVE, nowait);
    else if (!rc)
        rc = at_positions(&t, nowait ? splice_nowait : splice_wait);
    transfer_end(&t);
    return pos_to_user(out_user, out_pos, pos_to_user(in_user, in_pos, rc));
}

s32 sys_tee(s32 in_fd, s32 out_fd, u32 bytes, u32 flags)
{
    struct transfer t = {.bytes = bytes};
    s32 rc;

    if (flags & ~SPLICE_FLAGS)
        return -EINVAL;
    if (!bytes)
        return 0;
    rc = transfer_begin(&t, in_fd, out_fd);
    if (rc)
        return rc;
    rc = -EINVAL;
    if (file_is_pipe(t.in) && file_is_pipe(t.out) &&
        t.in->inode != t.out->inode)
        rc = pipe_to_pipe(t.in, t.out, bytes, PIPE_COPY,
                          flags & SPLICE_NONBLOCK);
    transfer_end(&t);
    return rc;
}
