// userland/tests/sigframe_frame.c - sigframe.c: what lies on a handler's stack
// SPDX-License-Identifier: MIT

#include "sigframe.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"

enum {
    PLAIN_CONTEXT = 8, // offsets in the frames, from the return address
    PLAIN_CODE = 724,
    RT_INFO = 16,
    RT_CONTEXT = 144,
    RT_CODE = 260,
    FLAG_DIRECTION = 0x400,
    STACK_BYTES = 16384,
};

static const uint8_t plain_code[8] = "\x58\xb8\x77\0\0\0\xcd\x80";
static const uint8_t rt_code[8] = "\xb8\xad\0\0\0\xcd\x80";

static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
static uint32_t frame[4]; // its first words
static uint8_t frame_code[8];
static uint8_t code_at_return[8];
static uintptr_t frame_at, flags_in_handler;

// Where the frame of a handler is: its first argument lies behind the return
// address.
static void look(uintptr_t at, unsigned code)
{
    __asm__ volatile("pushfl; popl %0" : "=r"(flags_in_handler));
    frame_at = at;
    memcpy(frame, (void *)at, sizeof(frame));
    memcpy(frame_code, (void *)(at + code), sizeof(frame_code));
    memcpy(code_at_return, (void *)(uintptr_t)frame[0], sizeof(code_at_return));
}

static void plain_handler(int signal)
{
    look((uintptr_t)&signal - 4, PLAIN_CODE);
}

static void rt_handler(int signal, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    look((uintptr_t)&signal - 4, RT_CODE);
}

static bool raise_with(void *handler, unsigned long flags)
{
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        unsigned long mask[2];
    } action = {.handler = handler, .flags = flags};

    frame_at = 0;
    return syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8) == 0 &&
           kill(getpid(), SIGUSR1) == 0 && frame_at;
}

// Without a restorer it returns through the same code, wherever that is.
static bool plain_frame(void)
{
    return raise_with((void *)plain_handler, 0) && frame[1] == SIGUSR1 &&
           memcmp(frame_code, plain_code, 8) == 0 &&
           memcmp(code_at_return, plain_code, 8) == 0 &&
           frame[0] != frame_at + PLAIN_CODE && frame_at % 16 == 12;
}

static bool rt_frame(void)
{
    return raise_with((void *)rt_handler, SA_SIGINFO) && frame[1] == SIGUSR1 &&
           frame[2] == frame_at + RT_INFO &&
           frame[3] == frame_at + RT_CONTEXT &&
           memcmp(frame_code, rt_code, 7) == 0 &&
           memcmp(code_at_return, rt_code, 7) == 0 &&
           frame[0] != frame_at + RT_CODE && frame_at % 16 == 12;
}

static bool sent_by_kill(void)
{
    handle(SIGUSR2, 0);
    kill(getpid(), SIGUSR2);
    return seen_signal == SIGUSR2 && seen_info.si_code == SI_USER &&
           seen_info.si_pid == getpid() && seen_info.si_uid == getuid() &&
           REGISTER(&seen_context, REG_EAX) == 0;
}

static bool sent_by_tkill(void)
{
    handle(SIGUSR2, 0);
    syscall(SYS_tkill, getpid(), SIGUSR2);
    return seen_signal == SIGUSR2 && seen_info.si_code == SI_TKILL &&
           seen_info.si_pid == getpid();
}

static void set_direction(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    __asm__ volatile("pushfl; popl %0" : "=r"(flags_in_handler));
    REGISTER(context, REG_EFL) |= FLAG_DIRECTION;
}

// Clear at a handler's start, and what its frame says after it.
static bool direction_flag(void)
{
    uintptr_t after;
    long result;

    handle_with(SIGUSR1, 0, set_direction);
    __asm__ volatile("std\n"
                     "    int $0x80\n"
                     "    pushfl\n"
                     "    popl %1\n"
                     "    cld"
                     : "=a"(result), "=r"(after)
                     : "0"(SYS_kill), "b"(getpid()), "c"(SIGUSR1)
                     : "memory");
    return result == 0 && !(flags_in_handler & FLAG_DIRECTION) &&
           (after & FLAG_DIRECTION);
}

// ---- the alternate stack
// ------------------------------------------------------

// The C library has rules of its own for this one.
static int set_stack(const stack_t *new, stack_t *old)
{
    return (int)syscall(SYS_sigaltstack, new, old);
}

static bool on_stack;
static stack_t inside;
static int inside_errno;

static void look_at_stack(int signal, siginfo_t *info, void *context)
{
    uint8_t here;
    stack_t other = {.ss_sp = stack, .ss_size = sizeof(stack)};

    (void)signal;
    (void)info;
    seen_context = *(ucontext_t *)context;
    on_stack = &here >= stack && &here < stack + sizeof(stack);
    set_stack(NULL, &inside);
    inside_errno = set_stack(&other, NULL) == 0 ? 0 : errno;
}

