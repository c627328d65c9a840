// userland/bench/signals.c - installing a handler; into one and out again
// SPDX-License-Identifier: MIT

#include "bench.h"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    TIMES = 16,
    PROBE_BYTES = 3, // of the instruction in probe()
};

static char *forbidden;

static void ignore(int number)
{
    (void)number;
}

static void install(void)
{
    struct sigaction action = {.sa_handler = ignore};

    for (int i = 0; i < TIMES; i++)
        sigaction(SIGUSR1, &action, NULL);
}

static void deliver(void)
{
    pid_t self = getpid();

    for (int i = 0; i < TIMES; i++)
        kill(self, SIGUSR1);
}

// Go on behind the instruction that faulted.
static void step_over(int number, siginfo_t *info, void *context)
{
    ucontext_t *at = context;

    (void)number;
    (void)info;
    at->uc_mcontext.gregs[REG_EIP] += PROBE_BYTES;
}

static void probe(void)
{
    for (int i = 0; i < TIMES; i++)
        __asm__ volatile("movb $0, (%%eax)" : : "a"(forbidden) : "memory");
}

static void begin_probe(void)
{
    struct sigaction action = {.sa_sigaction = step_over,
                               .sa_flags = SA_SIGINFO};

    forbidden = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bench_check(forbidden != MAP_FAILED, "mmap");
    bench_check(sigaction(SIGSEGV, &action, NULL) == 0, "sigaction");
}

static void end_probe(void)
{
    bench_check(signal(SIGSEGV, SIG_DFL) != SIG_ERR, "signal");
    bench_unmap(forbidden, PAGE);
}

const struct bench_op bench_signals[] = {
    {"sigaction", "call", TIMES, .run = install},
    {"signal", "signal", TIMES, .begin = install, .run = deliver},
    {"signal_segv", "fault", TIMES, begin_probe, NULL, probe, NULL, end_probe},
    {0},
};
