// userland/tests/sockets_stream.c - SOCK_STREAM: bytes of a connection
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"
#include "ktap.h"
#include "sockets.h"

enum {
    PAGE_BYTES = 4096,
    MEBIBYTE = 1 << 20,
};

static int pair[2];

static bool both_ways(void)
{
    return write(pair[0], "there", 5) == 5 && says(pair[1], "there") &&
           write(pair[1], "back", 4) == 4 && says(pair[0], "back");
}

static bool no_borders(void)
{
    char got[8] = "";

    return write(pair[0], "ab", 2) == 2 && write(pair[0], "cdef", 4) == 4 &&
           read(pair[1], got, 3) == 3 && memcmp(got, "abc", 3) == 0 &&
           says(pair[1], "def");
}

static bool vectors(void)
{
    struct iovec out[3] = {{"a", 1}, {"", 0}, {"bcd", 3}};
    char x[2], y[8];
    struct iovec in[2] = {{x, 2}, {y, 8}};

    return writev(pair[0], out, 3) == 4 && readv(pair[1], in, 2) == 4 &&
           memcmp(x, "ab", 2) == 0 && memcmp(y, "cd", 2) == 0;
}

static bool nothing_there(void)
{
    char byte;

    nonblocking(pair[0]);
    return ERROR_OF(read(pair[0], &byte, 1)) == EAGAIN &&
           ERROR_OF(recv(pair[1], &byte, 1, MSG_DONTWAIT)) == EAGAIN &&
           read(pair[1], &byte, 0) == 0 && send(pair[0], "", 0, 0) == 0 &&
           ERROR_OF(recv(pair[0], &byte, 1, MSG_OOB)) == EINVAL;
}

static bool peeked(void)
{
    char got[8];

    return write(pair[0], "ab", 2) == 2 && write(pair[0], "cd", 2) == 2 &&
           recv(pair[1], got, 8, MSG_PEEK) == 4 &&
           memcmp(got, "abcd", 4) == 0 &&
           recv(pair[1], got, 3, MSG_PEEK) == 3 && says(pair[1], "abcd");
}

// No byte of what is there, of one message or more.
static bool peeked_at_nothing(void)
{
    char got;
    struct iovec none = {&got, 0};
    struct msghdr m = {.msg_iov = &none, .msg_iovlen = 1};

    return write(pair[0], "ab", 2) == 2 &&
           recv(pair[1], &got, 0, MSG_PEEK) == 0 &&
           recv(pair[1], &got, 0, MSG_PEEK | MSG_WAITALL) == 0 &&
           write(pair[0], "cd", 2) == 2 &&
           recvmsg(pair[1], &m, MSG_PEEK) == 0 &&
           recv(pair[1], &got, 0, 0) == 0 && says(pair[1], "abcd") &&
           ERROR_OF(recv(pair[1], &got, 0, MSG_PEEK | MSG_DONTWAIT)) == EAGAIN;
}

static bool all_of_it(void)
{
    char got[8] = "";
    pid_t pid = fork();

    if (pid == 0) {
        for (int i = 0; i < 4; i++)
            if (!falls_asleep(getppid()) || write(pair[0], "abcd" + i, 1) != 1)
                _exit(1);
        _exit(0);
    }
    close(pair[0]);
    bool ok =
        recv(pair[1], got, 4, MSG_WAITALL) == 4 && memcmp(got, "abcd", 4) == 0;
    // The end comes before all is there.
    return child_status(pid) == 0 && ok &&
           recv(pair[1], got, 4, MSG_WAITALL) == 0;
}

static bool half_closed(void)
{
    char byte;
    bool ok = write(pair[0], "last", 4) == 4 &&
              shutdown(pair[0], SHUT_WR) == 0 && says(pair[1], "last") &&
              read(pair[1], &byte, 1) == 0 &&
              ERROR_OF(write(pair[0], "x", 1)) == EPIPE &&
              write(pair[1], "reply", 5) == 5 && says(pair[0], "reply");

    return ok && shutdown(pair[1], SHUT_WR) == 0 &&
           read(pair[0], &byte, 1) == 0 && read(pair[0], &byte, 1) == 0;
}

