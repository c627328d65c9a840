// kernel/sys_lock.c - system calls: locks on files
// SPDX-License-Identifier: MIT
//
// Whatever the form of a lock in user memory, it becomes struct flock64, and
// that a range of bytes.

#include "sys_lock.h"

#include <fs/fd.h>
#include <fs/locks.h>
#include <fs/vfs.h>
#include <kernel/sys_fs.h>
#include <kernel/uaccess.h>
#include <linux/fs.h>

s32 sys_flock(s32 fd, u32 operation)
{
    bool wait = !(operation & LOCK_NB);
    enum lock_mode mode;
    struct file *file;
    s32 rc;

    switch (operation & ~(u32)LOCK_NB) {
    case LOCK_SH: mode = LOCK_MODE_SHARED; break;
    case LOCK_EX: mode = LOCK_MODE_EXCLUSIVE; break;
    case LOCK_UN: mode = LOCK_MODE_NONE; break;
    default: return -EINVAL;
    }
    file = file_from_fd(fd);
    if (!file)
        return -EBADF;
    rc = file->flags & O_PATH
             ? -EBADF
             : file_lock(file, LOCK_FLOCK, NULL, mode, 0, LOCK_RANGE_END, wait);
    file_put(file);
    return rc;
}

// ---- what fcntl's commands mean --------------------------------------------

enum action {
    ACTION_GET,
    ACTION_SET,
    ACTION_WAIT,
};

struct command {
    enum action action;
    enum lock_kind kind;
    bool wide; // struct flock64
};

static struct command meaning(u32 command)
{
    switch (command) {
    case F_GETLK: return (struct command){ACTION_GET, LOCK_POSIX, false};
    case F_SETLK: return (struct command){ACTION_SET, LOCK_POSIX, false};
    case F_SETLKW: return (struct command){ACTION_WAIT, LOCK_POSIX, false};
    case F_GETLK64: return (struct command){ACTION_GET, LOCK_POSIX, true};
    case F_SETLK64: return (struct command){ACTION_SET, LOCK_POSIX, true};
    case F_SETLKW64: return (struct command){ACTION_WAIT, LOCK_POSIX, true};
    case F_OFD_GETLK: return (struct command){ACTION_GET, LOCK_OFD, true};
    case F_OFD_SETLK: return (struct command){ACTION_SET, LOCK_OFD, true};
    default: return (struct command){ACTION_WAIT, LOCK_OFD, true};
    }
}

// ---- to and from user memory -----------------------------------------------

static int from_user(struct flock64 *out, const void __user *user, bool wide)
{
    struct flock narrow;

    if (wide)
        return copy_from_user(out, user, sizeof(*out));
    if (copy_from_user(&narrow, user, sizeof(narrow)))
        return -EFAULT;
    *out = (struct flock64){
        .l_type = narrow.l_type,
        .l_whence = narrow.l_whence,
        .l_start = narrow.l_start,
        .l_len = narrow.l_len,
        .l_pid = narrow.l_pid,
    };
    return 0;
}

static int to_user(void __user *user, const struct flock64 *lock, bool wide)
{
    struct flock narrow = {
        .l_type = lock->l_type,
        .l_whence = lock->l_whence,
        .l_start = (s32)lock->l_start,
        .l_len = (s32)lock->l_len,
        .l_pid = lock->l_pid,
    };

    if (wide)
        return copy_to_user(user, lock, sizeof(*lock));
    if (lock->l_start != narrow.l_start || lock->l_len != narrow.l_len)
        return -EOVERFLOW;
    return copy_to_user(user, &narrow, sizeof(narrow));
}

// ---- ranges ----------------------------------------------------------------

static int base_of(const struct file *file, s32 whence, s64 *out)
{
    switch (whence) {
    case SEEK_SET: *out = 0; return 0;
    case SEEK_CUR: *out = (s64)file->pos; return 0;
    case SEEK_END: *out = (s64)file_size(file); return 0;
    }
    return -EINVAL;
}

