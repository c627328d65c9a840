// userland/tests/timers_posix.c - timers.c: setting, asking, errors
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "timers.h"

#define LONG_MS 100000

// As SYS_timer_settime32 has it.
struct old_setting {
    int32_t interval_s, interval_ns, value_s, value_ns;
};

static bool settings(void)
{
    struct itimerspec now;
    int id;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, &id) == 0 &&
              left(id, &now) == 0 && !now.it_value.tv_sec &&
              !now.it_value.tv_nsec;

    ok = ok && set_ms(id, 0, LONG_MS, 7000) == 0 && left(id, &now) == 0 &&
         now.it_interval.tv_sec == 7 && now.it_value.tv_sec >= 90 &&
         now.it_value.tv_sec < 100;
    // Disarmed: the interval goes, too.
    ok = ok && set_ms(id, 0, 0, 7000) == 0 && left(id, &now) == 0 &&
         !now.it_interval.tv_sec && !now.it_value.tv_sec;
    return delete (id) == 0 && ok;
}

static bool old_setting(void)
{
    const struct itimerspec new = {.it_value = {50, 0}};
    struct itimerspec old = {.it_value = {1, 1}};
    int id;
    bool ok = make_default(CLOCK_BOOTTIME, &id) == 0 &&
              set_ms(id, 0, LONG_MS, 3000) == 0 &&
              syscall(SYS_timer_settime64, id, 0, &new, &old) == 0 &&
              old.it_value.tv_sec >= 90 && old.it_interval.tv_sec == 3;

    return delete (id) == 0 && ok;
}

static bool forms(void)
{
    struct old_setting new = {0, 0, 50, 7}, old = {1, 1, 1, 1};
    int id;
    bool ok = make_default(CLOCK_REALTIME, &id) == 0 &&
              syscall(SYS_timer_settime32, id, 0, &new, &old) == 0 &&
              !old.value_s && !old.interval_ns &&
              syscall(SYS_timer_gettime32, id, &old) == 0 &&
              old.value_s >= 40 && old.value_s < 50;

    return delete (id) == 0 && ok;
}

static bool numbers(void)
{
    int first, second, third;
    bool ok = make_default(CLOCK_REALTIME, &first) == 0 &&
              make_default(CLOCK_REALTIME, &second) == 0 &&
              second == first + 1 && delete (first) == 0 &&
              make_default(CLOCK_REALTIME, &third) == 0 && third == second + 1;

    return delete (second) == 0 && delete (third) == 0 && ok &&
           fails(delete (third), EINVAL);
}

static bool silent(void)
{
    struct itimerspec now;
    int id;
    bool ok = make(CLOCK_MONOTONIC, SIGEV_NONE, -5, &id) == 0 &&
              set_ms(id, 0, 10, LONG_MS) == 0;

    nap(30);
    ok = ok && left(id, &now) == 0 && now.it_value.tv_sec >= 90 &&
         overrun(id) == 0;
    ok = ok && set_ms(id, 0, 10, 0) == 0;
    nap(30);
    ok = ok && left(id, &now) == 0 && !now.it_value.tv_sec &&
         !now.it_value.tv_nsec;
    return delete (id) == 0 && ok;
}

static bool clocks(void)
{
    static const struct {
        clockid_t clock;
        int error;
    } rows[] = {
        {CLOCK_REALTIME, 0},
        {CLOCK_MONOTONIC, 0},
        {CLOCK_BOOTTIME, 0},
        {CLOCK_TAI, 0},
        {CLOCK_PROCESS_CPUTIME_ID, 0},
        {CLOCK_THREAD_CPUTIME_ID, 0},
        {CLOCK_MONOTONIC_RAW, EOPNOTSUPP},
        {CLOCK_REALTIME_COARSE, EOPNOTSUPP},
        {CLOCK_MONOTONIC_COARSE, EOPNOTSUPP},
        {10, EINVAL},
        {99, EINVAL},
        {-1, EINVAL},
    };
    bool ok = true;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int id, rc = make_default(rows[i].clock, &id);

        ok =
            ok && (rows[i].error ? fails(rc, rows[i].error) : delete (id) == 0);
    }
    return ok;
}