static bool shut_for_reading(void)
{
    char byte;

    return write(pair[1], "kept", 4) == 4 && shutdown(pair[0], SHUT_RD) == 0 &&
           says(pair[0], "kept") && read(pair[0], &byte, 1) == 0 &&
           ERROR_OF(write(pair[1], "x", 1)) == EPIPE &&
           write(pair[0], "y", 1) == 1 && says(pair[1], "y");
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    (void)number;
    signals++;
}

static bool broken(void)
{
    signal(SIGPIPE, on_signal);
    close(pair[1]);
    bool ok =
        ERROR_OF(send(pair[0], "x", 1, MSG_NOSIGNAL)) == EPIPE && signals == 0;
    return ok && ERROR_OF(write(pair[0], "x", 1)) == EPIPE && signals == 1 &&
           ERROR_OF(send(pair[0], "x", 1, 0)) == EPIPE && signals == 2;
}

static bool reset(void)
{
    char byte;

    // What it never read is lost, and that is told once.
    bool ok = write(pair[0], "lost", 4) == 4 && write(pair[1], "seen", 4) == 4;
    close(pair[1]);
    return ok && says(pair[0], "seen") &&
           ERROR_OF(read(pair[0], &byte, 1)) == ECONNRESET &&
           read(pair[0], &byte, 1) == 0;
}

static bool reset_as_option(void)
{
    int error = 0;
    socklen_t bytes = sizeof(error);
    bool ok = write(pair[0], "lost", 4) == 4;

    close(pair[1]);
    ok = ok && (poll_of(pair[0], POLLIN) & POLLERR) &&
         getsockopt(pair[0], SOL_SOCKET, SO_ERROR, &error, &bytes) == 0 &&
         error == ECONNRESET;
    return ok &&
           getsockopt(pair[0], SOL_SOCKET, SO_ERROR, &error, &bytes) == 0 &&
           error == 0 && !(poll_of(pair[0], POLLIN) & POLLERR);
}

static bool events(void)
{
    short all = POLLIN | POLLOUT | POLLRDHUP | POLLPRI;
    bool ok = poll_of(pair[0], all) == POLLOUT && write(pair[1], "x", 1) == 1 &&
              poll_of(pair[0], all) == (POLLIN | POLLOUT) &&
              says(pair[0], "x") && poll_of(pair[0], all) == POLLOUT;

    ok = ok && shutdown(pair[1], SHUT_WR) == 0 &&
         poll_of(pair[0], all) == (POLLIN | POLLOUT | POLLRDHUP) &&
         poll_of(pair[1], all) == POLLOUT;
    close(pair[1]);
    return ok &&
           poll_of(pair[0], all) == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP) &&
           poll_of(sock(SOCK_STREAM), all) == (POLLOUT | POLLHUP);
}

static uint32_t edge(int set)
{
    struct epoll_event event;
    int count = epoll_wait(set, &event, 1, 0);

    return count == 1 ? event.events : 0;
}

static bool edges(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET};
    int set = epoll_create1(0);
    bool ok =
        epoll_ctl(set, EPOLL_CTL_ADD, pair[0], &event) == 0 && edge(set) == 0;

    ok = ok && write(pair[1], "x", 1) == 1 && edge(set) == EPOLLIN &&
         edge(set) == 0 && write(pair[1], "x", 1) == 1 && edge(set) == EPOLLIN;
    ok = ok && shutdown(pair[1], SHUT_WR) == 0 &&
         edge(set) == (EPOLLIN | EPOLLRDHUP) && edge(set) == 0;
    close(pair[1]);
    return ok && edge(set) == (EPOLLIN | EPOLLRDHUP | EPOLLHUP);
}

