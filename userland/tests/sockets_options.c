// userland/tests/sockets_options.c - sockets: options, and who is there
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "sockets.h"

enum {
    OTHER_UID = 1000,
    OVERFLOW_ID = 65534,
    BUFFER_BYTES = 180224, // of Linux for i386, as the bounds
    SEND_LEAST = 4480,
    RECEIVE_LEAST = 2240,
};

static int get(int fd, int option)
{
    int value = -1;
    socklen_t bytes = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &bytes) ? -errno : value;
}

static int set(int fd, int option, int value)
{
    return ERROR_OF(setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)));
}

static bool kinds(void)
{
    int fd = sock(SOCK_SEQPACKET);

    return get(fd, SO_TYPE) == SOCK_SEQPACKET &&
           get(fd, SO_DOMAIN) == AF_UNIX && get(fd, SO_PROTOCOL) == 0 &&
           get(fd, SO_ERROR) == 0 && get(fd, SO_ACCEPTCONN) == 0 &&
           get(listening("o", 1), SO_ACCEPTCONN) == 1 &&
           set(fd, SO_TYPE, 1) == ENOPROTOOPT &&
           set(fd, SO_ERROR, 1) == ENOPROTOOPT &&
           get(fd, 999) == -ENOPROTOOPT && set(fd, 999, 1) == ENOPROTOOPT;
}

static bool buffers(void)
{
    int fd = sock(SOCK_STREAM);
    bool ok = set(fd, SO_SNDBUF, 10000) == 0 && get(fd, SO_SNDBUF) == 20000 &&
              set(fd, SO_RCVBUF, 10000) == 0 && get(fd, SO_RCVBUF) == 20000;

    ok = ok && get(sock(SOCK_STREAM), SO_SNDBUF) == BUFFER_BYTES &&
         get(sock(SOCK_STREAM), SO_RCVBUF) == BUFFER_BYTES;
    ok = ok && set(fd, SO_SNDBUF, 1 << 30) == 0 &&
         set(fd, SO_RCVBUF, -1) == 0 &&
         get(fd, SO_SNDBUF) == 2 * BUFFER_BYTES &&
         get(fd, SO_RCVBUF) == 2 * BUFFER_BYTES;
    return ok && set(fd, SO_SNDBUF, 0) == 0 && set(fd, SO_RCVBUF, 0) == 0 &&
           get(fd, SO_SNDBUF) == SEND_LEAST &&
           get(fd, SO_RCVBUF) == RECEIVE_LEAST;
}

static bool plain(void)
{
    static const int options[] = {SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST,
                                  SO_DONTROUTE, SO_OOBINLINE, SO_PASSCRED};
    int fd = sock(SOCK_STREAM);
    bool ok = true;

    for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        ok = ok && get(fd, options[i]) == 0 && set(fd, options[i], 5) == 0 &&
             get(fd, options[i]) == 1 && set(fd, options[i], 0) == 0 &&
             get(fd, options[i]) == 0;
    return ok && get(fd, SO_RCVLOWAT) == 1 && set(fd, SO_RCVLOWAT, 7) == 0 &&
           get(fd, SO_RCVLOWAT) == 7 && get(fd, SO_SNDLOWAT) == 1;
}

static bool lingers(void)
{
    struct linger out = {5, 7}, in = {0, 0};
    socklen_t bytes = sizeof(in);
    int fd = sock(SOCK_STREAM);
    bool ok = setsockopt(fd, SOL_SOCKET, SO_LINGER, &out, sizeof(out)) == 0 &&
              getsockopt(fd, SOL_SOCKET, SO_LINGER, &in, &bytes) == 0 &&
              bytes == sizeof(in) && in.l_onoff == 1 && in.l_linger == 7;

    // Switched off, the time stays.
    out = (struct linger){0, 9};
    return ok &&
           setsockopt(fd, SOL_SOCKET, SO_LINGER, &out, sizeof(out)) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_LINGER, &in, &bytes) == 0 &&
           in.l_onoff == 0 && in.l_linger == 7;
}

