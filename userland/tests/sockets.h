// userland/tests/sockets.h - what the parts of sockets.c share
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

struct socket_row {
    const char *name;
    bool (*run)(void);
};

struct socket_rows {
    const struct socket_row *rows;
    unsigned count;
};

#define ROWS(table)                                                            \
    {                                                                          \
        table, sizeof(table) / sizeof((table)[0])                              \
    }

extern const struct socket_rows name_rows, stream_rows, datagram_rows,
    option_rows, rights_rows, ring_rows, load_rows, argument_rows;

// What a call that is to fail says: 0, or its errno.
#define ERROR_OF(call) ((call) < 0 ? errno : 0)

int sock(int type); // or ends the program
void pair_of(int type, int *pair);
socklen_t path_address(struct sockaddr_un *out, const char *path);
socklen_t abstract_address(struct sockaddr_un *out, const char *name);
int bound(int type, const char *name); // abstract
int listening(const char *name, int backlog);
int connect_to(int fd, const char *name); // abstract. 0, or errno
void nonblocking(int fd);
short poll_of(int fd, short events); // what there is now
bool says(int fd, const char *text); // a read gives exactly that
int child_status(int pid);           // its exit status; -1: a signal
bool send_fd(int fd, const int *fds, int count);
// Return: how many came, up to @max; -1: none was read.
int receive_fds(int fd, int *fds, int max, int *flags);
