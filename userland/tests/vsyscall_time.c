// userland/tests/vsyscall_time.c - vsyscall.c: clocks, with and without a call
// SPDX-License-Identifier: MIT

#include "vsyscall.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SEC 1000000000ll

enum {
    ROUNDS = 20000,
    TICK_NS = 10 * 1000 * 1000, // the longest there is
};

struct time32 {
    int seconds, fraction;
};
struct time64 {
    long long seconds;
    int nanoseconds, padding;
};

static int (*vdso_gettime)(int clock, struct time32 *out);
static int (*vdso_gettime64)(int clock, struct time64 *out);
static int (*vdso_getres)(int clock, struct time32 *out);
static int (*vdso_gettimeofday)(struct time32 *out, void *zone);
static int (*vdso_time)(int *out);

static long long ns32(const struct time32 *t)
{
    return t->seconds * NS_PER_SEC + t->fraction;
}

static long long ns64(const struct time64 *t)
{
    return t->seconds * NS_PER_SEC + t->nanoseconds;
}

static long long by_vdso(int clock)
{
    struct time64 t;

    return vdso_gettime64(clock, &t) == 0 ? ns64(&t) : -1;
}

static long long by_vdso32(int clock)
{
    struct time32 t;

    return vdso_gettime(clock, &t) == 0 ? ns32(&t) : -1;
}

static long long by_kernel(int clock)
{
    struct time64 t;

    return syscall(SYS_clock_gettime64, clock, &t) == 0 ? ns64(&t) : -1;
}

// By turns, and never back.
static bool goes_on(int clock)
{
    long long (*const ways[])(int) = {by_vdso, by_kernel, by_vdso32, by_vdso};
    long long last = 0;

    for (int i = 0; i < ROUNDS; i++) {
        long long now = ways[i % 4](clock);

        if (now < last || now < 0) {
            ktap_note("clock %d, way %d: %lld after %lld", clock, i % 4, now,
                      last);
            return false;
        }
        last = now;
    }
    return true;
}

static bool realtime_goes_on(void)
{
    return goes_on(CLOCK_REALTIME) && goes_on(CLOCK_TAI);
}

static bool monotonic_goes_on(void)
{
    return goes_on(CLOCK_MONOTONIC) && goes_on(CLOCK_BOOTTIME) &&
           goes_on(CLOCK_MONOTONIC_RAW);
}

static bool coarse_goes_on(void)
{
    return goes_on(CLOCK_MONOTONIC_COARSE) && goes_on(CLOCK_REALTIME_COARSE);
}

// A coarse clock is the fine one some time ago, less than a tick.
static bool coarse_is_behind(int coarse, int fine)
{
    long long early = by_vdso(coarse), now = by_vdso(fine),
              late = by_kernel(coarse);

    if (early <= now && late >= early && now - early < 20 * TICK_NS)
        return true;
    ktap_note("%lld %lld %lld", early, now, late);
    return false;
}

static bool coarse_is_coarse(void)
{
    return coarse_is_behind(CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC) &&
           coarse_is_behind(CLOCK_REALTIME_COARSE, CLOCK_REALTIME);
}

static bool same_resolutions(void)
{
    for (int clock = 0; clock < 16; clock++) {
        struct time32 ours = {-1, -1}, kernels = {-1, -1};
        int result = vdso_getres(clock, &ours);
        long expected = syscall(SYS_clock_getres_time32, clock, &kernels);

        if ((result == 0) != (expected == 0) ||
            memcmp(&ours, &kernels, sizeof(ours)) != 0) {
            ktap_note("clock %d: %d, %d.%09d; %ld, %d.%09d", clock, result,
                      ours.seconds, ours.fraction, expected, kernels.seconds,
                      kernels.fraction);
            return false;
        }
    }
    return vdso_getres(CLOCK_MONOTONIC, NULL) == 0;
}