// The bytes that @lock is about. A length of 0: up to the end; a negative one:
// those before the start.
static int range_of(const struct file *file, const struct flock64 *lock,
                    u64 *out_start, u64 *out_last)
{
    const s64 most = (s64)LOCK_RANGE_END;
    s64 start, length = lock->l_len;
    int rc = base_of(file, lock->l_whence, &start);

    if (rc)
        return rc;
    if (lock->l_start > most - start)
        return -EOVERFLOW;
    start += lock->l_start;
    if (start < 0)
        return -EINVAL;
    *out_start = (u64)start;
    *out_last = LOCK_RANGE_END;
    if (length > 0) {
        if (length - 1 > most - start)
            return -EOVERFLOW;
        *out_last = (u64)(start + length - 1);
    } else if (length < 0) {
        if (start + length < 0)
            return -EINVAL;
        *out_start = (u64)(start + length);
        *out_last = (u64)(start - 1);
    }
    return 0;
}

static int mode_of(s32 type, enum lock_mode *out)
{
    switch (type) {
    case F_UNLCK: *out = LOCK_MODE_NONE; return 0;
    case F_RDLCK: *out = LOCK_MODE_SHARED; return 0;
    case F_WRLCK: *out = LOCK_MODE_EXCLUSIVE; return 0;
    }
    return -EINVAL;
}

// ---- the calls -------------------------------------------------------------

static int get(struct file *file, enum lock_kind kind, enum lock_mode mode,
               u64 start, u64 last, struct flock64 *lock)
{
    struct lock_range found;

    if (mode == LOCK_MODE_NONE)
        return -EINVAL;
    if (!file_lock_test(file, kind, current->files, mode, start, last,
                        &found)) {
        lock->l_type = F_UNLCK;
        return 0;
    }
    lock->l_type = found.mode == LOCK_MODE_SHARED ? F_RDLCK : F_WRLCK;
    lock->l_whence = SEEK_SET;
    lock->l_start = (s64)found.start;
    lock->l_len =
        found.last == LOCK_RANGE_END ? 0 : (s64)(found.last - found.start + 1);
    lock->l_pid = found.pid;
    return 0;
}

static int set(struct file *file, s32 fd, const struct command *command,
               enum lock_mode mode, u64 start, u64 last)
{
    int rc;

    if ((mode == LOCK_MODE_SHARED && !file_is_readable(file)) ||
        (mode == LOCK_MODE_EXCLUSIVE && !file_is_writable(file)))
        return -EBADF;
    rc = file_lock(file, command->kind, current->files, mode, start, last,
                   command->action == ACTION_WAIT);
    // Another thread may have closed the descriptor meanwhile: then nobody
    // would ever give up the lock.
    if (!rc && command->kind == LOCK_POSIX && mode != LOCK_MODE_NONE &&
        files_peek(current->files, fd) != file) {
        locks_table_closed(file, current->files);
        rc = -EBADF;
    }
    return rc;
}

s32 fcntl_lock(struct file *file, s32 fd, u32 command, u32 argument)
{
    void __user *user = (void __user *)(uintptr_t)argument;
    struct command what = meaning(command);
    enum lock_mode mode;
    struct flock64 lock;
    u64 start, last;
    int rc = from_user(&lock, user, what.wide);

    if (!rc && what.kind == LOCK_OFD && lock.l_pid != 0)
        rc = -EINVAL;
    if (!rc)
        rc = range_of(file, &lock, &start, &last);
    if (!rc)
        rc = mode_of(lock.l_type, &mode);
    if (rc)
        return rc;
    if (what.action != ACTION_GET)
        return set(file, fd, &what, mode, start, last);
    rc = get(file, what.kind, mode, start, last, &lock);
    return rc ? rc : to_user(user, &lock, what.wide);
}
