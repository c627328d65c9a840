// fs/socket/socket_private.h - what the parts of sockets share
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/socket.h>

#include <fs/poll.h>
#include <fs/vfs.h>
#include <kernel/mutex.h>
#include <kernel/time.h>
#include <linux/poll.h>

// Room for messages that nobody has read, in bytes with their overhead: what
// Linux for i386 begins with, and its bounds for SO_SNDBUF and SO_RCVBUF.
#define SOCKET_BUFFER_BYTES      180224u
#define SOCKET_SEND_MIN_BYTES    4480u
#define SOCKET_RECEIVE_MIN_BYTES 2240u

#define SOCKET_BACKLOG_MAX 4096u // net.core.somaxconn
#define SOCKET_DATAGRAMS   10u   // net.unix.max_dgram_qlen

// So many sockets in messages, and each sender looks for garbage first.
#define GC_ANYWAY 16000u

enum socket_state {
    SOCKET_UNCONNECTED,
    SOCKET_LISTENING,
    SOCKET_CONNECTED,
};

enum socket_shut { // bits: no more of that
    SHUT_RECEIVE = 1,
    SHUT_SEND = 2,
    SHUT_BOTH = 3,
};

struct socket_bound_name {
    s32 refs;
    u32 bytes; // of the address
    struct sockaddr_un un;
};

struct socket {
    struct list_head all_link; // of all sockets
    s32 refs;                  // its file, peers, messages from it
    enum socket_type type;
    enum socket_state state;
    u32 shut;          // enum socket_shut
    bool is_dead;      // its file was closed
    struct file *file; // not held. NULL: not accepted yet, or closed
    struct socket_bound_name *name;
    struct path path; // held: where it was bound in the tree
    bool is_naming;   // a bind is under way
    bool owns_inode;  // path's inode leads to it
    bool is_found;    // by its abstract name

    struct socket *peer;      // held
    struct list_head clients; // whose peer it is, by peer_link
    struct list_head peer_link;

    struct list_head messages; // to be read, of link
    u32 message_count;
    struct list_head pending; // connections to be accepted, by pending_link
    struct list_head pending_link;
    u32 pending_count;
    u32 backlog; // one more may wait: messages (datagrams), or connections
    struct mutex reading;    // who looks at messages across a sleep
    struct wait_queue queue; // anything of its own has changed
    struct wait_queue room;  // there is room in its backlog again

    u32 charged; // bytes of its messages that are not read
    u32 send_limit, receive_limit;
    s32 error; // SO_ERROR: 0 or a positive errno, told once
    struct ucred peer_cred;

    bool pass_cred;
    u32 low_water;
    u64 receive_wait_ns, send_wait_ns; // 0: as long as it takes
    u32 plain_options;                 // options.c
    struct {
        s32 on, seconds;
    } linger;

    u32 in_flight; // references that messages hold: gc.c
    bool is_reached;
    struct list_head reached_link;
};

// Descriptors on their way.
struct scm_files {
    struct list_head link; // scm.c
    u32 uid;               // of who sent them
    u32 count;
    struct file *files[]; // held
};

struct scm {
    bool has_cred;
    struct ucred cred;
    struct scm_files *files; // or NULL
};

struct message {
    struct list_head link;
    struct socket *from; // held; charged
    u32 charge;
    u32 bytes, used; // of them, by reads of a stream
    struct scm scm;
    u8 *pieces[]; // a page each, but for the last
};

static inline struct socket *socket_of(const struct file *file)
{
    return file->private;
}
static inline bool socket_has_connections(const struct socket *s)
{
    return s->type != SOCK_DGRAM;
}
static inline struct message *first_message(const struct socket *s)
{
    return list_empty(&s->messages)
               ? NULL
               : list_first_entry(&s->messages, struct message, link);
}
static inline bool socket_has_space(const struct socket *s)
{
    return s->state != SOCKET_LISTENING && s->charged * 4 <= s->send_limit;
}

// ---- socket.c
// ----------------------------------------------------------------

// socket_alloc - with one reference. NULL: no memory.
struct socket *socket_alloc(enum socket_type type);
static inline struct socket *socket_get(struct socket *s)
{
    s->refs++;
    return s;
}
void socket_put(struct socket *s); // NULL allowed; does not sleep

// socket_set_peer - hold it (NULL: none) and let the one before go.
void socket_set_peer(struct socket *s, struct socket *peer);

// socket_release - its file is gone, or (a connection that nobody accepted) its
// listener. Drops a reference. May sleep.
void socket_release(struct socket *s);

// socket_purge - forget all messages to it. May sleep.
void socket_purge(struct socket *s);

// socket_take_error - what SO_ERROR has, as -errno or 0; it is told once.
int socket_take_error(struct socket *s);

void socket_cred_of_caller(struct ucred *out); // effective ids

u32 socket_poll(struct file *file, struct wait_queue **queue);

// socket_backlog_is_full - of datagrams or connections. socket_made_room - one
// left a full backlog.
bool socket_backlog_is_full(const struct socket *s);
void socket_made_room(struct socket *s);