// Fills the send buffer. Return: bytes.
static size_t fill(int fd, size_t piece)
{
    static char bytes[MEBIBYTE];
    size_t total = 0;
    ssize_t rc;

    while ((rc = send(fd, bytes, piece, MSG_DONTWAIT)) > 0)
        total += (size_t)rc;
    return errno == EAGAIN ? total : 0;
}

static void drain(int fd)
{
    static char bytes[MEBIBYTE];

    while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
}

static bool room(void)
{
    size_t total = fill(pair[0], PAGE_BYTES), small;
    bool ok = total >= 64 * 1024 && total <= 256 * 1024 &&
              poll_of(pair[0], POLLOUT) == 0;

    drain(pair[1]);
    ok = ok && poll_of(pair[0], POLLOUT) == POLLOUT;
    small = fill(pair[0], 1); // overhead counts
    return ok && small >= 100 && small < 2000;
}

static bool edge_of_room(void)
{
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
    int set = epoll_create1(0);
    bool ok = epoll_ctl(set, EPOLL_CTL_ADD, pair[0], &event) == 0 &&
              edge(set) == EPOLLOUT && edge(set) == 0;

    ok = ok && fill(pair[0], PAGE_BYTES) && edge(set) == 0;
    drain(pair[1]);
    return ok && edge(set) == EPOLLOUT && edge(set) == 0;
}

static bool smaller_buffer(void)
{
    int bytes = 16384;
    size_t before = fill(pair[0], 1024), after;

    drain(pair[1]);
    if (setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)))
        return false;
    after = fill(pair[0], 1024);
    return after && after < before / 2;
}

static bool part_of_a_write(void)
{
    static char bytes[MEBIBYTE];

    ssize_t sent = send(pair[0], bytes, sizeof(bytes), MSG_DONTWAIT);
    return sent > 64 * 1024 && sent < MEBIBYTE &&
           ERROR_OF(send(pair[0], bytes, 1, MSG_DONTWAIT)) == EAGAIN;
}

static bool counts(void)
{
    int bytes = -1;
    bool ok = ioctl(pair[1], FIONREAD, &bytes) == 0 && bytes == 0 &&
              ioctl(pair[0], TIOCOUTQ, &bytes) == 0 && bytes == 0;

    ok = ok && write(pair[0], "abc", 3) == 3 && write(pair[0], "de", 2) == 2 &&
         ioctl(pair[1], FIONREAD, &bytes) == 0 && bytes == 5 &&
         ioctl(pair[0], TIOCOUTQ, &bytes) == 0 && bytes > 5;
    char got[4];
    ok = ok && read(pair[1], got, 4) == 4 &&
         ioctl(pair[1], FIONREAD, &bytes) == 0 && bytes == 1;
    return ok && says(pair[1], "e") && ioctl(pair[0], TIOCOUTQ, &bytes) == 0 &&
           bytes == 0 &&
           ERROR_OF(ioctl(listening("fio", 1), FIONREAD, &bytes)) == EINVAL &&
           ERROR_OF(ioctl(pair[0], 0x5401, &bytes)) == ENOTTY;
}

static bool timeouts(void)
{
    struct timeval shortly = {.tv_usec = 20000}, got = {0}, bad = {0, 1000000};
    socklen_t bytes = sizeof(got);
    char byte;
    bool ok = setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &shortly,
                         sizeof(shortly)) == 0 &&
              setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &shortly,
                         sizeof(shortly)) == 0 &&
              ERROR_OF(setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &bad,
                                  sizeof(bad))) == EDOM;

    ok = ok &&
         getsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &got, &bytes) == 0 &&
         got.tv_sec == 0 && got.tv_usec == 20000;
    return ok && ERROR_OF(read(pair[0], &byte, 1)) == EAGAIN &&
           fill(pair[0], PAGE_BYTES) &&
           ERROR_OF(write(pair[0], "x", 1)) == EAGAIN;
}

