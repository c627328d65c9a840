// userland/tests/threads_signals.c - signals for processes and for threads
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "asleep.h"
#include "ktap.h"
#include "threads.h"

static volatile pid_t taken_by;
static volatile int taken;

static void take(int signal)
{
    (void)signal;
    taken_by = own_tid();
    __atomic_add_fetch(&taken, 1, __ATOMIC_SEQ_CST);
}

static void prepare(int signal)
{
    struct sigaction action = {.sa_handler = take};

    taken = 0;
    taken_by = 0;
    sigaction(signal, &action, NULL);
}

static void set_mask(int how, int signal)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(how, &set, NULL);
}

static bool is_pending(int signal)
{
    sigset_t set;

    sigpending(&set);
    return sigismember(&set, signal);
}

// A thread that sleeps until it has had a signal.
struct sleeper {
    pthread_t thread;
    volatile int tid, ready, end;
    bool unblocks;
};

static void *sleep_for_signal(void *argument)
{
    struct sleeper *s = argument;

    if (s->unblocks)
        set_mask(SIG_UNBLOCK, SIGUSR1);
    s->tid = own_tid();
    s->ready = 1;
    while (!s->end)
        nap(2);
    return NULL;
}

static void start_sleeper(struct sleeper *s, bool unblocks)
{
    *s = (struct sleeper){.unblocks = unblocks};
    s->thread = start(sleep_for_signal, s);
    until(&s->ready, 1);
}

static void end_sleeper(struct sleeper *s)
{
    s->end = 1;
    pthread_join(s->thread, NULL);
}

static bool to_one_thread(void)
{
    struct sleeper a, b;
    bool ok;

    prepare(SIGUSR1);
    start_sleeper(&a, true);
    start_sleeper(&b, true);
    pthread_kill(b.thread, SIGUSR1);
    ok = until(&taken, 1) && taken_by == b.tid;
    pthread_kill(a.thread, SIGUSR1);
    ok = ok && until(&taken, 2) && taken_by == a.tid;
    end_sleeper(&a);
    end_sleeper(&b);
    return ok;
}

static bool to_who_does_not_block(void)
{
    struct sleeper a, b;
    bool ok;

    prepare(SIGUSR1);
    set_mask(SIG_BLOCK, SIGUSR1);
    start_sleeper(&a, false);
    start_sleeper(&b, true);
    kill(getpid(), SIGUSR1);
    ok = until(&taken, 1) && taken_by == b.tid;
    end_sleeper(&b);
    // Now nobody would: it is pending for all.
    kill(getpid(), SIGUSR1);
    ok = ok && is_pending(SIGUSR1) && taken == 1;
    end_sleeper(&a);
    set_mask(SIG_UNBLOCK, SIGUSR1);
    return ok && taken == 2 && taken_by == own_tid() && !is_pending(SIGUSR1);
}

static bool pending_for_one(void)
{
    struct sleeper a;
    bool ok;

    prepare(SIGUSR1);
    set_mask(SIG_BLOCK, SIGUSR1);
    start_sleeper(&a, false);
    pthread_kill(a.thread, SIGUSR1);
    ok = !is_pending(SIGUSR1);
    set_mask(SIG_UNBLOCK, SIGUSR1);
    nap(10);
    ok = ok && taken == 0;
    end_sleeper(&a); // with it the signal
    return ok && taken == 0;
}

// Who was woken for it blocks it before it was taken: another one has it.
static void *block_then_count(void *argument)
{
    volatile int *go = argument;

    set_mask(SIG_UNBLOCK, SIGUSR1);
    *go = 1;
    for (int i = 0; i < 200; i++) {
        set_mask(SIG_BLOCK, SIGUSR1);
        set_mask(SIG_UNBLOCK, SIGUSR1);
    }
    set_mask(SIG_BLOCK, SIGUSR1);
    return NULL;
}

static bool taken_over(void)
{
    volatile int go = 0;
    struct sleeper a;
    pthread_t thread;
    bool ok = true;

    prepare(SIGUSR1);
    set_mask(SIG_BLOCK, SIGUSR1);
    start_sleeper(&a, true);
    thread = start(block_then_count, (void *)&go);
    until(&go, 1);
    for (int i = 1; i <= 50 && ok; i++) {
        kill(getpid(), SIGUSR1);
        ok = until(&taken, i);
    }
    pthread_join(thread, NULL);
    end_sleeper(&a);
    set_mask(SIG_UNBLOCK, SIGUSR1);
    return ok && taken == 50;
}

