// fs/socket/sockfs.c - the files of sockets
// SPDX-License-Identifier: MIT
//
// An internal file system, mounted nowhere, where each socket that has a file
// has an inode and a dentry "socket:[n]" of its own.

#include "socket_private.h"

#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <fs/anon.h>
#include <fs/files.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <linux/magic.h>
#include <linux/sockios.h>

static struct mount *socket_mount;
static const struct super_ops sockfs_super_ops;

// Their owner and mode are whatever was said (bind takes the mode).
static const struct inode_ops socket_inode_ops = {
    .may_set_attributes = anon_may_set_attributes,
};

static int sockfs_mount(struct super *super, struct block_device *block,
                        const char *options, struct inode **out_root)
{
    (void)block;
    (void)options;
    super->ops = &sockfs_super_ops;
    super->magic = SOCKFS_MAGIC;
    super->flags = SUPER_INTERNAL;
    *out_root = inode_create(super, super->next_ino++, S_IFDIR | 0555);
    if (!*out_root)
        return -ENOMEM;
    (*out_root)->ops = &socket_inode_ops;
    return 0;
}

static struct fs_type sockfs_type = {
    .name = "sockfs",
    .mount = sockfs_mount,
};

void sockets_init(void)
{
    struct super *super;
    int rc = super_create(&sockfs_type, NULL, "", &super);

    ASSERT(rc == 0); // at boot there is memory
    socket_mount = mount_create(super, sockfs_type.name, 0);
    ASSERT(socket_mount);
}

// ---- file operations -------------------------------------------------------

static ssize_t socket_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct socket_message m = {.it = it};

    (void)pos;
    return it->left ? socket_receive(file, &m) : 0;
}

static ssize_t socket_write(struct file *file, struct io_iter *it, u64 *pos)
{
    struct socket_message m = {.it = it};

    (void)pos;
    return socket_send(file, &m);
}

static u32 bytes_to_read(const struct socket *s)
{
    const struct message *message;
    u32 bytes = 0;

    list_for_each_entry (message, &s->messages, link) {
        bytes += message->bytes - message->used;
        if (s->type == SOCK_DGRAM)
            break; // of the first only
    }
    return bytes;
}

static int socket_ioctl(struct file *file, u32 command, u32 argument)
{
    const struct socket *s = socket_of(file);
    s32 __user *user = (s32 __user *)(uintptr_t)argument;

    switch (command) {
    case SIOCOUTQ: return put_user((s32)s->charged, user);
    case FIONREAD:
        if (s->state == SOCKET_LISTENING)
            return -EINVAL;
        return put_user((s32)bytes_to_read(s), user);
    case SIOCATMARK: return put_user((s32)0, user); // no urgent bytes
    default: return -ENOTTY;
    }
}

static void release(struct file *file)
{
    socket_release(socket_of(file));
}

static const struct file_ops socket_file_ops = {
    .release = release,
    .read = socket_read,
    .write = socket_write,
    .poll = socket_poll,
    .ioctl = socket_ioctl,
};

int socket_file_create(u32 flags, struct file **out)
{
    struct path path;
    int rc = anon_path_create(socket_mount, S_IFSOCK | 0777, &socket_inode_ops,
                              "socket", &path);

    if (rc)
        return rc;
    *out = file_create(&path, &socket_file_ops, O_RDWR | flags);
    path_put(&path); // the file has it
    return *out ? 0 : -ENOMEM;
}

void socket_file_attach(struct file *file, struct socket *s)
{
    file->private = s;
    s->file = file;
    list_add_tail(&s->all_link, &sockets);
}

int socket_from_fd(s32 fd, struct file **out)
{
    int rc;

    *out = file_from_fd(fd);
    if (!*out)
        return -EBADF;
    if (anon_file_is(*out, &socket_file_ops))
        return 0;
    rc = (*out)->flags & O_PATH ? -EBADF : -ENOTSOCK;
    file_put(*out);
    return rc;
}

struct socket *socket_of_file(const struct file *file)
{
    return anon_file_is(file, &socket_file_ops) ? socket_of(file) : NULL;
}
