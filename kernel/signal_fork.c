// kernel/signal_fork.c - signals to many while a child is being made
// SPDX-License-Identifier: MIT
//
// Who signals a process group, a session or everybody goes through the list of
// processes. A child that is being made is not there yet, and its parent may
// sleep for long before it is: so the parent keeps what came to it among many,
// and the child gets it at its start. The order is as if the signal had come
// just after the fork. (What is said of a signal besides its number is lost.)
//
// Locking: interrupts off.

#include <arch/cpu.h>
#include <asm/siginfo.h>
#include <linux/signal.h>

#include "signal_internal.h"

void signal_fork_begin(struct fork_signals *came)
{
    u32 flags = irq_save();

    came->set = 0;
    list_add_tail(&came->link, &current->process->forks);
    irq_restore(flags);
}

void signal_fork_note(struct process *process, s32 signal)
{
    u64 bit = signal_bit(signal);
    struct fork_signals *came;

    list_for_each_entry (came, &process->forks, link) {
        if (bit & signals_stop)
            came->set &= ~signal_bit(SIGCONT);
        if (signal == SIGCONT)
            came->set &= ~signals_stop;
        came->set |= bit;
    }
}

void signal_fork_end(struct fork_signals *came, struct process *child)
{
    u32 flags = irq_save();

    list_del(&came->link);
    for (s32 signal = 1; child && came->set; signal++) {
        struct signal_info info = {.signal = signal, .code = SI_USER};
        int error = 0;

        if (came->set & signal_bit(signal))
            error = signal_send_process(child, &info);
        (void)error; // no memory for a real-time one: it is lost
        came->set &= ~signal_bit(signal);
    }
    irq_restore(flags);
}
