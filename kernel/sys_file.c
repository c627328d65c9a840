// kernel/sys_file.c - sendfile and sizes
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/files.h>
#include <kernel/signal.h>
#include <kernel/uaccess.h>
#include <linux/falloc.h>
#include <linux/uio.h>
#include <mm/page_alloc.h>

#include "sys_path.h"

#define SENDFILE_CHUNK PAGE_SIZE

static u64 join(u32 low, u32 high)
{
    return (u64)high << 32 | low;
}

// ---- sendfile --------------------------------------------------------------

// One chunk through @buf. *@pos moves by what was written.
// Return: bytes written; 0: the end; -errno.
static s32 send_chunk(struct file *out, struct file *in, u64 *pos, u8 *buf,
                      u32 bytes)
{
    struct iovec segment = {buf, 0};
    u64 *out_pos = &out->pos;
    struct io_iter it;
    bool locked;
    s32 rc;

    rc = file_read_kernel(in, buf, bytes, *pos);
    if (rc <= 0)
        return rc;
    segment.iov_len = (u32)rc;
    io_init(&it, &segment, (u32)rc, IO_KERNEL);
    locked = file_lock_pos(out);
    rc = file_write(out, &it, out_pos);
    file_unlock_pos(out, locked);
    if (rc > 0)
        *pos += (u32)rc;
    return rc;
}

static s32 send(struct file *out, struct file *in, u64 *pos, u32 bytes)
{
    u8 *buf = kmalloc(SENDFILE_CHUNK, GFP_KERNEL);
    u32 done = 0, here;
    s32 rc = 0;

    if (!buf)
        return -ENOMEM;
    while (done < bytes) {
        here = min(bytes - done, SENDFILE_CHUNK);
        rc = send_chunk(out, in, pos, buf, here);
        if (rc <= 0)
            break;
        done += (u32)rc;
        if ((u32)rc < here)
            break;
        if (signal_pending(current))
            break;
        cond_resched();
    }
    kfree(buf);
    return done ? (s32)done : rc;
}

// From @pos, or the file's position when it is NULL.
static s32 sendfile(s32 out_fd, s32 in_fd, u64 *pos, u32 bytes)
{
    struct file *in = file_from_fd(in_fd), *out;
    bool locked;
    s32 rc = -EBADF;

    if (!in)
        return -EBADF;
    out = file_from_fd(out_fd);
    if (!out)
        goto out_put_in;
    if (!file_is_readable(in) || !file_is_writable(out))
        goto out_put;
    rc = -EINVAL;
    if (!S_ISREG(in->inode->mode) && !S_ISBLK(in->inode->mode))
        goto out_put;
    if (out->flags & O_APPEND || in->inode == out->inode)
        goto out_put;
    bytes = min(bytes, 0x7ffff000u);
    if (pos) {
        rc = send(out, in, pos, bytes);
    } else {
        // A copy of the position: in's lock is not held while out's is.
        u64 at = in->pos;

        rc = send(out, in, &at, bytes);
        locked = file_lock_pos(in);
        in->pos = at;
        file_unlock_pos(in, locked);
    }
out_put:
    file_put(out);
out_put_in:
    file_put(in);
    return rc;
}

s32 sys_sendfile64(s32 out_fd, s32 in_fd, s64 __user *offset, u32 bytes)
{
    s64 pos;
    s32 rc;

    if (!offset)
        return sendfile(out_fd, in_fd, NULL, bytes);
    if (get_user(pos, offset))
        return -EFAULT;
    if (pos < 0)
        return -EINVAL;
    rc = sendfile(out_fd, in_fd, (u64 *)&pos, bytes);
    if (rc >= 0 && put_user(pos, offset))
        return -EFAULT;
    return rc;
}

s32 sys_sendfile(s32 out_fd, s32 in_fd, s32 __user *offset, u32 bytes)
{
    s32 pos, rc;
    u64 at;

    if (!offset)
        return sendfile(out_fd, in_fd, NULL, bytes);
    if (get_user(pos, offset))
        return -EFAULT;
    if (pos < 0)
        return -EINVAL;
    at = (u32)pos;
    rc = sendfile(out_fd, in_fd, &at, min(bytes, 0x7fffffffu - (u32)pos));
    if (rc >= 0 && put_user((s32)at, offset))
        return -EFAULT;
    return rc;
}

// ---- sizes -----------------------------------------------------------------

static s32 truncate_path(const char __user *path, u64 size)
{
    struct path found;
    const struct inode *inode;
    int rc;

    if ((s64)size < 0)
        return -EINVAL;
    rc = user_path_resolve(AT_FDCWD, path, 0, &found);
    if (rc)
        return rc;
    inode = found.dentry->inode;
    rc = S_ISREG(inode->mode)
             ? inode_permission(inode, MAY_WRITE, current->euid, current->egid)
             : 0;
    if (!rc)
        rc = vfs_truncate(&found, size);
    path_put(&found);
    return rc;
}

static s32 truncate_fd(s32 fd, u64 size)
{
    struct file *file;
    s32 rc = -EINVAL;

    if ((s64)size < 0)
        return -EINVAL;
    file = file_from_fd(fd);
    if (!file)
        return -EBADF;
    if (file_is_writable(file) && S_ISREG(file->inode->mode))
        rc = vfs_truncate(&file->path, size);
    file_put(file);
    return rc;
}

s32 sys_truncate(const char __user *path, s32 size)
{
    return truncate_path(path, (u64)(s64)size);
}

s32 sys_ftruncate(s32 fd, s32 size)
{
    return truncate_fd(fd, (u64)(s64)size);
}

s32 sys_truncate64(const char __user *path, u32 low, u32 high)
{
    return truncate_path(path, join(low, high));
}

s32 sys_ftruncate64(s32 fd, u32 low, u32 high)
{
    return truncate_fd(fd, join(low, high));
}

// As far as a 32-bit page index reaches.
#define FALLOCATE_MOST ((s64)0xffffffffu << PAGE_SHIFT)

// Return: 0; -errno as fallocate(2) lists them, in Linux's order.
static int check_fallocate(const struct file *file, u32 mode, s64 pos,
                           s64 bytes)
{
    const u32 known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
                      FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_ZERO_RANGE |
                      FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;

    if (pos < 0 || bytes <= 0)
        return -EINVAL;
    if (mode & ~known)
        return -EOPNOTSUPP;
    if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
        return -EOPNOTSUPP;
    if (!file_is_writable(file))
        return -EBADF;
    if ((mode & ~(u32)FALLOC_FL_KEEP_SIZE) && (file->flags & O_APPEND))
        return -EPERM;
    if (file->inode->swapfile)
        return -ETXTBSY;
    switch (file->inode->mode & S_IFMT) {
    case S_IFREG: break;
    case S_IFIFO: return -ESPIPE;
    case S_IFDIR: return -EISDIR;
    default: return -ENODEV;
    }
    if (pos > FALLOCATE_MOST - bytes)
        return -EFBIG;
    return file->ops->fallocate ? 0 : -EOPNOTSUPP;
}

s32 sys_fallocate(s32 fd, u32 mode, u32 pos_low, u32 pos_high, u32 bytes_low,
                  u32 bytes_high)
{
    u64 pos = join(pos_low, pos_high), bytes = join(bytes_low, bytes_high);
    struct file *file = file_from_fd(fd);
    s32 rc;

    if (!file)
        return -EBADF;
    rc = check_fallocate(file, mode, (s64)pos, (s64)bytes);
    if (!rc)
        rc = file->ops->fallocate(file, mode, pos, bytes);
    file_put(file);
    return rc;
}
