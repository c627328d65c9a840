// userland/tests/inject_sockets.c - inject.c's operations on sockets
// SPDX-License-Identifier: MIT
//
// Both ends are of one process; what was sent when something fails is still in
// messages at its end.

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "inject.h"

#define NODE_PATH "/tmp/inject-socket"
#define DEV_PATH  "/dev/inject-socket"

enum {
    LARGE = 20000, // of several pieces
};

static int do_stream(void)
{
    static char bytes[LARGE];
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
        return errno;
    if (write(fds[0], bytes, LARGE) < 0 || read(fds[1], bytes, LARGE) < 0)
        return errno;
    return close(fds[0]) || close(fds[1]) ? WRONG : 0;
}

// A message that is not sent leaves nothing behind, one that is comes whole.
static int do_datagram(void)
{
    static char bytes[LARGE];
    int fds[2], failed = 0;

    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds))
        return errno;
    if (send(fds[0], bytes, LARGE, 0) != LARGE)
        failed = errno;
    if (recv(fds[1], bytes, LARGE, MSG_DONTWAIT) != (failed ? -1 : LARGE))
        return WRONG;
    return failed;
}

static int do_connection(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct sockaddr *a = (struct sockaddr *)&address;
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client, end;
    char byte;

    strcpy(address.sun_path, NODE_PATH);
    if (server < 0 || bind(server, a, sizeof(address)) || listen(server, 1))
        return errno;
    client = socket(AF_UNIX, SOCK_STREAM, 0);
    if (client < 0 || connect(client, a, sizeof(address)))
        return errno;
    end = accept(server, NULL, NULL);
    if (end < 0) { // it is not lost by that
        int failed = errno;

        end = accept(server, NULL, NULL);
        return end < 0 ? WRONG : failed;
    }
    if (write(client, "x", 1) != 1)
        return errno;
    return read(end, &byte, 1) == 1 && byte == 'x' ? 0 : WRONG;
}

static int do_abstract(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, 2))
        return errno;
    return close(fd) ? WRONG : 0;
}

static int do_rights(void)
{
    union {
        char bytes[CMSG_SPACE(2 * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    char byte = 'r';
    struct iovec vec = {&byte, 1};
    struct msghdr m = {.msg_iov = &vec,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof(control)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
        return errno;
    c->cmsg_len = CMSG_LEN(2 * sizeof(int));
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(c), fds, sizeof(fds)); // a ring: itself
    if (sendmsg(fds[0], &m, 0) < 0 || recvmsg(fds[1], &m, MSG_PEEK) < 0)
        return errno;
    return 0;
}

static int do_device_folder(void)
{
    if (mknod(DEV_PATH, S_IFSOCK | 0600, 0))
        return errno;
    return unlink(DEV_PATH) ? errno : 0;
}

static void remove_node(void)
{
    unlink(NODE_PATH);
    access(NODE_PATH, F_OK);
    unlink(DEV_PATH);
    close(socket(AF_UNIX, SOCK_DGRAM, 0)); // rings are looked for then
}

static const struct operation operations[] = {
    {.name = "stream", .run = do_stream, .also = ENOBUFS},
    {.name = "datagram", .run = do_datagram, .also = ENOBUFS},
    {.name = "connection",
     .run = do_connection,
     .also = ENOBUFS,
     .clean = remove_node},
    {.name = "chosen name", .run = do_abstract},
    {.name = "node in /dev", .run = do_device_folder, .clean = remove_node},
    {.name = "descriptors in a ring",
     .run = do_rights,
     .also = ENOBUFS,
     .clean = remove_node},
};

const struct operation_set socket_operations = {
    operations, sizeof(operations) / sizeof(operations[0])};