static void *wait_for_signals(void *argument)
{
    sigset_t set;
    int signal, *sum = argument;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGRTMIN);
    for (int i = 0; i < 3; i++) {
        sigwait(&set, &signal);
        *sum += signal;
    }
    return NULL;
}

static int end_at_once(void *argument)
{
    (void)argument;
    return 0;
}

static bool waited_for(void)
{
    union sigval value = {.sival_int = 1};
    int sum = 0;
    pthread_t thread;
    pid_t child;

    signal(SIGUSR1, SIG_DFL);
    signal(SIGCHLD, SIG_DFL); // which is to ignore it
    set_mask(SIG_BLOCK, SIGUSR1);
    set_mask(SIG_BLOCK, SIGCHLD);
    set_mask(SIG_BLOCK, SIGRTMIN);
    thread = start(wait_for_signals, &sum);
    others_sleep();
    kill(getpid(), SIGUSR1);
    others_sleep();
    child = spawn(end_at_once, NULL);
    comes_to(child, 'Z');
    others_sleep();
    sigqueue(getpid(), SIGRTMIN, value);
    pthread_join(thread, NULL);
    wait_for(child);
    set_mask(SIG_UNBLOCK, SIGUSR1);
    set_mask(SIG_UNBLOCK, SIGCHLD);
    set_mask(SIG_UNBLOCK, SIGRTMIN);
    return sum == SIGUSR1 + SIGCHLD + SIGRTMIN;
}

static bool alarms(void)
{
    struct itimerval soon = {.it_value = {0, 10000}};
    struct sleeper a;
    bool ok;

    prepare(SIGALRM);
    set_mask(SIG_UNBLOCK, SIGALRM);
    start_sleeper(&a, false);
    set_mask(SIG_BLOCK, SIGALRM);
    setitimer(ITIMER_REAL, &soon, NULL);
    ok = until(&taken, 1) && taken_by == a.tid;
    end_sleeper(&a);
    set_mask(SIG_UNBLOCK, SIGALRM);
    return ok;
}

// ---- interrupted calls -----------------------------------------------------

static int pipe_ends[2];
static volatile int read_errno, reading;

static void *read_pipe(void *argument)
{
    char byte;

    (void)argument;
    reading = 1;
    read_errno = read(pipe_ends[0], &byte, 1) < 0 ? errno : 0;
    return NULL;
}

static bool interrupts(void)
{
    pthread_t thread;

    prepare(SIGUSR1);
    reading = 0;
    if (pipe(pipe_ends))
        return false;
    thread = start(read_pipe, NULL);
    until(&reading, 1);
    others_sleep();
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, NULL);
    return read_errno == EINTR && taken == 1;
}

static volatile int cleaned;

static void clean(void *argument)
{
    cleaned += *(int *)argument;
}

static void *read_until_cancelled(void *argument)
{
    char byte;

    pthread_cleanup_push(clean, argument);
    reading = 1;
    if (read(pipe_ends[0], &byte, 1) < 0)
        perror("read");
    pthread_cleanup_pop(0);
    return NULL;
}

static _Noreturn void *wait_until_cancelled(void *argument)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

    pthread_cleanup_push(clean, argument);
    pthread_mutex_lock(&lock);
    reading = 1;
    for (;;)
        pthread_cond_wait(&never, &lock);
    pthread_cleanup_pop(0);
}

static bool cancelled(void *(*run)(void *))
{
    int one = 1;
    pthread_t thread;
    void *result;

    reading = cleaned = 0;
    thread = start(run, &one);
    until(&reading, 1);
    others_sleep();
    return pthread_cancel(thread) == 0 && pthread_join(thread, &result) == 0 &&
           result == PTHREAD_CANCELED && cleaned == 1;
}

// ---- the end of all --------------------------------------------------------

static _Noreturn void *spin(void *argument)
{
    (void)argument;
    for (;;)
        continue;
}

