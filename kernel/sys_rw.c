// kernel/sys_rw.c - read, write and their relatives
// SPDX-License-Identifier: MIT
//
// All become one iterator over segments and a position: the file's own, under
// its lock, or that of the call.

#include <kernel/sys_fs.h>

#include <fs/files.h>
#include <fs/pipe.h>
#include <fs/vfs.h>
#include <kernel/uaccess.h>
#include <linux/uio.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "io_vector.h"
#include "rwf_abi.h"

enum rw_direction {
    RW_READ,
    RW_WRITE,
};

static u64 join(u32 low, u32 high)
{
    return (u64)high << 32 | low;
}

static s32 move(struct file *file, struct io_iter *it, u64 *pos,
                enum rw_direction direction)
{
    return direction == RW_READ ? file_read(file, it, pos)
                                : file_write(file, it, pos);
}

// At the file's position.
static s32 move_at_file(s32 fd, struct io_iter *it, enum rw_direction direction)
{
    struct file *file = file_from_fd(fd);
    bool locked;
    s32 rc;

    if (!file)
        return -EBADF;
    locked = file_lock_pos(file);
    rc = move(file, it, &file->pos, direction);
    file_unlock_pos(file, locked);
    file_put(file);
    return rc;
}

static int no_position(const struct file *file)
{
    return file->flags & O_PATH ? -EBADF : -ESPIPE;
}

// At the call's.
static s32 move_at(s32 fd, struct io_iter *it, u64 pos,
                   enum rw_direction direction)
{
    struct file *file;
    s32 rc;

    if ((s64)pos < 0)
        return -EINVAL;
    file = file_from_fd(fd);
    if (!file)
        return -EBADF;
    rc =
        file->ops->llseek ? move(file, it, &pos, direction) : no_position(file);
    file_put(file);
    return rc;
}

s32 sys_read(s32 fd, void __user *buf, u32 bytes)
{
    struct iovec segment;
    struct io_iter it;
    int rc = io_segment_get(buf, bytes, &segment, &it);

    return rc ? rc : move_at_file(fd, &it, RW_READ);
}

s32 sys_write(s32 fd, const void __user *buf, u32 bytes)
{
    struct iovec segment;
    struct io_iter it;
    int rc = io_segment_get(buf, bytes, &segment, &it);

    return rc ? rc : move_at_file(fd, &it, RW_WRITE);
}

s32 sys_pread64(s32 fd, void __user *buf, u32 bytes, u32 pos_low, u32 pos_high)
{
    struct iovec segment;
    struct io_iter it;
    int rc = io_segment_get(buf, bytes, &segment, &it);

    return rc ? rc : move_at(fd, &it, join(pos_low, pos_high), RW_READ);
}

s32 sys_pwrite64(s32 fd, const void __user *buf, u32 bytes, u32 pos_low,
                 u32 pos_high)
{
    struct iovec segment;
    struct io_iter it;
    int rc = io_segment_get(buf, bytes, &segment, &it);

    return rc ? rc : move_at(fd, &it, join(pos_low, pos_high), RW_WRITE);
}

// ---- vectors ---------------------------------------------------------------

static s32 vector_at_file(s32 fd, const struct iovec __user *user, u32 count,
                          enum rw_direction direction)
{
    struct io_vector vector;
    s32 rc = io_vector_get(user, count, &vector);

    if (rc)
        return rc;
    rc = move_at_file(fd, &vector.it, direction);
    io_vector_put(&vector);
    return rc;
}

static s32 vector_at(s32 fd, const struct iovec __user *user, u32 count,
                     u64 pos, enum rw_direction direction)
{
    struct io_vector vector;
    s32 rc = io_vector_get(user, count, &vector);

    if (rc)
        return rc;
    rc = move_at(fd, &vector.it, pos, direction);
    io_vector_put(&vector);
    return rc;
}

s32 sys_readv(s32 fd, const struct iovec __user *vec, u32 count)
{
    return vector_at_file(fd, vec, count, RW_READ);
}

s32 sys_writev(s32 fd, const struct iovec __user *vec, u32 count)
{
    return vector_at_file(fd, vec, count, RW_WRITE);
}