// A child that sends a signal to this process when it waits, and "x" when it
// does so again; by when it has read it has been interrupted once.
static pid_t interrupting_child(int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    pid_t parent = getpid(), pid;

    sigaction(SIGALRM, &action, NULL);
    pid = fork();
    if (pid == 0)
        _exit(!falls_asleep(parent) || kill(parent, SIGALRM) ||
              !falls_asleep(parent) || write(pair[1], "x", 1) != 1);
    return pid;
}

static bool interrupted(void)
{
    struct timeval late = {.tv_sec = 100};
    char byte;
    pid_t pid;
    bool ok;

    pid = interrupting_child(0);
    ok = ERROR_OF(read(pair[0], &byte, 1)) == EINTR && signals == 1 &&
         says(pair[0], "x") && child_status(pid) == 0;
    pid = interrupting_child(SA_RESTART);
    ok = ok && says(pair[0], "x") && signals == 2 && child_status(pid) == 0;
    // With a timeout it is not begun again.
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &late, sizeof(late));
    pid = interrupting_child(SA_RESTART);
    return ok && ERROR_OF(read(pair[0], &byte, 1)) == EINTR && signals == 3 &&
           says(pair[0], "x") && child_status(pid) == 0;
}

static bool bad_memory(void)
{
    char *at = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    munmap(at + PAGE_BYTES, PAGE_BYTES);
    char *edge_of_page = at + PAGE_BYTES - 2;
    return ERROR_OF(write(pair[0], edge_of_page, 4)) == EFAULT &&
           write(pair[0], "abcd", 4) == 4 &&
           ERROR_OF(read(pair[1], edge_of_page, 4)) == EFAULT &&
           says(pair[1], "abcd"); // it is still there
}

static bool not_connected(void)
{
    int fd = sock(SOCK_STREAM);
    struct sockaddr_un name;
    socklen_t bytes = abstract_address(&name, "x");
    char byte;

    return ERROR_OF(send(fd, "x", 1, 0)) == ENOTCONN &&
           ERROR_OF(recv(fd, &byte, 1, 0)) == EINVAL &&
           ERROR_OF(sendto(fd, "x", 1, 0, (struct sockaddr *)&name, bytes)) ==
               EOPNOTSUPP &&
           ERROR_OF(sendto(pair[0], "x", 1, 0, (struct sockaddr *)&name,
                           bytes)) == EISCONN;
}

static bool from_whom(void)
{
    int fd = listening("from", 5), client = bound(SOCK_STREAM, "client");
    struct sockaddr_un name;
    socklen_t bytes = sizeof(name);
    char byte;
    bool ok = connect_to(client, "from") == 0 && write(client, "xy", 2) == 2;
    int end = accept(fd, NULL, NULL);

    ok = ok &&
         recvfrom(end, &byte, 1, 0, (struct sockaddr *)&name, &bytes) == 1 &&
         bytes == 9 && memcmp(name.sun_path, "\0client", 7) == 0;
    bytes = sizeof(name);
    return ok && write(pair[0], "x", 1) == 1 &&
           recvfrom(pair[1], &byte, 1, 0, (struct sockaddr *)&name, &bytes) ==
               1 &&
           bytes == 0;
}

static bool copies(void)
{
    int file = open("copy", O_CREAT | O_RDWR, 0600), ends[2];
    off_t at = 0;
    bool ok = write(file, "0123456789", 10) == 10 && unlink("copy") == 0 &&
              sendfile(pair[0], file, &at, 10) == 10 && at == 10 &&
              says(pair[1], "0123456789");

    return ok && pipe(ends) == 0 && write(ends[1], "piped", 5) == 5 &&
           splice(ends[0], NULL, pair[0], NULL, 5, 0) == 5 &&
           splice(pair[1], NULL, ends[1], NULL, 5, 0) == 5 &&
           says(ends[0], "piped");
}

