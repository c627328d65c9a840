// drivers/tty/tty_job.c - sessions, job control, hang-up
// SPDX-License-Identifier: MIT
//
// A terminal belongs to a session when tty->session is its number and the
// processes of the session point at the terminal. Both are asked, so a
// hang-up need only clear tty->session: it can come from an interrupt, and
// pointers that tasks keep have no meaning then.
//
// The leader of a session leads the group of the same number, and cannot leave
// it: signals to the leader go to that group.
//
// Sources: POSIX.1-2017 11.1.3 to 11.1.4, 11.1.10; credentials(7),
// ioctl_tty(2); tests against Linux for what they leave open.

#include "tty_private.h"

#include <asm/signal.h>
#include <kernel/cred.h>
#include <kernel/process.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>

bool tty_is_mine(const struct tty *tty)
{
    return current->process->tty == tty && tty->session &&
           tty->session == current->process->sid;
}

static bool is_background(const struct tty *tty)
{
    return tty_is_mine(tty) && tty->foreground &&
           tty->foreground != current->process->pgid;
}

// Sending it would not stop the current task.
static bool is_held_off(int signal)
{
    return signal_is_ignored(current->process, signal) ||
           (current->sig_blocked >> (signal - 1) & 1);
}

int tty_job_read(struct tty *tty)
{
    if (!is_background(tty))
        return 0;
    if (is_held_off(SIGTTIN) || pgrp_is_orphaned(current->process->pgid, NULL))
        return -EIO;
    signal_send_group(current->process->pgid, SIGTTIN);
    return -ERESTARTSYS;
}

int tty_job_change(struct tty *tty)
{
    if (!is_background(tty) || is_held_off(SIGTTOU))
        return 0;
    if (pgrp_is_orphaned(current->process->pgid, NULL))
        return -EIO;
    signal_send_group(current->process->pgid, SIGTTOU);
    return -ERESTARTSYS;
}

static bool is_leader(const struct task *task)
{
    return task->tgid == task->process->sid;
}

// Make it the controlling terminal of the current session.
static void take(struct tty *tty)
{
    u32 flags = irq_save();

    tty->session = current->process->sid;
    tty->foreground = current->process->pgid;
    current->process->tty = tty;
    irq_restore(flags);
}

// Whether the current task has any controlling terminal.
static bool has_one(void)
{
    return current->process->tty && tty_is_mine(current->process->tty);
}

void tty_job_open(struct tty *tty)
{
    if (is_leader(current) && !has_one() && !tty->session)
        take(tty);
}

void tty_hangup(struct tty *tty)
{
    u32 flags = irq_save();
    s32 session = tty->session;
    s32 foreground = tty->foreground;

    tty->session = 0;
    tty->foreground = 0;
    tty->hangups++;
    tty->stopped = false;
    ldisc_restart(&tty->ldisc);
    ldisc_flush_input(&tty->ldisc);
    // A group that has gone needs no signal.
    if (session) {
        (void)signal_send_group(session, SIGHUP);
        (void)signal_send_group(session, SIGCONT);
    }
    if (foreground && foreground != session) {
        (void)signal_send_group(foreground, SIGHUP);
        (void)signal_send_group(foreground, SIGCONT);
    }
    irq_restore(flags);
    tty->ops->start(tty->port);
    wake_up(&tty->wait);
}

void tty_session_leader_exit(struct task *task)
{
    struct tty *tty = task->process->tty;

    if (!is_leader(task))
        return;
    task->process->tty = NULL;
    if (tty && tty->session == task->process->sid)
        tty_hangup(tty);
}

void tty_forget(const struct tty *tty)
{
    struct process *process;

    for_each_process (process)
        if (process->tty == tty)
            process->tty = NULL;
}

u32 tty_device(const struct task *task)
{
    const struct tty *tty = task->process->tty;

    if (!tty || !tty->session || tty->session != task->process->sid)
        return 0;
    return tty_number(tty);
}

s32 tty_foreground(const struct task *task)
{
    return tty_device(task) ? task->process->tty->foreground : -1;
}

int tty_job_take(struct tty *tty, bool steal, bool readable)
{
    if (tty_is_mine(tty) && is_leader(current))
        return 0;
    if (!is_leader(current) || has_one())
        return -EPERM;
    if (tty->session && !(steal && capable(CAP_SYS_ADMIN)))
        return -EPERM;
    if (!readable && !capable(CAP_SYS_ADMIN))
        return -EPERM;
    take(tty);
    return 0;
}

// TIOCNOTTY. A leader takes it from the whole session.
static int give_up(struct tty *tty)
{
    s32 foreground = tty->foreground;
    u32 flags;

    if (!tty_is_mine(tty))
        return -ENOTTY;
    current->process->tty = NULL;
    if (!is_leader(current))
        return 0;
    flags = irq_save();
    tty->session = 0;
    tty->foreground = 0;
    irq_restore(flags);
    if (foreground) {
        (void)signal_send_group(foreground, SIGHUP);
        (void)signal_send_group(foreground, SIGCONT);
    }
    return 0;
}

// 0: a group of the current session; -ESRCH; -EPERM: of another.
static int check_group(s32 pgid)
{
    const struct process *process;

    for_each_process (process) {
        if (process->pgid == pgid)
            return process->sid == current->process->sid ? 0 : -EPERM;
    }
    return -ESRCH;
}

static int set_foreground(struct tty *tty, u32 argument)
{
    s32 pgid;
    int result;

    if (!tty_is_mine(tty))
        return -ENOTTY;
    result = tty_job_change(tty);
    if (result)
        return result;
    result = get_user(pgid, (s32 __user *)(uintptr_t)argument);
    if (result)
        return result;
    if (pgid < 0)
        return -EINVAL;
    result = check_group(pgid);
    if (result)
        return result;
    // Reading the number may have slept.
    if (!tty_is_mine(tty))
        return -ENOTTY;
    tty->foreground = pgid;
    return 0;
}

int tty_job_ioctl(struct tty *tty, u32 command, u32 argument)
{
    s32 __user *number = (s32 __user *)(uintptr_t)argument;

    switch (command) {
    case TIOCNOTTY: return give_up(tty);
    case TIOCSPGRP: return set_foreground(tty, argument);
    case TIOCGPGRP:
        return tty_is_mine(tty) ? put_user(tty->foreground, number) : -ENOTTY;
    case TIOCGSID:
        return tty_is_mine(tty) ? put_user(tty->session, number) : -ENOTTY;
    default: return -ENOTTY;
    }
}
