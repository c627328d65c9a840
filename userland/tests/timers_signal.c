// userland/tests/timers_signal.c - timers.c: the signals of timers
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "timers.h"

#define LONG_MS 20000

static bool says(const siginfo_t *info, int id, int value)
{
    return info->si_code == SI_TIMER && info->si_timerid == id &&
           info->si_value.sival_int == value && info->si_errno == 0;
}

static bool once(void)
{
    siginfo_t info;
    struct itimerspec now;
    int id;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &id) == 0 &&
              set_ms(id, 0, 20, 0) == 0 &&
              take(SIGUSR1, LONG_MS, &info) == SIGUSR1 &&
              says(&info, id, 4711) && info.si_overrun == 0;

    ok = ok && left(id, &now) == 0 && !now.it_value.tv_nsec &&
         take(SIGUSR1, 30, &info) == 0 && overrun(id) == 0;
    return delete (id) == 0 && ok;
}

static bool by_default(void)
{
    siginfo_t info;
    int id;
    bool ok = make_default(CLOCK_REALTIME, &id) == 0 &&
              set_ms(id, 0, 1, 0) == 0 &&
              take(SIGALRM, LONG_MS, &info) == SIGALRM && says(&info, id, id);

    return delete (id) == 0 && ok;
}

static bool absolute(void)
{
    struct itimerspec new = {.it_value = {1, 0}};
    siginfo_t info;
    int id;
    bool ok = make(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, &id) == 0;

    // Long ago, and soon.
    ok = ok && syscall(SYS_timer_settime64, id, TIMER_ABSTIME, &new, NULL) == 0;
    ok = ok && take(SIGUSR1, LONG_MS, &info) == SIGUSR1;
    clock_gettime(CLOCK_REALTIME, &new.it_value);
    new.it_value.tv_sec++;
    ok = ok && syscall(SYS_timer_settime64, id, TIMER_ABSTIME, &new, NULL) == 0;
    ok = ok && take(SIGUSR1, LONG_MS, &info) == SIGUSR1;
    return delete (id) == 0 && ok;
}

static bool clock_set(void)
{
    struct itimerspec new = {.it_value = {0, 0}};
    struct timespec now, ahead;
    siginfo_t info;
    int id;
    bool ok = make(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, &id) == 0;

    clock_gettime(CLOCK_REALTIME, &now);
    new.it_value = ahead = now;
    new.it_value.tv_sec += 500;
    ahead.tv_sec += 1000;
    ok = ok && syscall(SYS_timer_settime64, id, TIMER_ABSTIME, &new, NULL) == 0;
    clock_settime(CLOCK_REALTIME, &ahead);
    ok = ok && take(SIGUSR1, LONG_MS, &info) == SIGUSR1;
    clock_settime(CLOCK_REALTIME, &now);
    return delete (id) == 0 && ok;
}

// One signal, however often it went off; the rest is told with it.
static bool overruns(void)
{
    siginfo_t info, second;
    int id;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 1, &id) == 0 &&
              set_ms(id, 0, 10, 10) == 0;

    nap(200);
    ok = ok && overrun(id) == 0; // not yet
    ok = ok && take(SIGRTMIN + 1, LONG_MS, &info) == SIGRTMIN + 1 &&
         info.si_overrun >= 15 && overrun(id) == info.si_overrun;
    ok = ok && take(SIGRTMIN + 1, LONG_MS, &second) == SIGRTMIN + 1;
    ok = ok && set_ms(id, 0, 0, 0) == 0 && overrun(id) == 0;
    return delete (id) == 0 && ok;
}

// A timer's signal is queued even where the same one is pending already.
static bool beside_others(void)
{
    siginfo_t first, second, third;
    int id, other;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &id) == 0 &&
              make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &other) == 0;

    kill(getpid(), SIGUSR1);
    ok = ok && set_ms(id, 0, 5, 0) == 0;
    nap(50);
    ok = ok && set_ms(other, 0, 5, 0) == 0;
    nap(50);
    ok = ok && take(SIGUSR1, 0, &first) && first.si_code == SI_USER;
    ok = ok && take(SIGUSR1, 0, &second) && says(&second, id, 4711);
    ok = ok && take(SIGUSR1, 0, &third) && says(&third, other, 4711);
    ok = ok && !take(SIGUSR1, 0, &third);
    return delete (id) == 0 && delete (other) == 0 && ok;
}

