// userland/tests/sockets.c - sockets of AF_UNIX
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux. The rows are in the files
// that begin with sockets_.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "sockets.h"

#define FOLDER "/tmp/sockets"

enum {
    ROW_SECONDS = 60, // then it hangs
    TEXT_MAX = 64,
    FDS_MAX = 253,
};

int sock(int type)
{
    int fd = socket(AF_UNIX, type, 0);

    if (fd < 0)
        ktap_bail("socket: %s", strerror(errno));
    return fd;
}

void pair_of(int type, int *pair)
{
    if (socketpair(AF_UNIX, type, 0, pair))
        ktap_bail("socketpair: %s", strerror(errno));
}

socklen_t path_address(struct sockaddr_un *out, const char *path)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    strcpy(out->sun_path, path);
    return sizeof(*out);
}

socklen_t abstract_address(struct sockaddr_un *out, const char *name)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    strcpy(out->sun_path + 1, name);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                       strlen(name));
}

int bound(int type, const char *name)
{
    struct sockaddr_un address;
    socklen_t bytes = abstract_address(&address, name);
    int fd = sock(type);

    if (bind(fd, (struct sockaddr *)&address, bytes))
        ktap_bail("bind: %s", strerror(errno));
    return fd;
}

int listening(const char *name, int backlog)
{
    int fd = bound(SOCK_STREAM, name);

    if (listen(fd, backlog))
        ktap_bail("listen: %s", strerror(errno));
    return fd;
}

int connect_to(int fd, const char *name)
{
    struct sockaddr_un address;
    socklen_t bytes = abstract_address(&address, name);

    return ERROR_OF(connect(fd, (struct sockaddr *)&address, bytes));
}

void nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

short poll_of(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

bool says(int fd, const char *text)
{
    char got[TEXT_MAX];
    ssize_t bytes = read(fd, got, sizeof(got));

    return bytes == (ssize_t)strlen(text) &&
           memcmp(got, text, strlen(text)) == 0;
}

int child_status(int pid)
{
    int status;

    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

bool send_fd(int fd, const int *fds, int count)
{
    union {
        char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
        struct cmsghdr align;
    } control;
    char byte = 'f';
    struct iovec vec = {&byte, 1};
    struct msghdr m = {.msg_iov = &vec,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen =
                           (socklen_t)CMSG_SPACE((size_t)count * sizeof(int))};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    c->cmsg_len = (socklen_t)CMSG_LEN((size_t)count * sizeof(int));
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(c), fds, (size_t)count * sizeof(int));
    return sendmsg(fd, &m, 0) == 1;
}

int receive_fds(int fd, int *fds, int max, int *flags)
{
    union {
        char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
        struct cmsghdr align;
    } control;
    char byte;
    struct iovec vec = {&byte, 1};
    struct msghdr m = {.msg_iov = &vec,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen =
                           (socklen_t)CMSG_LEN((size_t)max * sizeof(int))};
    struct cmsghdr *c;
    size_t bytes;

    if (recvmsg(fd, &m, 0) < 0)
        return -1;
    if (flags)
        *flags = m.msg_flags;
    c = CMSG_FIRSTHDR(&m);
    if (!c || c->cmsg_type != SCM_RIGHTS)
        return 0;
    bytes = c->cmsg_len - CMSG_LEN(0);
    memcpy(fds, CMSG_DATA(c), bytes);
    return (int)(bytes / sizeof(int));
}

static const struct socket_rows *const tables[] = {
    &argument_rows, &name_rows,   &stream_rows, &datagram_rows,
    &option_rows,   &rights_rows, &ring_rows,   &load_rows};

enum {
    TABLES = sizeof(tables) / sizeof(tables[0]),
    FILES = 256, // descriptors looked at
};

static int open_files(void)
{
    int count = 0;

    for (int fd = 0; fd < FILES; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

// Each in a process of its own: what it leaves open is closed, and the kernel
// that falls over says at which.
static bool run(const struct socket_row *row)
{
    pid_t pid = fork();

    if (pid == 0) {
        alarm(ROW_SECONDS);
        _exit(!row->run());
    }
    return pid > 0 && child_status(pid) == 0;
}

int main(void)
{
    unsigned count = 1;
    int before = open_files();

    for (unsigned i = 0; i < TABLES; i++)
        count += tables[i]->count;
    ktap_plan(count);
    mkdir(FOLDER, 0777);
    if (chdir(FOLDER))
        ktap_bail("%s: %s", FOLDER, strerror(errno));
    signal(SIGPIPE, SIG_IGN);
    for (unsigned i = 0; i < TABLES; i++)
        for (unsigned k = 0; k < tables[i]->count; k++)
            ktap_result(run(&tables[i]->rows[k]), "%s",
                        tables[i]->rows[k].name);
    ktap_result(open_files() == before, "nothing is left open");
    if (chdir("/"))
        ktap_bail("/: %s", strerror(errno));
    rmdir(FOLDER);
    return ktap_finish();
}
