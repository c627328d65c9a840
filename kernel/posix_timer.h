// kernel/posix_timer.h - the timers of timer_create(2)
// SPDX-License-Identifier: MIT
//
// Locking: interrupts off, but for create.
#pragma once

#include <base/compiler.h>
#include <kernel/interval_timer.h>
#include <kernel/time_user.h>
#include <linux/signal.h>

// posix_timer_create - of the current process, disarmed. @event: what is to
// happen; NULL: SIGALRM. May sleep.
// Return: its number; -EAGAIN: no memory, or too many; -EINVAL; -EOPNOTSUPP:
// a clock that has no timers.
__must_check s32 posix_timer_create(u32 clock, const sigevent_t *event);

struct posix_timer;

// posix_timer_find - of the current process. NULL: there is none.
struct posix_timer *posix_timer_find(s32 id);

void posix_timer_delete(struct posix_timer *timer);

// posix_timer_get - what is left; posix_timer_set - @out_old: as get says.
void posix_timer_get(struct posix_timer *timer, struct timer_setting *out);
void posix_timer_set(struct posix_timer *timer, enum interval_start start,
                     const struct timer_setting *new,
                     struct timer_setting *out_old);

// posix_timer_overrun - how often it went off between the last signal's being
// sent and taken, but for once.
s32 posix_timer_overrun(const struct posix_timer *timer);