static bool other_clocks_ask(void)
{
    struct time32 t32;
    struct time64 t64;

    return by_vdso(CLOCK_PROCESS_CPUTIME_ID) > 0 &&
           by_vdso32(CLOCK_THREAD_CPUTIME_ID) > 0 &&
           vdso_gettime(10, &t32) == -EINVAL &&
           vdso_gettime64(10, &t64) == -EINVAL &&
           vdso_gettime(99, &t32) == -EINVAL &&
           vdso_gettime64(1000000, &t64) == -EINVAL;
}

static bool day_and_seconds(void)
{
    struct time32 day;
    struct timezone zone = {.tz_minuteswest = 77};
    int seconds = 0;
    long long before = by_kernel(CLOCK_REALTIME);

    if (vdso_gettimeofday(&day, &zone) != 0 || zone.tz_minuteswest == 77)
        return false;
    if (vdso_gettimeofday(&day, NULL) != 0 || day.fraction >= 1000000)
        return false;
    long long now = day.seconds * NS_PER_SEC + day.fraction * 1000ll;
    if (now < before / 1000 * 1000 || now > by_kernel(CLOCK_REALTIME))
        return false;
    int result = vdso_time(&seconds);
    return result == seconds && vdso_time(NULL) >= seconds &&
           seconds <= by_kernel(CLOCK_REALTIME) / NS_PER_SEC &&
           seconds >= before / NS_PER_SEC - 1 &&
           vdso_gettimeofday(NULL, NULL) == 0;
}

static bool set_clock(long long ns)
{
    struct time64 t = {ns / NS_PER_SEC, (int)(ns % NS_PER_SEC), 0};

    return syscall(SYS_clock_settime64, CLOCK_REALTIME, &t) == 0;
}

// The wall clock jumps, at once; the other stays.
static bool follows_who_sets_it(void)
{
    long long at = by_kernel(CLOCK_REALTIME);
    long long steady = by_vdso(CLOCK_MONOTONIC);
    bool ok = true;

    for (int i = 0; i < 20; i++) {
        long long to = 1000000000ll * NS_PER_SEC + i * 999999999ll;

        ok = ok && set_clock(to) && by_vdso(CLOCK_REALTIME) >= to &&
             by_vdso(CLOCK_REALTIME) < to + 10 * NS_PER_SEC &&
             by_vdso(CLOCK_REALTIME_COARSE) < to + 10 * NS_PER_SEC &&
             by_vdso(CLOCK_REALTIME_COARSE) > to - 1 * NS_PER_SEC;
    }
    // Seconds of more than 32 bits.
    ok = ok && set_clock(5000000000ll * NS_PER_SEC) &&
         by_vdso(CLOCK_REALTIME) >= 5000000000ll * NS_PER_SEC;
    ok = set_clock(at + by_vdso(CLOCK_MONOTONIC) - steady) && ok;
    return ok && by_vdso(CLOCK_MONOTONIC) - steady < 60 * NS_PER_SEC;
}

static void *symbol(const char *name)
{
    return (void *)(uintptr_t)vdso_symbol(vdso_image(), name, "LINUX_2.6");
}

void suite_time(void)
{
    static const struct ktap_test rows[] = {
        {"realtime-goes-on", realtime_goes_on},
        {"monotonic-goes-on", monotonic_goes_on},
        {"coarse-goes-on", coarse_goes_on},
        {"coarse-is-coarse", coarse_is_coarse},
        {"same-resolutions", same_resolutions},
        {"other-clocks-ask", other_clocks_ask},
        {"day-and-seconds", day_and_seconds},
        {"follows-who-sets-it", follows_who_sets_it},
    };

    vdso_gettime = symbol("__vdso_clock_gettime");
    vdso_gettime64 = symbol("__vdso_clock_gettime64");
    vdso_getres = symbol("__vdso_clock_getres");
    vdso_gettimeofday = symbol("__vdso_gettimeofday");
    vdso_time = symbol("__vdso_time");
    ktap_run_suite("time", rows, sizeof(rows) / sizeof(rows[0]));
}
