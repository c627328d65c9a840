// userland/tests/sockets_rights.c - sockets: descriptors that are sent along
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ktap.h"
#include "sockets.h"

enum {
    FDS_MAX = 253,
    DEEP = 2000,
};

static int file_with(const char *text)
{
    int fd = open("rights", O_CREAT | O_RDWR | O_TRUNC, 0600);

    if (write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET))
        return -1;
    unlink("rights");
    return fd;
}

static bool passes(int type)
{
    int pair[2], fd = file_with("content"), got = -1, flags;

    pair_of(type, pair);
    bool ok = send_fd(pair[0], &fd, 1);
    close(fd);
    ok = ok && receive_fds(pair[1], &got, 1, &flags) == 1 && flags == 0;
    return ok && says(got, "content") && fcntl(got, F_GETFD) == 0;
}

static bool by_stream(void)
{
    return passes(SOCK_STREAM);
}

static bool by_datagram(void)
{
    return passes(SOCK_DGRAM);
}

static bool by_seqpacket(void)
{
    return passes(SOCK_SEQPACKET);
}

static bool same_file(void)
{
    int pair[2], fd = file_with("abcdef"), got;
    char two[2];

    pair_of(SOCK_STREAM, pair);
    bool ok =
        send_fd(pair[0], &fd, 1) && receive_fds(pair[1], &got, 1, NULL) == 1;
    return ok && read(fd, two, 2) == 2 && says(got, "cdef"); // one position
}

static bool several(void)
{
    int pair[2], fds[FDS_MAX], got[FDS_MAX], count;

    pair_of(SOCK_STREAM, pair);
    for (int i = 0; i < FDS_MAX; i++)
        fds[i] = pair[0];
    bool ok = send_fd(pair[0], fds, FDS_MAX) &&
              receive_fds(pair[1], got, FDS_MAX, NULL) == FDS_MAX;
    for (count = 0; ok && count < FDS_MAX; count++)
        if (close(got[count]))
            break;
    return ok && count == FDS_MAX;
}

