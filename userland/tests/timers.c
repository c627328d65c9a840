// userland/tests/timers.c - timer_create(2), setitimer(2), clocks of CPU time
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux. The suites are in
// timers_*.c. No test minds how late a timer is.

#include "timers.h"

#include <sys/syscall.h>
#include <unistd.h>

static const struct ktap_suite *const suites[] = {
    &posix_suite,
    &signal_suite,
    &cpu_suite,
};

int make(clockid_t clock, int notify, int signal, int *out_id)
{
    struct sigevent event = {
        .sigev_notify = notify,
        .sigev_signo = signal,
        .sigev_value.sival_int = 4711,
    };

    if (notify == SIGEV_THREAD_ID)
        event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
    return (int)syscall(SYS_timer_create, clock, &event, out_id);
}

int make_default(clockid_t clock, int *out_id)
{
    return (int)syscall(SYS_timer_create, clock, NULL, out_id);
}

int set_ms(int id, int flags, long value_ms, long interval_ms)
{
    const struct itimerspec new = {
        .it_value = {value_ms / 1000, value_ms % 1000 * MS},
        .it_interval = {interval_ms / 1000, interval_ms % 1000 * MS},
    };

    return (int)syscall(SYS_timer_settime64, id, flags, &new, NULL);
}

int left(int id, struct itimerspec *out)
{
    return (int)syscall(SYS_timer_gettime64, id, out);
}

int overrun(int id)
{
    return (int)syscall(SYS_timer_getoverrun, id);
}

int delete (int id)
{
    return (int)syscall(SYS_timer_delete, id);
}

void block(int signal)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

int take(int signal, long ms, siginfo_t *out)
{
    const struct timespec time = {ms / 1000, ms % 1000 * MS};
    sigset_t set;
    int taken;

    sigemptyset(&set);
    sigaddset(&set, signal);
    taken = sigtimedwait(&set, out, &time);
    return taken < 0 ? 0 : taken;
}

void nap(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * MS};

    nanosleep(&time, NULL);
}

void burn(long ms)
{
    struct timespec now;
    volatile unsigned sum = 0;

    do {
        for (unsigned i = 0; i < 100000; i++)
            sum += i;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    } while (now.tv_sec * 1000 + now.tv_nsec / MS < ms);
}

int main(void)
{
    return ktap_run_suites(suites, sizeof(suites) / sizeof(suites[0]));
}
