// fs/socket/datagram.c - SOCK_DGRAM and SOCK_SEQPACKET: messages as they were
// SPDX-License-Identifier: MIT
//
// A send is one message, whole or not at all, and so is a read; what does not
// fit is lost. Who sends waits while the receiver's backlog is full, unless it
// is who the receiver is connected to. A message that is read to a bad address
// is lost, as on Linux.

#include "socket_private.h"

#include <kernel/signal.h>
#include <kernel/task.h>

#define SEND_SPARE 32u // of a send buffer, for one message: as on Linux

// Who is connected to another gets nothing from anybody else.
static bool may_send(const struct socket *s, const struct socket *to)
{
    return !to->peer || to->peer == s;
}

// @s has left @old: what it was sent is forgotten, and @old is told if it was
// connected to @s. May sleep.
static void disconnected(struct socket *s, struct socket *old)
{
    if (list_empty(&s->messages))
        return;
    socket_purge(s);
    socket_made_room(s);
    if (!old->is_dead && old->peer == s) {
        old->error = ECONNRESET;
        wake_up(&old->queue);
    }
}

static void change_peer(struct socket *s, struct socket *peer)
{
    struct socket *old = s->peer;

    if (old)
        socket_get(old);
    socket_set_peer(s, peer);
    s->state = peer ? SOCKET_CONNECTED : SOCKET_UNCONNECTED;
    wake_up(&s->queue); // there may be more room now
    if (old && old != peer)
        disconnected(s, old);
    socket_put(old);
}

int datagram_connect(struct socket *s, const struct socket_address *address)
{
    struct socket *peer;
    int rc;

    if (address->bytes < sizeof(address->un.sun_family))
        return -EINVAL;
    if (address->un.sun_family == AF_UNSPEC) {
        change_peer(s, NULL);
        return 0;
    }
    rc = socket_check_address(address);
    if (!rc && s->pass_cred)
        rc = socket_autobind(s);
    if (!rc)
        rc = socket_find(address, s->type, &peer);
    if (rc)
        return rc;
    if (may_send(s, peer))
        change_peer(s, peer);
    else
        rc = -EPERM;
    socket_put(peer);
    return rc;
}

// ---- sending ---------------------------------------------------------------

// @to is dead. Return: -errno; 0: look for the address again.
static int lost_receiver(struct socket *s, struct socket *to)
{
    if (s->type == SOCK_SEQPACKET)
        return -EPIPE;
    if (s->peer != to)
        return 0;
    change_peer(s, NULL);
    return -ECONNREFUSED;
}

// Whether @s may put a message to @to now. Return: 0; -EAGAIN and the like: it
// cannot wait; 1: look again; -errno.
static int check_receiver(struct socket *s, struct socket *to, u64 deadline)
{
    int rc;

    if (!may_send(s, to))
        return -EPERM;
    if (to->is_dead) {
        rc = lost_receiver(s, to);
        return rc ? rc : 1;
    }
    if (to->shut & SHUT_RECEIVE)
        return -EPIPE;
    if (!socket_blocks(to, s))
        return 0;
    rc = socket_wait(&to->room,
                     !socket_blocks(to, s) || to->is_dead ||
                         (to->shut & SHUT_RECEIVE),
                     deadline);
    return rc ? rc : 1;
}

// To the address, or to whom it is connected; held.
static int find_receiver(struct socket *s, const struct socket_message *m,
                         struct socket **out)
{
    if (m->address.bytes && s->type == SOCK_DGRAM)
        return socket_find(&m->address, s->type, out);
    if (!s->peer)
        return -ECONNRESET; // it was disconnected meanwhile
    *out = socket_get(s->peer);
    return 0;
}

static int deliver(struct socket *s, const struct socket_message *m,
                   struct message *message, u64 deadline)
{
    struct socket *to;
    int rc;