static int send_raw(int fd, const int *fds, unsigned count)
{
    static union {
        char bytes[CMSG_SPACE((FDS_MAX + 1) * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec vec = {"r", 1};
    struct msghdr m = {.msg_iov = &vec,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    c->cmsg_len = CMSG_LEN(count * sizeof(int));
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    return ERROR_OF(sendmsg(fd, &m, 0));
}

static bool too_many(void)
{
    int pair[2], fds[FDS_MAX + 1];
    int bad[2] = {0, 222};

    pair_of(SOCK_STREAM, pair);
    for (int i = 0; i <= FDS_MAX; i++)
        fds[i] = 0;
    return send_raw(pair[0], fds, FDS_MAX + 1) == EINVAL &&
           send_raw(pair[0], bad, 2) == EBADF &&
           send_raw(pair[0], fds, 0) == 0 && says(pair[1], "r");
}

static bool little_room(void)
{
    int pair[2], fds[3] = {0, 1, 2}, got[3] = {-1, -1, -1}, flags;

    pair_of(SOCK_STREAM, pair);
    bool ok = send_fd(pair[0], fds, 3) &&
              receive_fds(pair[1], got, 2, &flags) == 2 &&
              flags == MSG_CTRUNC && got[1] == got[0] + 1;
    int next = dup(0);
    ok = ok && next == got[1] + 1; // the third is not there
    ok = ok && send_fd(pair[0], fds, 1) &&
         receive_fds(pair[1], got, 0, &flags) == 0 && flags == MSG_CTRUNC;
    return ok && send_fd(pair[0], fds, 1) && says(pair[1], "f");
}

static bool no_descriptor_free(void)
{
    struct rlimit limit = {8, 8};
    int pair[2], fds[3] = {0, 1, 2}, got[3] = {-1, -1, -1}, flags;
    int fd = listening("full", 1);

    pair_of(SOCK_STREAM, pair);
    nonblocking(fd);
    while (dup(0) < 6)
        ;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 && send_fd(pair[0], fds, 3) &&
           receive_fds(pair[1], got, 3, &flags) == 1 && got[0] == 7 &&
           flags == MSG_CTRUNC && ERROR_OF(accept(fd, NULL, NULL)) == EMFILE;
}

// The descriptor that came with @m; -1: none.
static int fd_of(struct msghdr *m)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    int fd;

    if (!c)
        return -1;
    memcpy(&fd, CMSG_DATA(c), sizeof(fd));
    return fd;
}

static bool on_exec(void)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    char byte;
    struct iovec vec = {&byte, 1};
    struct msghdr m = {.msg_iov = &vec,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof(control)};
    int pair[2], fd = 0, got;

    pair_of(SOCK_STREAM, pair);
    if (!send_fd(pair[0], &fd, 1) ||
        recvmsg(pair[1], &m, MSG_CMSG_CLOEXEC) != 1)
        return false;
    got = fd_of(&m);
    return fcntl(got, F_GETFD) == FD_CLOEXEC &&
           m.msg_flags == MSG_CMSG_CLOEXEC &&
           m.msg_controllen == CMSG_SPACE(sizeof(int));
}

static bool stream_borders(void)
{
    int pair[2], fd = 0, got;
    char bytes[8];

    pair_of(SOCK_STREAM, pair);
    bool ok = write(pair[0], "ab", 2) == 2 && send_fd(pair[0], &fd, 1) &&
              write(pair[0], "cd", 2) == 2;
    // What came before is read with it, what came after is not.
    ok = ok && read(pair[1], bytes, 8) == 3 && memcmp(bytes, "abf", 3) == 0 &&
         says(pair[1], "cd");
    return ok && send_fd(pair[0], &fd, 1) &&
           receive_fds(pair[1], &got, 1, NULL) == 1;
}

static bool peeked(void)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    char byte;
    struct iovec vec = {&byte, 1};
    struct msghdr m = {.msg_iov = &vec,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof(control)};
    int pair[2], fd = file_with("seen"), got;

    pair_of(SOCK_DGRAM, pair);
    bool ok = send_fd(pair[0], &fd, 1) && recvmsg(pair[1], &m, MSG_PEEK) == 1 &&
              m.msg_controllen == CMSG_SPACE(sizeof(int));
    got = fd_of(&m);
    ok = ok && says(got, "seen");
    return ok && receive_fds(pair[1], &got, 1, NULL) == 1;
}

// The write end of a pipe is in a message that nobody reads.
static bool never_read(void)
{
    int pair[2], ends[2];
    char byte;

    pair_of(SOCK_STREAM, pair);
    if (pipe(ends) || !send_fd(pair[0], &ends[1], 1))
        return false;
    close(ends[1]);
    bool ok = poll_of(ends[0], POLLIN) == 0;
    close(pair[0]);
    close(pair[1]);
    return ok && read(ends[0], &byte, 1) == 0;
}

static bool never_accepted(void)
{
    int fd = listening("never", 5), client = sock(SOCK_STREAM), ends[2];
    char byte;

    if (connect_to(client, "never") || pipe(ends) ||
        !send_fd(client, &ends[1], 1))
        return false;
    close(ends[1]);
    bool ok = poll_of(ends[0], POLLIN) == 0;
    close(fd);
    return read(ends[0], &byte, 1) == 0 && ok &&
           ERROR_OF(read(client, &byte, 1)) == ECONNRESET;
}

static bool by_its_limit(void)
{
    int pair[2], sent = 0, fd = 0;
    struct rlimit limit = {16, 16};
    pid_t pid = fork();

    if (pid)
        return child_status(pid) == 0;
    pair_of(SOCK_DGRAM, pair);
    if (setrlimit(RLIMIT_NOFILE, &limit) || setgid(1001) || setuid(1001))
        _exit(1);
    while (sent < 100 && send_fd(pair[0], &fd, 1))
        sent++;
    if (errno != ETOOMANYREFS || sent < 16 || sent > 18)
        _exit(1);
    _exit(receive_fds(pair[1], &fd, 1, NULL) != 1 ||
          receive_fds(pair[1], &fd, 1, NULL) != 1 || !send_fd(pair[0], &fd, 1));
}

// A socket in a message at a socket in a message at a socket ...: closing the
// last closes them all, however deep.
static bool nested(void)
{
    int outer[2], inner[2], ends[2];
    char byte;

    pair_of(SOCK_DGRAM, inner);
    if (pipe(ends) || !send_fd(inner[0], &ends[1], 1))
        return false;
    close(ends[1]);
    for (int i = 0; i < DEEP; i++) {
        pair_of(SOCK_DGRAM, outer);
        if (!send_fd(outer[0], &inner[1], 1))
            return false;
        close(inner[0]);
        close(inner[1]);
        memcpy(inner, outer, sizeof(inner));
    }
    bool ok = poll_of(ends[0], POLLIN) == 0;
    close(inner[0]);
    close(inner[1]);
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    return ok && poll(&p, 1, 10000) == 1 && read(ends[0], &byte, 1) == 0;
}

static const struct socket_row rows[] = {
    {"a descriptor by SOCK_STREAM", by_stream},
    {"a descriptor by SOCK_DGRAM", by_datagram},
    {"a descriptor by SOCK_SEQPACKET", by_seqpacket},
    {"it is the same file", same_file},
    {"as many as there may be", several},
    {"too many, and bad ones", too_many},
    {"little room for them", little_room},
    {"no descriptor is free", no_descriptor_free},
    {"MSG_CMSG_CLOEXEC", on_exec},
    {"a read ends at them", stream_borders},
    {"MSG_PEEK gives others", peeked},
    {"a message that nobody reads", never_read},
    {"a connection that nobody accepts", never_accepted},
    {"ETOOMANYREFS", by_its_limit},
    {"nested deeply", nested},
};
const struct socket_rows rights_rows = ROWS(rows);
