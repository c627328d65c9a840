// fs/socket/socket.c - sockets of AF_UNIX: what they are, and how they end
// SPDX-License-Identifier: MIT
//
// How it works: a message is copied into memory of its own (message.c), which
// is charged to the socket that it comes from, and hung on the list of the
// socket it goes to. So a sender waits for its own messages to be read; for
// those of others only where the receiver's backlog is full (datagrams,
// connections). A connection is two sockets that are each other's peer.
//
//     connect: makes the other end, hangs it on the listener's `pending`
//     accept:  takes it from there and gives it a file
//
// The parts: name.c (addresses), connect.c, stream.c, datagram.c (both also
// SOCK_SEQPACKET, whose connections are those of streams and whose messages are
// datagrams), scm.c (descriptors and credentials that are sent along), gc.c
// (sockets that only messages hold), options.c, sockfs.c (their files).
//
// Invariants: only a socket whose file is open is on `sockets` and has
// messages, but for pending ones, which are found by their listener. A dead one
// is there as long as a peer or a message from it holds it, and is asked
// nothing but its name.
//
// Locking: for tasks only; nothing sleeps between a look and a change. Who
// looks at a message across a sleep (a reader, whose memory may have to be
// brought in) holds s->reading, rank SOCKET, never two of them; nobody waits
// with it for messages. User memory is copied with it held; sending holds
// nothing. Rejected: a lock for each socket, which would need two at a time;
// counting messages as the receiver's memory (Linux does not, either).

#include "socket_private.h"

#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time_user.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

LIST_HEAD(sockets);

struct socket *socket_alloc(enum socket_type type)
{
    struct socket *s = kzalloc(sizeof(*s), GFP_KERNEL);

    if (!s)
        return NULL;
    s->refs = 1;
    s->type = type;
    list_init(&s->all_link);
    list_init(&s->clients);
    list_init(&s->peer_link);
    list_init(&s->messages);
    list_init(&s->pending);
    list_init(&s->pending_link);
    list_init(&s->reached_link);
    mutex_init(&s->reading, MUTEX_RANK_SOCKET);
    wait_queue_init(&s->queue);
    wait_queue_init(&s->room);
    s->backlog = SOCKET_DATAGRAMS;
    s->send_limit = SOCKET_BUFFER_BYTES;
    s->receive_limit = SOCKET_BUFFER_BYTES;
    s->low_water = 1;
    s->peer_cred = (struct ucred){0, ~0u, ~0u}; // as of nobody
    return s;
}

void socket_put(struct socket *s)
{
    if (!s)
        return;
    ASSERT(s->refs > 0);
    if (--s->refs)
        return;
    ASSERT(list_empty(&s->messages) && list_empty(&s->clients));
    ASSERT(!s->peer && !s->charged && !s->in_flight);
    socket_name_put(s->name);
    kfree(s);
}

void socket_set_peer(struct socket *s, struct socket *peer)
{
    struct socket *old = s->peer;

    list_del(&s->peer_link);
    s->peer = peer;
    if (peer) {
        socket_get(peer);
        list_add_tail(&s->peer_link, &peer->clients);
    }
    socket_put(old);
}

void socket_cred_of_caller(struct ucred *out)
{
    *out =
        (struct ucred){current->tgid, current->cred->euid, current->cred->egid};
}

int socket_take_error(struct socket *s)
{
    int error = s->error;

    s->error = 0;
    return -error;
}

// ---- backlogs --------------------------------------------------------------

bool socket_backlog_is_full(const struct socket *s)
{
    return s->message_count + s->pending_count > s->backlog;
}

void socket_made_room(struct socket *s)
{
    struct socket *client;

    wake_up(&s->room);
    list_for_each_entry (client, &s->clients, peer_link)
        wake_up_events(&client->queue, POLLOUT | POLLWRNORM | POLLWRBAND);
}

bool socket_blocks(const struct socket *s, const struct socket *from)
{
    return s != from && s->peer != from && socket_backlog_is_full(s);
}

// ---- waiting ---------------------------------------------------------------

u64 socket_deadline(bool no_wait, u64 wait_ns)
{
    if (no_wait)
        return POLL_NO_WAIT;
    return wait_ns ? time_after(wait_ns) : POLL_FOREVER;
}

// A call with a timeout is not begun anew after a handler: as on Linux.
int socket_wait_result(int rc, u64 deadline)
{
    if (rc == -ETIMEDOUT)
        return -EAGAIN;
    if (rc == -EINTR && deadline == POLL_FOREVER)
        return -ERESTARTSYS;
    return rc;
}

static u32 poll_room(struct socket *s)
{
    if (!socket_has_space(s))
        return 0;
    if (s->type != SOCK_STREAM && s->peer && socket_blocks(s->peer, s))
        return 0;
    return POLLOUT | POLLWRNORM | POLLWRBAND;
}

