// fs/socket/stream.c - SOCK_STREAM: bytes of a connection
// SPDX-License-Identifier: MIT
//
// A write becomes messages of at most STREAM_PIECE bytes, the first of which
// has what is sent along. A read takes bytes of as many messages as it needs,
// but ends behind one that brought descriptors, and before one of another
// sender when the reader wants to know who sent what.

#include "socket_private.h"

#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <linux/signal.h>

#define STREAM_PIECE (16u << 10)
#define STREAM_SPARE 64u // of half a send buffer, as on Linux

// ---- sending ---------------------------------------------------------------

static bool can_take(const struct socket *peer)
{
    return !peer->is_dead && !(peer->shut & SHUT_RECEIVE);
}

// One piece. @scm moves with it. Return: bytes; -errno.
static s32 send_piece(struct socket *s, struct socket_message *m,
                      struct scm *scm, u64 deadline)
{
    u32 bytes = min(m->it->left, STREAM_PIECE);
    struct message *message;
    int rc;

    bytes = min(bytes, s->send_limit / 2 - STREAM_SPARE);
    rc = message_create(s, m->it, bytes, deadline, &message);
    if (rc)
        return rc;
    message->scm = *scm;
    scm->files = NULL;
    if (!s->peer || !can_take(s->peer)) {
        message_free(message);
        return -EPIPE;
    }
    scm_add_cred(&message->scm, s, s->peer);
    message_queue(s->peer, message);
    return (s32)bytes;
}

ssize_t stream_send(struct socket *s, struct socket_message *m, struct scm *scm,
                    u64 deadline)
{
    u32 sent = 0;
    s32 rc = 0;

    if (m->address.bytes)
        return s->state == SOCKET_CONNECTED ? -EISCONN : -EOPNOTSUPP;
    if (!s->peer)
        return -ENOTCONN;
    if (s->shut & SHUT_SEND)
        rc = -EPIPE;
    while (rc >= 0 && m->it->left) {
        rc = send_piece(s, m, scm, deadline);
        if (rc > 0)
            sent += (u32)rc;
    }
    if (sent)
        return (ssize_t)sent;
    if (rc == -EPIPE && !(m->flags & MSG_NOSIGNAL))
        signal_send_simple(current, SIGPIPE);
    return rc;
}

// ---- reading ---------------------------------------------------------------

struct reading {
    struct socket *s;
    struct socket_message *m;
    struct scm *scm;
    u32 copied, target; // bytes; it does not wait once it has the target
    bool has_sender;    // scm's credentials are those of all it reads
    bool is_over;
};

static bool same_cred(const struct scm *a, const struct scm *b)
{
    return a->has_cred == b->has_cred &&
           memcmp(&a->cred, &b->cred, sizeof(a->cred)) == 0;
}

// May bytes of @message follow those that were read?
static bool may_follow(struct reading *r, const struct message *message)
{
    if (r->has_sender)
        return same_cred(r->scm, &message->scm);
    if (r->s->pass_cred) {
        r->scm->has_cred = message->scm.has_cred;
        r->scm->cred = message->scm.cred;
        r->has_sender = true;
    }
    return true;
}

// Copies from one message. Return: 0, is_over may be set; -EFAULT; -ENOMEM.
static int read_message(struct reading *r, struct message *message)
{
    struct socket_message *m = r->m;
    u32 bytes = min(m->it->left, message->bytes - message->used);
    bool had_files = message->scm.files;

    if (!may_follow(r, message)) {
        r->is_over = true;
        return 0;
    }
    if (!r->copied)
        socket_copy_address(message->from, &m->address);
    if (message_put(message, message->used, bytes, m->it) < bytes) {
        r->is_over = true; // with what other messages gave, and it stays
        return r->copied ? 0 : -EFAULT;
    }
    r->copied += bytes;
    r->is_over = had_files;
    if (m->flags & MSG_PEEK)
        return had_files ? scm_copy_files(r->scm, message->scm.files) : 0;
    if (had_files) {
        gc_files_arrive(message->scm.files);
        r->scm->files = message->scm.files;
        message->scm.files = NULL;
    }
    message->used += bytes;
    if (message->used == message->bytes) {
        message_unqueue(r->s, message);
        message_free(message); // without files: does not sleep
    }
    return 0;
}

// What is there now. Return: 0; -errno.
static int read_ready(struct reading *r)
{
    struct message *message;
    int rc = 0;

    if (r->m->flags & MSG_PEEK) {
        list_for_each_entry (message, &r->s->messages, link) {
            rc = read_message(r, message);
            if (rc || r->is_over || !r->m->it->left)
                break;
        }
        r->is_over = true; // also with nothing, when no bytes are wanted
        return rc;
    }
    while (!rc && !r->is_over && (message = first_message(r->s))) {
        rc = read_message(r, message);
        r->is_over |= !r->m->it->left;
    }
    return rc;
}

// There is nothing to read. Return: 0: is_over, or look again; -errno.
static int wait_for_bytes(struct reading *r, u64 deadline)
{
    struct socket *s = r->s;
    int rc;

    if (r->copied >= r->target) {
        r->is_over = true;
        return 0;
    }
    rc = socket_take_error(s);
    if (rc)
        return rc;
    if (s->shut & SHUT_RECEIVE) {
        r->is_over = true;
        return 0;
    }
    mutex_unlock(&s->reading);
    rc = socket_wait(&s->queue,
                     !list_empty(&s->messages) || s->error ||
                         (s->shut & SHUT_RECEIVE),
                     deadline);
    mutex_lock(&s->reading);
    return rc;
}

ssize_t stream_receive(struct socket *s, struct socket_message *m,
                       struct scm *scm, u64 deadline)
{
    struct reading r = {.s = s, .m = m, .scm = scm};
    int rc = 0;

    if (s->state != SOCKET_CONNECTED)
        return -EINVAL;
    if (m->flags & MSG_OOB)
        return -EINVAL; // there are no urgent bytes
    r.target =
        m->flags & MSG_WAITALL ? m->it->left : min(s->low_water, m->it->left);
    r.target = max(r.target, 1u);
    mutex_lock(&s->reading);
    while (!rc && !r.is_over) {
        if (list_empty(&s->messages))
            rc = wait_for_bytes(&r, deadline);
        else
            rc = read_ready(&r);
    }
    mutex_unlock(&s->reading);
    return r.copied ? (ssize_t)r.copied : rc;
}
