// kernel/sys_socket.c - system calls: sockets, but for their messages
// SPDX-License-Identifier: MIT
//
// There is one family, AF_UNIX; of others this is a kernel without.

#include <kernel/sys_net.h>

#include <fs/fd.h>
#include <fs/socket.h>
#include <fs/vfs.h>
#include <kernel/uaccess.h>
#include <linux/net.h>

#include "socket_user.h"

#define CREATE_FLAGS (O_NONBLOCK | O_CLOEXEC) // SOCK_NONBLOCK, SOCK_CLOEXEC

int socket_address_get(struct socket_address *out, const void __user *from,
                       s32 bytes)
{
    if (bytes < 0 || (u32)bytes > sizeof(out->raw))
        return -EINVAL;
    out->un.sun_family = AF_UNSPEC;
    out->bytes = (u32)bytes;
    return copy_from_user(out->raw, from, (u32)bytes);
}

int socket_address_put(const struct socket_address *address, void __user *to,
                       s32 __user *bytes)
{
    s32 room;

    if (get_user(room, bytes))
        return -EFAULT;
    if (room < 0)
        return -EINVAL;
    if (copy_to_user(to, address->raw, min((u32)room, address->bytes)))
        return -EFAULT;
    return put_user((s32)address->bytes, bytes);
}

// ---- making ----------------------------------------------------------------

// @type with flags. Return: 0; -EINVAL; -EAFNOSUPPORT.
static int check_kind(s32 family, u32 type)
{
    if (type & ~(u32)(SOCK_TYPE_MASK | CREATE_FLAGS))
        return -EINVAL;
    if (family < 0 || family >= AF_FAMILIES)
        return -EAFNOSUPPORT;
    if ((type & SOCK_TYPE_MASK) >= SOCK_TYPES)
        return -EINVAL;
    return family == AF_UNIX ? 0 : -EAFNOSUPPORT;
}

static s32 install(struct file *file, bool cloexec)
{
    s32 fd = files_install(file, 0, cloexec);

    if (fd < 0)
        file_put(file);
    return fd;
}

s32 sys_socket(s32 family, u32 type, u32 protocol)
{
    struct file *file;
    int rc = check_kind(family, type);

    if (!rc)
        rc = socket_create(type & SOCK_TYPE_MASK, protocol, type & O_NONBLOCK,
                           &file);
    return rc ? rc : install(file, type & O_CLOEXEC);
}

// Both, or none.
static s32 install_pair(struct file **files, bool cloexec, s32 *fds)
{
    s32 rc = fds[0] = install(files[0], cloexec);

    if (rc < 0) {
        file_put(files[1]);
        return rc;
    }
    rc = fds[1] = install(files[1], cloexec);
    if (rc < 0)
        return files_close(fds[0]) ? -EBADF : rc;
    return 0;
}

s32 sys_socketpair(s32 family, u32 type, u32 protocol, s32 __user *user)
{
    struct file *files[2];
    s32 fds[2], rc;

    rc = check_kind(family, type);
    // Before: what cannot be told is not made.
    if (!rc && clear_user(user, sizeof(fds)))
        rc = -EFAULT;
    if (!rc)
        rc = socket_create_pair(type & SOCK_TYPE_MASK, protocol,
                                type & O_NONBLOCK, files);
    if (!rc)
        rc = install_pair(files, type & O_CLOEXEC, fds);
    return rc ? rc : copy_to_user(user, fds, sizeof(fds));
}

// ---- names and connections -------------------------------------------------

// @act on socket @fd with the program's address.
static s32 with_address(s32 fd, const void __user *user, s32 bytes,
                        int (*act)(struct file *file,
                                   const struct socket_address *address))
{
    struct socket_address address;
    struct file *file;
    int rc = socket_from_fd(fd, &file);

    if (rc)
        return rc;
    rc = socket_address_get(&address, user, bytes);
    if (!rc)
        rc = act(file, &address);
    file_put(file);
    return rc;
}

s32 sys_bind(s32 fd, const void __user *user, s32 bytes)
{
    return with_address(fd, user, bytes, socket_bind);
}

s32 sys_connect(s32 fd, const void __user *user, s32 bytes)
{
    return with_address(fd, user, bytes, socket_connect);
}

s32 sys_listen(s32 fd, s32 backlog)
{
    struct file *file;
    int rc = socket_from_fd(fd, &file);

    if (rc)
        return rc;
    rc = socket_listen(file, (u32)backlog);
    file_put(file);
    return rc;
}

// An accepted one, whose peer's address is asked for, becomes a descriptor.
static s32 install_accepted(struct file *file, void __user *user,
                            s32 __user *bytes, bool cloexec)
{
    struct socket_address address;
    int rc = 0;

    if (user) {
        rc = socket_peer_name(file, &address);
        if (!rc)
            rc = socket_address_put(&address, user, bytes);
    }
    if (!rc)
        return install(file, cloexec);
    file_put(file);
    return rc;
}

