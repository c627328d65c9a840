// include/fs/timerfd.h - a timer as a file: timerfd_create(2)
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct file;

struct timer_setting; // kernel/time_user.h

// timerfd_create - by @clock (CLOCK_REALTIME, or one that nobody sets).
// @flags: O_CLOEXEC, O_NONBLOCK. Return: fd; -ENOMEM; -EMFILE. May sleep.
__must_check s32 timerfd_create(u32 clock, u32 flags);

// timerfd_set - @flags: TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET. @out_old as
// timerfd_get has it. timerfd_get - what is left of it.
// Return: 0; -EINVAL: another kind of file; (set) -ECANCELED: the wall clock
// was set since the last look.
__must_check int timerfd_set(struct file *file, u32 flags,
                             const struct timer_setting *new,
                             struct timer_setting *out_old);
__must_check int timerfd_get(struct file *file, struct timer_setting *out);
