// userland/tests/fdcalls_timer.c - fdcalls.c: timerfd_create(2)
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "fdcalls.h"

#define MS 1000000L

// As SYS_timerfd_settime has it; the C library uses the 64-bit form.
struct old_setting {
    int32_t interval_s, interval_ns, value_s, value_ns;
};

static bool sets(int fd, int flags, long value_ms, long interval_ms)
{
    struct itimerspec new = {
        .it_value = {value_ms / 1000, value_ms % 1000 * MS},
        .it_interval = {interval_ms / 1000, interval_ms % 1000 * MS},
    };

    return timerfd_settime(fd, flags, &new, NULL) == 0;
}

static uint64_t count_of(int fd)
{
    uint64_t count = 0;

    return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static long clock_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (long)now.tv_sec % 100000 * 1000 + now.tv_nsec / MS;
}

static void nap(long ms)
{
    const struct timespec time = {0, ms * MS};

    nanosleep(&time, NULL);
}

static bool once(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    long start = clock_ms(CLOCK_MONOTONIC);
    bool ok = sets(fd, 0, 30, 0) && poll(&entry, 1, 0) == 0;

    ok = ok && count_of(fd) == 1 && clock_ms(CLOCK_MONOTONIC) - start >= 29;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    ok = ok && count_of(fd) == 0 && errno == EAGAIN;
    close(fd);
    return ok;
}

static bool interval(void)
{
    int fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    struct itimerspec now;
    bool ok = sets(fd, 0, 10, 10) && poll(&entry, 1, -1) == 1;

    nap(100);
    uint64_t count = count_of(fd);
    ok = ok && count >= 9 && timerfd_gettime(fd, &now) == 0 &&
         now.it_interval.tv_nsec == 10 * MS && now.it_value.tv_nsec <= 10 * MS;
    ok = ok && sets(fd, 0, 0, 0) && poll(&entry, 1, 0) == 0 &&
         timerfd_gettime(fd, &now) == 0 && now.it_value.tv_nsec == 0;
    close(fd);
    return ok;
}

static bool absolute(void)
{
    int fd = timerfd_create(CLOCK_REALTIME, 0);
    struct itimerspec new = {.it_interval = {0, 0}};

    clock_gettime(CLOCK_REALTIME, &new.it_value);
    new.it_value.tv_nsec += 20 * MS;
    if (new.it_value.tv_nsec >= 1000 * MS) {
        new.it_value.tv_sec++;
        new.it_value.tv_nsec -= 1000 * MS;
    }
    bool ok = timerfd_settime(fd, TFD_TIMER_ABSTIME, &new, NULL) == 0 &&
              count_of(fd) == 1;
    new.it_value.tv_sec -= 10; // long ago, every second since
    new.it_interval.tv_sec = 1;
    ok = ok && timerfd_settime(fd, TFD_TIMER_ABSTIME, &new, NULL) == 0 &&
         count_of(fd) >= 10;
    close(fd);
    return ok;
}

// The clock is set: forward to the time, and while one asks to be told.
static bool clock_set(void)
{
    int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    struct itimerspec new = {.it_interval = {0, 0}};
    struct timespec now, ahead;

    clock_gettime(CLOCK_REALTIME, &now);
    ahead = now;
    ahead.tv_sec += 1000;
    new.it_value = now;
    new.it_value.tv_sec += 500;
    bool ok = timerfd_settime(fd, TFD_TIMER_ABSTIME, &new, NULL) == 0;
    ok = ok && poll(&entry, 1, 0) == 0 &&
         clock_settime(CLOCK_REALTIME, &ahead) == 0 &&
         poll(&entry, 1, 1000) == 1 && count_of(fd) == 1;
    new.it_value.tv_sec += 5000;
    ok = ok &&
         timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &new,
                         NULL) == 0 &&
         clock_settime(CLOCK_REALTIME, &now) == 0 &&
         poll(&entry, 1, 1000) == 1 && count_of(fd) == 0 &&
         errno == ECANCELED && poll(&entry, 1, 0) == 0;
    close(fd);
    return ok;
}

static bool forms(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct old_setting new = {0, 0, 50, 7}, old;
    bool ok = syscall(SYS_timerfd_settime32, fd, 0, &new, &old) == 0 &&
              old.value_s == 0 && old.value_ns == 0;

    ok = ok && syscall(SYS_timerfd_gettime32, fd, &old) == 0 &&
         old.value_s == 49 && old.interval_s == 0;
    ok = ok && fcntl(fd, F_GETFD) == FD_CLOEXEC;
    close(fd);
    return ok;
}

static bool errors(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec wrong = {.it_value = {0, 1000 * MS}}, now;
    char few[7];
    bool ok =
        fails(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL) &&
        fails(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL) &&
        fails(timerfd_create(99, 0), EINVAL) &&
        fails(timerfd_settime(fd, 0, &wrong, NULL), EINVAL) &&
        fails(timerfd_settime(fd, 8, &(struct itimerspec){0}, NULL), EINVAL) &&
        fails(timerfd_settime(0, 0, &(struct itimerspec){0}, NULL), EINVAL) &&
        fails(timerfd_gettime(999, &now), EBADF) &&
        fails(read(fd, few, sizeof(few)), EINVAL) &&
        fails(write(fd, few, sizeof(few)), EINVAL);
    close(fd);
    return ok;
}

static const struct ktap_test tests[] = {
    {"once", once},           {"interval", interval}, {"absolute", absolute},
    {"clock set", clock_set}, {"forms", forms},       {"errors", errors},
};

const struct ktap_suite timer_suite = KTAP_SUITE("timerfd", tests);