s32 sys_preadv(s32 fd, const struct iovec __user *vec, u32 count, u32 pos_low,
               u32 pos_high)
{
    return vector_at(fd, vec, count, join(pos_low, pos_high), RW_READ);
}

s32 sys_pwritev(s32 fd, const struct iovec __user *vec, u32 count, u32 pos_low,
                u32 pos_high)
{
    return vector_at(fd, vec, count, join(pos_low, pos_high), RW_WRITE);
}

// ---- with flags ------------------------------------------------------------

// Nothing here can promise not to wait (RWF_NOWAIT), and to append is for the
// file to decide (RWF_APPEND). To poll for the end of I/O is but a hint.
static int check_flags(u32 flags)
{
    return flags & ~(u32)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC) ? -EOPNOTSUPP : 0;
}

// The write @rc of @fd, to the medium.
static s32 make_durable(s32 fd, u32 flags, s32 rc)
{
    s32 error = 0;

    if (rc > 0 && (flags & RWF_SYNC))
        error = sys_fsync(fd);
    else if (rc > 0 && (flags & RWF_DSYNC))
        error = sys_fdatasync(fd);
    return error == -EINVAL || !error ? rc : error; // -EINVAL: has none
}

// At @pos; all ones: at the file's own position, which moves.
static s32 vector_anywhere(s32 fd, const struct iovec __user *vec, u32 count,
                           u64 pos, enum rw_direction direction)
{
    return pos == ~0ull ? vector_at_file(fd, vec, count, direction)
                        : vector_at(fd, vec, count, pos, direction);
}

s32 sys_preadv2(s32 fd, const struct iovec __user *vec, u32 count, u32 pos_low,
                u32 pos_high, u32 flags)
{
    s32 rc = check_flags(flags);

    return rc ? rc
              : vector_anywhere(fd, vec, count, join(pos_low, pos_high),
                                RW_READ);
}

s32 sys_pwritev2(s32 fd, const struct iovec __user *vec, u32 count, u32 pos_low,
                 u32 pos_high, u32 flags)
{
    s32 rc = check_flags(flags);

    if (!rc)
        rc = vector_anywhere(fd, vec, count, join(pos_low, pos_high), RW_WRITE);
    return make_durable(fd, flags, rc);
}

// vmsplice - bytes are copied: the pages stay the program's.
s32 sys_vmsplice(s32 fd, const struct iovec __user *vec, u32 count, u32 flags)
{
    struct file *file;
    struct io_vector vector;
    u64 no_pos = 0;
    s32 rc;

    if (flags & ~SPLICE_FLAGS)
        return -EINVAL;
    file = file_from_fd(fd);
    if (!file)
        return -EBADF;
    rc = file_is_pipe(file) ? io_vector_get(vec, count, &vector) : -EBADF;
    if (!rc) {
        vector.it.nowait = flags & SPLICE_NONBLOCK;
        rc = move(file, &vector.it, &no_pos,
                  file_is_writable(file) ? RW_WRITE : RW_READ);
        io_vector_put(&vector);
    }
    file_put(file);
    return rc;
}

// ---- positions -------------------------------------------------------------

static s64 seek(s32 fd, s64 offset, u32 whence)
{
    struct file *file = file_from_fd(fd);
    bool locked;
    s64 rc;

    if (!file)
        return -EBADF;
    locked = file_lock_pos(file);
    rc = file->ops->llseek ? file->ops->llseek(file, offset, whence)
                           : no_position(file);
    file_unlock_pos(file, locked);
    file_put(file);
    return rc;
}

s32 sys_lseek(s32 fd, s32 offset, u32 whence)
{
    s64 pos = seek(fd, offset, whence);

    return pos > 0x7fffffff ? -EOVERFLOW : (s32)pos;
}

s32 sys__llseek(s32 fd, u32 offset_high, u32 offset_low, u64 __user *result,
                u32 whence)
{
    s64 pos = seek(fd, (s64)join(offset_low, offset_high), whence);

    if (pos < 0)
        return (s32)pos;
    return put_user((u64)pos, result);
}