static bool arguments(void)
{
    int fd = sock(SOCK_STREAM), value = 0x55555555;
    socklen_t bytes = 1;
    bool ok = ERROR_OF(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &value, 3)) ==
                  EINVAL &&
              ERROR_OF(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &value,
                                  (socklen_t)-1)) == EINVAL &&
              ERROR_OF(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, (void *)4, 4)) ==
                  EFAULT &&
              ERROR_OF(setsockopt(fd, 6, 1, &value, 4)) == EOPNOTSUPP &&
              ERROR_OF(getsockopt(fd, 6, 1, &value, &bytes)) == EOPNOTSUPP;

    // Shorter than the answer: cut.
    ok = ok && getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &bytes) == 0 &&
         bytes == 1 && value == 0x55555501;
    bytes = (socklen_t)-1;
    return ok &&
           ERROR_OF(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &bytes)) ==
               EINVAL &&
           ERROR_OF(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, (void *)4)) ==
               EFAULT;
}

static bool peer_is(int fd, int pid, unsigned uid, unsigned gid)
{
    struct ucred cred;
    socklen_t bytes = sizeof(cred);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &bytes) == 0 &&
           bytes == sizeof(cred) && cred.pid == pid && cred.uid == uid &&
           cred.gid == gid;
}

static bool peer_credentials(void)
{
    int fd = listening("cred", 5), pair[2];
    bool ok = peer_is(sock(SOCK_STREAM), 0, (unsigned)-1, (unsigned)-1);
    pid_t parent = getpid(), pid = fork();
    char byte;

    if (pid == 0) {
        int client = sock(SOCK_STREAM);

        if (setgid(OTHER_UID) || setuid(OTHER_UID) ||
            connect_to(client, "cred") || !peer_is(client, parent, 0, 0))
            _exit(1);
        _exit(read(client, &byte, 1) != 0);
    }
    int end = accept(fd, NULL, NULL);
    ok = ok && peer_is(end, pid, OTHER_UID, OTHER_UID);
    close(end);
    pair_of(SOCK_DGRAM, pair);
    return child_status(pid) == 0 && ok && peer_is(pair[0], parent, 0, 0);
}

// One byte, with credentials if @cred.
static int send_cred(int fd, const struct ucred *cred)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;
    struct iovec vec = {"c", 1};
    struct msghdr m = {.msg_iov = &vec, .msg_iovlen = 1};
    struct cmsghdr *c;

    if (cred) {
        m.msg_control = &control;
        m.msg_controllen = sizeof(control);
        c = CMSG_FIRSTHDR(&m);
        c->cmsg_len = CMSG_LEN(sizeof(*cred));
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_CREDENTIALS;
        memcpy(CMSG_DATA(c), cred, sizeof(*cred));
    }
    return ERROR_OF(sendmsg(fd, &m, 0));
}

// Return: bytes read; *out: who sent them; pid -1: it is not said.
static ssize_t receive_cred(int fd, struct ucred *out, int *flags)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;
    char got[8];
    struct iovec vec = {got, sizeof(got)};
    struct msghdr m = {.msg_iov = &vec,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof(control)};
    ssize_t bytes = recvmsg(fd, &m, MSG_DONTWAIT);
    struct cmsghdr *c = bytes < 0 ? NULL : CMSG_FIRSTHDR(&m);

    out->pid = -1;
    if (c && c->cmsg_type == SCM_CREDENTIALS &&
        c->cmsg_len == CMSG_LEN(sizeof(*out)))
        memcpy(out, CMSG_DATA(c), sizeof(*out));
    if (flags)
        *flags = m.msg_flags;
    return bytes;
}

static bool credentials(int type)
{
    struct ucred cred;
    int pair[2], flags;

    pair_of(type, pair);
    bool ok = send_cred(pair[0], NULL) == 0 &&
              receive_cred(pair[1], &cred, &flags) == 1 && cred.pid == -1 &&
              flags == 0;
    // Sent before anybody asked.
    ok = ok && send_cred(pair[0], NULL) == 0 &&
         set(pair[1], SO_PASSCRED, 1) == 0 &&
         receive_cred(pair[1], &cred, NULL) == 1 && cred.pid == 0 &&
         cred.uid == OVERFLOW_ID && cred.gid == OVERFLOW_ID;
    ok = ok && send_cred(pair[0], NULL) == 0 &&
         receive_cred(pair[1], &cred, &flags) == 1 && cred.pid == getpid() &&
         cred.uid == 0 && cred.gid == 0 && flags == 0;
    char byte;
    struct iovec vec = {&byte, 1};
    struct msghdr m = {.msg_iov = &vec, .msg_iovlen = 1};
    return ok && send_cred(pair[0], NULL) == 0 &&
           recvmsg(pair[1], &m, 0) == 1 && m.msg_flags == MSG_CTRUNC;
}

