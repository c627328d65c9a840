// userland/tests/vsyscall_interrupted.c - vsyscall.c: calls and signals
// SPDX-License-Identifier: MIT

#include "vsyscall.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PAUSE_NS = 10 * 1000 * 1000
};

// Shared with the children.
static struct {
    volatile int handled;
    volatile int word;
} * shared;

static volatile unsigned long seen_eip, seen_eax;
static int ends[2];

static void note(int signal, siginfo_t *info, void *context)
{
    const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)signal;
    (void)info;
    if (shared->handled)
        return;
    seen_eip = (unsigned long)registers[REG_EIP];
    seen_eax = (unsigned long)registers[REG_EAX];
    // One that does not lie in the vDSO came too early.
    if (seen_eip != (unsigned long)landing_pad() &&
        seen_eip != (unsigned long)landing_pad() - 2)
        return;
    if (write(ends[1], "x", 1) == 1)
        shared->handled = 1;
}

static void rest(void)
{
    const struct timespec pause = {0, PAUSE_NS};

    nanosleep(&pause, NULL);
}

// A child that sends SIGUSR1 until it was handled, and wakes who waits at the
// word then.
static pid_t start_sender(void)
{
    pid_t parent = getpid(), child;

    shared->handled = 0;
    child = fork();
    if (child != 0)
        return child;
    while (!shared->handled) {
        rest();
        kill(parent, SIGUSR1);
    }
    while (syscall(SYS_futex, &shared->word, FUTEX_WAKE_BITSET, 1, NULL, NULL,
                   2) == 0)
        rest();
    _exit(0);
}

static void stop_sender(pid_t child)
{
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
        ;
    signal(SIGUSR1, SIG_DFL);
}

static bool was_interrupted_at(const uint8_t *eip, unsigned long eax)
{
    if (seen_eip == (unsigned long)eip && seen_eax == eax)
        return true;
    ktap_note("eip %#lx eax %#lx", seen_eip, seen_eax);
    return false;
}

static void handle(int flags)
{
    struct sigaction action = {.sa_sigaction = note,
                               .sa_flags = SA_SIGINFO | flags};

    sigaction(SIGUSR1, &action, NULL);
}

static bool ends_in_the_landing_pad(void)
{
    char byte;

    handle(0);
    pid_t child = start_sender();
    long result =
        vsyscall(vsyscall_entry(), SYS_read, ends[0], (long)&byte, 1, 0, 0, 0);
    stop_sender(child);
    return result == -EINTR && read(ends[0], &byte, 1) == 1 &&
           was_interrupted_at(landing_pad(), (unsigned long)-EINTR);
}

// What the handler writes is there when the call is done again.
static bool done_again_by_int80(void)
{
    char byte = 0;

    handle(SA_RESTART);
    pid_t child = start_sender();
    long result =
        vsyscall(vsyscall_entry(), SYS_read, ends[0], (long)&byte, 1, 0, 0, 0);
    stop_sender(child);
    return result == 1 && byte == 'x' &&
           was_interrupted_at(landing_pad() - 2, SYS_read);
}

// The sixth is which wakes are meant: 0 would be EINVAL, 1 would sleep on.
static bool done_again_with_six_arguments(void)
{
    char byte;

    handle(SA_RESTART);
    pid_t child = start_sender();
    long result = vsyscall(vsyscall_entry(), SYS_futex, (long)&shared->word,
                           FUTEX_WAIT_BITSET, 0, 0, 0, 2);
    stop_sender(child);
    return result == 0 && read(ends[0], &byte, 1) == 1 &&
           was_interrupted_at(landing_pad() - 2, SYS_futex);
}

// restart_syscall, after a stop.
static bool sleeps_on_after_a_stop(void)
{
    const long time[2] = {0, 20 * PAUSE_NS}; // seconds of 32 bits
    struct timespec before, after;
    pid_t parent = getpid(), child = fork();

    if (child == 0) {
        for (int i = 0; i < 3; i++) {
            rest();
            kill(parent, SIGSTOP);
            rest();
            kill(parent, SIGCONT);
        }
        _exit(0);
    }
    clock_gettime(CLOCK_MONOTONIC, &before);
    long result =
        vsyscall(vsyscall_entry(), SYS_nanosleep, (long)time, 0, 0, 0, 0, 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    waitpid(child, NULL, 0);
    return result == 0 && (after.tv_sec - before.tv_sec) * 1000000000ll +
                                  after.tv_nsec - before.tv_nsec >=
                              20 * PAUSE_NS;
}

static bool fork_returns_twice(void)
{
    int status = -1;
    // SYS_fork keeps the stack, so the child may come back through it.
    long child = vsyscall(vsyscall_entry(), SYS_fork, 0, 0, 0, 0, 0, 0);

    if (child == 0)
        _exit(vsyscall(vsyscall_entry(), SYS_getppid, 0, 0, 0, 0, 0, 0) ==
                      getppid()
                  ? 7
                  : 1);
    return child > 0 && waitpid((pid_t)child, &status, 0) == child &&
           WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

void suite_interrupted(void)
{
    static const struct ktap_test rows[] = {
        {"ends-in-the-landing-pad", ends_in_the_landing_pad},
        {"done-again-by-int80", done_again_by_int80},
        {"done-again-with-six-arguments", done_again_with_six_arguments},
        {"sleeps-on-after-a-stop", sleeps_on_after_a_stop},
        {"fork-returns-twice", fork_returns_twice},
    };

    shared = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || pipe(ends) != 0)
        ktap_bail("no memory or pipe");
    ktap_run_suite("interrupted", rows, sizeof(rows) / sizeof(rows[0]));
}
