// kernel/time_user.c - times as programs give and take them
// SPDX-License-Identifier: MIT

#include <kernel/time_user.h>

#include <base/bits.h>
#include <base/errno.h>
#include <kernel/time.h>
#include <kernel/uaccess.h>
#include <lib/div64.h>

#define SECONDS_MAX 9223372036ull // whole seconds in TIME_NS_MAX

struct time32 {
    s32 seconds;
    s32 fraction;
};

// What a C library for 32-bit programs writes: the upper half of the
// nanoseconds is padding, and not looked at.
struct time64 {
    s64 seconds;
    s32 fraction;
    s32 padding;
};

static int combine(u64 *out_ns, s64 seconds, s32 fraction, u32 unit_ns)
{
    if (seconds < 0 || fraction < 0 || (u32)fraction >= NSEC_PER_SEC / unit_ns)
        return -EINVAL;
    *out_ns = (u64)seconds >= SECONDS_MAX
                  ? TIME_NS_MAX
                  : (u64)seconds * NSEC_PER_SEC + (u32)fraction * unit_ns;
    return 0;
}

int time_from_user(u64 *out_ns, const void __user *from,
                   enum time_format format)
{
    struct time64 t64;
    struct time32 t32;

    if (format == TIME_TIMESPEC64) {
        if (copy_from_user(&t64, from, sizeof(t64)))
            return -EFAULT;
        return combine(out_ns, t64.seconds, t64.fraction, 1);
    }
    if (copy_from_user(&t32, from, sizeof(t32)))
        return -EFAULT;
    return combine(out_ns, t32.seconds, t32.fraction,
                   format == TIME_OLD_TIMEVAL ? NSEC_PER_USEC : 1);
}

int time_to_user(void __user *to, u64 ns, enum time_format format)
{
    u64 seconds = ns;
    u32 fraction = u64_div(&seconds, NSEC_PER_SEC);
    struct time64 t64 = {.seconds = (s64)seconds, .fraction = (s32)fraction};
    struct time32 t32 = {.seconds = (s32)seconds, .fraction = (s32)fraction};

    if (format == TIME_TIMESPEC64)
        return copy_to_user(to, &t64, sizeof(t64));
    if (seconds > 0x7fffffffu)
        return -EOVERFLOW;
    if (format == TIME_OLD_TIMEVAL)
        t32.fraction = (s32)(fraction / NSEC_PER_USEC);
    return copy_to_user(to, &t32, sizeof(t32));
}

static u32 bytes_of(enum time_format format)
{
    return format == TIME_TIMESPEC64 ? sizeof(struct time64)
                                     : sizeof(struct time32);
}

int timer_setting_from_user(struct timer_setting *out, const void __user *from,
                            enum time_format format)
{
    const u8 __user *second = (const u8 __user *)from + bytes_of(format);
    int error = time_from_user(&out->interval, from, format);

    return error ? error : time_from_user(&out->value, second, format);
}

int timer_setting_to_user(void __user *to, const struct timer_setting *setting,
                          enum time_format format)
{
    u8 __user *second = (u8 __user *)to + bytes_of(format);
    int error = time_to_user(to, setting->interval, format);

    return error ? error : time_to_user(second, setting->value, format);
}

u64 time_after(u64 ns)
{
    u64 now = time_ns();
    u64 deadline = ns > TIME_NS_MAX - now ? TIME_NS_MAX : now + ns;

    return max(deadline, (u64)1);
}
