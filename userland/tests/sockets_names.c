// userland/tests/sockets_names.c - sockets: addresses, listen, connect, accept
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"
#include "ktap.h"
#include "sockets.h"

enum {
    MANY = 16,
    KERNEL_START_MIB = 3072,
};

static int bind_path(int fd, const char *path)
{
    struct sockaddr_un address;
    socklen_t bytes = path_address(&address, path);

    return ERROR_OF(bind(fd, (struct sockaddr *)&address, bytes));
}

static int connect_path(int fd, const char *path)
{
    struct sockaddr_un address;
    socklen_t bytes = path_address(&address, path);

    return ERROR_OF(connect(fd, (struct sockaddr *)&address, bytes));
}

static bool in_the_tree(void)
{
    int fd = sock(SOCK_STREAM), other = sock(SOCK_STREAM);
    struct stat st;
    bool ok;

    umask(022);
    ok = bind_path(fd, "a") == 0 && stat("a", &st) == 0 &&
         S_ISSOCK(st.st_mode) && (st.st_mode & 07777) == 0755 &&
         bind_path(other, "a") == EADDRINUSE &&
         bind_path(fd, "a") == EADDRINUSE;
    ok = ok && bind_path(fd, "b") == EINVAL && access("b", F_OK) != 0 &&
         ERROR_OF(open("a", O_RDWR)) == ENXIO &&
         bind_path(other, "nope/a") == ENOENT &&
         bind_path(other, "a/b") == ENOTDIR &&
         bind_path(other, ".") == EADDRINUSE;
    close(fd);
    ok = ok && bind_path(other, "a") == EADDRINUSE; // the node stays
    return unlink("a") == 0 && ok && bind_path(other, "a") == 0 &&
           unlink("a") == 0;
}

static bool mode_of_node(void)
{
    int fd = sock(SOCK_STREAM);
    struct stat st;

    umask(0);
    return fchmod(fd, 0600) == 0 && bind_path(fd, "m") == 0 &&
           stat("m", &st) == 0 && (st.st_mode & 07777) == 0600 &&
           unlink("m") == 0;
}

static bool refused(void)
{
    int fd = sock(SOCK_STREAM), datagram = sock(SOCK_DGRAM);
    bool ok = connect_path(fd, "nope") == ENOENT;
    int file = open("file", O_CREAT | O_RDWR, 0600);

    close(file);
    ok = ok && connect_path(fd, "file") == ECONNREFUSED && unlink("file") == 0;
    ok = ok && mknod("node", S_IFSOCK | 0777, 0) == 0 &&
         connect_path(fd, "node") == ECONNREFUSED && unlink("node") == 0;
    ok = ok && bind_path(datagram, "d") == 0 &&
         connect_path(fd, "d") == EPROTOTYPE && unlink("d") == 0 &&
         connect_to(fd, "nobody") == ECONNREFUSED;
    return ok && bind_path(fd, "s") == 0 &&
           connect_path(sock(SOCK_STREAM), "s") == ECONNREFUSED && // no listen
           unlink("s") == 0;
}

static bool permission(void)
{
    int fd = sock(SOCK_STREAM);
    bool ok = bind_path(fd, "p") == 0 && listen(fd, 5) == 0 &&
              chmod("p", 0555) == 0 && chmod(".", 0777) == 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (setgid(1000) || setuid(1000))
            _exit(1);
        _exit(connect_path(sock(SOCK_STREAM), "p") != EACCES);
    }
    ok = child_status(pid) == 0 && ok && chmod("p", 0777) == 0;
    pid = fork();
    if (pid == 0) {
        if (setgid(1000) || setuid(1000))
            _exit(1);
        _exit(connect_path(sock(SOCK_STREAM), "p") != 0);
    }
    return child_status(pid) == 0 && ok && unlink("p") == 0;
}

