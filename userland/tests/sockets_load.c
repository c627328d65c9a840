// userland/tests/sockets_load.c - sockets: much, and many
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "sockets.h"

enum {
    MEBIBYTE = 1 << 20,
    CLIENTS = 100,
    ROUNDS = 3,
    EVENTS = 16,
    PASSED = 200,
    PRESSURE_BYTES = 24 << 20,
    PAGE_BYTES = 4096,
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static uint32_t sum_of(uint32_t sum, const unsigned char *bytes, size_t count)
{
    while (count--)
        sum = (sum << 5 | sum >> 27) ^ *bytes++;
    return sum;
}

// Pieces of any size, read in pieces of any size.
static bool mebibyte(void)
{
    static unsigned char bytes[MEBIBYTE];
    uint32_t state = 1, sum, got = 0;
    size_t at = 0, here;
    int pair[2];
    ssize_t rc;
    pid_t pid;

    pair_of(SOCK_STREAM, pair);
    for (size_t i = 0; i < MEBIBYTE; i++)
        bytes[i] = (unsigned char)next_random(&state);
    sum = sum_of(0, bytes, MEBIBYTE);
    pid = fork();
    if (pid == 0) {
        close(pair[1]);
        for (; at < MEBIBYTE; at += (size_t)rc) {
            here = next_random(&state) % 50000 + 1;
            here = here < MEBIBYTE - at ? here : MEBIBYTE - at;
            rc = write(pair[0], bytes + at, here);
            if (rc <= 0)
                _exit(1);
        }
        _exit(0);
    }
    close(pair[0]);
    state = 2;
    for (;;) {
        rc = read(pair[1], bytes, next_random(&state) % 30000 + 1);
        if (rc <= 0)
            break;
        got = sum_of(got, bytes, (size_t)rc);
        at += (size_t)rc;
    }
    return child_status(pid) == 0 && rc == 0 && at == MEBIBYTE && got == sum;
}

// ---- one server, many clients ----------------------------------------------

static int client(void)
{
    int fd = sock(SOCK_STREAM), number = getpid(), answer;

    if (connect_to(fd, "server"))
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        if (write(fd, &number, sizeof(number)) != sizeof(number) ||
            read(fd, &answer, sizeof(answer)) != sizeof(answer) ||
            answer != number + i)
            return 1;
    }
    return 0;
}

static int asked[1024]; // by descriptor: how often

static bool let_in(int set, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};

    event.data.fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK);
    if (event.data.fd < 0)
        return false;
    asked[event.data.fd] = 0;
    return epoll_ctl(set, EPOLL_CTL_ADD, event.data.fd, &event) == 0;
}

// Return: whether @fd has gone.
static bool answer(int fd)
{
    int number;

    if (read(fd, &number, sizeof(number)) != sizeof(number)) {
        close(fd);
        return true;
    }
    number += asked[fd]++;
    if (write(fd, &number, sizeof(number)) != sizeof(number))
        ktap_note("answer: %s", strerror(errno));
    return false;
}

static bool many_clients(void)
{
    int fd = listening("server", 10), set = epoll_create1(0), gone = 0, bad = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    struct epoll_event events[EVENTS];
    pid_t pids[CLIENTS];

    epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    for (int i = 0; i < CLIENTS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            close(set);
            _exit(client());
        }
    }
    while (gone < CLIENTS) {
        int count = epoll_wait(set, events, EVENTS, 20000);

        if (count <= 0)
            return false;
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == fd)
                bad += !let_in(set, fd);
            else
                gone += answer(events[i].data.fd);
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        bad += child_status(pids[i]) != 0;
    return bad == 0;
}

// ---- memory is short -------------------------------------------------------

// Descriptors go from one process to another while a third takes pages.
static bool under_pressure(void)
{
    int pair[2], fd, got, count = 0;
    pid_t eater = fork(), sender;
    char text[8];

    if (eater == 0) {
        volatile char *at = mmap(NULL, PRESSURE_BYTES, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        for (;;)
            for (size_t i = 0; i < PRESSURE_BYTES; i += PAGE_BYTES)
                at[i] = (char)i;
    }
    pair_of(SOCK_STREAM, pair);
    sender = fork();
    if (sender == 0) {
        for (int i = 0; i < PASSED; i++) {
            fd = memfd_create("passed", 0);
            if (fd < 0 || write(fd, &i, sizeof(i)) != sizeof(i) ||
                !send_fd(pair[0], &fd, 1))
                _exit(1);
            close(fd);
        }
        _exit(0);
    }
    close(pair[0]);
    while (receive_fds(pair[1], &got, 1, NULL) == 1) {
        if (pread(got, text, sizeof(text), 0) != sizeof(count) ||
            memcmp(text, &count, sizeof(count)) != 0)
            break;
        close(got);
        count++;
    }
    kill(eater, SIGKILL);
    waitpid(eater, NULL, 0);
    return child_status(sender) == 0 && count == PASSED;
}

static const struct socket_row rows[] = {
    {"a MiB through a stream", mebibyte},
    {"many clients of one server", many_clients},
    {"descriptors while memory is short", under_pressure},
};
const struct socket_rows load_rows = ROWS(rows);