static bool use_stack(int flags)
{
    stack_t alternate = {
        .ss_sp = stack, .ss_size = sizeof(stack), .ss_flags = flags};

    handle_with(SIGUSR1, SA_ONSTACK, look_at_stack);
    return set_stack(&alternate, NULL) == 0 && kill(getpid(), SIGUSR1) == 0 &&
           on_stack;
}

static bool alternate_stack(void)
{
    stack_t after;

    return use_stack(0) && inside.ss_flags == SS_ONSTACK &&
           inside_errno == EPERM && inside.ss_sp == stack &&
           seen_context.uc_stack.ss_sp == stack &&
           seen_context.uc_stack.ss_flags == 0 &&
           set_stack(NULL, &after) == 0 && after.ss_flags == 0;
}

static bool given_as_on_stack(void)
{
    return use_stack(SS_ONSTACK) &&
           seen_context.uc_stack.ss_flags == SS_ONSTACK;
}

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static bool autodisarm(void)
{
    stack_t after;

    return use_stack((int)SS_AUTODISARM) && inside.ss_flags == SS_DISABLE &&
           inside_errno == 0 &&
           seen_context.uc_stack.ss_flags == (int)SS_AUTODISARM &&
           set_stack(NULL, &after) == 0 && after.ss_sp == stack &&
           after.ss_flags == (int)SS_AUTODISARM;
}

static void take_stack(int signal, siginfo_t *info, void *context)
{
    stack_t other = {.ss_sp = stack, .ss_size = sizeof(stack)};

    (void)signal;
    (void)info;
    (void)context;
    inside_errno = set_stack(&other, NULL) == 0 ? 0 : errno;
}

static void spoil_stack(int signal, siginfo_t *info, void *context)
{
    ucontext_t *c = context;

    (void)signal;
    (void)info;
    c->uc_stack = (stack_t){.ss_sp = stack, .ss_size = 1};
}

// Its frame says which stack there is after a handler: none, or, if it says
// what cannot be, the one there was.
static bool stack_of_the_frame(void)
{
    stack_t good = {.ss_sp = stack, .ss_size = sizeof(stack)}, after;
    const stack_t off = {.ss_flags = SS_DISABLE};

    inside_errno = -1;
    handle_with(SIGUSR1, 0, take_stack);
    if (set_stack(&off, NULL) || kill(getpid(), SIGUSR1) || inside_errno ||
        set_stack(NULL, &after) || after.ss_flags != SS_DISABLE)
        return false;
    handle_with(SIGUSR1, 0, spoil_stack);
    return set_stack(&good, NULL) == 0 && kill(getpid(), SIGUSR1) == 0 &&
           set_stack(NULL, &after) == 0 && after.ss_size == sizeof(stack);
}

static bool stack_errors(void)
{
    stack_t small = {.ss_sp = stack, .ss_size = MINSIGSTKSZ - 1};
    stack_t wrong = {.ss_sp = stack, .ss_size = sizeof(stack), .ss_flags = 4};
    stack_t off = {.ss_sp = stack, .ss_size = 1, .ss_flags = SS_DISABLE}, got;

    if (set_stack(&off, NULL) != 0 || set_stack(NULL, &got) != 0)
        return false;
    return set_stack(&small, NULL) == -1 && errno == ENOMEM &&
           set_stack(&wrong, NULL) == -1 && errno == EINVAL &&
           set_stack((void *)8, NULL) == -1 && errno == EFAULT &&
           got.ss_flags == SS_DISABLE && got.ss_sp == NULL && got.ss_size == 0;
}

static volatile int depth;

static void nest(int signal, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    if (depth++ < 100)
        raise(signal);
}

// Frames on it until there is no place for one more, above memory that nobody
// may write to.
static void overflow(void)
{
    uint8_t *guard = mmap(NULL, 2 * STACK_BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t alternate = {.ss_sp = guard + STACK_BYTES, .ss_size = STACK_BYTES};

    mprotect(guard, STACK_BYTES, PROT_NONE);
    alarm(10);

    set_stack(&alternate, NULL);
    handle_with(SIGUSR1, SA_ONSTACK | SA_NODEFER, nest);
    raise(SIGUSR1);
}

static bool no_place_for_a_frame(void)
{
    return dies_of(SIGSEGV, overflow);
}

void suite_frame(void)
{
    static const struct row rows[] = {
        {"plain-frame", plain_frame, true},
        {"rt-frame", rt_frame, true},
        {"sent-by-kill", sent_by_kill, true},
        {"sent-by-tkill", sent_by_tkill, true},
        {"direction-flag", direction_flag, true},
        {"alternate-stack", alternate_stack, true},
        {"given-as-on-stack", given_as_on_stack, true},
        {"autodisarm", autodisarm, true},
        {"stack-of-the-frame", stack_of_the_frame, true},
        {"stack-errors", stack_errors, true},
        {"no-place-for-a-frame", no_place_for_a_frame, false},
    };

    run_rows("frame", rows, sizeof(rows) / sizeof(rows[0]));
}
