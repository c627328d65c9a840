// userland/tests/sigframe_return.c - sigframe.c: sigreturn of no frames
// SPDX-License-Identifier: MIT

#include "sigframe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

enum {
    FLAG_TRAP = 0x100,
    FLAGS_OF_USER = 0x50dd5,
    FRAMES = 150, // made of random words
    SEED = 20260,
};

// @number with esp at @at.
static void return_from(long number, const void *at)
{
    __asm__ volatile("movl %1, %%esp\n"
                     "    int $0x80\n"
                     "    hlt"
                     :
                     : "a"(number), "r"(at)
                     : "memory");
}

static void plain_from_nowhere(void)
{
    return_from(SYS_sigreturn, (void *)64);
}

static void rt_from_nowhere(void)
{
    return_from(SYS_rt_sigreturn, (void *)64);
}

static void plain_from_the_kernel(void)
{
    return_from(SYS_sigreturn, (void *)0xc0100000);
}

static void rt_from_the_end(void)
{
    return_from(SYS_rt_sigreturn, (void *)0xfffffff0);
}

static bool frames_that_are_not_there(void)
{
    return dies_of(SIGSEGV, plain_from_nowhere) &&
           dies_of(SIGSEGV, rt_from_nowhere) &&
           dies_of(SIGSEGV, plain_from_the_kernel) &&
           dies_of(SIGSEGV, rt_from_the_end);
}

static unsigned seed;

// Anything, or something that is nearly right.
static uint32_t random_word(void)
{
    static const uint32_t likely[] = {
        0, 0x7b, 0x73, 0x33, 0x3b, 0x60, 0x68, 0xffffffff, 0xc0000000, 0x202,
    };

    if (rand_r(&seed) % 2)
        return likely[(unsigned)rand_r(&seed) % 10];
    return (uint32_t)rand_r(&seed) << 16 ^ (uint32_t)rand_r(&seed);
}

static void random_frame(void)
{
    static uint32_t words[512];

    for (int i = 0; i < 512; i++)
        words[i] = random_word();
    alarm(2); // it may have come out as a loop
    return_from(seed & 1 ? SYS_sigreturn : SYS_rt_sigreturn, words + 64);
}

// Each ends by some signal, and the next can be made.
static bool random_frames(void)
{
    for (unsigned i = 0; i < FRAMES; i++) {
        int status = 0;
        pid_t child = fork();

        seed = SEED + i;
        if (child == 0) {
            random_frame();
            _exit(0);
        }
        if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) {
            ktap_note("frame %u: status %#x", i, status);
            return false;
        }
    }
    return true;
}

static uint32_t flags_set;

static void set_flags(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    REGISTER(context, REG_EFL) = (int)flags_set;
}

static uint32_t flags_after_handler(uint32_t set)
{
    uint32_t after;
    long result;

    flags_set = set;
    handle_with(SIGUSR1, 0, set_flags);
    __asm__ volatile("int $0x80\n"
                     "    pushfl\n"
                     "    popl %1\n"
                     "    pushl $0x202\n"
                     "    popfl"
                     : "=a"(result), "=r"(after)
                     : "0"(SYS_kill), "b"(getpid()), "c"(SIGUSR1)
                     : "memory", "cc");
    return after;
}

// Of all flags those that a program may change; never IOPL, IF, NT or VM.
static bool flags_are_filtered(void)
{
    uint32_t all = flags_after_handler(~(uint32_t)(FLAG_TRAP | 0x40000));
    uint32_t none = flags_after_handler(0);

    if ((all & 0x27fcd5) == 0x0cd5 && (all & 0x200) && none == 0x202)
        return true;
    ktap_note("all %#x none %#x", all, none);
    return false;
}

// A handler that sets the trap flag of what it interrupted.
static bool trap_flag_by_sigreturn(void)
{
    handle(SIGTRAP, 0);
    flags_set = 0x202 | FLAG_TRAP;
    handle_with(SIGUSR1, 0, set_flags);
    kill(getpid(), SIGUSR1);
    __asm__ volatile("pushfl; andl $~0x100, (%esp); popfl");
    return seen_signal == SIGTRAP && seen_info.si_code == TRAP_TRACE &&
           seen_count > 0;
}

// A stepped program has a handler that is not stepped.
static volatile uint32_t flags_inside;

static void note_flags(int signal, siginfo_t *info, void *context)
{
    uint32_t flags;

    (void)signal;
    (void)info;
    __asm__ volatile("pushfl; popl %0" : "=r"(flags));
    flags_inside = flags;
    seen_count++;
    if (seen_count == 5)
        REGISTER(context, REG_EFL) &= ~FLAG_TRAP;
}

static bool handler_is_not_stepped(void)
{
    seen_count = 0;
    handle_with(SIGTRAP, 0, note_flags);
    __asm__ volatile("pushfl; orl $0x100, (%esp); popfl\n"
                     "    nop; nop; nop; nop; nop; nop; nop; nop");
    return seen_count == 5 && !(flags_inside & FLAG_TRAP);
}

void suite_return(void)
{
    static const struct row rows[] = {
        {"frames-that-are-not-there", frames_that_are_not_there, false},
        {"random-frames", random_frames, false},
        {"flags-are-filtered", flags_are_filtered, true},
        {"trap-flag-by-sigreturn", trap_flag_by_sigreturn, true},
        {"handler-is-not-stepped", handler_is_not_stepped, true},
    };

    run_rows("return", rows, sizeof(rows) / sizeof(rows[0]));
}
