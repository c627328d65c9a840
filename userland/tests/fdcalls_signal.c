// userland/tests/fdcalls_signal.c - fdcalls.c: signalfd(2)
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"
#include "fdcalls.h"

static sigset_t set;

static int make(int flags)
{
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, flags);
}

static bool takes(int fd, int signal)
{
    struct signalfd_siginfo info;

    return read(fd, &info, sizeof(info)) == sizeof(info) &&
           info.ssi_signo == (unsigned)signal;
}

static bool reads(void)
{
    int fd = make(SFD_NONBLOCK);
    struct signalfd_siginfo infos[4];
    union sigval value = {.sival_int = 77};
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    bool ok = fails(read(fd, infos, sizeof(infos)), EAGAIN) &&
              poll(&entry, 1, 0) == 0;

    raise(SIGUSR1);
    sigqueue(getpid(), SIGRTMIN, value);
    sigqueue(getpid(), SIGRTMIN, value);
    ok = ok && poll(&entry, 1, 0) == 1 &&
         read(fd, infos, sizeof(infos)) == 3 * (long)sizeof(infos[0]) &&
         infos[0].ssi_signo == SIGUSR1 &&
         infos[0].ssi_pid == (unsigned)getpid();
    ok = ok && infos[2].ssi_signo == (unsigned)SIGRTMIN &&
         infos[2].ssi_code == SI_QUEUE && infos[2].ssi_int == 77;
    close(fd);
    return ok && poll(&entry, 1, 0) == 1 && entry.revents == POLLNVAL;
}

static bool waits(void)
{
    int fd = make(SFD_CLOEXEC);
    pid_t child = fork_child();

    if (child == 0) {
        if (falls_asleep(getppid()))
            kill(getppid(), SIGUSR1);
        _exit(7);
    }
    bool ok = takes(fd, SIGUSR1);
    struct signalfd_siginfo info;
    ok = ok && read(fd, &info, sizeof(info)) == sizeof(info) &&
         info.ssi_signo == SIGCHLD && info.ssi_code == CLD_EXITED &&
         info.ssi_status == 7 && info.ssi_pid == (unsigned)child;
    ok = ok && fcntl(fd, F_GETFD) == FD_CLOEXEC;
    waitpid(child, NULL, 0);
    close(fd);
    return ok;
}

static bool in_a_set(void)
{
    int fd = make(0), epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    bool ok = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
    pid_t child = fork_child();

    if (child == 0) {
        if (falls_asleep(getppid()))
            kill(getppid(), SIGUSR1);
        _exit(0);
    }
    ok = ok && epoll_wait(epoll, &event, 1, -1) == 1 && takes(fd, SIGUSR1);
    waitpid(child, NULL, 0);
    ok = ok && takes(fd, SIGCHLD) && epoll_wait(epoll, &event, 1, 0) == 0;
    close(epoll);
    close(fd);
    return ok;
}

static bool other_set(void)
{
    int fd = make(SFD_NONBLOCK);
    sigset_t other;

    sigemptyset(&other);
    sigaddset(&other, SIGUSR2);
    sigaddset(&other, SIGKILL); // never
    sigprocmask(SIG_BLOCK, &other, NULL);
    raise(SIGUSR2);
    raise(SIGUSR1);
    bool ok = takes(fd, SIGUSR1) && signalfd(fd, &other, 0) == fd &&
              takes(fd, SIGUSR2);
    close(fd);
    sigprocmask(SIG_UNBLOCK, &other, NULL);
    return ok;
}

static bool errors(void)
{
    int fd = make(0);
    char few[127];
    bool ok = fails(read(fd, few, sizeof(few)), EINVAL) &&
              fails(syscall(SYS_signalfd4, -1, &set, 4, 0), EINVAL) &&
              fails(syscall(SYS_signalfd4, -1, &set, 8, 1), EINVAL) &&
              fails(syscall(SYS_signalfd4, 0, &set, 8, 0), EINVAL) &&
              fails(syscall(SYS_signalfd4, 999, &set, 8, 0), EBADF) &&
              fails(syscall(SYS_signalfd, -1, 4096, 8), EFAULT);
    close(fd);
    return ok;
}

static const struct ktap_test tests[] = {
    {"reads", reads},         {"waits", waits},   {"in a set", in_a_set},
    {"other set", other_set}, {"errors", errors},
};

const struct ktap_suite signal_suite = KTAP_SUITE("signalfd", tests);
