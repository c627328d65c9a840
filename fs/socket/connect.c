// fs/socket/connect.c - connections: listen, connect, accept, socketpair
// SPDX-License-Identifier: MIT
//
// A connection is whole once it is made: the side that connects may write
// before the other is accepted. It waits on the listener's list until then, and
// is reset if that is closed.

#include "socket_private.h"

#include <kernel/signal.h>
#include <kernel/task.h>

// Which types there are. Return: 0; -EPROTONOSUPPORT; -ESOCKTNOSUPPORT.
static int check_kind(u32 *type, u32 protocol)
{
    if (protocol && protocol != AF_UNIX)
        return -EPROTONOSUPPORT;
    switch (*type) {
    case SOCK_RAW: *type = SOCK_DGRAM; return 0;
    case SOCK_STREAM:
    case SOCK_DGRAM:
    case SOCK_SEQPACKET: return 0;
    default: return -ESOCKTNOSUPPORT;
    }
}

int socket_create(u32 type, u32 protocol, u32 flags, struct file **out)
{
    struct socket *s;
    int rc = check_kind(&type, protocol);

    if (rc)
        return rc;
    s = socket_alloc(type);
    if (!s)
        return -ENOMEM;
    rc = socket_file_create(flags, out);
    if (rc)
        socket_put(s);
    else
        socket_file_attach(*out, s);
    return rc;
}

// @a goes to @b from now on.
static void connect_to(struct socket *a, struct socket *b,
                       const struct ucred *peer_cred)
{
    socket_set_peer(a, b);
    a->state = SOCKET_CONNECTED;
    a->peer_cred = *peer_cred;
}

int socket_create_pair(u32 type, u32 protocol, u32 flags, struct file **out)
{
    struct ucred cred;
    int rc = socket_create(type, protocol, flags, &out[0]);

    if (rc)
        return rc;
    rc = socket_create(type, protocol, flags, &out[1]);
    if (rc) {
        file_put(out[0]);
        return rc;
    }
    socket_cred_of_caller(&cred);
    connect_to(socket_of(out[0]), socket_of(out[1]), &cred);
    connect_to(socket_of(out[1]), socket_of(out[0]), &cred);
    return 0;
}

int socket_listen(struct file *file, u32 backlog)
{
    struct socket *s = socket_of(file);

    if (!socket_has_connections(s))
        return -EOPNOTSUPP;
    if (!s->name || s->state == SOCKET_CONNECTED)
        return -EINVAL;
    backlog = min(backlog, SOCKET_BACKLOG_MAX);
    if (backlog > s->backlog)
        wake_up(&s->room);
    s->backlog = backlog;
    s->state = SOCKET_LISTENING;
    socket_cred_of_caller(&s->peer_cred); // what who connects will see
    return 0;
}

// ---- connect ---------------------------------------------------------------

static bool listens(const struct socket *s)
{
    return s->state == SOCKET_LISTENING && !(s->shut & SHUT_RECEIVE);
}

// Waits until @listener has room. Return: 0: look again; -errno.
static int wait_for_room(struct socket *listener, u64 *deadline)
{
    int rc = socket_wait(
        &listener->room,
        !socket_backlog_is_full(listener) || !listens(listener), *deadline);

    if (rc == -EAGAIN && *deadline != POLL_NO_WAIT) {
        *deadline = POLL_NO_WAIT; // a last look
        return 0;
    }
    return rc;
}

// @s and @end, the new other end, are connected; @end waits at @listener.
static void join(struct socket *s, struct socket *end, struct socket *listener)
{
    struct ucred cred;

    socket_cred_of_caller(&cred);
    connect_to(end, s, &cred);
    connect_to(s, end, &listener->peer_cred);
    end->name = socket_name_get(listener->name);
    if (listener->path.dentry) {
        end->path = listener->path;
        path_get(&end->path);
    }
    list_add_tail(&end->pending_link, &listener->pending);
    listener->pending_count++;
    wake_up_events(&listener->queue, POLLIN | POLLRDNORM);
}

// Once. Return: 0; -ERESTARTSYS as itself; 1: look again; -errno.
static int try_connect(struct socket *s, struct socket *end,
                       const struct socket_address *address, u64 *deadline)
{
    struct socket *listener;
    int rc = socket_find(address, s->type, &listener);

    if (rc)
        return rc;
    if (!listens(listener)) {
        rc = -ECONNREFUSED;
    } else if (socket_backlog_is_full(listener)) {
        rc = wait_for_room(listener, deadline);
        rc = rc ? rc : 1;
    } else if (s->state != SOCKET_UNCONNECTED) {
        rc = s->state == SOCKET_CONNECTED ? -EISCONN : -EINVAL;
    } else {
        join(s, end, listener);
    }
    socket_put(listener);
    return rc;
}

static int connect(struct socket *s, const struct socket_address *address,
                   u64 deadline)
{
    struct socket *end;
    int rc = socket_check_address(address);

    if (!rc && s->pass_cred)
        rc = socket_autobind(s);
    if (rc)
        return rc;
    end = socket_alloc(s->type);
    if (!end)
        return -ENOMEM;
    do
        rc = try_connect(s, end, address, &deadline);
    while (rc > 0);
    if (rc)
        socket_put(end);
    return rc;
}

int socket_connect(struct file *file, const struct socket_address *address)
{
    struct socket *s = socket_of(file);

    if (!socket_has_connections(s))
        return datagram_connect(s, address);
    return connect(s, address,
                   socket_deadline(file_is_nonblocking(file), s->send_wait_ns));
}

// ---- accept ----------------------------------------------------------------

// Waits for one. Return: 0; -EINVAL; -EAGAIN and the like.
static int wait_pending(struct socket *s, u64 deadline)
{
    int rc = 0;

    while (!rc && list_empty(&s->pending)) {
        rc = s->error ? socket_take_error(s) : 0;
        if (!rc)
            rc = socket_wait(&s->queue,
                             !list_empty(&s->pending) || s->error ||
                                 (s->shut & SHUT_RECEIVE),
                             deadline);
        if (!rc && list_empty(&s->pending) && (s->shut & SHUT_RECEIVE))
            return -EINVAL;
    }
    return rc;
}

// The first that is pending gets @file.
static void take_pending(struct socket *s, struct file *file)
{
    bool was_full = socket_backlog_is_full(s);
    struct socket *end =
        list_first_entry(&s->pending, struct socket, pending_link);

    list_del(&end->pending_link);
    s->pending_count--;
    end->pass_cred = s->pass_cred;
    socket_file_attach(file, end);
    if (was_full)
        wake_up(&s->room);
}

int socket_accept(struct file *file, u32 flags, struct file **out)
{
    struct socket *s = socket_of(file);
    int rc;

    if (!socket_has_connections(s))
        return -EOPNOTSUPP;
    if (s->state != SOCKET_LISTENING)
        return -EINVAL;
    rc = socket_file_create(flags, out); // before: nothing can fail after it
    if (rc)
        return rc;
    rc = wait_pending(
        s, socket_deadline(file_is_nonblocking(file), s->receive_wait_ns));
    if (rc)
        file_put_unopened(*out);
    else
        take_pending(s, *out);
    return rc;
}