u32 socket_poll(struct file *file, struct wait_queue **queue)
{
    struct socket *s = socket_of(file);
    u32 events = poll_room(s);

    *queue = &s->queue;
    if (s->error)
        events |= POLLERR;
    if (s->shut == SHUT_BOTH)
        events |= POLLHUP;
    if (s->shut & SHUT_RECEIVE)
        events |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (!list_empty(&s->messages) || !list_empty(&s->pending))
        events |= POLLIN | POLLRDNORM;
    if (socket_has_connections(s) && s->state == SOCKET_UNCONNECTED)
        events |= POLLHUP;
    return events;
}

// ---- the end ---------------------------------------------------------------

void socket_purge(struct socket *s)
{
    struct message *message, *next;
    LIST_HEAD(gone);

    mutex_lock(&s->reading); // nobody looks at one any more
    while ((message = first_message(s))) {
        message_unqueue(s, message);
        list_add_tail(&message->link, &gone);
    }
    mutex_unlock(&s->reading);
    list_for_each_entry_safe (message, next, &gone, link)
        message_free(message);
}

// The other end of a connection: there is nothing more to come, or to send.
static void tell_peer(struct socket *s, struct socket *peer)
{
    if (!socket_has_connections(s))
        return;
    peer->shut = SHUT_BOTH;
    if (!list_empty(&s->messages) || !s->file)
        peer->error = ECONNRESET; // they will not be read
    wake_up(&peer->queue);
}

void socket_release(struct socket *s)
{
    struct socket *pending;

    s->is_dead = true;
    s->shut = SHUT_BOTH;
    list_del(&s->all_link);
    if (s->peer)
        tell_peer(s, s->peer);
    s->file = NULL;
    s->state = SOCKET_UNCONNECTED;
    socket_set_peer(s, NULL);
    socket_forget_name(s);
    while (!list_empty(&s->pending)) {
        pending = list_first_entry(&s->pending, struct socket, pending_link);
        list_del(&pending->pending_link);
        s->pending_count--;
        socket_release(pending);
    }
    socket_purge(s);
    socket_made_room(s); // who waits finds it dead
    socket_put(s);
    if (sockets_in_flight)
        gc_run();
}

// ---- shutdown --------------------------------------------------------------

int socket_shutdown(struct file *file, u32 how)
{
    static const u8 of_peer[] = {0, SHUT_SEND, SHUT_RECEIVE, SHUT_BOTH};
    struct socket *s = socket_of(file), *peer = s->peer;

    if (how > SHUT_RDWR)
        return -EINVAL;
    s->shut |= how + 1;
    wake_up(&s->queue);
    wake_up(&s->room);
    if (peer && socket_has_connections(s)) {
        peer->shut |= of_peer[how + 1];
        wake_up(&peer->queue);
    }
    return 0;
}

// ---- messages --------------------------------------------------------------

ssize_t socket_send(struct file *file, struct socket_message *m)
{
    struct socket *s = socket_of(file);
    u64 deadline = socket_deadline(
        (m->flags & MSG_DONTWAIT) || file_is_nonblocking(file) || m->it->nowait,
        s->send_wait_ns);
    struct scm scm;
    ssize_t rc;

    if (sockets_in_flight > GC_ANYWAY)
        gc_run();
    rc = scm_from_control(&scm, m->control, m->control_bytes);
    if (rc)
        return rc;
    if (m->flags & MSG_OOB)
        rc = -EOPNOTSUPP;
    else if (s->type == SOCK_STREAM)
        rc = stream_send(s, m, &scm, deadline);
    else
        rc = datagram_send(s, m, &scm, deadline);
    scm_drop(&scm);
    return rc;
}

ssize_t socket_receive(struct file *file, struct socket_message *m)
{
    struct socket *s = socket_of(file);
    u64 deadline = socket_deadline(
        (m->flags & MSG_DONTWAIT) || file_is_nonblocking(file) || m->it->nowait,
        s->receive_wait_ns);
    struct scm scm = {.files = NULL};
    ssize_t rc;

    m->address.bytes = 0;
    m->out_flags = m->flags & MSG_CMSG_CLOEXEC;
    if (s->type == SOCK_STREAM)
        rc = stream_receive(s, m, &scm, deadline);
    else
        rc = datagram_receive(s, m, &scm, deadline);
    if (rc >= 0)
        scm_to_control(&scm, s, m);
    scm_drop(&scm);
    return rc;
}

// ---- what there is ---------------------------------------------------------

bool sockets_next(u32 place, struct socket_report *out)
{
    const struct socket *s;

    list_for_each_entry (s, &sockets, all_link) {
        if (place--)
            continue;
        *out = (struct socket_report){
            .id = s,
            .refs = (u32)s->refs,
            .type = s->type,
            .ino = s->file->inode->ino,
            .is_listening = s->state == SOCKET_LISTENING,
            .is_connected = s->state == SOCKET_CONNECTED};
        socket_copy_address(s, &out->address);
        return true;
    }
    return false;
}
