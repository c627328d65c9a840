// kernel/sys_dir.c - reading directories, and changing names
// SPDX-License-Identifier: MIT

#include <kernel/sys_fs.h>

#include <fs/context.h>
#include <fs/files.h>
#include <fs/inotify.h>
#include <kernel/cred.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/limits.h>
#include <mm/page_alloc.h>

#include "sys_path.h"

// ---- getdents --------------------------------------------------------------

// Not in the uapi headers: struct linux_dirent64, and the one of getdents,
// whose last byte is the type.
struct dirent64_head {
    u64 ino;
    s64 next;
    u16 bytes;
    u8 type;
} __packed;
#define DIRENT64_NAME 19u

struct dirent_head {
    u32 ino;
    s32 next;
    u16 bytes;
} __packed;
#define DIRENT_NAME 10u

static_assert(sizeof(struct dirent64_head) == DIRENT64_NAME, "ABI");
static_assert(sizeof(struct dirent_head) == DIRENT_NAME, "ABI");

struct user_sink {
    struct dir_sink sink;
    u8 __user *buf;
    u32 bytes; // left
    u32 used;
    int error; // 0; -EINVAL: not even one fits; -EFAULT
};

// Room for a record of @bytes. Return: false: none, see error.
static bool sink_room(struct user_sink *s, u32 bytes)
{
    if (bytes <= s->bytes)
        return true;
    if (!s->used)
        s->error = -EINVAL;
    return false;
}

// A record of @bytes, which has room: head, name, NUL, (type at the very end).
static bool sink_put(struct user_sink *s, const void *head, u32 head_bytes,
                     const struct name *name, u32 bytes, const u8 *type)
{
    if (copy_to_user(s->buf, head, head_bytes) ||
        copy_to_user(s->buf + head_bytes, name->text, name->length) ||
        clear_user(s->buf + head_bytes + name->length,
                   bytes - head_bytes - name->length) ||
        (type && put_user(*type, s->buf + bytes - 1))) {
        s->error = -EFAULT;
        return false;
    }
    s->buf += bytes;
    s->bytes -= bytes;
    s->used += bytes;
    return true;
}

static bool add_dirent64(struct dir_sink *sink, const struct name *name,
                         u32 ino, u32 type, u64 next)
{
    struct user_sink *s = container_of(sink, struct user_sink, sink);
    u32 bytes = ALIGN_UP(DIRENT64_NAME + name->length + 1, 8);
    struct dirent64_head head = {ino, (s64)next, (u16)bytes, (u8)type};

    return sink_room(s, bytes) &&
           sink_put(s, &head, sizeof(head), name, bytes, NULL);
}

static bool add_dirent(struct dir_sink *sink, const struct name *name, u32 ino,
                       u32 type, u64 next)
{
    struct user_sink *s = container_of(sink, struct user_sink, sink);
    u32 bytes = ALIGN_UP(DIRENT_NAME + name->length + 2, 4);
    struct dirent_head head = {ino, (s32)next, (u16)bytes};
    u8 last = (u8)type;

    return sink_room(s, bytes) &&
           sink_put(s, &head, sizeof(head), name, bytes, &last);
}

static int read_directory(struct file *file, struct user_sink *s)
{
    struct mutex *names = &file->inode->super->names;
    int rc;

    if (!file_is_readable(file))
        return -EBADF;
    if (!file->ops->readdir)
        return -ENOTDIR;
    mutex_lock(&file->pos_lock);
    mutex_lock(names);
    rc = file->inode->nlink ? file->ops->readdir(file, &s->sink) : -ENOENT;
    if (rc != -ENOENT)
        inotify_file(file, IN_ACCESS);
    mutex_unlock(names);
    mutex_unlock(&file->pos_lock);
    return rc ? rc : s->error;
}

static s32 getdents(s32 fd, struct user_sink *s)
{
    struct file *file = file_from_fd(fd);
    s32 rc;

    if (!file)
        return -EBADF;
    rc = read_directory(file, s);
    file_put(file);
    return s->used ? (s32)s->used : rc;
}

s32 sys_getdents64(s32 fd, struct linux_dirent64 __user *buf, u32 bytes)
{
    struct user_sink sink = {
        .sink = {add_dirent64},
        .buf = (u8 __user *)buf,
        .bytes = min(bytes, 0x7fffffffu),
    };

    return getdents(fd, &sink);
}

s32 sys_getdents(s32 fd, void __user *buf, u32 bytes)
{
    struct user_sink sink = {
        .sink = {add_dirent},
        .buf = buf,
        .bytes = min(bytes, 0x7fffffffu),
    };

    return getdents(fd, &sink);
}

// ---- making ----------------------------------------------------------------

static s32 make(s32 dirfd, const char __user *path,
                const struct inode_seed *seed)
{
    return WITH_USER_PATH(path, name, vfs_make(dirfd, name, seed));
}

