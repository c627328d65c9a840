// userland/tests/signal.c - handlers, and what they are told of a fault
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"
#include "ktap.h"

enum {
    PAGE_BYTES = 4096
};

static volatile sig_atomic_t seen;
static volatile sig_atomic_t seen_code;
static void *volatile seen_address;
static sigjmp_buf escape;

static void count(int signal)
{
    seen += signal;
}

static void note_and_escape(int signal, siginfo_t *info, void *context)
{
    (void)context;
    seen = signal;
    seen_code = info->si_code;
    seen_address = info->si_addr;
    siglongjmp(escape, 1);
}

static void install(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

    if (sigaction(signal, &action, NULL) != 0)
        ktap_bail("sigaction: %s", strerror(errno));
}

static bool handler_runs_and_returns(void)
{
    struct sigaction action = {.sa_handler = count};
    struct sigaction old;

    seen = 0;
    if (sigaction(SIGUSR1, &action, NULL) != 0)
        return false;
    bool ok = raise(SIGUSR1) == 0 && seen == SIGUSR1 && raise(SIGUSR1) == 0 &&
              seen == 2 * SIGUSR1;
    signal(SIGUSR1, SIG_DFL);
    return sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == SIG_DFL &&
           ok;
}

static bool blocked_until_unblocked(void)
{
    struct sigaction action = {.sa_handler = count};
    sigset_t set;

    seen = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    if (sigaction(SIGUSR2, &action, NULL) != 0 ||
        sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return false;
    bool ok = raise(SIGUSR2) == 0 && seen == 0;
    ok = sigprocmask(SIG_UNBLOCK, &set, NULL) == 0 && seen == SIGUSR2 && ok;
    signal(SIGUSR2, SIG_DFL);
    return ok;
}

// fault_reports - a bad access must come with this code and its address.
static bool fault_reports(uint8_t *address, bool write, int code)
{
    seen = 0;
    install(SIGSEGV, note_and_escape);
    if (sigsetjmp(escape, 1) == 0) {
        if (write)
            *(volatile uint8_t *)address = 1;
        else
            (void)*(volatile uint8_t *)address;
    }
    signal(SIGSEGV, SIG_DFL);
    if (seen == SIGSEGV && seen_code == code && seen_address == address)
        return true;
    ktap_note("signal %d code %d address %p, expected code %d address %p",
              (int)seen, (int)seen_code, seen_address, code, (void *)address);
    return false;
}

static bool unmapped_is_maperr(void)
{
    uint8_t *at =
        mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at != MAP_FAILED && munmap(at, PAGE_BYTES) == 0 &&
           fault_reports(at + 5, false, SEGV_MAPERR);
}

static bool read_only_is_accerr(void)
{
    uint8_t *at =
        mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at != MAP_FAILED && fault_reports(at + 9, true, SEGV_ACCERR) &&
           munmap(at, PAGE_BYTES) == 0;
}

// A read-only page made writable by the handler: the instruction is done
// again and succeeds.
static uint8_t *repaired;

static void repair(int signal, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    seen = signal;
    if (mprotect(repaired, PAGE_BYTES, PROT_READ | PROT_WRITE) != 0)
        _exit(1);
}

static bool handler_repairs(void)
{
    seen = 0;
    repaired =
        mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (repaired == MAP_FAILED)
        return false;
    install(SIGSEGV, repair);
    *(volatile uint8_t *)repaired = 77;
    signal(SIGSEGV, SIG_DFL);
    return seen == SIGSEGV && repaired[0] == 77 &&
           munmap(repaired, PAGE_BYTES) == 0;
}

static bool wakes_a_reader(void)
{
    struct sigaction action = {.sa_handler = count};
    int ends[2];
    int status;
    char byte;

    seen = 0;
    if (pipe(ends) != 0 || sigaction(SIGUSR1, &action, NULL) != 0)
        return false;
    pid_t self = getpid();
    pid_t child = fork();
    if (child == 0) {
        // Once may be too early, so go on until the parent kills this.
        struct timespec pause = {0, 10 * 1000 * 1000};

        for (;;) {
            kill(self, SIGUSR1);
            nanosleep(&pause, NULL);
        }
    }
    bool ok = child > 0 && read(ends[0], &byte, 1) == -1 && errno == EINTR &&
              seen > 0;
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) == -1 && errno == EINTR)
        ;
    signal(SIGUSR1, SIG_DFL);
    close(ends[0]);
    close(ends[1]);
    return ok;
}

// A fault's signal is there as well: still it is SIGKILL that it dies of.
static bool kill_comes_first(void)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        raise(SIGSTOP);
        _exit(EXIT_SUCCESS);
    }
    if (child < 0 || waitpid(child, &status, WUNTRACED) != child ||
        !WIFSTOPPED(status))
        return false;
    kill(child, SIGBUS);
    kill(child, SIGSEGV);
    kill(child, SIGKILL);
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGKILL;
}

static const struct ktap_test tests[] = {
    {"handler-runs-and-returns", handler_runs_and_returns},
    {"blocked-until-unblocked", blocked_until_unblocked},
    {"unmapped-is-maperr", unmapped_is_maperr},
    {"read-only-is-accerr", read_only_is_accerr},
    {"handler-repairs", handler_repairs},
    {"wakes-a-reader", wakes_a_reader},
    {"kill-comes-first", kill_comes_first},
};

void suite_signal(void)
{
    ktap_run_suite("signal", tests, sizeof(tests) / sizeof(*tests));
}
