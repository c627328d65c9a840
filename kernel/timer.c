// kernel/timer.c - one-shot timers
// SPDX-License-Identifier: MIT
//
// A list sorted by expiry, looked at in every timer interrupt: resolution is a
// tick. There are few timers (sleeping tasks, drivers' timeouts), so insertion
// by walking is right; a heap would need storage.
//
// Locking: interrupts off.

#include <kernel/time.h>

#include <arch/cpu.h>

static struct timer *first;

void timer_start(struct timer *timer, u64 expires_ns,
                 void (*fn)(struct timer *))
{
    u32 flags = irq_save();
    struct timer **at = &first;

    timer_cancel(timer);
    timer->expires_ns = expires_ns;
    timer->fn = fn;
    timer->pending = true;
    while (*at && (*at)->expires_ns <= expires_ns)
        at = &(*at)->next;
    timer->next = *at;
    *at = timer;
    irq_restore(flags);
}

void timer_cancel(struct timer *timer)
{
    u32 flags = irq_save();

    for (struct timer **at = &first; timer->pending && *at; at = &(*at)->next) {
        if (*at == timer) {
            *at = timer->next;
            timer->pending = false;
            break;
        }
    }
    irq_restore(flags);
}

void timer_run(void)
{
    u64 now = time_ns();

    while (first && first->expires_ns <= now) {
        struct timer *timer = first;

        // Off the list first: fn may start it again, or free it.
        first = timer->next;
        timer->pending = false;
        timer->fn(timer);
    }
}