// socket_blocks - whether @s, full, has @from wait: not who it is connected to.
bool socket_blocks(const struct socket *s, const struct socket *from);

extern struct list_head sockets;

// ---- sockfs.c
// ----------------------------------------------------------------

// socket_file_create - a file for a socket; file_put_unopened undoes it.
// Return: 0; -ENOMEM. May sleep. socket_file_attach - @s has it from now on,
// and it has the caller's reference.
__must_check int socket_file_create(u32 flags, struct file **out);
void socket_file_attach(struct file *file, struct socket *s);
// socket_of_file - NULL: it is something else.
struct socket *socket_of_file(const struct file *file);

// ---- waiting
// -----------------------------------------------------------------

// socket_deadline - of fs/poll.h: POLL_NO_WAIT, POLL_FOREVER or a time.
u64 socket_deadline(bool no_wait, u64 wait_ns);

// Value: 0; -EAGAIN: it is not to wait (any more); -ERESTARTSYS, -EINTR.
#define socket_wait(queue, condition, deadline)                                \
    socket_wait_result((deadline) == POLL_NO_WAIT                              \
                           ? -ETIMEDOUT                                        \
                           : wait_event_full((queue), (condition),             \
                                             WAIT_INTERRUPTIBLE, (deadline)),  \
                       (deadline))
int socket_wait_result(int rc, u64 deadline);

// ---- name.c
// ------------------------------------------------------------------

// socket_check_address - Return: 0; -EINVAL.
__must_check int socket_check_address(const struct socket_address *address);
// socket_find - the one of @type with that address, held. Return: 0;
// -ECONNREFUSED; -EPROTOTYPE; as open(2). May sleep.
__must_check int socket_find(const struct socket_address *address,
                             enum socket_type type, struct socket **out);
// socket_autobind - a name, unless it has one. Return: 0; -ENOMEM; -ENOSPC.
__must_check int socket_autobind(struct socket *s);
void socket_forget_name(struct socket *s);
void socket_copy_address(const struct socket *s, struct socket_address *out);
struct socket_bound_name *socket_name_get(struct socket_bound_name *name);
void socket_name_put(struct socket_bound_name *name);

// ---- message.c
// ---------------------------------------------------------------

// message_create - @bytes from @it, charged to @from when there is room there.
// Return: 0; -EAGAIN, -ERESTARTSYS, -EINTR; -EPIPE; an error of @from;
// -ENOBUFS; -EFAULT. May sleep.
__must_check int message_create(struct socket *from, struct io_iter *it,
                                u32 bytes, u64 deadline, struct message **out);
void message_free(struct message *message); // on no list; may sleep
// message_put - @bytes of it from @offset on. Return: as io_put. May sleep.
u32 message_put(const struct message *message, u32 offset, u32 bytes,
                struct io_iter *it);
// message_queue - to be read from @to; message_unqueue - no more.
void message_queue(struct socket *to, struct message *message);
void message_unqueue(struct socket *to, struct message *message);

// ---- stream.c, datagram.c
// -----------------------------------------------------

ssize_t stream_send(struct socket *s, struct socket_message *m, struct scm *scm,
                    u64 deadline);
ssize_t stream_receive(struct socket *s, struct socket_message *m,
                       struct scm *scm, u64 deadline);
ssize_t datagram_send(struct socket *s, struct socket_message *m,
                      struct scm *scm, u64 deadline);
ssize_t datagram_receive(struct socket *s, struct socket_message *m,
                         struct scm *scm, u64 deadline);
// datagram_connect - Return: as socket_connect.
__must_check int datagram_connect(struct socket *s,
                                  const struct socket_address *address);

// ---- scm.c
// -------------------------------------------------------------------

// scm_from_control - what a program sends along. Return: 0; -EINVAL; -EBADF;
// -EPERM; -ESRCH; -ETOOMANYREFS; -ENOMEM: @scm is empty.
__must_check int scm_from_control(struct scm *scm, const u8 *control,
                                  u32 bytes);
// scm_to_control - give it to the program, and empty it. May sleep.
void scm_to_control(struct scm *scm, const struct socket *s,
                    struct socket_message *m);
void scm_drop(struct scm *scm); // may sleep
// scm_add_cred - the sender's, when one of both ends asks for them.
void scm_add_cred(struct scm *scm, const struct socket *s,
                  const struct socket *other);
// scm_copy_files - for a look at a message. Return: 0; -ENOMEM.
__must_check int scm_copy_files(struct scm *scm, const struct scm_files *from);

// ---- gc.c
// --------------------------------------------------------------------

extern u32 sockets_in_flight; // sum of their in_flight
// gc_files_leave - @files are in a message now; gc_files_arrive - no more.
void gc_files_leave(struct scm_files *files);
void gc_files_arrive(struct scm_files *files);
u32 gc_files_of(u32 uid); // in messages
// gc_run - free sockets that only messages to each other hold. May sleep.
void gc_run(void);