static bool through_names(void)
{
    int fd = sock(SOCK_STREAM), client = sock(SOCK_STREAM);
    bool ok = bind_path(fd, "x") == 0 && listen(fd, 5) == 0 &&
              rename("x", "y") == 0 && symlink("y", "z") == 0 &&
              connect_path(client, "z") == 0;

    return unlink("z") == 0 && unlink("y") == 0 && ok &&
           connect_path(sock(SOCK_STREAM), "y") == ENOENT;
}

static bool long_path(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX}, got;
    socklen_t bytes = 128;
    int fd = sock(SOCK_STREAM);
    struct stat st;
    char path[sizeof(address.sun_path) + 1] = "";
    char room[128];

    memset(address.sun_path, 'l', sizeof(address.sun_path)); // no NUL
    memcpy(path, address.sun_path, sizeof(address.sun_path));
    return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
           stat(path, &st) == 0 && unlink(path) == 0 &&
           getsockname(fd, (struct sockaddr *)room, &bytes) == 0 &&
           bytes == sizeof(got) + 1;
}

static socklen_t name_of(int fd, struct sockaddr_un *out)
{
    socklen_t bytes = sizeof(*out);

    memset(out, 0, sizeof(*out));
    return getsockname(fd, (struct sockaddr *)out, &bytes) ? 0 : bytes;
}

static socklen_t peer_of(int fd, struct sockaddr_un *out)
{
    socklen_t bytes = sizeof(*out);

    memset(out, 0, sizeof(*out));
    return getpeername(fd, (struct sockaddr *)out, &bytes) ? 0 : bytes;
}

static bool names_of_ends(void)
{
    int fd = sock(SOCK_STREAM), client = sock(SOCK_STREAM), end;
    struct sockaddr_un name;
    socklen_t bytes = sizeof(name);
    bool ok = peer_of(client, &name) == 0 && errno == ENOTCONN &&
              bind_path(fd, "n") == 0 && listen(fd, 5) == 0 &&
              connect_path(client, "n") == 0;

    end = accept(fd, (struct sockaddr *)&name, &bytes);
    ok = ok && bytes == 2 && name.sun_family == AF_UNIX;
    ok = ok && name_of(fd, &name) == 4 && strcmp(name.sun_path, "n") == 0 &&
         name_of(end, &name) == 4 && strcmp(name.sun_path, "n") == 0 &&
         peer_of(end, &name) == 2 && name_of(client, &name) == 2 &&
         peer_of(client, &name) == 4 && strcmp(name.sun_path, "n") == 0;
    close(end);
    close(fd);
    return unlink("n") == 0 && ok && peer_of(client, &name) == 4;
}

static bool abstract_names(void)
{
    int fd = bound(SOCK_STREAM, "one"), other = sock(SOCK_STREAM);
    struct sockaddr_un name;
    socklen_t bytes = abstract_address(&name, "one");
    struct sockaddr *a = (struct sockaddr *)&name;
    bool ok = ERROR_OF(bind(other, a, bytes)) == EADDRINUSE &&
              ERROR_OF(bind(fd, a, bytes)) == EINVAL;

    // Longer by a NUL, it is another; and of another type.
    ok = ok && bind(other, a, bytes + 1) == 0 &&
         bind(sock(SOCK_DGRAM), a, bytes) == 0 &&
         connect_to(sock(SOCK_SEQPACKET), "one") == ECONNREFUSED;
    ok = ok && name_of(other, &name) == bytes + 1 && name.sun_path[0] == 0 &&
         memcmp(name.sun_path + 1, "one", 4) == 0;
    close(fd);
    return ok && bound(SOCK_STREAM, "one") >= 0;
}

static bool chosen_names(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX}, other;
    int a = sock(SOCK_DGRAM), b = sock(SOCK_DGRAM);
    bool ok = bind(a, (struct sockaddr *)&name, 2) == 0 &&
              bind(a, (struct sockaddr *)&name, 2) == 0 && // has one: fine
              bind(b, (struct sockaddr *)&name, 2) == 0;

    ok = ok && name_of(a, &name) == 8 && name_of(b, &other) == 8 &&
         name.sun_path[0] == 0 && memcmp(&name, &other, 8) != 0;
    for (int i = 1; i < 6; i++)
        ok = ok && strchr("0123456789abcdef", name.sun_path[i]);
    return ok;
}

