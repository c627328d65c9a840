// fs/initramfs.c - unpacking cpio archives into the root
// SPDX-License-Identifier: MIT
//
// By the same calls as a program would use. What an archive has later replaces
// what is there: that is how an overlay works. Directories stay, and only get
// the archive's attributes. Hard links: the first name makes the file, later
// ones are linked to it, and whichever brings the content fills it.

#include <fs/types.h>

#include <fs/vfs.h>
#include <kernel/time.h>
#include <lib/cpio.h>
#include <lib/string.h>
#include <linux/limits.h>
#include <linux/uio.h>
#include <mm/slab.h>

#define LOG_NAME "initramfs"
#include <kernel/log.h>

struct linked_name { // a file with more names to come
    struct list_head link;
    u32 ino, dev_major, dev_minor;
    const char *name; // in the archive
};

struct unpack {
    struct cpio_entry entry;
    struct list_head linked;
    char path[PATH_MAX]; // of the entry, from the root
};

// A part "..": archives stay inside the root anyway, but mean something else.
static bool has_dotdot(const char *name)
{
    const char *at;

    for (at = name; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (at[0] == '.' && at[1] == '.' && (at[2] == '/' || !at[2]))
            return true;
    }
    return false;
}

static int set_path(struct unpack *u, const char *name)
{
    if (has_dotdot(name))
        return -EINVAL;
    u->path[0] = '/';
    return str_copy(u->path + 1, name, sizeof(u->path) - 1) ? 0 : -ENAMETOOLONG;
}

static int apply_attributes(const struct unpack *u)
{
    const struct cpio_entry *entry = &u->entry;
    struct inode *inode;
    struct path path;
    int rc = path_resolve(AT_FDCWD, u->path, 0, &path);

    if (rc)
        return rc;
    inode = path.dentry->inode;
    inode->mode = (inode->mode & S_IFMT) | (entry->mode & 07777);
    inode->uid = entry->uid;
    inode->gid = entry->gid;
    inode->mtime_ns = (u64)entry->mtime * NSEC_PER_SEC;
    path_put(&path);
    return 0;
}

// Makes room for the entry's name. Return: 0; 1: a directory that stays.
static int remove_old(const struct unpack *u)
{
    struct path path;
    bool directory;
    int rc = path_resolve(AT_FDCWD, u->path, 0, &path);

    if (rc == -ENOENT)
        return 0;
    if (rc)
        return rc;
    directory = S_ISDIR(path.dentry->inode->mode);
    path_put(&path);
    if (!directory)
        return vfs_unlink(AT_FDCWD, u->path);
    return S_ISDIR(u->entry.mode) ? 1 : vfs_rmdir(AT_FDCWD, u->path);
}

static int write_content(const struct unpack *u)
{
    struct iovec segment = {(void *)(uintptr_t)u->entry.data, u->entry.size};
    struct file *file;
    struct io_iter it;
    u64 pos = 0;
    ssize_t done;
    int rc;

    rc = file_open_at(AT_FDCWD, u->path,
                      O_WRONLY | O_CREAT | O_TRUNC | O_LARGEFILE, 0600, &file);
    if (rc)
        return rc;
    io_init(&it, &segment, u->entry.size, IO_KERNEL);
    done = u->entry.size ? file_write(file, &it, &pos) : 0;
    file_put(file);
    if (done < 0)
        return (int)done;
    return (u32)done == u->entry.size ? 0 : -ENOSPC;
}

static struct linked_name *find_linked(struct unpack *u)
{
    struct linked_name *linked;

    list_for_each_entry (linked, &u->linked, link)
        if (linked->ino == u->entry.ino &&
            linked->dev_major == u->entry.dev_major &&
            linked->dev_minor == u->entry.dev_minor)
            return linked;
    return NULL;
}

// The entry's name for a file that is there. u->path is as before afterwards.
static int link_to(struct unpack *u, const char *first_name)
{
    struct path first;
    int rc = set_path(u, first_name);

    if (!rc)
        rc = path_resolve(AT_FDCWD, u->path, 0, &first);
    if (rc)
        return rc;
    rc = set_path(u, u->entry.name);
    if (!rc)
        rc = vfs_link(&first, AT_FDCWD, u->path);
    path_put(&first);
    return rc;
}

static int unpack_file(struct unpack *u)
{
    struct linked_name *linked;
    int rc;

    if (u->entry.nlink <= 1)
        return write_content(u);
    linked = find_linked(u);
    if (linked) {
        rc = link_to(u, linked->name);
        return rc || !u->entry.size ? rc : write_content(u);
    }
    linked = kmalloc(sizeof(*linked), GFP_KERNEL);
    if (!linked)
        return -ENOMEM;
    linked->ino = u->entry.ino;
    linked->dev_major = u->entry.dev_major;
    linked->dev_minor = u->entry.dev_minor;
    linked->name = u->entry.name;
    list_add(&linked->link, &u->linked);
    return write_content(u);
}

static int make_node(const struct unpack *u, const char *target)
{
    struct inode_seed seed = {
        .mode = u->entry.mode & (S_IFMT | 07777),
        .rdev = device_number(u->entry.rdev_major, u->entry.rdev_minor),
        .target = target,
    };

    return vfs_make(AT_FDCWD, u->path, &seed);
}

static int make_link(const struct unpack *u)
{
    char *target;
    int rc;

    if (!u->entry.size || u->entry.size >= PATH_MAX)
        return -EINVAL;
    target = kmalloc(u->entry.size + 1, GFP_KERNEL);
    if (!target)
        return -ENOMEM;
    memcpy(target, u->entry.data, u->entry.size);
    target[u->entry.size] = '\0';
    rc = make_node(u, target);
    kfree(target);
    return rc;
}

static int unpack_entry(struct unpack *u)
{
    int rc = set_path(u, u->entry.name);

    if (!rc)
        rc = remove_old(u);
    if (rc < 0)
        return rc;
    if (rc == 0) {
        switch (u->entry.mode & S_IFMT) {
        case S_IFREG: rc = unpack_file(u); break;
        case S_IFLNK: rc = make_link(u); break;
        case S_IFDIR:
        case S_IFCHR:
        case S_IFBLK:
        case S_IFIFO:
        case S_IFSOCK: rc = make_node(u, NULL); break;
        default: rc = -EINVAL;
        }
        if (rc)
            return rc;
    }
    return apply_attributes(u);
}

int initramfs_unpack(const void *data, u64 bytes)
{
    struct linked_name *linked, *next;
    struct cpio_reader reader;
    struct unpack *u;
    int rc;

    if (bytes > 0xffffffffu)
        return -EFBIG;
    u = kmalloc(sizeof(*u), GFP_KERNEL);
    if (!u)
        return -ENOMEM;
    list_init(&u->linked);
    cpio_init(&reader, data, (size_t)bytes);
    while ((rc = cpio_next(&reader, &u->entry)) > 0) {
        rc = unpack_entry(u);
        if (rc) {
            log_err("name=%s errno=%d", u->entry.name, -rc);
            break;
        }
    }
    list_for_each_entry_safe (linked, next, &u->linked, link)
        kfree(linked);
    kfree(u);
    return rc;
}
