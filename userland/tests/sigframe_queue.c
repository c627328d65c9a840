// userland/tests/sigframe_queue.c - sigframe.c: pending, masks, the order
// SPDX-License-Identifier: MIT

#include "sigframe.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"

enum {
    TAKEN_MAX = 8,
    LIMIT = 3
};

static int taken[TAKEN_MAX], values[TAKEN_MAX];
static volatile int taken_count;

static void take(int signal, siginfo_t *info, void *context)
{
    (void)context;
    if (taken_count < TAKEN_MAX) {
        taken[taken_count] = signal;
        values[taken_count] = info->si_code == SI_QUEUE ? info->si_int : -1;
    }
    taken_count++;
}

static void block(int how, int signal)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(how, &set, NULL);
}

static bool queue(int signal, int value)
{
    return sigqueue(getpid(), signal, (union sigval){.sival_int = value}) == 0;
}

// Real-time ones are all there, of a standard one the first.
static bool real_time_are_queued(void)
{
    static const int expected[] = {SIGUSR1, 41, 41, 42, 42};
    static const int expected_values[] = {1, 3, 5, 2, 4};
    sigset_t all, none;

    sigfillset(&all);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &all, NULL);
    handle_with(41, 0, take);
    handle_with(42, 0, take);
    handle_with(SIGUSR1, 0, take);
    queue(42, 2);
    queue(41, 3);
    queue(SIGUSR1, 1);
    queue(42, 4);
    queue(SIGUSR1, 99); // is pending already
    queue(41, 5);
    while (taken_count < 5) // each handler runs with all others let in
        sigsuspend(&none);
    // A handler lets others in before it has begun, so they are noted in any
    // order; taken_by_wait_in_order() sees which comes first.
    int seen[5] = {0};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++)
            if (taken[i] == expected[j] && values[i] == expected_values[j])
                seen[j]++;
    return taken_count == 5 && seen[0] == 1 && seen[1] == 1 && seen[2] == 1 &&
           seen[3] == 1 && seen[4] == 1;
}

static bool taken_by_wait_in_order(void)
{
    static const int numbers[] = {SIGUSR1, 41, 41, 42};
    static const int numbers_values[] = {1, 3, 5, 2};
    const struct timespec now = {0, 0};
    sigset_t all;
    siginfo_t info;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    queue(42, 2);
    queue(41, 3);
    queue(SIGUSR1, 1);
    queue(41, 5);
    for (int i = 0; i < 4; i++)
        if (sigtimedwait(&all, &info, &now) != numbers[i] ||
            info.si_int != numbers_values[i] || info.si_pid != getpid() ||
            info.si_code != SI_QUEUE)
            return false;
    return sigtimedwait(&all, &info, &now) == -1 && errno == EAGAIN;
}

static bool limit_of_the_queue(void)
{
    const struct rlimit limit = {LIMIT, LIMIT};

    block(SIG_BLOCK, 41);
    if (setrlimit(RLIMIT_SIGPENDING, &limit) != 0)
        return false;
    for (int i = 0; i < LIMIT; i++)
        if (!queue(41, i))
            return false;
    handle(SIGUSR2, 0);
    return !queue(41, 9) && errno == EAGAIN && kill(getpid(), SIGUSR2) == 0 &&
           seen_signal == SIGUSR2; // standard ones need no place
}

static bool pending_and_suspend(void)
{
    sigset_t set, old;

    handle(SIGUSR1, 0);
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    if (seen_count || sigpending(&set) != 0 || !sigismember(&set, SIGUSR1) ||
        sigismember(&set, SIGUSR2))
        return false;
    sigemptyset(&set);
    if (sigsuspend(&set) != -1 || errno != EINTR || seen_count != 1)
        return false;
    sigprocmask(SIG_BLOCK, NULL, &old);
    return sigismember(&old, SIGUSR1) &&
           sigismember(&seen_context.uc_sigmask, SIGUSR1);
}

static volatile int nested, deepest;

static void nest(int signal, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    if (++nested > deepest)
        deepest = nested;
    if (deepest < 3 && nested < 3 && seen_count++ < 3)
        raise(signal);
    nested--;
}

static bool nodefer_and_reset(void)
{
    struct sigaction now;

    handle_with(SIGUSR1, 0, nest);
    raise(SIGUSR1);
    if (deepest != 1)
        return false;
    seen_count = 0;
    handle_with(SIGUSR1, SA_NODEFER, nest);
    raise(SIGUSR1);
    if (deepest != 3)
        return false;
    handle(SIGUSR2, SA_RESETHAND);
    raise(SIGUSR2);
    return sigaction(SIGUSR2, NULL, &now) == 0 && now.sa_handler == SIG_DFL &&
           seen_count == 1;
}

