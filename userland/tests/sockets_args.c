// userland/tests/sockets_args.c - sockets: arguments that are wrong
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <linux/net.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"
#include "sockets.h"

static void *volatile bad = (void *)4; // the compiler is not to know

static bool kinds(void)
{
    return ERROR_OF(socket(99, SOCK_STREAM, 0)) == EAFNOSUPPORT &&
           ERROR_OF(socket(-1, SOCK_STREAM, 0)) == EAFNOSUPPORT &&
           ERROR_OF(socket(AF_UNIX, 0, 0)) == ESOCKTNOSUPPORT &&
           ERROR_OF(socket(AF_UNIX, SOCK_RDM, 0)) == ESOCKTNOSUPPORT &&
           ERROR_OF(socket(AF_UNIX, 12, 0)) == EINVAL &&
           ERROR_OF(socket(AF_UNIX, SOCK_STREAM | 0x100, 0)) == EINVAL &&
           ERROR_OF(socket(AF_UNIX, SOCK_STREAM, 2)) == EPROTONOSUPPORT &&
           socket(AF_UNIX, SOCK_STREAM, AF_UNIX) >= 0;
}

static int type_of(int fd)
{
    socklen_t bytes = sizeof(int);
    int type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &bytes) ? -1 : type;
}

static bool raw_is_datagram(void)
{
    return type_of(sock(SOCK_RAW)) == SOCK_DGRAM;
}

static bool creation_flags(void)
{
    int plain = sock(SOCK_STREAM);
    int fd = sock(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);

    return !(fcntl(plain, F_GETFL) & O_NONBLOCK) &&
           fcntl(plain, F_GETFD) == 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) &&
           (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR &&
           fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

static bool pair_arguments(void)
{
    int pair[2];

    return ERROR_OF(socketpair(AF_UNIX, SOCK_STREAM, 0, bad)) == EFAULT &&
           ERROR_OF(socketpair(AF_UNIX, SOCK_STREAM, 3, pair)) ==
               EPROTONOSUPPORT &&
           ERROR_OF(socketpair(AF_UNIX, 12, 0, pair)) == EINVAL;
}

// Each call on @fd. Return: whether all say @error.
static bool all_say(int fd, int error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "x"};
    struct sockaddr *a = (struct sockaddr *)&address;
    socklen_t bytes = sizeof(address);
    struct msghdr m = {0};
    int value = 1;
    char byte;

    return ERROR_OF(bind(fd, a, bytes)) == error &&
           ERROR_OF(connect(fd, a, bytes)) == error &&
           ERROR_OF(listen(fd, 1)) == error &&
           ERROR_OF(accept(fd, NULL, NULL)) == error &&
           ERROR_OF(getsockname(fd, a, &bytes)) == error &&
           ERROR_OF(getpeername(fd, a, &bytes)) == error &&
           ERROR_OF(shutdown(fd, SHUT_RD)) == error &&
           ERROR_OF(send(fd, "x", 1, 0)) == error &&
           ERROR_OF(recv(fd, &byte, 1, 0)) == error &&
           ERROR_OF(sendmsg(fd, &m, 0)) == error &&
           ERROR_OF(recvmsg(fd, &m, 0)) == error &&
           ERROR_OF(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &value,
                               sizeof(value))) == error &&
           ERROR_OF(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &bytes)) ==
               error;
}

static bool not_open(void)
{
    return all_say(200, EBADF) && all_say(-1, EBADF);
}

static bool not_a_socket(void)
{
    return all_say(open("/", O_RDONLY), ENOTSOCK);
}

static bool a_path_only(void)
{
    return all_say(open("/", O_PATH), EBADF);
}

static bool addresses(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "x"};
    struct sockaddr *a = (struct sockaddr *)&address;
    int fd = sock(SOCK_STREAM);
    bool ok;

    ok = ERROR_OF(bind(fd, a, 1)) == EINVAL &&
         ERROR_OF(bind(fd, a, 129)) == EINVAL &&
         ERROR_OF(bind(fd, a, (socklen_t)-1)) == EINVAL &&
         ERROR_OF(bind(fd, a, sizeof(address) + 1)) == EINVAL &&
         ERROR_OF(bind(fd, bad, sizeof(address))) == EFAULT &&
         ERROR_OF(connect(fd, a, 2)) == EINVAL &&
         ERROR_OF(connect(fd, bad, 20)) == EFAULT &&
         ERROR_OF(connect(fd, a, 0)) == EINVAL;
    address.sun_family = AF_INET;
    return ok && ERROR_OF(bind(fd, a, sizeof(address))) == EINVAL &&
           ERROR_OF(connect(fd, a, sizeof(address))) == EINVAL;
}

