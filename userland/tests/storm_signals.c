// userland/tests/storm_signals.c - storm.c: signals and timers
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "storm.h"

enum {
    PROCESSES = 6,
    ROUNDS = 40, // of each, to each of the others
    REAL_TIME = 3,
    TIMER_PROCESSES = 40,
    TIMER_ENDS = 10,
    TIMER_US = 2000,
};

// In memory that all share.
struct board {
    volatile uint32_t ready, sent_out;
    volatile uint32_t count[PROCESSES][REAL_TIME];
    volatile uint32_t sum[PROCESSES];
    volatile uint32_t plain[PROCESSES];
    pid_t pids[PROCESSES];
};

static struct board *board;
static unsigned me;

static void *shared(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
    return memory;
}

static void real_time(int signal, siginfo_t *info, void *context)
{
    (void)context;
    board->count[me][signal - SIGRTMIN]++;
    board->sum[me] += (uint32_t)info->si_value.sival_int;
}

static void plain(int signal)
{
    (void)signal;
    board->plain[me]++;
}

static void take_signals(void)
{
    struct sigaction action = {.sa_sigaction = real_time,
                               .sa_flags = SA_SIGINFO | SA_RESTART};

    sigfillset(&action.sa_mask); // they count in the same places
    for (int i = 0; i < REAL_TIME; i++)
        sigaction(SIGRTMIN + i, &action, NULL);
    action.sa_handler = plain;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, NULL);
}

static void moment(void)
{
    struct timespec time = {0, 1000000};

    nanosleep(&time, NULL);
}

// Every signal that was accepted; a full queue is waited for.
static void send_one(pid_t to, int signal, int value)
{
    union sigval with = {.sival_int = value};

    while (sigqueue(to, signal, with) != 0) {
        if (errno != EAGAIN)
            ktap_bail("sigqueue: %s", strerror(errno));
        moment();
    }
}

static uint32_t all_counts(unsigned who)
{
    uint32_t all = 0;

    for (unsigned i = 0; i < REAL_TIME; i++)
        all += board->count[who][i];
    return all;
}

static bool storm(void)
{
    const uint32_t each = (PROCESSES - 1) * ROUNDS;

    take_signals();
    __sync_add_and_fetch(&board->ready, 1);
    while (board->ready < PROCESSES)
        moment();
    for (int round = 0; round < ROUNDS; round++)
        for (unsigned to = 0; to < PROCESSES; to++) {
            if (to == me)
                continue;
            for (int i = 0; i < REAL_TIME; i++)
                send_one(board->pids[to], SIGRTMIN + i, round + i);
            kill(board->pids[to], SIGUSR1);
        }
    __sync_add_and_fetch(&board->sent_out, 1);
    // Whoever ends too early would be sent to in vain.
    while (board->sent_out < PROCESSES || all_counts(me) < each * REAL_TIME)
        moment();
    for (unsigned i = 0; i < REAL_TIME; i++)
        if (board->count[me][i] != each)
            return false;
    return board->plain[me] > 0 && board->plain[me] <= each;
}

bool storm_signals(void)
{
    pid_t pids[PROCESSES];
    uint32_t expected = 0;
    bool ok = true;

    board = shared(sizeof(*board));
    for (unsigned i = 0; i < PROCESSES; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            me = i;
            board->pids[i] = getpid();
            _exit(storm() ? 0 : 1);
        }
        pids[i] = pid;
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < REAL_TIME; i++)
            expected += (uint32_t)(round + i) * (PROCESSES - 1);
    for (unsigned i = 0; i < PROCESSES; i++)
        ok &= storm_wait(pids[i], 0) && board->sum[i] == expected;
    return ok;
}

// ---- timers -----------------------------------------------------------------

static volatile sig_atomic_t ended;

static void timer(int signal)
{
    (void)signal;
    ended++;
}

// All with a timer of their own; each has to have so many ends, in order.
static bool with_timer(unsigned number)
{
    struct itimerval time = {{0, TIMER_US + (int)number * 37},
                             {0, TIMER_US + (int)number * 37}};
    sigset_t none, alarm;
    struct timespec before, after;
    long us;

    sigemptyset(&none);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, NULL);
    signal(SIGALRM, timer);
    clock_gettime(CLOCK_MONOTONIC, &before);
    setitimer(ITIMER_REAL, &time, NULL);
    while (ended < TIMER_ENDS)
        sigsuspend(&none);
    clock_gettime(CLOCK_MONOTONIC, &after);
    us = (after.tv_sec - before.tv_sec) * 1000000 +
         (after.tv_nsec - before.tv_nsec) / 1000;
    // Late is the machine's, early would be the kernel's.
    return us >= (TIMER_ENDS - 1) * time.it_value.tv_usec;
}

bool storm_timers(void)
{
    pid_t pids[TIMER_PROCESSES];
    bool ok = true;

    for (unsigned i = 0; i < TIMER_PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(with_timer(i) ? 0 : 1);
    }
    for (unsigned i = 0; i < TIMER_PROCESSES; i++)
        ok &= storm_wait(pids[i], 0);
    return ok;
}