static bool child_tells(void)
{
    int status;

    handle(SIGCHLD, 0);
    pid_t child = fork();
    if (child == 0)
        _exit(17);
    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
        ;
    if (seen_info.si_code != CLD_EXITED || seen_info.si_status != 17 ||
        seen_info.si_pid != child)
        return false;
    child = fork();
    if (child == 0) {
        raise(SIGTERM);
        _exit(1);
    }
    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
        ;
    return seen_info.si_code == CLD_KILLED && seen_info.si_status == SIGTERM &&
           seen_info.si_pid == child && seen_info.si_uid == getuid();
}

static bool nocldstop_and_nocldwait(void)
{
    int status;

    handle(SIGCHLD, SA_NOCLDSTOP | SA_RESTART);
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status) ||
        seen_count != 0)
        return false;
    kill(child, SIGCONT);
    if (waitpid(child, &status, 0) != child || seen_count != 1)
        return false;
    handle(SIGCHLD, SA_NOCLDWAIT | SA_RESTART);
    child = fork();
    if (child == 0)
        _exit(0);
    return waitpid(child, &status, 0) == -1 && errno == ECHILD &&
           seen_count == 1;
}

static bool timer_tells(void)
{
    const struct itimerval soon = {.it_value = {0, 1000}};
    sigset_t set;

    handle(SIGALRM, 0);
    block(SIG_BLOCK, SIGALRM);
    setitimer(ITIMER_REAL, &soon, NULL);
    sigemptyset(&set);
    sigsuspend(&set);
    return seen_signal == SIGALRM && seen_info.si_code == SI_KERNEL;
}

static bool mask_across_fork(void)
{
    sigset_t set;
    int status = -1;

    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    pid_t child = fork();
    if (child == 0) { // blocked there, too, but not pending
        sigpending(&set);
        int bad = sigismember(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, NULL, &set);
        _exit(bad || !sigismember(&set, SIGUSR1));
    }
    return waitpid(child, &status, 0) == child && status == 0;
}

static long queue_to_self(int signal, siginfo_t *info)
{
    return syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), signal, info);
}

// What a program says of a signal to itself, as a crash handler does that sends
// a fault on.
static bool fault_sent_on(void)
{
    siginfo_t fault = {.si_signo = SIGSEGV, .si_code = SEGV_MAPERR};
    siginfo_t child = {.si_signo = SIGCHLD, .si_code = CLD_KILLED};

    fault.si_addr = (void *)0x12345678;
    child.si_pid = 11;
    child.si_uid = 22;
    child.si_status = SIGTERM;
    handle(SIGSEGV, 0);
    handle(SIGCHLD, 0);
    return queue_to_self(SIGSEGV, &fault) == 0 && seen_signal == SIGSEGV &&
           seen_info.si_code == SEGV_MAPERR &&
           seen_info.si_addr == fault.si_addr &&
           queue_to_self(SIGCHLD, &child) == 0 && seen_signal == SIGCHLD &&
           seen_info.si_code == CLD_KILLED && seen_info.si_pid == 11 &&
           seen_info.si_uid == 22 && seen_info.si_status == SIGTERM;
}

// Flags that have no meaning are not kept: so a program sees which have one.
static bool flags_without_meaning(void)
{
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {SIG_IGN, ~0ul, NULL, 0}, got;
    const unsigned long known = 0xdc000807ul; // asm/signal.h

    return syscall(SYS_rt_sigaction, SIGUSR2, &action, NULL, 8) == 0 &&
           syscall(SYS_rt_sigaction, SIGUSR2, NULL, &got, 8) == 0 &&
           got.flags == known;
}

void suite_queue(void)
{
    static const struct row rows[] = {
        {"real-time-are-queued", real_time_are_queued, true},
        {"taken-by-wait-in-order", taken_by_wait_in_order, true},
        {"limit-of-the-queue", limit_of_the_queue, true},
        {"pending-and-suspend", pending_and_suspend, true},
        {"nodefer-and-reset", nodefer_and_reset, true},
        {"child-tells", child_tells, true},
        {"nocldstop-and-nocldwait", nocldstop_and_nocldwait, true},
        {"timer-tells", timer_tells, true},
        {"mask-across-fork", mask_across_fork, true},
        {"fault-sent-on", fault_sent_on, true},
        {"flags-without-meaning", flags_without_meaning, true},
    };

    run_rows("queue", rows, sizeof(rows) / sizeof(rows[0]));
}