static bool deleted(void)
{
    siginfo_t info;
    int id;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &id) == 0 &&
              set_ms(id, 0, 5, 5) == 0;

    nap(50);
    ok = delete (id) == 0 && ok;
    take(SIGUSR1, 0, &info); // it may be pending, or gone: both have been
    return ok && !take(SIGUSR1, 50, &info);
}

static bool thread(void)
{
    siginfo_t info;
    int id;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_THREAD_ID, SIGUSR1, &id) == 0 &&
              set_ms(id, 0, 5, 0) == 0 &&
              take(SIGUSR1, LONG_MS, &info) == SIGUSR1 && says(&info, id, 4711);

    return delete (id) == 0 && ok;
}

static bool from_a_file(void)
{
    struct signalfd_siginfo info;
    sigset_t set;
    int fd, id;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &id) == 0;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    fd = signalfd(-1, &set, 0);
    ok = ok && set_ms(id, 0, 5, 5) == 0;
    nap(60);
    ok = ok && read(fd, &info, sizeof(info)) == sizeof(info) &&
         info.ssi_signo == SIGUSR1 && info.ssi_code == SI_TIMER &&
         info.ssi_tid == (unsigned)id && info.ssi_overrun >= 3 &&
         info.ssi_int == 4711 && info.ssi_pid == 0 && info.ssi_uid == 0;
    close(fd);
    ok = delete (id) == 0 && ok;
    siginfo_t rest;
    take(SIGUSR1, 0, &rest);
    return ok;
}

// While it is ignored the timer goes on.
static bool ignored(void)
{
    siginfo_t info;
    sigset_t set;
    int id;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR2, &id) == 0;

    signal(SIGUSR2, SIG_IGN);
    ok = ok && set_ms(id, 0, 5, 5) == 0;
    nap(50);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGUSR2, SIG_DFL);
    ok = ok && take(SIGUSR2, LONG_MS, &info) == SIGUSR2;
    ok = delete (id) == 0 && ok;
    take(SIGUSR2, 0, &info);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return ok;
}

static volatile sig_atomic_t caught;

static void handler(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    caught = info->si_code == SI_TIMER ? 1 : 2;
}

static bool handled(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    int id;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR2, &id) == 0;

    sigaction(SIGUSR2, &action, NULL);
    ok = ok && set_ms(id, 0, 20, 0) == 0;
    nap(LONG_MS); // ends by the signal
    ok = ok && caught == 1;
    signal(SIGUSR2, SIG_DFL);
    return delete (id) == 0 && ok;
}

// The new program has neither the timer nor its pending signal.
static bool after_exec(void)
{
    int status = 0, id;
    pid_t child = fork();

    if (child == 0) {
        if (make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &id) ||
            set_ms(id, 0, 5, 5))
            _exit(1);
        nap(30);
        execl("/bin/sh", "sh", "-c",
              "grep -q 'SigPnd:.0000000000000000' /proc/self/status &&"
              "grep -q 'ShdPnd:.0000000000000000' /proc/$$/status",
              (char *)NULL);
        _exit(2);
    }
    waitpid(child, &status, 0);
    return status == 0;
}

static bool kills(void)
{
    int status = 0, id;
    pid_t child = fork();

    if (child == 0) {
        make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR2, &id);
        set_ms(id, 0, 10, 0);
        nap(LONG_MS);
        _exit(1);
    }
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR2;
}

static bool prepared(void)
{
    block(SIGUSR1);
    block(SIGALRM);
    block(SIGRTMIN + 1);
    return true;
}

static const struct ktap_test tests[] = {
    {"prepared", prepared},
    {"once", once},
    {"by default", by_default},
    {"absolute", absolute},
    {"clock set", clock_set},
    {"overruns", overruns},
    {"beside others", beside_others},
    {"deleted", deleted},
    {"thread", thread},
    {"from a file", from_a_file},
    {"ignored", ignored},
    {"handled", handled},
    {"after exec", after_exec},
    {"kills", kills},
};

const struct ktap_suite signal_suite = KTAP_SUITE("signals", tests);