s32 sys_mkdirat(s32 dirfd, const char __user *path, u32 mode)
{
    struct inode_seed seed = {.mode = S_IFDIR | (mode & 01777 & ~fs_umask())};

    return make(dirfd, path, &seed);
}

s32 sys_mkdir(const char __user *path, u32 mode)
{
    return sys_mkdirat(AT_FDCWD, path, mode);
}

s32 sys_mknodat(s32 dirfd, const char __user *path, u32 mode, u32 number)
{
    struct inode_seed seed = {.mode = mode & (S_IFMT | 07777)};

    switch (mode & S_IFMT) {
    case 0: seed.mode |= S_IFREG; break;
    case S_IFREG:
    case S_IFIFO:
    case S_IFSOCK: break;
    case S_IFCHR:
    case S_IFBLK: seed.rdev = number; break;
    case S_IFDIR: return -EPERM;
    default: return -EINVAL;
    }
    seed.mode &= ~fs_umask();
    return make(dirfd, path, &seed);
}

s32 sys_mknod(const char __user *path, u32 mode, u32 number)
{
    return sys_mknodat(AT_FDCWD, path, mode, number);
}

s32 sys_symlinkat(const char __user *target, s32 dirfd, const char __user *path)
{
    struct inode_seed seed = {.mode = S_IFLNK | 0777};
    char *text;
    s32 rc = path_string(target, &text);

    if (rc)
        return rc;
    seed.target = text;
    rc = *text ? make(dirfd, path, &seed) : -ENOENT;
    kfree(text);
    return rc;
}

s32 sys_symlink(const char __user *target, const char __user *path)
{
    return sys_symlinkat(target, AT_FDCWD, path);
}

s32 sys_linkat(s32 from_fd, const char __user *from, s32 to_fd,
               const char __user *to, u32 flags)
{
    u32 at = flags & AT_EMPTY_PATH;
    struct path found;
    s32 rc;

    if (flags & ~(u32)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if ((flags & AT_EMPTY_PATH) && !capable(CAP_DAC_READ_SEARCH))
        return -ENOENT;
    if (!(flags & AT_SYMLINK_FOLLOW))
        at |= AT_SYMLINK_NOFOLLOW;
    rc = user_path_resolve(from_fd, from, at, &found);
    if (rc)
        return rc;
    rc = WITH_USER_PATH(to, name, vfs_link(&found, to_fd, name));
    path_put(&found);
    return rc;
}

s32 sys_link(const char __user *from, const char __user *to)
{
    return sys_linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

// ---- removing and renaming -------------------------------------------------

s32 sys_unlinkat(s32 dirfd, const char __user *path, u32 flags)
{
    if (flags & ~(u32)AT_REMOVEDIR)
        return -EINVAL;
    if (flags & AT_REMOVEDIR)
        return WITH_USER_PATH(path, name, vfs_rmdir(dirfd, name));
    return WITH_USER_PATH(path, name, vfs_unlink(dirfd, name));
}

s32 sys_unlink(const char __user *path)
{
    return sys_unlinkat(AT_FDCWD, path, 0);
}

s32 sys_rmdir(const char __user *path)
{
    return sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

s32 sys_renameat2(s32 from_fd, const char __user *from, s32 to_fd,
                  const char __user *to, u32 flags)
{
    char *from_name, *to_name;
    s32 rc = path_string(from, &from_name);

    if (rc)
        return rc;
    rc = path_string(to, &to_name);
    if (rc)
        goto out_free_from;
    rc = vfs_rename(from_fd, from_name, to_fd, to_name, flags);
    kfree(to_name);
out_free_from:
    kfree(from_name);
    return rc;
}

s32 sys_renameat(s32 from_fd, const char __user *from, s32 to_fd,
                 const char __user *to)
{
    return sys_renameat2(from_fd, from, to_fd, to, 0);
}

s32 sys_rename(const char __user *from, const char __user *to)
{
    return sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

// ---- links -----------------------------------------------------------------

s32 sys_readlinkat(s32 dirfd, const char __user *path, char __user *buf,
                   s32 size)
{
    struct path found;
    char *text;
    s32 rc;

    if (size <= 0)
        return -EINVAL;
    rc = user_path_resolve(dirfd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
                           &found);
    if (rc)
        return rc;
    text = kmalloc(PATH_MAX, GFP_KERNEL);
    rc = text ? vfs_readlink(found.dentry->inode, text,
                             min((u32)size, (u32)PATH_MAX))
              : -ENOMEM;
    if (rc > 0 && copy_to_user(buf, text, (u32)rc))
        rc = -EFAULT;
    kfree(text);
    path_put(&found);
    return rc;
}

s32 sys_readlink(const char __user *path, char __user *buf, s32 size)
{
    return sys_readlinkat(AT_FDCWD, path, buf, size);
}