static bool errors(void)
{
    const struct itimerspec wrong = {.it_value = {0, 1000 * MS}};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID,
                             .sigev_signo = SIGUSR1};
    struct itimerspec now;
    int id;
    bool ok = fails(make(CLOCK_REALTIME, SIGEV_SIGNAL, 0, &id), EINVAL) &&
              fails(make(CLOCK_REALTIME, SIGEV_SIGNAL, 65, &id), EINVAL) &&
              fails(make(CLOCK_REALTIME, 3, SIGUSR1, &id), EINVAL) &&
              fails(make(CLOCK_REALTIME, 5, SIGUSR1, &id), EINVAL) &&
              fails(make(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, (int *)4096),
                    EFAULT) &&
              fails(syscall(SYS_timer_create, 0, 4096, &id), EFAULT);

    event.sigev_notify_thread_id = 1; // somebody else
    ok = ok && fails(syscall(SYS_timer_create, 0, &event, &id), EINVAL);
    ok = ok && make_default(CLOCK_REALTIME, &id) == 0 &&
         fails(syscall(SYS_timer_settime64, id, 0, &wrong, NULL), EINVAL) &&
         fails(syscall(SYS_timer_settime64, id, 0, NULL, NULL), EINVAL) &&
         fails(syscall(SYS_timer_settime64, id, 0, 4096, NULL), EFAULT) &&
         fails(syscall(SYS_timer_gettime64, id, 4096), EFAULT) &&
         set_ms(id, 0x100, 0, 0) == 0 && fails(left(-1, &now), EINVAL) &&
         fails(overrun(9999), EINVAL) && fails(set_ms(9999, 0, 1, 0), EINVAL);
    return delete (id) == 0 && ok;
}

// Of each user; an error, not a number.
static bool too_many(void)
{
    int status = 0, id;
    pid_t child = fork();

    if (child == 0) {
        int made = 0;

        // RLIMIT_SIGPENDING: neither C library nor ulimit has to be asked.
        const uint32_t limit[2] = {3, 3};
        if (syscall(SYS_setrlimit, 11, limit))
            _exit(99);
        while (made < 10 && make_default(CLOCK_REALTIME, &id) == 0)
            made++;
        _exit(errno == EAGAIN ? made : 98);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 3;
}

static bool after_fork(void)
{
    struct itimerspec now;
    int id, status = 0;
    bool ok = make_default(CLOCK_REALTIME, &id) == 0;
    pid_t child = fork();

    if (child == 0)
        _exit(fails(left(id, &now), EINVAL) ? 0 : 1);
    waitpid(child, &status, 0);
    return delete (id) == 0 && ok && status == 0;
}

// The wall clock is not before 1970 at boot, nor at the end of what it can say.
static bool clock_bounds(void)
{
    const struct timespec first = {0, 0}, last = {9223372035, 0};
    struct timespec now;
    bool ok = fails(clock_settime(CLOCK_REALTIME, &first), EINVAL) &&
              fails(clock_settime(CLOCK_REALTIME, &last), EINVAL);

    if (!ok && clock_gettime(CLOCK_MONOTONIC, &now) == 0) {
        now.tv_sec += 1700000000; // for the tests that follow
        clock_settime(CLOCK_REALTIME, &now);
    }
    return ok;
}

// By which clocks clock_nanosleep(2) sleeps; a tick long.
static bool clocks_to_sleep_by(void)
{
    static const struct {
        clockid_t clock;
        int error;
    } rows[] = {
        {CLOCK_REALTIME, 0},
        {CLOCK_MONOTONIC, 0},
        {CLOCK_BOOTTIME, 0},
        {CLOCK_TAI, 0},
        {CLOCK_THREAD_CPUTIME_ID, EOPNOTSUPP},
        {CLOCK_MONOTONIC_RAW, EOPNOTSUPP},
        {CLOCK_REALTIME_COARSE, EOPNOTSUPP},
        {CLOCK_MONOTONIC_COARSE, EOPNOTSUPP},
        {10, EINVAL},
        {99, EINVAL},
    };
    const struct timespec tick = {0, 10 * MS};
    bool ok = true;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        long rc =
            syscall(SYS_clock_nanosleep_time64, rows[i].clock, 0, &tick, NULL);

        ok = ok && (rows[i].error ? fails(rc, rows[i].error) : rc == 0);
    }
    return ok;
}

static const struct ktap_test tests[] = {
    {"settings", settings},
    {"old setting", old_setting},
    {"forms", forms},
    {"numbers", numbers},
    {"silent", silent},
    {"clocks", clocks},
    {"errors", errors},
    {"too many", too_many},
    {"after fork", after_fork},
    {"bounds of the clock", clock_bounds},
    {"clocks to sleep by", clocks_to_sleep_by},
};

const struct ktap_suite posix_suite = KTAP_SUITE("timer_create", tests);
