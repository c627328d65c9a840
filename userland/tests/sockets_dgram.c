// userland/tests/sockets_dgram.c - SOCK_DGRAM and SOCK_SEQPACKET: messages
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "asleep.h"
#include "ktap.h"
#include "sockets.h"

enum {
    LARGE = 100000,
    MANY = 300,
};

static int send_to(int fd, const char *name, const char *text)
{
    struct sockaddr_un address;
    socklen_t bytes = abstract_address(&address, name);

    return ERROR_OF(sendto(fd, text, strlen(text), MSG_DONTWAIT,
                           (struct sockaddr *)&address, bytes));
}

static bool borders(int type)
{
    int pair[2], bytes = 0;
    char got[8];

    pair_of(type, pair);
    bool ok = write(pair[0], "abc", 3) == 3 && write(pair[0], "", 0) == 0 &&
              write(pair[0], "de", 2) == 2 &&
              ioctl(pair[1], FIONREAD, &bytes) == 0 &&
              bytes == (type == SOCK_DGRAM ? 3 : 5);
    return ok && says(pair[1], "abc") && read(pair[1], got, 8) == 0 &&
           says(pair[1], "de");
}

static bool datagram_borders(void)
{
    return borders(SOCK_DGRAM);
}

static bool seqpacket_borders(void)
{
    return borders(SOCK_SEQPACKET);
}

static bool cut(void)
{
    char got[8] = "";
    struct iovec vec = {got, 2};
    struct msghdr m = {.msg_iov = &vec, .msg_iovlen = 1};
    int pair[2];

    pair_of(SOCK_DGRAM, pair);
    for (int i = 0; i < 3; i++)
        if (write(pair[0], "abcde", 5) != 5)
            return false;
    return recv(pair[1], got, 2, MSG_PEEK) == 2 &&
           recv(pair[1], got, 2, MSG_PEEK | MSG_TRUNC) == 5 &&
           recv(pair[1], got, 2, MSG_TRUNC) == 5 &&
           recvmsg(pair[1], &m, 0) == 2 && m.msg_flags == MSG_TRUNC &&
           says(pair[1], "abcde");
}

static bool by_address(void)
{
    int to = bound(SOCK_DGRAM, "to"), from = sock(SOCK_DGRAM);
    struct sockaddr_un name;
    socklen_t bytes = sizeof(name);
    char got[8];
    bool ok = ERROR_OF(send(from, "x", 1, 0)) == ENOTCONN &&
              send_to(from, "nobody", "x") == ECONNREFUSED &&
              send_to(from, "to", "one") == 0 &&
              recvfrom(to, got, 8, 0, (struct sockaddr *)&name, &bytes) == 3 &&
              bytes == 0;

    from = bound(SOCK_DGRAM, "from");
    bytes = sizeof(name);
    ok = ok && send_to(from, "to", "two") == 0 &&
         recvfrom(to, got, 8, 0, (struct sockaddr *)&name, &bytes) == 3 &&
         bytes == 7 && memcmp(name.sun_path, "\0from", 5) == 0;
    return ok &&
           sendto(to, "three", 5, 0, (struct sockaddr *)&name, bytes) == 5 &&
           says(from, "three") &&
           send_to(from, "", "x") == ECONNREFUSED; // of no bytes but the NUL
}

static bool connected(void)
{
    int to = bound(SOCK_DGRAM, "c"), fd = sock(SOCK_DGRAM);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    bool ok = connect_to(fd, "nobody") == ECONNREFUSED &&
              connect_to(fd, "c") == 0 && connect_to(fd, "c") == 0 &&
              write(fd, "hi", 2) == 2 && says(to, "hi");

    ok = ok && connect(fd, &none, sizeof(none)) == 0 &&
         ERROR_OF(write(fd, "hi", 2)) == ENOTCONN && connect_to(fd, "c") == 0;
    close(to);
    return ok && ERROR_OF(write(fd, "hi", 2)) == ECONNREFUSED &&
           ERROR_OF(write(fd, "hi", 2)) == ENOTCONN;
}

static bool closed_to_others(void)
{
    int a = bound(SOCK_DGRAM, "a"), b = bound(SOCK_DGRAM, "b");

    return connect_to(a, "b") == 0 &&
           send_to(sock(SOCK_DGRAM), "a", "x") == EPERM &&
           connect_to(sock(SOCK_DGRAM), "a") == EPERM &&
           send_to(b, "a", "x") == 0 && says(a, "x");
}