static void *fall(void *argument)
{
    nap(5);
    *(volatile int *)argument = 1;
    return NULL;
}

static _Noreturn int fault_in_thread(void *argument)
{
    (void)argument;
    start(spin, NULL);
    start(fall, (void *)8);
    for (;;)
        pause();
}

static _Noreturn int killed_by_term(void *argument)
{
    pthread_t thread = start(spin, NULL);

    (void)argument;
    start(spin, NULL);
    nap(5);
    pthread_kill(thread, SIGTERM);
    for (;;)
        pause();
}

static _Noreturn void *deaf(void *argument)
{
    sigset_t all;

    (void)argument;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (;;)
        pause();
}

static int kill_all(void *argument)
{
    start(deaf, NULL);
    start(spin, NULL);
    nap(5);
    kill(getpid(), *(int *)argument);
    deaf(NULL);
    return 0;
}

static bool numbers(void)
{
    siginfo_t info = {.si_code = SI_QUEUE};
    struct sleeper a;
    bool ok;

    prepare(SIGUSR1);
    start_sleeper(&a, true);
    ok = syscall(SYS_tgkill, getpid(), a.tid, 0) == 0 &&
         syscall(SYS_tgkill, getpid() + 1, a.tid, 0) == -1 && errno == ESRCH &&
         syscall(SYS_tgkill, getpid(), 1, 0) == -1 && errno == ESRCH &&
         syscall(SYS_tgkill, 0, a.tid, 0) == -1 && errno == EINVAL &&
         syscall(SYS_tgkill, getpid(), a.tid, 65) == -1 && errno == EINVAL &&
         syscall(SYS_tkill, a.tid, 0) == 0 && kill(a.tid, 0) == 0 &&
         syscall(SYS_rt_tgsigqueueinfo, getpid(), a.tid, SIGUSR1, &info) == 0 &&
         until(&taken, 1) && taken_by == a.tid &&
         syscall(SYS_rt_tgsigqueueinfo, 1, a.tid, SIGUSR1, &info) == -1;
    end_sleeper(&a);
    // Who has been joined may still be on its way out.
    for (int i = 0; i < 5000 && !syscall(SYS_tgkill, getpid(), a.tid, 0); i++)
        nap(2);
    return ok && syscall(SYS_tgkill, getpid(), a.tid, 0) == -1 &&
           errno == ESRCH;
}

// Users belong to threads; signals among them need no right.
static int user_to_root(void *argument)
{
    (void)argument;
    if (syscall(SYS_setresuid32, 1000, 1000, 1000))
        raw_thread_exit(1);
    raw_thread_exit(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1) ? 2 : 0);
}

static int as_another_user(void *unused)
{
    (void)unused;
    prepare(SIGUSR1);
    raw_thread(user_to_root, NULL);
    return until(&taken, 1) ? 0 : 1;
}

void suite_signals(void)
{
    static int term = SIGTERM, kill_signal = SIGKILL;

    ktap_enter("signals", 15);
    ktap_result(to_one_thread(), "to one thread");
    ktap_result(to_who_does_not_block(), "to a thread that does not block it");
    ktap_result(pending_for_one(), "pending for one thread");
    ktap_result(taken_over(), "taken over from who blocks it");
    ktap_result(waited_for(), "waited for, ignored ones too");
    ktap_result(alarms(), "an alarm is for the process");
    ktap_result(interrupts(), "interrupts a call of that thread");
    ktap_result(cancelled(read_until_cancelled), "cancelled in a read");
    ktap_result(cancelled(wait_until_cancelled),
                "cancelled in a wait for a condition");
    ktap_result(dies_of(fault_in_thread, NULL, SIGSEGV),
                "a fault of one thread ends all");
    ktap_result(dies_of(killed_by_term, NULL, SIGTERM),
                "a deadly signal to one ends all");
    ktap_result(dies_of(kill_all, &term, SIGTERM),
                "SIGTERM with threads that block it");
    ktap_result(dies_of(kill_all, &kill_signal, SIGKILL), "SIGKILL");
    ktap_result(numbers(), "numbers of threads");
    ktap_result(exits_with(as_another_user, NULL, 0),
                "from a thread of another user");
    ktap_leave();
}