static bool stream_credentials(void)
{
    return credentials(SOCK_STREAM);
}

static bool datagram_credentials(void)
{
    return credentials(SOCK_DGRAM);
}

static bool said_credentials(void)
{
    struct ucred cred = {getpid(), 7, 8}, got;
    int pair[2];

    pair_of(SOCK_DGRAM, pair);
    bool ok = set(pair[1], SO_PASSCRED, 1) == 0 &&
              send_cred(pair[0], &cred) == 0 && // root may
              receive_cred(pair[1], &got, NULL) == 1 && got.uid == 7 &&
              got.gid == 8;
    cred.pid = 32767;
    ok = ok && send_cred(pair[0], &cred) == ESRCH;
    pid_t pid = fork();
    if (pid == 0) {
        struct ucred own = {getpid(), OTHER_UID, OTHER_UID};
        struct ucred other = {getpid(), 0, OTHER_UID};
        struct ucred parent = {getppid(), OTHER_UID, OTHER_UID};

        if (setgid(OTHER_UID) || setuid(OTHER_UID))
            _exit(1);
        _exit(send_cred(pair[0], &own) || send_cred(pair[0], &other) != EPERM ||
              send_cred(pair[0], &parent) != EPERM);
    }
    return child_status(pid) == 0 && ok &&
           receive_cred(pair[1], &got, NULL) == 1 && got.pid == pid;
}

// Bytes of several senders are not read as one's.
static bool not_glued(void)
{
    struct ucred a = {getpid(), 1, 1}, b = {getpid(), 2, 2}, got;
    int pair[2];

    pair_of(SOCK_STREAM, pair);
    return set(pair[1], SO_PASSCRED, 1) == 0 && send_cred(pair[0], &a) == 0 &&
           send_cred(pair[0], &a) == 0 && send_cred(pair[0], &b) == 0 &&
           receive_cred(pair[1], &got, NULL) == 2 && got.uid == 1 &&
           receive_cred(pair[1], &got, NULL) == 1 && got.uid == 2;
}

// Who asks for credentials gets a name when it connects or sends.
static bool named_by_asking(void)
{
    int to = bound(SOCK_DGRAM, "asked"), fd = sock(SOCK_DGRAM);
    struct sockaddr_un name;
    socklen_t bytes = sizeof(name);

    return set(fd, SO_PASSCRED, 1) == 0 && connect_to(fd, "asked") == 0 &&
           getsockname(fd, (struct sockaddr *)&name, &bytes) == 0 &&
           bytes == 8 && to >= 0;
}

static bool inherited(void)
{
    int fd = listening("heir", 5), client = sock(SOCK_STREAM);
    struct ucred got;
    bool ok = connect_to(client, "heir") == 0 && send_cred(client, NULL) == 0 &&
              set(fd, SO_PASSCRED, 1) == 0;
    int end = accept(fd, NULL, NULL);

    return ok && get(end, SO_PASSCRED) == 1 &&
           receive_cred(end, &got, NULL) == 1 && got.pid == getpid();
}

static const struct socket_row rows[] = {
    {"options that say what it is", kinds},
    {"sizes of buffers", buffers},
    {"plain options", plain},
    {"SO_LINGER", lingers},
    {"arguments of options", arguments},
    {"SO_PEERCRED", peer_credentials},
    {"SO_PASSCRED of a stream", stream_credentials},
    {"SO_PASSCRED of datagrams", datagram_credentials},
    {"SCM_CREDENTIALS that are said", said_credentials},
    {"bytes of two senders", not_glued},
    {"a name for who asks", named_by_asking},
    {"SO_PASSCRED is passed on by accept", inherited},
};
const struct socket_rows option_rows = ROWS(rows);
