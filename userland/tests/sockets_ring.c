// userland/tests/sockets_ring.c - sockets that only messages hold
// SPDX-License-Identifier: MIT
//
// A pipe's write end lies in a message at one of them: the pipe's end says that
// it has gone. They are looked for when another socket is closed.

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"
#include "sockets.h"

static int ends[2];

static void hide_pipe_at(int fd)
{
    if (pipe(ends) || !send_fd(fd, &ends[1], 1))
        ktap_bail("pipe: %s", strerror(errno));
    close(ends[1]);
}

static bool is_there(void)
{
    return poll_of(ends[0], POLLIN) == 0;
}

// After some other socket was closed; on Linux in its own time.
static bool has_gone(void)
{
    struct pollfd p = {.fd = ends[0], .events = POLLIN};

    for (int i = 0; i < 100; i++) {
        close(sock(SOCK_DGRAM));
        if (poll(&p, 1, 20) == 1)
            return p.revents == POLLHUP;
    }
    return false;
}

static void close_pair(const int *pair)
{
    close(pair[0]);
    close(pair[1]);
}

static bool itself(void)
{
    int pair[2];

    pair_of(SOCK_DGRAM, pair);
    hide_pipe_at(pair[0]);
    // In its own messages, both.
    if (!send_fd(pair[0], pair, 2))
        return false;
    bool ok = is_there();
    close_pair(pair);
    return has_gone() && ok;
}

static bool each_other(void)
{
    int a[2], b[2];

    pair_of(SOCK_STREAM, a);
    pair_of(SOCK_STREAM, b);
    hide_pipe_at(a[0]);
    if (!send_fd(a[0], b, 2) || !send_fd(b[0], a, 2))
        return false;
    close_pair(a);
    close(b[0]);
    close(sock(SOCK_DGRAM));
    bool ok = is_there(); // b[1] is open: all can be reached
    close(b[1]);
    return has_gone() && ok;
}

static bool still_wanted(void)
{
    int a[2], b[2], got[2];
    char text[2];

    pair_of(SOCK_STREAM, a);
    pair_of(SOCK_STREAM, b);
    hide_pipe_at(a[0]);
    if (!send_fd(b[0], &a[1], 1))
        return false;
    close_pair(a);
    for (int i = 0; i < 5; i++)
        close(sock(SOCK_DGRAM));
    bool ok = is_there() && receive_fds(b[1], got, 1, NULL) == 1 &&
              receive_fds(got[0], got + 1, 1, NULL) == 1;
    return ok && write(got[1], "yes", 3) == 3 && read(ends[0], text, 2) == 2;
}

// Sent to a connection that nobody has accepted, at a listener that lies in a
// message to itself.
static bool at_a_listener(void)
{
    int fd = listening("ring", 5), client = sock(SOCK_STREAM);

    if (connect_to(client, "ring"))
        return false;
    hide_pipe_at(client);
    if (!send_fd(client, &fd, 1))
        return false;
    close(fd);
    close(sock(SOCK_DGRAM));
    bool ok =
        connect_to(sock(SOCK_STREAM), "ring") == ECONNREFUSED || is_there();
    close(client);
    return has_gone() && ok;
}

static bool a_long_ring(void)
{
    enum {
        LENGTH = 50
    };
    int ring[LENGTH][2];

    for (int i = 0; i < LENGTH; i++)
        pair_of(SOCK_DGRAM, ring[i]);
    hide_pipe_at(ring[7][0]);
    for (int i = 0; i < LENGTH; i++)
        if (!send_fd(ring[i][0], ring[(i + 1) % LENGTH], 2))
            return false;
    bool ok = is_there();
    for (int i = 0; i < LENGTH; i++)
        close_pair(ring[i]);
    return has_gone() && ok;
}

static const struct socket_row rows[] = {
    {"a pair in its own messages", itself},
    {"two pairs in each other's", each_other},
    {"what can be reached stays", still_wanted},
    {"a listener in a message to itself", at_a_listener},
    {"a long ring", a_long_ring},
};
const struct socket_rows ring_rows = ROWS(rows);