static bool listening_states(void)
{
    int fd = sock(SOCK_STREAM), pair[2];
    struct sockaddr_un name;
    bool ok = ERROR_OF(listen(fd, 1)) == EINVAL && // without a name
              ERROR_OF(accept(fd, NULL, NULL)) == EINVAL &&
              ERROR_OF(listen(bound(SOCK_DGRAM, "ld"), 1)) == EOPNOTSUPP &&
              ERROR_OF(accept(sock(SOCK_DGRAM), NULL, NULL)) == EOPNOTSUPP;

    pair_of(SOCK_STREAM, pair);
    fd = listening("l", 1);
    ok = ok && ERROR_OF(listen(pair[0], 1)) == EINVAL && listen(fd, 3) == 0 &&
         connect_to(fd, "l") == EINVAL && peer_of(fd, &name) == 0 &&
         errno == ENOTCONN && ERROR_OF(send(fd, "x", 1, 0)) == ENOTCONN &&
         ERROR_OF(recv(fd, &name, 1, 0)) == EINVAL;
    return ok && connect_to(pair[0], "l") == EISCONN;
}

static bool pending(void)
{
    int fd = listening("q", 1), a = sock(SOCK_STREAM), b = sock(SOCK_STREAM);
    int c = sock(SOCK_STREAM | SOCK_NONBLOCK);
    bool ok;

    nonblocking(fd);
    ok = ERROR_OF(accept(fd, NULL, NULL)) == EAGAIN &&
         poll_of(fd, POLLIN | POLLOUT) == 0 && connect_to(a, "q") == 0 &&
         poll_of(fd, POLLIN | POLLOUT) == POLLIN && connect_to(b, "q") == 0 &&
         connect_to(c, "q") == EAGAIN; // one more than the backlog
    // Written before it is accepted.
    ok = ok && write(a, "early", 5) == 5;
    int end = accept(fd, NULL, NULL);
    ok = ok && end >= 0 && says(end, "early") && connect_to(c, "q") == 0 &&
         !(fcntl(end, F_GETFL) & O_NONBLOCK);
    close(fd);
    char byte;
    return ok && ERROR_OF(read(b, &byte, 1)) == ECONNRESET &&
           read(b, &byte, 1) == 0 && ERROR_OF(write(b, "x", 1)) == EPIPE &&
           connect_to(sock(SOCK_STREAM), "q") == ECONNREFUSED;
}

// Waits for room at the listener, and is let in.
static bool waiting_connect(void)
{
    int fd = listening("w", 0), a = sock(SOCK_STREAM);
    bool ok = connect_to(a, "w") == 0;
    pid_t pid = fork();

    if (pid == 0)
        _exit(connect_to(sock(SOCK_STREAM), "w"));
    ok = ok && falls_asleep(pid) && waitpid(pid, NULL, WNOHANG) == 0 &&
         accept(fd, NULL, NULL) >= 0 && accept(fd, NULL, NULL) >= 0;
    return child_status(pid) == 0 && ok;
}

static bool connect_timeout(void)
{
    int fd = listening("t", 0), a = sock(SOCK_STREAM), b = sock(SOCK_STREAM);
    struct timeval shortly = {.tv_usec = 20000};

    (void)fd;
    return connect_to(a, "t") == 0 &&
           setsockopt(b, SOL_SOCKET, SO_SNDTIMEO, &shortly, sizeof(shortly)) ==
               0 &&
           connect_to(b, "t") == EAGAIN;
}

static bool shut_listener(void)
{
    int fd = listening("s", 5);
    pid_t pid = fork();

    if (pid == 0)
        _exit(ERROR_OF(accept(fd, NULL, NULL)));
    bool ok = falls_asleep(pid) && shutdown(fd, SHUT_RDWR) == 0;
    return child_status(pid) == EINVAL && ok &&
           connect_to(sock(SOCK_STREAM), "s") == ECONNREFUSED;
}