// A reader that waits is told that it is over by another process's shutdown.
static bool woken(void)
{
    pid_t pid = fork();
    char byte;

    if (pid == 0)
        _exit(read(pair[1], &byte, 1) != 0);
    bool ok = falls_asleep(pid) && shutdown(pair[1], SHUT_RDWR) == 0;
    return child_status(pid) == 0 && ok;
}

static bool writer_woken(void)
{
    pid_t pid;
    bool ok = fill(pair[0], PAGE_BYTES);

    pid = fork();
    if (pid == 0) {
        close(pair[1]);
        _exit(ERROR_OF(write(pair[0], "x", 1)));
    }
    ok = falls_asleep(pid) && ok;
    close(pair[0]);
    close(pair[1]);
    return child_status(pid) == ECONNRESET && ok; // there were bytes unread
}

static bool (*body)(void);

static bool with_pair(void)
{
    pair_of(SOCK_STREAM, pair);
    return body();
}

#define WITH_PAIR(fn)                                                          \
    static bool fn##_row(void)                                                 \
    {                                                                          \
        body = fn;                                                             \
        return with_pair();                                                    \
    }

WITH_PAIR(both_ways)
WITH_PAIR(no_borders)
WITH_PAIR(vectors)
WITH_PAIR(nothing_there)
WITH_PAIR(peeked)
WITH_PAIR(peeked_at_nothing)
WITH_PAIR(all_of_it)
WITH_PAIR(half_closed)
WITH_PAIR(shut_for_reading)
WITH_PAIR(broken)
WITH_PAIR(reset)
WITH_PAIR(reset_as_option)
WITH_PAIR(events)
WITH_PAIR(edges)
WITH_PAIR(room)
WITH_PAIR(edge_of_room)
WITH_PAIR(smaller_buffer)
WITH_PAIR(part_of_a_write)
WITH_PAIR(counts)
WITH_PAIR(timeouts)
WITH_PAIR(interrupted)
WITH_PAIR(bad_memory)
WITH_PAIR(not_connected)
WITH_PAIR(from_whom)
WITH_PAIR(copies)
WITH_PAIR(woken)
WITH_PAIR(writer_woken)

static const struct socket_row rows[] = {
    {"stream, both ways", both_ways_row},
    {"stream, no borders", no_borders_row},
    {"stream, vectors", vectors_row},
    {"stream, nothing there", nothing_there_row},
    {"stream, MSG_PEEK", peeked_row},
    {"stream, MSG_PEEK at no byte", peeked_at_nothing_row},
    {"stream, MSG_WAITALL", all_of_it_row},
    {"stream, shut for writing", half_closed_row},
    {"stream, shut for reading", shut_for_reading_row},
    {"stream, EPIPE and SIGPIPE", broken_row},
    {"stream, ECONNRESET", reset_row},
    {"stream, ECONNRESET as SO_ERROR", reset_as_option_row},
    {"stream, poll", events_row},
    {"stream, edges of epoll", edges_row},
    {"stream, room", room_row},
    {"stream, the edge of room", edge_of_room_row},
    {"stream, SO_SNDBUF", smaller_buffer_row},
    {"stream, a part of a write", part_of_a_write_row},
    {"stream, FIONREAD, SIOCOUTQ", counts_row},
    {"stream, SO_RCVTIMEO, SO_SNDTIMEO", timeouts_row},
    {"stream, signals", interrupted_row},
    {"stream, bad memory", bad_memory_row},
    {"stream, not connected", not_connected_row},
    {"stream, recvfrom", from_whom_row},
    {"stream, sendfile and splice", copies_row},
    {"stream, a reader is told", woken_row},
    {"stream, a writer is told", writer_woken_row},
};
const struct socket_rows stream_rows = ROWS(rows);
