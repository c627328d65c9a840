// userland/tests/fdcalls_pidfd.c - fdcalls.c: pidfd_open(2) and what takes one
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fdcalls.h"

#define PIDFD 3 // P_PIDFD of idtype_t

static int open_pid(pid_t pid, unsigned flags)
{
    return (int)syscall(SYS_pidfd_open, pid, flags);
}

static long send(int fd, int signal, const siginfo_t *info, unsigned flags)
{
    return syscall(SYS_pidfd_send_signal, fd, signal, info, flags);
}

static int wait_fd(int fd, siginfo_t *info, int options)
{
    memset(info, 0, sizeof(*info));
    return waitid((idtype_t)PIDFD, (id_t)fd, info, options);
}

static pid_t paused(void)
{
    pid_t child = fork_child();

    if (child == 0)
        for (;;)
            pause();
    return child;
}

static bool polled(void)
{
    pid_t child = paused();
    int fd = open_pid(child, 0);
    struct pollfd entry = {.fd = fd, .events = POLLIN | POLLOUT};
    bool ok = fd >= 0 && poll(&entry, 1, 0) == 0 &&
              fcntl(fd, F_GETFD) == FD_CLOEXEC && kill(child, SIGKILL) == 0 &&
              poll(&entry, 1, 20000) == 1 && entry.revents == POLLIN;

    waitpid(child, NULL, 0);
    ok = ok && poll(&entry, 1, 0) == 1 && entry.revents == POLLIN;
    close(fd);
    return ok;
}

static bool in_a_set(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int set = epoll_create1(0);
    pid_t child = paused();
    int fd = open_pid(child, 0);
    bool ok = epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0 &&
              epoll_wait(set, &event, 1, 0) == 0 &&
              send(fd, SIGKILL, NULL, 0) == 0 &&
              epoll_wait(set, &event, 1, 20000) == 1;

    waitpid(child, NULL, 0);
    close(fd);
    close(set);
    return ok;
}

static bool waited_for(void)
{
    pid_t child = paused();
    int fd = open_pid(child, 0), later = open_pid(child, O_NONBLOCK);
    siginfo_t info;
    bool ok = wait_fd(fd, &info, WEXITED | WNOHANG) == 0 && !info.si_pid &&
              fails(wait_fd(later, &info, WEXITED), EAGAIN) &&
              wait_fd(later, &info, WEXITED | WNOHANG) == 0 &&
              send(fd, SIGTERM, NULL, 0) == 0 &&
              wait_fd(fd, &info, WEXITED) == 0 && info.si_pid == child &&
              info.si_code == CLD_KILLED && info.si_status == SIGTERM;

    ok = ok && fails(wait_fd(fd, &info, WEXITED), ECHILD) &&
         fails(send(fd, 0, NULL, 0), ESRCH) &&
         fails(send(fd, 999, NULL, 0), ESRCH) &&
         fails(open_pid(child, 0), ESRCH);
    close(fd);
    close(later);
    return ok;
}

static bool signals(void)
{
    int fd = open_pid(getpid(), 0), other = open_pid(1, 0);
    const struct timespec none = {0, 0};
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE}, got;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    info.si_value.sival_int = 77;
    bool ok = send(fd, SIGUSR1, &info, 0) == 0 &&
              sigtimedwait(&set, &got, &none) == SIGUSR1 &&
              got.si_value.sival_int == 77 && got.si_code == SI_QUEUE;
    ok = ok && send(fd, SIGUSR1, NULL, 0) == 0 &&
         sigtimedwait(&set, &got, &none) == SIGUSR1 && got.si_code == SI_USER &&
         got.si_pid == getpid();
    ok = ok && send(fd, 0, NULL, 0) == 0 &&
         fails(send(fd, SIGUSR2, &info, 0), EINVAL) &&
         fails(send(fd, SIGUSR1, (siginfo_t *)4096, 0), EFAULT) &&
         fails(send(fd, 65, NULL, 0), EINVAL) &&
         fails(send(fd, SIGUSR1, NULL, 8), EINVAL) &&
         fails(send(999, SIGUSR1, NULL, 0), EBADF) &&
         fails(send(0, SIGUSR1, NULL, 0), EBADF);
    info.si_code = SI_USER;
    ok = ok && fails(send(other, SIGUSR1, &info, 0), EPERM);
    close(fd);
    close(other);
    return ok;
}

static bool errors(void)
{
    siginfo_t info;
    int fd = open_pid(getpid(), 0);
    char byte;
    bool ok = fails(open_pid(0, 0), EINVAL) && fails(open_pid(-1, 0), EINVAL) &&
              fails(open_pid(getpid(), 1), EINVAL) &&
              fails(open_pid(999999, 0), ESRCH) &&
              fails(read(fd, &byte, 1), EINVAL) &&
              fails(wait_fd(fd, &info, WEXITED), ECHILD) &&
              fails(wait_fd(999, &info, WEXITED), EBADF) &&
              fails(wait_fd(-1, &info, WEXITED), EINVAL) &&
              fails(waitid((idtype_t)4, 1, &info, WEXITED), EINVAL);

    close(fd);
    return ok;
}

static const struct ktap_test tests[] = {
    {"polled", polled},   {"in a set", in_a_set}, {"waited for", waited_for},
    {"signals", signals}, {"errors", errors},
};

const struct ktap_suite pidfd_suite = KTAP_SUITE("pidfd", tests);