static bool name_lengths(void)
{
    struct sockaddr_un address;
    socklen_t bytes = 1;
    int fd = sock(SOCK_STREAM);

    memset(&address, 0x55, sizeof(address));
    if (getsockname(fd, (struct sockaddr *)&address, &bytes) || bytes != 2 ||
        ((uint8_t *)&address)[0] != AF_UNIX || ((uint8_t *)&address)[1] != 0x55)
        return false;
    bytes = (socklen_t)-1;
    return ERROR_OF(getsockname(fd, (struct sockaddr *)&address, &bytes)) ==
               EINVAL &&
           ERROR_OF(getsockname(fd, (struct sockaddr *)&address, bad)) ==
               EFAULT;
}

static bool headers(void)
{
    struct msghdr m = {0};
    struct iovec vec = {bad, 4};
    struct cmsghdr c = {.cmsg_len = 4, .cmsg_level = SOL_SOCKET};
    int pair[2];

    pair_of(SOCK_STREAM, pair);
    bool ok = ERROR_OF(syscall(SYS_sendmsg, pair[0], bad, 0)) == EFAULT &&
              ERROR_OF(syscall(SYS_recvmsg, pair[0], bad, 0)) == EFAULT;
    m.msg_iovlen = 1025;
    ok = ok && ERROR_OF(sendmsg(pair[0], &m, 0)) == EMSGSIZE;
    m.msg_iovlen = 1;
    m.msg_iov = bad;
    ok = ok && ERROR_OF(sendmsg(pair[0], &m, 0)) == EFAULT;
    m.msg_iov = &vec;
    ok = ok && ERROR_OF(sendmsg(pair[0], &m, 0)) == EFAULT;
    m.msg_iovlen = 0;
    m.msg_control = &c;
    m.msg_controllen = sizeof(c);
    ok = ok && ERROR_OF(sendmsg(pair[0], &m, 0)) == EINVAL;
    c.cmsg_len = sizeof(c);
    c.cmsg_type = 77;
    ok = ok && ERROR_OF(sendmsg(pair[0], &m, 0)) == EINVAL;
    c.cmsg_level = 6; // of another protocol
    ok = ok && ERROR_OF(sendmsg(pair[0], &m, 0)) == 0;
    m.msg_controllen = 1 << 20;
    return ok && ERROR_OF(sendmsg(pair[0], &m, 0)) == ENOBUFS;
}

static bool multiplexed(void)
{
    unsigned long arguments[6] = {AF_UNIX, SOCK_DGRAM, 0};
    long fd = syscall(SYS_socketcall, SYS_SOCKET, arguments);

    return type_of((int)fd) == SOCK_DGRAM &&
           ERROR_OF(syscall(SYS_socketcall, 0, arguments)) == EINVAL &&
           ERROR_OF(syscall(SYS_socketcall, 21, arguments)) == EINVAL &&
           ERROR_OF(syscall(SYS_socketcall, -1, arguments)) == EINVAL &&
           ERROR_OF(syscall(SYS_socketcall, SYS_SOCKET, bad)) == EFAULT;
}

static bool other_calls(void)
{
    int fd = sock(SOCK_STREAM);

    return ERROR_OF(lseek(fd, 0, SEEK_SET)) == ESPIPE &&
           ERROR_OF(pread(fd, &fd, 1, 0)) == ESPIPE &&
           ERROR_OF(ftruncate(fd, 0)) == EINVAL &&
           ERROR_OF(fsync(fd)) == EINVAL &&
           ERROR_OF(accept4(fd, NULL, NULL, 0x10)) == EINVAL &&
           ERROR_OF(shutdown(fd, 3)) == EINVAL && shutdown(fd, SHUT_RD) == 0;
}

static const struct socket_row rows[] = {
    {"families, types, protocols", kinds},
    {"SOCK_RAW is SOCK_DGRAM", raw_is_datagram},
    {"flags of socket()", creation_flags},
    {"arguments of socketpair", pair_arguments},
    {"all calls, EBADF", not_open},
    {"all calls, ENOTSOCK", not_a_socket},
    {"all calls, O_PATH", a_path_only},
    {"addresses that are wrong", addresses},
    {"lengths of names", name_lengths},
    {"headers of messages", headers},
    {"socketcall", multiplexed},
    {"calls on files", other_calls},
};
const struct socket_rows argument_rows = ROWS(rows);
