// fs/socket/gc.c - sockets that only messages hold
// SPDX-License-Identifier: MIT
//
// A socket whose descriptor was sent is held by the message. If that lies at a
// socket which is only held by messages itself, and so on in a ring, nobody can
// ever read them: counting references does not free it.
//
// How it works: mark and sweep. A socket can be reached if somebody else than
// messages holds its file (more references than in_flight), or if a message at
// one that can be reached, or at a connection that is pending there, has it.
// What is on the list of all sockets and was not reached loses its messages;
// the rest goes by the counts. From the first look to the last message that is
// taken off nothing sleeps, so nothing changes.
//
// It runs when a socket is closed while others are in messages, and before a
// send when very many are (socket.c): as on Linux, a ring may stay until then.

#include "socket_private.h"

u32 sockets_in_flight;

// Of all in messages, by scm_files.link.
static LIST_HEAD(flying);

static void count_sockets(const struct scm_files *files, s32 change)
{
    struct socket *s;
    u32 i;

    for (i = 0; i < files->count; i++) {
        s = socket_of_file(files->files[i]);
        if (!s)
            continue;
        s->in_flight += (u32)change;
        sockets_in_flight += (u32)change;
    }
}

void gc_files_leave(struct scm_files *files)
{
    list_add_tail(&files->link, &flying);
    count_sockets(files, 1);
}

void gc_files_arrive(struct scm_files *files)
{
    list_del(&files->link);
    count_sockets(files, -1);
}

u32 gc_files_of(u32 uid)
{
    const struct scm_files *files;
    u32 count = 0;

    list_for_each_entry (files, &flying, link)
        if (files->uid == uid)
            count += files->count;
    return count;
}

// ---- marking ---------------------------------------------------------------

static void reach(struct socket *s, struct list_head *reached)
{
    if (s->is_reached)
        return;
    s->is_reached = true;
    list_add_tail(&s->reached_link, reached);
}

static void reach_from_messages(const struct socket *s,
                                struct list_head *reached)
{
    const struct message *message;
    struct socket *other;
    u32 i;

    list_for_each_entry (message, &s->messages, link) {
        const struct scm_files *files = message->scm.files;

        for (i = 0; files && i < files->count; i++) {
            other = socket_of_file(files->files[i]);
            if (other)
                reach(other, reached);
        }
    }
}

static void mark(void)
{
    struct socket *s, *pending;
    LIST_HEAD(reached);

    list_for_each_entry (s, &sockets, all_link) {
        s->is_reached = false;
        if ((u32)s->file->refcount > s->in_flight)
            reach(s, &reached);
    }
    while (!list_empty(&reached)) {
        s = list_first_entry(&reached, struct socket, reached_link);
        list_del(&s->reached_link);
        reach_from_messages(s, &reached);
        list_for_each_entry (pending, &s->pending, pending_link)
            reach_from_messages(pending, &reached);
    }
}

// ---- sweeping --------------------------------------------------------------

static void take_messages(struct socket *s, struct list_head *garbage)
{
    struct message *message;

    while ((message = first_message(s))) {
        message_unqueue(s, message);
        list_add_tail(&message->link, garbage);
    }
}

void gc_run(void)
{
    struct message *message;
    struct socket *s, *pending;
    LIST_HEAD(garbage);

    mark();
    list_for_each_entry (s, &sockets, all_link) {
        if (s->is_reached)
            continue;
        take_messages(s, &garbage);
        list_for_each_entry (pending, &s->pending, pending_link)
            take_messages(pending, &garbage);
    }
    while (!list_empty(&garbage)) {
        message = list_first_entry(&garbage, struct message, link);
        list_del(&message->link);
        message_free(message);
    }
}
