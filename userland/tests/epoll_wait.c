// userland/tests/epoll_wait.c - epoll.c: waiting, in time
// SPDX-License-Identifier: MIT

#include "epoll.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "asleep.h"

// Each time this process waits.
static pid_t child_that_writes(int times)
{
    pid_t child = fork();

    if (child == 0) {
        for (int i = 0; i < times && falls_asleep(getppid()); i++)
            put();
        _exit(0);
    }
    return child;
}

bool wakes(void)
{
    struct epoll_event event;
    int got = 0;

    add(set, pair[0], EPOLLIN | EPOLLET);
    pid_t child = child_that_writes(5);
    for (int bytes = 0; bytes < 5;) {
        if (epoll_wait(set, &event, 1, -1) != 1)
            return false;
        char buf[8];
        bytes += (int)read(pair[0], buf, sizeof(buf));
        got++;
    }
    waitpid(child, NULL, 0);
    return got == 5 && look(set, pair[0]) == 0;
}

bool wakes_nested(void)
{
    struct epoll_event event;
    int outer = epoll_create1(0);

    add(set, pair[0], EPOLLIN);
    add(outer, set, EPOLLIN);
    pid_t child = child_that_writes(1);
    bool ok = epoll_wait(outer, &event, 1, -1) == 1 && event.data.fd == set;
    waitpid(child, NULL, 0);
    close(outer);
    return ok;
}

bool times_out(void)
{
    struct epoll_event event;
    struct timespec before, after;

    add(set, pair[0], EPOLLIN);
    clock_gettime(CLOCK_MONOTONIC, &before);
    bool ok = epoll_wait(set, &event, 1, 30) == 0;
    clock_gettime(CLOCK_MONOTONIC, &after);
    long ms = (long)(after.tv_sec - before.tv_sec) * 1000 +
              (after.tv_nsec - before.tv_nsec) / 1000000;
    struct {
        int64_t seconds, ns;
    } time = {0, 20000000};
    return ok && ms >= 29 &&
           syscall(SYS_epoll_pwait2, set, &event, 1, &time, NULL, 8) == 0;
}

static volatile sig_atomic_t signals;

static void on_signal(int signal)
{
    (void)signal;
    signals++;
}

// SIGUSR1 is pending and blocked, but not for the call.
bool interrupted(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct epoll_event event;
    sigset_t blocked, none;

    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    raise(SIGUSR1);
    add(set, pair[0], EPOLLIN);
    bool ok = epoll_wait(set, &event, 1, 0) == 0 && signals == 0;
    ok = ok && epoll_pwait(set, &event, 1, 1000, &none) == -1 &&
         errno == EINTR && signals == 1;
    raise(SIGUSR1); // blocked again
    ok = ok && signals == 1;
    put();
    ok = ok && epoll_pwait(set, &event, 1, 1000, &none) == 1;
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    return ok && signals == 2;
}