static bool accept_flags(void)
{
    int fd = listening("f", 5), a = sock(SOCK_STREAM);

    if (connect_to(a, "f"))
        return false;
    int end = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return (fcntl(end, F_GETFL) & O_NONBLOCK) &&
           fcntl(end, F_GETFD) == FD_CLOEXEC;
}

static bool again(void)
{
    int fd = listening("g", 5), a = sock(SOCK_STREAM);

    return connect_to(a, "g") == 0 && connect_to(a, "g") == EISCONN &&
           accept(fd, NULL, NULL) >= 0;
}

static bool seqpacket_connects(void)
{
    int fd = bound(SOCK_SEQPACKET, "sq"), a = sock(SOCK_SEQPACKET);
    bool ok = listen(fd, 5) == 0 && ERROR_OF(send(a, "x", 1, 0)) == ENOTCONN &&
              ERROR_OF(recv(a, &ok, 1, 0)) == ENOTCONN &&
              connect_to(a, "sq") == 0;
    int end = accept(fd, NULL, NULL);

    return ok && send(a, "one", 3, 0) == 3 && send(a, "two", 3, 0) == 3 &&
           says(end, "one") && says(end, "two");
}

static bool listed(void)
{
    int fd = listening("for the list", 5), found = 0;
    char line[256], want[64], link[64] = "";
    FILE *file = fopen("/proc/net/unix", "r");
    struct stat st;

    fstat(fd, &st);
    snprintf(want, sizeof(want), " 00010000 0001 01 %5lu @for the list\n",
             (unsigned long)st.st_ino);
    while (file && fgets(line, sizeof(line), file))
        found += strstr(line, want) != NULL;
    snprintf(line, sizeof(line), "/proc/self/fd/%d", fd);
    snprintf(want, sizeof(want), "socket:[%lu]", (unsigned long)st.st_ino);
    return found == 1 && S_ISSOCK(st.st_mode) && (st.st_mode & 07777) == 0777 &&
           readlink(line, link, sizeof(link) - 1) > 0 &&
           strcmp(link, want) == 0 && ERROR_OF(open(line, O_RDWR)) == ENXIO;
}

// Where sockets are in the kernel's memory is not told to everybody. Linux
// shows random numbers, not all of which can look like it.
static bool hidden(void)
{
    pid_t child;

    for (int i = 0; i < MANY; i++)
        sock(SOCK_STREAM);
    child = fork();
    if (child == 0) {
        unsigned address, lines = 0, like = 0;
        char line[256];
        FILE *file;

        if (setuid(1000))
            _exit(1);
        file = fopen("/proc/net/unix", "r");
        while (file && fgets(line, sizeof(line), file)) {
            if (sscanf(line, "%x: ", &address) != 1)
                address = 0;
            lines++;
            like += address >> 20 >= KERNEL_START_MIB;
        }
        _exit(lines > MANY && lines - like > 1 ? 0 : 2);
    }
    return child_status(child) == 0;
}

static const struct socket_row rows[] = {
    {"a name in the tree", in_the_tree},
    {"the mode of its node", mode_of_node},
    {"connect is refused", refused},
    {"connect needs permission to write", permission},
    {"renamed, and by a symbolic link", through_names},
    {"a path as long as it may be", long_path},
    {"names of both ends", names_of_ends},
    {"abstract names", abstract_names},
    {"chosen names", chosen_names},
    {"listen, and what else it does not do", listening_states},
    {"connections that are pending", pending},
    {"connect waits for room", waiting_connect},
    {"connect waits no longer than SO_SNDTIMEO", connect_timeout},
    {"shutdown of a listener", shut_listener},
    {"flags of accept4", accept_flags},
    {"connected twice", again},
    {"SOCK_SEQPACKET connects", seqpacket_connects},
    {"/proc/net/unix, /proc/PID/fd", listed},
    {"/proc/net/unix hides addresses", hidden},
};
const struct socket_rows name_rows = ROWS(rows);