static bool left_peer(void)
{
    int pair[2], error = 0;
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    socklen_t bytes = sizeof(error);

    pair_of(SOCK_DGRAM, pair);
    return write(pair[1], "lost", 4) == 4 &&
           connect(pair[0], &none, sizeof(none)) == 0 &&
           poll_of(pair[0], POLLIN) == 0 &&
           getsockopt(pair[1], SOL_SOCKET, SO_ERROR, &error, &bytes) == 0 &&
           error == ECONNRESET;
}

static bool queue_length(void)
{
    int to = bound(SOCK_DGRAM, "q"), fd = sock(SOCK_DGRAM), count = 0;
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
    int set = epoll_create1(0);
    bool ok = connect_to(fd, "q") == 0 &&
              epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0 &&
              epoll_wait(set, &event, 1, 0) == 1;

    while (send(fd, "x", 1, MSG_DONTWAIT) == 1)
        count++;
    ok = ok && errno == EAGAIN && count == 11 && poll_of(fd, POLLOUT) == 0 &&
         send_to(sock(SOCK_DGRAM), "q", "x") == EAGAIN && says(to, "x") &&
         poll_of(fd, POLLOUT) == POLLOUT && epoll_wait(set, &event, 1, 0) == 1;
    pid_t pid = fork(); // waits for the second
    if (pid == 0)
        _exit(write(fd, "y", 1) != 1 || write(fd, "z", 1) != 1);
    ok = falls_asleep(pid) && ok;
    for (int i = 0; i < 10; i++)
        ok = ok && says(to, "x");
    return child_status(pid) == 0 && ok && says(to, "y") && says(to, "z");
}

// Both are each other's: the backlog does not count, the send buffer does.
static bool no_queue_length(void)
{
    int pair[2], count = 0;

    pair_of(SOCK_DGRAM, pair);
    while (send(pair[0], "x", 1, MSG_DONTWAIT) == 1)
        count++;
    return errno == EAGAIN && count > 50 && poll_of(pair[0], POLLOUT) == 0;
}

static bool receiver_gone(void)
{
    int to = bound(SOCK_DGRAM, "g"), fd = sock(SOCK_DGRAM);
    bool ok = connect_to(fd, "g") == 0;
    pid_t pid;

    while (send(fd, "x", 1, MSG_DONTWAIT) == 1)
        ;
    pid = fork();
    if (pid == 0) {
        close(to);
        _exit(ERROR_OF(write(fd, "x", 1)));
    }
    ok = falls_asleep(pid) && ok;
    close(to);
    return child_status(pid) == ECONNREFUSED && ok;
}

static bool large(void)
{
    static char out[LARGE], in[LARGE];
    static char huge[1 << 20];
    int pair[2];

    pair_of(SOCK_SEQPACKET, pair);
    for (int i = 0; i < LARGE; i++)
        out[i] = (char)(i * 7);
    return send(pair[0], out, LARGE, 0) == LARGE &&
           recv(pair[1], in, LARGE, 0) == LARGE &&
           memcmp(in, out, LARGE) == 0 &&
           ERROR_OF(send(pair[0], huge, sizeof(huge), 0)) == EMSGSIZE;
}

static bool shut(void)
{
    int pair[2], seq[2];
    char byte;

    pair_of(SOCK_DGRAM, pair);
    pair_of(SOCK_SEQPACKET, seq);
    bool ok = shutdown(pair[0], SHUT_WR) == 0 &&
              ERROR_OF(write(pair[0], "x", 1)) == EPIPE &&
              ERROR_OF(recv(pair[1], &byte, 1, MSG_DONTWAIT)) == EAGAIN &&
              shutdown(pair[1], SHUT_RD) == 0 &&
              ERROR_OF(recv(pair[1], &byte, 1, MSG_DONTWAIT)) == EAGAIN &&
              read(pair[1], &byte, 1) == 0;
    return ok && shutdown(seq[0], SHUT_WR) == 0 &&
           read(seq[1], &byte, 1) == 0 &&
           recv(seq[1], &byte, 1, MSG_DONTWAIT) == 0 &&
           ERROR_OF(write(seq[0], "x", 1)) == EPIPE &&
           write(seq[1], "y", 1) == 1 && says(seq[0], "y");
}

