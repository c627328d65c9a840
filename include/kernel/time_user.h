// include/kernel/time_user.h - times as programs give and take them
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum time_format {
    TIME_OLD_TIMESPEC, // struct __kernel_old_timespec: 32-bit seconds
    TIME_OLD_TIMEVAL,  // struct __kernel_old_timeval: microseconds
    TIME_TIMESPEC64,   // struct __kernel_timespec
};

#define TIME_NS_MAX (~0ull >> 1)

// time_from_user - in nanoseconds, at most TIME_NS_MAX. Context: may sleep.
// Return: 0; -EFAULT; -EINVAL: negative, or more than a second of fraction.
__must_check int time_from_user(u64 *out_ns, const void __user *from,
                                enum time_format format);

// time_to_user - Return: 0; -EFAULT; -EOVERFLOW: seconds beyond 32 bits.
__must_check int time_to_user(void __user *to, u64 ns, enum time_format format);

// A timer's two times, in nanoseconds: struct itimerval, itimerspec and theirs.
struct timer_setting {
    u64 interval; // between one and the next; 0: once
    u64 value;    // until it goes off, or when; 0: never
};

// As time_from_user and time_to_user, of both.
__must_check int timer_setting_from_user(struct timer_setting *out,
                                         const void __user *from,
                                         enum time_format format);
__must_check int timer_setting_to_user(void __user *to,
                                       const struct timer_setting *setting,
                                       enum time_format format);

// time_after - the time_ns() value @ns from now; never 0, never wraps.
u64 time_after(u64 ns);
