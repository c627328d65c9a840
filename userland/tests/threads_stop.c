// userland/tests/threads_stop.c - a process of several threads stops, goes on
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "threads.h"

enum {
    COUNTERS = 3,
};

struct shared {
    volatile unsigned counts[COUNTERS];
    volatile int ready, slept, futex_result;
    volatile uint32_t word;
};

static struct shared *shared;

static _Noreturn void *count(void *argument)
{
    volatile unsigned *counter = argument;

    for (;;)
        ++*counter;
}

static _Noreturn int counting(void *argument)
{
    (void)argument;
    setpgid(0, 0); // SIGTSTP does nothing in a group without a shell
    for (int i = 0; i < COUNTERS; i++)
        start(count, (void *)&shared->counts[i]);
    nap(20);
    shared->ready = 1;
    for (;;)
        pause();
}

static bool counts_move(void)
{
    unsigned before[COUNTERS];

    memcpy(before, (const void *)shared->counts, sizeof(before));
    for (int i = 0; i < COUNTERS; i++)
        for (int tries = 0; shared->counts[i] == before[i]; tries++) {
            if (tries == 2000)
                return false;
            nap(2);
        }
    return true;
}

static bool counts_stand(void)
{
    unsigned before[COUNTERS];

    memcpy(before, (const void *)shared->counts, sizeof(before));
    nap(30);
    return memcmp(before, (const void *)shared->counts, sizeof(before)) == 0;
}

static bool told(pid_t child, int options, int code, int status)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)child, &info, options) == 0 &&
           info.si_pid == child && info.si_code == code &&
           info.si_status == status;
}

static bool nothing_told(pid_t child)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)child, &info,
                  WEXITED | WSTOPPED | WCONTINUED | WNOHANG) == 0 &&
           info.si_pid == 0;
}

// A child whose threads count. *@out_ok: whether they do.
static pid_t spawn_counting(bool *out_ok)
{
    pid_t child;

    memset(shared, 0, sizeof(*shared));
    child = spawn(counting, NULL);
    *out_ok = until(&shared->ready, 1);
    return child;
}

// The same, and it has been stopped.
static pid_t spawn_stopped(bool *out_ok)
{
    pid_t child = spawn_counting(out_ok);

    kill(child, SIGSTOP);
    *out_ok = *out_ok && told(child, WSTOPPED, CLD_STOPPED, SIGSTOP);
    return child;
}

static bool stops_and_goes_on(int signal)
{
    bool ok;
    pid_t child = spawn_counting(&ok);

    ok = ok && counts_move();
    for (int round = 0; round < 3 && ok; round++) {
        kill(child, signal);
        ok = told(child, WSTOPPED, CLD_STOPPED, signal) && counts_stand() &&
             nothing_told(child);
        kill(child, SIGCONT);
        ok = ok && told(child, WCONTINUED, CLD_CONTINUED, SIGCONT) &&
             nothing_told(child) && counts_move();
    }
    kill(child, SIGKILL);
    return wait_for(child) == SIGKILL && ok;
}

static bool killed_while_stopped(void)
{
    bool ok;
    pid_t child = spawn_stopped(&ok);

    kill(child, SIGTERM); // stays pending
    ok = ok && counts_stand() && nothing_told(child);
    kill(child, SIGKILL);
    return wait_for(child) == SIGKILL && ok;
}

// Also a signal to one thread ends a stopped process only when it goes on.
static bool deadly_while_stopped(void)
{
    bool ok;
    pid_t child = spawn_stopped(&ok);

    syscall(SYS_tgkill, child, child, SIGTERM);
    ok = ok && counts_stand() && nothing_told(child);
    kill(child, SIGCONT);
    return wait_for(child) == SIGTERM && ok;
}

static bool many_at_a_time(void)
{
    bool ok;
    pid_t child = spawn_counting(&ok);

    for (int i = 0; i < 200; i++) {
        kill(child, SIGSTOP);
        if (i % 3 == 0)
            sched_yield();
        kill(child, SIGCONT);
    }
    ok = ok && counts_move();
    kill(child, SIGKILL);
    return wait_for(child) == SIGKILL && ok;
}

// ---- waits that go on after it ---------------------------------------------

#define MILLISECONDS 120

static void *wait_on_word(void *argument)
{
    const struct {
        int32_t seconds, nanoseconds;
    } time = {0, MILLISECONDS * 1000000};

    (void)argument;
    shared->futex_result =
        futex_call(&shared->word, 0, 0, &time, NULL, 0) == -1 ? errno : -1;
    return NULL;
}

static int sleeping(void *argument)
{
    struct timespec before, after, time = {0, MILLISECONDS * 1000000};
    pthread_t thread = start(wait_on_word, NULL);
    long passed;

    (void)argument;
    shared->ready = 1;
    clock_gettime(CLOCK_MONOTONIC, &before);
    shared->slept = nanosleep(&time, NULL) == 0 ? 1 : errno;
    clock_gettime(CLOCK_MONOTONIC, &after);
    pthread_join(thread, NULL);
    passed = (after.tv_sec - before.tv_sec) * 1000 +
             (after.tv_nsec - before.tv_nsec) / 1000000;
    return passed < MILLISECONDS ? 1 : 0;
}

static bool waits_go_on(void)
{
    pid_t child;
    bool ok;

    memset(shared, 0, sizeof(*shared));
    child = spawn(sleeping, NULL);
    ok = until(&shared->ready, 1);
    all_sleep(child);
    kill(child, SIGSTOP);
    ok = ok && told(child, WSTOPPED, CLD_STOPPED, SIGSTOP);
    kill(child, SIGCONT);
    return wait_for(child) == 0 && ok && shared->slept == 1 &&
           shared->futex_result == ETIMEDOUT;
}

void suite_stop(void)
{
    shared = shared_page();
    ktap_enter("stop and go on", 6);
    ktap_result(stops_and_goes_on(SIGSTOP), "all threads, by SIGSTOP");
    ktap_result(stops_and_goes_on(SIGTSTP), "all threads, by SIGTSTP");
    ktap_result(killed_while_stopped(), "killed while stopped");
    ktap_result(deadly_while_stopped(), "a deadly signal to a stopped thread");
    ktap_result(many_at_a_time(), "again and again");
    ktap_result(waits_go_on(), "sleeps and futex waits go on");
    ktap_leave();
}