s32 sys_accept4(s32 fd, void __user *address, s32 __user *bytes, u32 flags)
{
    struct file *file, *accepted;
    int rc;

    if (flags & ~(u32)CREATE_FLAGS)
        return -EINVAL;
    rc = socket_from_fd(fd, &file);
    if (rc)
        return rc;
    rc = files_has_room(); // before: a connection that is taken is gone
    if (!rc)
        rc = socket_accept(file, flags & O_NONBLOCK, &accepted);
    file_put(file);
    return rc ? rc
              : install_accepted(accepted, address, bytes, flags & O_CLOEXEC);
}

s32 sys_getsockname(s32 fd, void __user *user, s32 __user *bytes)
{
    struct socket_address address;
    struct file *file;
    int rc = socket_from_fd(fd, &file);

    if (rc)
        return rc;
    socket_name(file, &address);
    file_put(file);
    return socket_address_put(&address, user, bytes);
}

s32 sys_getpeername(s32 fd, void __user *user, s32 __user *bytes)
{
    struct socket_address address;
    struct file *file;
    int rc = socket_from_fd(fd, &file);

    if (rc)
        return rc;
    rc = socket_peer_name(file, &address);
    file_put(file);
    return rc ? rc : socket_address_put(&address, user, bytes);
}

s32 sys_shutdown(s32 fd, u32 how)
{
    struct file *file;
    int rc = socket_from_fd(fd, &file);

    if (rc)
        return rc;
    rc = socket_shutdown(file, how);
    file_put(file);
    return rc;
}

// ---- options ---------------------------------------------------------------

s32 sys_setsockopt(s32 fd, s32 level, s32 option, const void __user *value,
                   s32 bytes)
{
    struct file *file;
    int rc = bytes < 0 ? -EINVAL : socket_from_fd(fd, &file);

    if (rc)
        return rc;
    rc = socket_set_option(file, level, option, value, bytes);
    file_put(file);
    return rc;
}

s32 sys_getsockopt(s32 fd, s32 level, s32 option, void __user *value,
                   s32 __user *bytes)
{
    struct file *file;
    int rc = socket_from_fd(fd, &file);

    if (rc)
        return rc;
    rc = socket_get_option(file, level, option, value, bytes);
    file_put(file);
    return rc;
}

// ---- socketcall ------------------------------------------------------------

typedef s32 (*socket_fn)(u32, u32, u32, u32, u32, u32);

static s32 call_accept(s32 fd, void __user *address, s32 __user *bytes)
{
    return sys_accept4(fd, address, bytes, 0);
}

static s32 call_send(s32 fd, const void __user *buf, u32 bytes, u32 flags)
{
    return sys_sendto(fd, buf, bytes, flags, NULL, 0);
}

static s32 call_recv(s32 fd, void __user *buf, u32 bytes, u32 flags)
{
    return sys_recvfrom(fd, buf, bytes, flags, NULL, NULL);
}

#define CALL(number, fn, count) [number] = {(socket_fn)(void *)(fn), count}

static const struct {
    socket_fn fn;
    u32 arguments;
} calls[] = {
    CALL(SYS_SOCKET, sys_socket, 3),
    CALL(SYS_BIND, sys_bind, 3),
    CALL(SYS_CONNECT, sys_connect, 3),
    CALL(SYS_LISTEN, sys_listen, 2),
    CALL(SYS_ACCEPT, call_accept, 3),
    CALL(SYS_GETSOCKNAME, sys_getsockname, 3),
    CALL(SYS_GETPEERNAME, sys_getpeername, 3),
    CALL(SYS_SOCKETPAIR, sys_socketpair, 4),
    CALL(SYS_SEND, call_send, 4),
    CALL(SYS_RECV, call_recv, 4),
    CALL(SYS_SENDTO, sys_sendto, 6),
    CALL(SYS_RECVFROM, sys_recvfrom, 6),
    CALL(SYS_SHUTDOWN, sys_shutdown, 2),
    CALL(SYS_SETSOCKOPT, sys_setsockopt, 5),
    CALL(SYS_GETSOCKOPT, sys_getsockopt, 5),
    CALL(SYS_SENDMSG, sys_sendmsg, 3),
    CALL(SYS_RECVMSG, sys_recvmsg, 3),
    CALL(SYS_ACCEPT4, sys_accept4, 4),
    CALL(SYS_RECVMMSG, sys_recvmmsg, 5),
    CALL(SYS_SENDMMSG, sys_sendmmsg, 4),
};

s32 sys_socketcall(u32 call, const u32 __user *arguments)
{
    u32 a[6] = {0};

    if (call >= ARRAY_SIZE(calls) || !calls[call].fn)
        return -EINVAL;
    if (copy_from_user(a, arguments, calls[call].arguments * sizeof(a[0])))
        return -EFAULT;
    return calls[call].fn(a[0], a[1], a[2], a[3], a[4], a[5]);
}
