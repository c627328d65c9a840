// kernel/sys_time.c - system calls: what time it is
// SPDX-License-Identifier: MIT
//
// Nobody stops, steers or skews the clock, so MONOTONIC, MONOTONIC_RAW and
// BOOTTIME are one; nobody tells of leap seconds, so REALTIME and TAI are.
//
// Programs ask most of this of the vDSO (arch/x86/vdso/time.c), which answers
// alike.

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/cpu_clock.h>
#include <kernel/cred.h>
#include <kernel/time.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <lib/div64.h>
#include <linux/time.h>

#define TICK_NS 10000000u // the resolution of the _COARSE clocks
// In TIME_NS_MAX, without 30 years.
#define WALL_SECONDS_MAX (9223372036ull - 30ull * 365 * 24 * 3600)

static int read_clock(u32 clock, u64 *out)
{
    struct cpu_clock cpu;
    int error;

    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_TAI: *out = time_wall_ns(); return 0;
    case CLOCK_REALTIME_COARSE: *out = time_wall_ns_coarse(); return 0;
    case CLOCK_MONOTONIC_COARSE: *out = time_ns_coarse(); return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME: *out = time_ns(); return 0;
    }
    error = cpu_clock_find(clock, &cpu);
    if (!error)
        *out = cpu_clock_ns(&cpu);
    return error;
}

static u32 resolution(u32 clock)
{
    if ((s32)clock < 0) // of somebody's CPU time
        return TICK_NS;
    switch (clock) {
    case CLOCK_REALTIME_COARSE:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID: return TICK_NS;
    default: return 1;
    }
}

static s32 gettime(u32 clock, void __user *out, enum time_format format)
{
    u64 ns;
    int error = read_clock(clock, &ns);

    return error ? error : time_to_user(out, ns, format);
}

s32 sys_clock_gettime(u32 clock, void __user *out)
{
    return gettime(clock, out, TIME_OLD_TIMESPEC);
}

s32 sys_clock_gettime64(u32 clock, void __user *out)
{
    return gettime(clock, out, TIME_TIMESPEC64);
}

static s32 getres(u32 clock, void __user *out, enum time_format format)
{
    u64 ns;
    int error = read_clock(clock, &ns);

    if (error || !out)
        return error;
    return time_to_user(out, resolution(clock), format);
}

s32 sys_clock_getres(u32 clock, void __user *out)
{
    return getres(clock, out, TIME_OLD_TIMESPEC);
}

s32 sys_clock_getres_time64(u32 clock, void __user *out)
{
    return getres(clock, out, TIME_TIMESPEC64);
}

// Linux's bounds: what is left to the end of 64 bits is for the machine's
// uptime; and nobody sets the clock to before 1970 at boot. Both keep sums with
// times of the other clock from overflowing.
static int set_wall_ns(u64 ns)
{
    if (ns >= (u64)WALL_SECONDS_MAX * NSEC_PER_SEC)
        return -EINVAL;
    if (!capable(CAP_SYS_TIME))
        return -EPERM;
    if (ns < time_ns())
        return -EINVAL;
    time_set_wall(ns);
    return 0;
}

static s32 set_wall(const void __user *in, enum time_format format)
{
    u64 ns;
    int error = time_from_user(&ns, in, format);

    return error ? error : set_wall_ns(ns);
}

s32 sys_clock_settime(u32 clock, const void __user *in)
{
    return clock == CLOCK_REALTIME ? set_wall(in, TIME_OLD_TIMESPEC) : -EINVAL;
}

s32 sys_clock_settime64(u32 clock, const void __user *in)
{
    return clock == CLOCK_REALTIME ? set_wall(in, TIME_TIMESPEC64) : -EINVAL;
}

s32 sys_settimeofday(const void __user *tv, const void __user *tz)
{
    if (!tv) // a time zone is the C library's affair
        return tz && !capable(CAP_SYS_TIME) ? -EPERM : 0;
    return set_wall(tv, TIME_OLD_TIMEVAL);
}

s32 sys_gettimeofday(void __user *tv, void __user *tz)
{
    struct timezone zone = {0};
    int error = tv ? time_to_user(tv, time_wall_ns(), TIME_OLD_TIMEVAL) : 0;

    if (!error && tz)
        error = copy_to_user(tz, &zone, sizeof(zone));
    return error;
}

s32 sys_time(s32 __user *out)
{
    u64 seconds = time_wall_ns_coarse();
    s32 result;

    u64_div(&seconds, NSEC_PER_SEC);
    result = (s32)seconds;
    if (out && put_user(result, out))
        return -EFAULT;
    return result;
}

s32 sys_stime(const s32 __user *in)
{
    s32 seconds;

    if (get_user(seconds, in))
        return -EFAULT;
    if (seconds < 0)
        return capable(CAP_SYS_TIME) ? -EINVAL : -EPERM;
    return set_wall_ns((u64)(u32)seconds * NSEC_PER_SEC);
}
