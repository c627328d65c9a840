// include/fs/socket.h - sockets of AF_UNIX
// SPDX-License-Identifier: MIT
//
// All functions: context task; those that say so sleep. Files are sockets
// (socket_from_fd), held by the caller. How it works: fs/socket/socket.c.
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <fs/socket_abi.h>
#include <linux/un.h>

struct file;
struct io_iter;

#define SOCKET_ADDRESS_BYTES 128u // of any family, at most

struct socket_address {
    u32 bytes; // 0: none
    union {
        struct sockaddr_un un;
        u8 raw[SOCKET_ADDRESS_BYTES];
    };
};

// A message on its way from or to a program.
struct socket_message {
    struct io_iter *it;
    u32 flags;                     // MSG_*
    struct socket_address address; // to, or (received) from
    // Ancillary data. Sent: in kernel memory. Received: room in user memory;
    // what was used is taken off.
    const u8 *control;
    u8 __user *control_room;
    u32 control_bytes;
    u32 out_flags; // received: MSG_TRUNC, MSG_CTRUNC
};

// sockets_init - the file system they live in.
void sockets_init(void);

// socket_create - @flags: O_NONBLOCK. socket_create_pair - two that are
// connected. Return: 0; -EPROTONOSUPPORT; -ESOCKTNOSUPPORT; -ENOMEM. May sleep.
__must_check int socket_create(u32 type, u32 protocol, u32 flags,
                               struct file **out);
__must_check int socket_create_pair(u32 type, u32 protocol, u32 flags,
                                    struct file **out);

// socket_from_fd - of the current task, with a reference.
// Return: 0; -EBADF; -ENOTSOCK.
__must_check int socket_from_fd(s32 fd, struct file **out);

// socket_bind - give it a name: a new one in the tree, an abstract one, or one
// that is chosen. Return: 0; -EINVAL: it has one, or no such address;
// -EADDRINUSE; as mknod(2); -ENOMEM. May sleep.
__must_check int socket_bind(struct file *file,
                             const struct socket_address *address);

// socket_listen - Return: 0; -EOPNOTSUPP: of a type that has no connections;
// -EINVAL: without a name, or connected.
__must_check int socket_listen(struct file *file, u32 backlog);

// socket_connect - Return: 0; -ECONNREFUSED; -EAGAIN; -EISCONN; -EINVAL;
// -EPROTOTYPE; -EPERM; -ENOMEM; as open(2). May sleep.
__must_check int socket_connect(struct file *file,
                                const struct socket_address *address);

// socket_accept - the next connection, as an open file; @flags: O_NONBLOCK.
// Return: 0; -EOPNOTSUPP; -EINVAL: it does not listen; -EAGAIN; -ENOMEM. May
// sleep.
__must_check int socket_accept(struct file *file, u32 flags, struct file **out);

// socket_name - its own. socket_peer_name - Return: 0; -ENOTCONN.
void socket_name(const struct file *file, struct socket_address *out);
__must_check int socket_peer_name(const struct file *file,
                                  struct socket_address *out);

// socket_shutdown - @how: SHUT_*. Return: 0; -EINVAL.
__must_check int socket_shutdown(struct file *file, u32 how);

// socket_send, socket_receive - Return: bytes; -errno as send(2) and recv(2).
// May sleep.
ssize_t socket_send(struct file *file, struct socket_message *message);
ssize_t socket_receive(struct file *file, struct socket_message *message);

// Options. Return: 0; -EOPNOTSUPP: of another level; -ENOPROTOOPT; -EINVAL;
// -EDOM; -EFAULT. May sleep.
__must_check int socket_set_option(struct file *file, s32 level, s32 option,
                                   const void __user *value, s32 bytes);
__must_check int socket_get_option(struct file *file, s32 level, s32 option,
                                   void __user *value, s32 __user *bytes);

// What /proc/net/unix shows of one.
struct socket_report {
    const void *id;
    u32 refs, type, ino;
    bool is_listening, is_connected;
    struct socket_address address;
};

// sockets_next - the one at @place (0: the first). Return: false: no more. No
// sleep.
bool sockets_next(u32 place, struct socket_report *out);