    do {
        rc = find_receiver(s, m, &to);
        if (rc)
            return rc;
        rc = check_receiver(s, to, deadline);
        if (!rc) {
            scm_add_cred(&message->scm, s, to);
            message_queue(to, message);
        }
        socket_put(to);
    } while (rc > 0);
    return rc;
}

// What can be said before anything is done. Return: 0; -errno.
static int check_send(struct socket *s, const struct socket_message *m)
{
    int rc = 0;

    if (s->type == SOCK_SEQPACKET) {
        rc = socket_take_error(s);
        if (!rc && s->state != SOCKET_CONNECTED)
            rc = -ENOTCONN;
    } else if (m->address.bytes) {
        rc = socket_check_address(&m->address);
    }
    if (!rc && !s->peer && !(m->address.bytes && s->type == SOCK_DGRAM))
        rc = -ENOTCONN;
    if (!rc && s->pass_cred)
        rc = socket_autobind(s);
    if (!rc && m->it->left > s->send_limit - SEND_SPARE)
        rc = -EMSGSIZE;
    return rc;
}

ssize_t datagram_send(struct socket *s, struct socket_message *m,
                      struct scm *scm, u64 deadline)
{
    struct message *message;
    u32 bytes = m->it->left;
    int rc = check_send(s, m);

    if (!rc)
        rc = message_create(s, m->it, bytes, deadline, &message);
    if (rc)
        return rc;
    message->scm = *scm;
    scm->files = NULL;
    rc = deliver(s, m, message, deadline);
    if (!rc)
        return (ssize_t)bytes;
    message_free(message);
    return rc;
}

// ---- reading ---------------------------------------------------------------

// The first message, with s->reading held. Return: 1: it is there; 0: there is
// none and will be none; -errno.
static int await_message(struct socket *s, u64 deadline)
{
    int rc;

    for (;;) {
        mutex_lock(&s->reading);
        rc = socket_take_error(s);
        if (!rc && first_message(s))
            return 1;
        mutex_unlock(&s->reading);
        if (rc)
            return rc;
        if ((s->shut & SHUT_RECEIVE) &&
            (s->type == SOCK_SEQPACKET || deadline != POLL_NO_WAIT))
            return 0;
        rc = socket_wait(
            &s->queue, first_message(s) || s->error || (s->shut & SHUT_RECEIVE),
            deadline);
        if (rc)
            return rc;
    }
}

// Copies what fits. Return: bytes; -EFAULT; -ENOMEM.
static ssize_t read_message(const struct message *message,
                            struct socket_message *m, struct scm *scm)
{
    u32 bytes = min(m->it->left, message->bytes);

    socket_copy_address(message->from, &m->address);
    if (bytes < message->bytes)
        m->out_flags |= MSG_TRUNC;
    if (message_put(message, 0, bytes, m->it) < bytes)
        return -EFAULT;
    scm->has_cred = message->scm.has_cred;
    scm->cred = message->scm.cred;
    if ((m->flags & MSG_PEEK) && message->scm.files &&
        scm_copy_files(scm, message->scm.files))
        return -ENOMEM;
    return (ssize_t)(m->flags & MSG_TRUNC ? message->bytes : bytes);
}

ssize_t datagram_receive(struct socket *s, struct socket_message *m,
                         struct scm *scm, u64 deadline)
{
    struct message *message;
    bool was_full;
    ssize_t rc;

    if (s->type == SOCK_SEQPACKET && s->state != SOCKET_CONNECTED)
        return -ENOTCONN;
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    rc = await_message(s, deadline);
    if (rc <= 0)
        return rc;
    message = first_message(s);
    if (m->flags & MSG_PEEK) {
        rc = read_message(message, m, scm);
        mutex_unlock(&s->reading);
        return rc;
    }
    was_full = socket_backlog_is_full(s);
    message_unqueue(s, message);
    mutex_unlock(&s->reading);
    if (was_full)
        socket_made_room(s);
    rc = read_message(message, m, scm);
    if (rc >= 0) {
        scm->files = message->scm.files;
        message->scm.files = NULL;
    }
    message_free(message);
    return rc;
}