static bool events(void)
{
    short all = POLLIN | POLLOUT | POLLRDHUP;
    int seq[2];

    pair_of(SOCK_SEQPACKET, seq);
    bool ok = poll_of(sock(SOCK_DGRAM), all) == POLLOUT &&
              poll_of(sock(SOCK_SEQPACKET), all) == (POLLOUT | POLLHUP) &&
              poll_of(seq[0], all) == POLLOUT && write(seq[1], "x", 1) == 1 &&
              poll_of(seq[0], all) == (POLLIN | POLLOUT);
    close(seq[1]);
    return ok &&
           poll_of(seq[0], all) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
}

static bool lost_at_bad_memory(void)
{
    int pair[2];

    pair_of(SOCK_DGRAM, pair);
    return write(pair[0], "one", 3) == 3 && write(pair[0], "two", 3) == 3 &&
           ERROR_OF(recv(pair[1], (void *)4, 3, 0)) == EFAULT &&
           says(pair[1], "two") &&
           ERROR_OF(send(pair[0], (void *)4, 3, 0)) == EFAULT &&
           poll_of(pair[1], POLLIN) == 0;
}

static bool several(void)
{
    struct mmsghdr out[3], in[4];
    struct iovec ov[3], iv[4];
    struct timespec soon = {.tv_sec = 10};
    char got[4][4];
    int pair[2];

    pair_of(SOCK_DGRAM, pair);
    memset(out, 0, sizeof(out));
    memset(in, 0, sizeof(in));
    for (int i = 0; i < 4; i++) {
        iv[i] = (struct iovec){got[i], 4};
        in[i].msg_hdr.msg_iov = &iv[i];
        in[i].msg_hdr.msg_iovlen = 1;
        if (i == 3)
            break;
        ov[i] = (struct iovec){"abc", (size_t)i + 1};
        out[i].msg_hdr.msg_iov = &ov[i];
        out[i].msg_hdr.msg_iovlen = 1;
    }
    bool ok = sendmmsg(pair[0], out, 3, 0) == 3 && out[2].msg_len == 3 &&
              recvmmsg(pair[1], in, 2, 0, &soon) == 2 && in[0].msg_len == 1 &&
              in[1].msg_len == 2 &&
              recvmmsg(pair[1], in, 4, MSG_WAITFORONE, NULL) == 1 &&
              in[0].msg_len == 3 &&
              ERROR_OF(recvmmsg(pair[1], in, 4, MSG_DONTWAIT, NULL)) == EAGAIN;
    close(pair[1]);
    return ok && ERROR_OF(sendmmsg(pair[0], out, 3, 0)) == ECONNREFUSED;
}

static bool through_many(void)
{
    int to = bound(SOCK_DGRAM, "many"), sum = 0, byte;
    pid_t pid = fork();

    if (pid == 0) {
        int fd = sock(SOCK_DGRAM);

        if (connect_to(fd, "many"))
            _exit(1);
        for (int i = 0; i < MANY; i++)
            if (write(fd, &i, sizeof(i)) != sizeof(i))
                _exit(1);
        _exit(0);
    }
    for (int i = 0; i < MANY; i++)
        sum += read(to, &byte, sizeof(byte)) == sizeof(byte) && byte == i;
    return child_status(pid) == 0 && sum == MANY;
}

static const struct socket_row rows[] = {
    {"SOCK_DGRAM has borders", datagram_borders},
    {"SOCK_SEQPACKET has borders", seqpacket_borders},
    {"a message is cut", cut},
    {"datagrams by address", by_address},
    {"datagrams to whom it is connected", connected},
    {"who is connected is closed to others", closed_to_others},
    {"who leaves its peer", left_peer},
    {"length of the queue", queue_length},
    {"no queue between two that are connected", no_queue_length},
    {"the receiver goes while one waits", receiver_gone},
    {"large messages", large},
    {"shutdown of datagrams", shut},
    {"poll of datagrams", events},
    {"a message is lost at bad memory", lost_at_bad_memory},
    {"sendmmsg, recvmmsg", several},
    {"many datagrams, in order", through_many},
};
const struct socket_rows datagram_rows = ROWS(rows);
