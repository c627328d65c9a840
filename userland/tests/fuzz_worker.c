// userland/tests/fuzz_worker.c - one worker: some hundred calls
// SPDX-License-Identifier: MIT
//
// It damages itself before long, and may do so: its memory, its stack and its
// descriptors are as good as anybody's. What it needs (the alarm that ends
// calls that would wait, the handlers) it sets up again now and then.

#include <asm/unistd.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    ALARM_US = 10000,
    REPAIR_EVERY = 8,
    LOOK_EVERY = 16,
    EXEC_ONE_IN = 64,
    SELDOM = 24, // one in that many is done
    UNKNOWN = 16,
    GROUPS = 2, // that a worker keeps to, every other call
    FRAME_WORDS = 128,
    LAST_SIGNAL = 64,
};

static void handler(int signal)
{
    (void)signal;
}

void fuzz_alarm(void)
{
    struct itimerval alarm = {{0, ALARM_US}, {0, ALARM_US}};

    setitimer(ITIMER_REAL, &alarm, NULL);
}

static void repair(void)
{
    struct sigaction action = {.sa_handler = handler};
    sigset_t none;

    sigemptyset(&none);
    sigaction(SIGALRM, &action, NULL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    fuzz_alarm();
}

static void take_signals(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

    for (int i = 1; i < LAST_SIGNAL; i++)
        if (i != SIGSEGV && i != SIGBUS && i != SIGILL && i != SIGFPE)
            sigaction(i, &action, NULL);
}

static bool become(uid_t uid)
{
    return uid == 0 ||
           (setgroups(0, NULL) == 0 && setresgid(uid, uid, uid) == 0 &&
            setresuid(uid, uid, uid) == 0);
}

// Calls after which a worker is worth less.
static bool is_seldom(uint32_t number)
{
    static const uint16_t calls[] = {
        __NR_exit,         __NR_exit_group,    __NR_setuid,
        __NR_setgid,       __NR_setuid32,      __NR_setgid32,
        __NR_setreuid,     __NR_setregid,      __NR_setreuid32,
        __NR_setregid32,   __NR_setresuid,     __NR_setresgid,
        __NR_setresuid32,  __NR_setresgid32,   __NR_chroot,
        __NR_setrlimit,    __NR_prlimit64,     __NR_close_range,
        __NR_sigsuspend,   __NR_rt_sigsuspend, __NR_pause,
        __NR_sync,         __NR_setpriority,   __NR_nice,
        __NR_chdir,        __NR_fchdir,        __NR_vhangup,
        __NR_unshare,      __NR_capset,        __NR_seccomp,
        __NR_rt_sigreturn, __NR_sigreturn,     __NR_kill,
        __NR_syncfs,
    };

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (calls[i] == number)
            return true;
    return false;
}

static const uint16_t *groups[GROUPS];

static void choose_groups(void)
{
    for (unsigned i = 0; i < GROUPS; i++)
        groups[i] = fuzz_group();
}

static uint32_t of_a_group(void)
{
    const uint16_t *group = groups[fuzz_below(GROUPS)];
    uint32_t count = 0;

    while (group[count])
        count++;
    return group[fuzz_below(count)];
}

static uint32_t any_call(void)
{
    if (fuzz_one_in(2))
        return of_a_group();
    return fuzz_one_in(200) ? fuzz_word() : fuzz_below(FUZZ_LAST_CALL + 1);
}

static uint32_t choose(void)
{
    for (;;) {
        uint32_t number = any_call();

        if (fuzz_kinds(number) != NULL &&
            (fuzz_is_known(number) || fuzz_one_in(UNKNOWN)) &&
            (!is_seldom(number) || fuzz_one_in(SELDOM)))
            return number;
    }
}

static void one_call(struct fuzz_slot *slot)
{
    struct fuzz_call call = {.number = choose()};
    const char *kinds = fuzz_kinds(call.number);
    int32_t result;

    fuzz_arguments(&call, kinds);
    slot->log[slot->done % FUZZ_LOG] = call;
    slot->done++;
    if (call.number == __NR_sigreturn || call.number == __NR_rt_sigreturn) {
        fuzz_sigreturn(call.number, fuzz_buffer(FRAME_WORDS * 4), FRAME_WORDS);
        return;
    }
    if (call.number == __NR_execve || call.number == __NR_execveat) {
        fuzz_exec_call(&call);
        return;
    }
    result = fuzz_enter(&call);
    fuzz_learn(call.number, result);
    fuzz_look(slot, &call);
    if (call.number == __NR_mmap2 && (uint32_t)result < 0xfffff000)
        fuzz_look_mapped(slot, &call, (uint32_t)result);
}

void fuzz_worker(const struct fuzz_orders *orders)
{
    struct fuzz_slot *slot = orders->slot;

    fuzz_seed(orders->seed);
    if (setsid() < 0 || !become(orders->uid) || !fuzz_files_make() ||
        !fuzz_arena_make() || !fuzz_regions_make()) {
        slot->finding = FUZZ_SETUP;
        _exit(EXIT_FAILURE);
    }
    take_signals();
    choose_groups();
    for (uint32_t i = 0; i < orders->calls; i++) {
        if (i % REPAIR_EVERY == 0)
            repair();
        if (fuzz_one_in(EXEC_ONE_IN))
            fuzz_exec();
        one_call(slot);
        if (i % LOOK_EVERY == 0)
            fuzz_look_all(slot, &slot->log[(slot->done - 1) % FUZZ_LOG]);
    }
    _exit(EXIT_SUCCESS);
}
