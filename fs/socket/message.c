// fs/socket/message.c - messages on their way, in memory of their own
// SPDX-License-Identifier: MIT
//
// The bytes lie in pieces of a page, the last of which is as small as it may
// be, so that a large message does not need pages that lie side by side. What a
// message is charged with is its bytes and MESSAGE_OVERHEAD, about as on Linux,
// so that as many small ones go into a send buffer.

#include "socket_private.h"

#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define MESSAGE_OVERHEAD 512u

static u32 piece_count(u32 bytes)
{
    return (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
}

static u32 piece_bytes(const struct message *message, u32 piece)
{
    return min(message->bytes - piece * PAGE_SIZE, PAGE_SIZE);
}

static void free_pieces(struct message *message)
{
    u32 i;

    for (i = 0; i < piece_count(message->bytes); i++)
        kfree(message->pieces[i]);
    kfree(message);
}

static void uncharge(struct socket *s, u32 charge)
{
    s->charged -= charge;
    if (!s->is_dead && socket_has_space(s))
        wake_up_events(&s->queue, POLLOUT | POLLWRNORM | POLLWRBAND);
}

void message_free(struct message *message)
{
    struct scm scm = message->scm;
    struct socket *from = message->from;

    uncharge(from, message->charge);
    free_pieces(message);
    socket_put(from);
    scm_drop(&scm);
}

// Empty ones. NULL: no memory.
static struct message *alloc(u32 bytes)
{
    u32 count = piece_count(bytes), i;
    struct message *message =
        kzalloc(sizeof(*message) + count * sizeof(u8 *), GFP_KERNEL);

    if (!message)
        return NULL;
    message->bytes = bytes;
    list_init(&message->link);
    for (i = 0; i < count; i++) {
        message->pieces[i] = kmalloc(piece_bytes(message, i), GFP_KERNEL);
        if (!message->pieces[i]) {
            free_pieces(message);
            return NULL;
        }
    }
    return message;
}

static int fill(struct message *message, struct io_iter *it)
{
    u32 i, bytes;

    for (i = 0; i < piece_count(message->bytes); i++) {
        bytes = piece_bytes(message, i);
        if (io_get(it, message->pieces[i], bytes) < bytes)
            return -EFAULT;
    }
    return 0;
}

// Room for one more. Return: 0; -errno.
static int wait_for_space(struct socket *s, u64 deadline)
{
    int rc = 0;

    while (!rc) {
        rc = socket_take_error(s);
        if (!rc && (s->shut & SHUT_SEND))
            rc = -EPIPE;
        if (rc || s->charged < s->send_limit)
            return rc;
        rc = socket_wait(&s->queue,
                         s->charged < s->send_limit || s->error ||
                             (s->shut & SHUT_SEND),
                         deadline);
    }
    return rc;
}

int message_create(struct socket *from, struct io_iter *it, u32 bytes,
                   u64 deadline, struct message **out)
{
    u32 charge = bytes + MESSAGE_OVERHEAD;
    struct message *message;
    int rc = wait_for_space(from, deadline);

    if (rc)
        return rc;
    from->charged += charge;
    message = alloc(bytes);
    rc = message ? fill(message, it) : -ENOBUFS;
    if (rc) {
        if (message)
            free_pieces(message);
        uncharge(from, charge);
        return rc;
    }
    message->charge = charge;
    message->from = socket_get(from);
    *out = message;
    return 0;
}

u32 message_put(const struct message *message, u32 offset, u32 bytes,
                struct io_iter *it)
{
    u32 done = 0, here, moved;

    while (done < bytes) {
        here = min(bytes - done, PAGE_SIZE - offset % PAGE_SIZE);
        moved = io_put(
            it, message->pieces[offset / PAGE_SIZE] + offset % PAGE_SIZE, here);
        done += moved;
        offset += moved;
        if (moved < here)
            break;
    }
    return done;
}

void message_queue(struct socket *to, struct message *message)
{
    list_add_tail(&message->link, &to->messages);
    to->message_count++;
    if (message->scm.files)
        gc_files_leave(message->scm.files);
    wake_up_events(&to->queue, POLLIN | POLLRDNORM);
}

void message_unqueue(struct socket *to, struct message *message)
{
    list_del(&message->link);
    to->message_count--;
    if (message->scm.files)
        gc_files_arrive(message->scm.files);
}
