// kernel/sys_fd.c - descriptors: dup, fcntl, ioctl, pipe
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <asm/ioctls.h>
#include <fs/fd.h>
#include <fs/permission.h>
#include <fs/pipe.h>
#include <fs/shmem.h>
#include <fs/vfs.h>
#include <kernel/uaccess.h>
#include <linux/fs.h>

#include "sys_lock.h"

// What F_SETFL changes.
#define SETFL_FLAGS (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

static s32 dup_from(s32 fd, s32 min_fd, bool cloexec)
{
    struct file *file = file_from_fd(fd);
    s32 rc;

    if (!file)
        return -EBADF;
    rc = files_install(file, min_fd, cloexec);
    if (rc < 0)
        file_put(file);
    return rc;
}

s32 sys_dup(s32 fd)
{
    return dup_from(fd, 0, false);
}

static s32 dup_to(s32 from, s32 to, bool cloexec)
{
    struct file *file = file_from_fd(from);
    s32 rc;

    if (!file)
        return -EBADF;
    rc = files_install_at(file, to, cloexec);
    if (rc < 0)
        file_put(file);
    return rc;
}

s32 sys_dup2(s32 from, s32 to)
{
    if (from == to)
        return files_cloexec(from) < 0 ? -EBADF : to;
    return dup_to(from, to, false);
}

s32 sys_dup3(s32 from, s32 to, u32 flags)
{
    if (from == to || flags & ~(u32)O_CLOEXEC)
        return -EINVAL;
    return dup_to(from, to, flags & O_CLOEXEC);
}

// ---- fcntl -----------------------------------------------------------------

static s32 set_flags(struct file *file, u32 flags)
{
    if ((flags & ~file->flags & O_NOATIME) &&
        !inode_is_owner(file->inode, current->cred))
        return -EPERM;
    file->flags = (file->flags & ~(u32)SETFL_FLAGS) | (flags & SETFL_FLAGS);
    return 0;
}

static s32 dup_min(s32 fd, u32 min_fd, bool cloexec)
{
    if (min_fd >= FILES_MAX)
        return -EINVAL;
    return dup_from(fd, (s32)min_fd, cloexec);
}

// Those that do nothing to the file itself.
static bool is_allowed_by_path(u32 command)
{
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC ||
           command == F_GETFD || command == F_SETFD || command == F_GETFL;
}

s32 sys_fcntl64(s32 fd, u32 command, u32 argument)
{
    struct file *file = file_from_fd(fd);
    s32 rc;

    if (!file)
        return -EBADF;
    if ((file->flags & O_PATH) && !is_allowed_by_path(command)) {
        file_put(file);
        return -EBADF;
    }
    switch (command) {
    case F_DUPFD: rc = dup_min(fd, argument, false); break;
    case F_DUPFD_CLOEXEC: rc = dup_min(fd, argument, true); break;
    case F_GETFD: rc = files_cloexec(fd) > 0 ? FD_CLOEXEC : 0; break;
    case F_SETFD: rc = files_set_cloexec(fd, argument & FD_CLOEXEC); break;
    case F_GETFL: rc = (s32)file->flags; break;
    case F_SETFL: rc = set_flags(file, argument); break;
    case F_ADD_SEALS: rc = file_add_seals(file, argument); break;
    case F_GET_SEALS: rc = file_get_seals(file); break;
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_GETLK64:
    case F_SETLK64:
    case F_SETLKW64:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW: rc = fcntl_lock(file, fd, command, argument); break;
    case F_GETPIPE_SZ:
        rc = file_is_pipe(file) ? (s32)PIPE_CAPACITY_BYTES : -EBADF;
        break;
    case F_GETLEASE: rc = F_UNLCK; break; // nobody can take one
    default: rc = -EINVAL;
    }
    file_put(file);
    return rc;
}

// The 64-bit locks are fcntl64's alone.
s32 sys_fcntl(s32 fd, u32 command, u32 argument)
{
    switch (command) {
    case F_GETLK64:
    case F_SETLK64:
    case F_SETLKW64:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW: return -EINVAL;
    default: return sys_fcntl64(fd, command, argument);
    }
}

// ---- ioctl -----------------------------------------------------------------

static s32 set_nonblock(struct file *file, u32 argument)
{
    s32 on;

    if (get_user(on, (const s32 __user *)(uintptr_t)argument))
        return -EFAULT;
    if (on)
        file->flags |= O_NONBLOCK;
    else
        file->flags &= ~(u32)O_NONBLOCK;
    return 0;
}

static s32 bytes_left(const struct file *file, u32 argument)
{
    s64 left = (s64)(file_size(file) - file->pos);

    return put_user((s32)left, (s32 __user *)(uintptr_t)argument);
}

// clone_file - FICLONE: no file system of ours can share blocks.
static s32 clone_file(const struct file *file, s32 source_fd)
{
    struct file *source = file_from_fd(source_fd);
    s32 rc;

    if (!source)
        return -EBADF;
    if (source->inode->super != file->inode->super)
        rc = -EXDEV;
    else if (!file_is_readable(source) || !file_is_writable(file))
        rc = -EBADF;
    else
        rc = -EOPNOTSUPP;
    file_put(source);
    return rc;
}

s32 sys_ioctl(s32 fd, u32 command, u32 argument)
{
    struct file *file = file_from_fd(fd);
    s32 rc;

    if (!file)
        return -EBADF;
    if (file->flags & O_PATH) {
        file_put(file);
        return -EBADF;
    }
    switch (command) {
    case FIOCLEX: rc = files_set_cloexec(fd, true); break;
    case FIONCLEX: rc = files_set_cloexec(fd, false); break;
    case FIONBIO: rc = set_nonblock(file, argument); break;
    case FICLONE: rc = clone_file(file, (s32)argument); break;
    default:
        if (command == FIONREAD && S_ISREG(file->inode->mode))
            rc = bytes_left(file, argument);
        else
            rc = file->ops->ioctl ? file->ops->ioctl(file, command, argument)
                                  : -ENOTTY;
    }
    file_put(file);
    return rc;
}

// ---- pipe -----------------------------------------------------------------

s32 sys_pipe2(s32 __user *fds, u32 flags)
{
    struct file *reader, *writer;
    bool cloexec = flags & O_CLOEXEC;
    s32 pair[2], rc;

    if (flags & ~(u32)(O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    rc = pipe_create(flags & O_NONBLOCK, &reader, &writer);
    if (rc)
        return rc;
    rc = pair[0] = files_install(reader, 0, cloexec);
    if (rc < 0)
        goto err_put;
    rc = pair[1] = files_install(writer, 0, cloexec);
    if (rc < 0)
        goto err_close_reader;
    if (copy_to_user(fds, pair, sizeof(pair)) == 0)
        return 0;
    rc = files_close(pair[1]);
    ASSERT(rc == 0);
    rc = files_close(pair[0]);
    ASSERT(rc == 0);
    return -EFAULT;

err_close_reader:
    file_put(writer);
    return files_close(pair[0]) ? -EBADF : rc;
err_put:
    file_put(reader);
    file_put(writer);
    return rc;
}

s32 sys_pipe(s32 __user *fds)
{
    return sys_pipe2(fds, 0);
}
