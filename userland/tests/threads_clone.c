// userland/tests/threads_clone.c - clone and clone3, with all their flags
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "threads.h"

#ifndef SYS_clone3
#define SYS_clone3 435
#endif

enum {
    STACK_BYTES = 64 << 10,
    THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
};

extern int clone(int (*)(void *), void *, int, void *, ...);

static char *new_stack(void)
{
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (stack == MAP_FAILED)
        ktap_bail("no stack");
    return stack;
}

// ---- what is refused -------------------------------------------------------

static bool refused(unsigned long flags)
{
    long result = syscall(SYS_clone, flags, 0, NULL, NULL, NULL);

    if (result == 0)
        _exit(0);
    if (result > 0)
        waitpid((pid_t)result, NULL, __WALL);
    return result == -1 && errno == EINVAL;
}

static long clone3(void *args, size_t bytes)
{
    long result = syscall(SYS_clone3, args, bytes);

    if (result == 0)
        _exit(23);
    return result;
}

static bool refused3(struct clone_args args, int error)
{
    long result = clone3(&args, sizeof(args));

    if (result > 0)
        waitpid((pid_t)result, NULL, __WALL);
    return result == -1 && errno == error;
}

static bool forks(void *args, size_t bytes)
{
    int status;
    long child = clone3(args, bytes);

    return child > 0 && waitpid((pid_t)child, &status, __WALL) == child &&
           status == 23 << 8;
}

static bool sizes(void)
{
    static char page[2 * 4096];
    struct clone_args args = {.exit_signal = SIGCHLD};

    memcpy(page, &args, sizeof(args));
    if (!forks(page, CLONE_ARGS_SIZE_VER0) || !forks(page, sizeof(args)) ||
        !forks(page, sizeof(args) + 16))
        return false;
    if (clone3(page, CLONE_ARGS_SIZE_VER0 - 1) != -1 || errno != EINVAL)
        return false;
    if (clone3(page, 4097) != -1 || errno != E2BIG)
        return false;
    page[sizeof(args) + 5] = 1;
    return clone3(page, sizeof(args) + 16) == -1 && errno == E2BIG &&
           clone3((void *)8, sizeof(args)) == -1 && errno == EFAULT;
}

#define ARGS(...) ((struct clone_args){__VA_ARGS__})

static bool refused_by_clone3(void)
{
    uintptr_t stack = (uintptr_t)new_stack();

    return refused3(ARGS(.flags = CLONE_THREAD), EINVAL) &&
           refused3(ARGS(.flags = CLONE_SIGHAND), EINVAL) &&
           refused3(ARGS(.flags = THREAD, .exit_signal = SIGCHLD), EINVAL) &&
           refused3(
               ARGS(.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND),
               EINVAL) &&
           refused3(ARGS(.flags = CLONE_DETACHED), EINVAL) &&
           refused3(ARGS(.flags = SIGCHLD), EINVAL) &&
           refused3(ARGS(.flags = 1ull << 40), EINVAL) &&
           refused3(ARGS(.exit_signal = 65), EINVAL) &&
           refused3(ARGS(.exit_signal = 1ull << 32), EINVAL) &&
           refused3(ARGS(.stack = stack), EINVAL) &&
           refused3(ARGS(.stack_size = STACK_BYTES), EINVAL) &&
           refused3(ARGS(.stack = 0xf0000000u, .stack_size = 0x20000000u),
                    EINVAL) &&
           refused3(ARGS(.set_tid_size = 1), EINVAL);
}

// ---- what is done ----------------------------------------------------------

static volatile uint32_t child_word, parent_word;
static volatile int seen;

static int look_at_words(void *argument)
{
    (void)argument;
    seen = child_word == (uint32_t)own_tid() && getpid() != own_tid();
    return 0;
}

static int run_and_end(void *argument)
{
    (void)argument;
    raw_thread_exit(look_at_words(NULL));
}

// The word is cleared and who waits on it woken when the thread ends.
static bool words(void)
{
    uint32_t tid;

    child_word = parent_word = 1;
    tid = (uint32_t)clone(run_and_end, new_stack() + STACK_BYTES,
                          THREAD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                              CLONE_CHILD_CLEARTID,
                          NULL, &parent_word, NULL, &child_word);
    while (child_word) {
        uint32_t now = child_word;

        if (now)
            futex_call(&child_word, FUTEX_WAIT, now, NULL, NULL, 0);
    }
    return seen && parent_word == tid;
}

static volatile int in_child;

static int set_in_child(void *argument)
{
    in_child = *(int *)argument;
    return 14;
}

static bool clones(int flags, int wait_options, bool shares)
{
    int value = 5, status;
    pid_t child;

    in_child = 0;
    child = clone(set_in_child, new_stack() + STACK_BYTES, flags, &value);
    return child > 0 && waitpid(child, &status, wait_options) == child &&
           status == 14 << 8 && in_child == (shares ? 5 : 0);
}

// One that tells nothing at its end is a "clone" child.
static bool silent_child(void)
{
    int status, value = 1;
    pid_t child = clone(set_in_child, new_stack() + STACK_BYTES, 0, &value);

    nap(10);
    return waitpid(child, &status, WNOHANG) == -1 && errno == ECHILD &&
           waitpid(child, &status, __WCLONE) == child;
}

static void *vfork_here(void *argument)
{
    pid_t child = vfork();

    if (child == 0) {
        for (volatile int i = 0; i < 1000; i++)
            sched_yield();
        _exit(8);
    }
    *(volatile int *)argument = wait_for(child);
    return NULL;
}

static volatile unsigned ticks;
static volatile int no_more;

static void *tick(void *argument)
{
    (void)argument;
    while (!no_more) {
        ticks = ticks + 1;
        sched_yield();
    }
    return NULL;
}

// Only the calling thread waits for the child.
static bool vfork_in_thread(void)
{
    volatile int status = -1;
    pthread_t other = start(tick, NULL), thread;
    unsigned before;

    nap(5);
    before = ticks;
    thread = start(vfork_here, (void *)&status);
    pthread_join(thread, NULL);
    no_more = 1;
    pthread_join(other, NULL);
    return status == 8 << 8 && ticks > before;
}

static void *spawn_here(void *argument)
{
    char *const arguments[] = {"sh", "-c", "exit 17", NULL};
    char *const environment[] = {NULL};
    pid_t child;

    if (posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environment))
        return NULL;
    *(volatile int *)argument = wait_for(child);
    return NULL;
}

static bool spawns(void)
{
    volatile int status = -1;

    pthread_join(start(spawn_here, (void *)&status), NULL);
    return status == 17 << 8;
}

// ---- signal handlers -------------------------------------------------------

static void handle(int signal)
{
    (void)signal;
}

static bool clears_handlers(void)
{
    struct clone_args args = {.flags = CLONE_CLEAR_SIGHAND,
                              .exit_signal = SIGCHLD};
    struct sigaction action;
    int status;
    long child;

    signal(SIGUSR1, handle);
    signal(SIGUSR2, SIG_IGN);
    child = syscall(SYS_clone3, &args, sizeof(args));
    if (child == 0) {
        bool ok = sigaction(SIGUSR1, NULL, &action) == 0 &&
                  action.sa_handler == SIG_DFL &&
                  sigaction(SIGUSR2, NULL, &action) == 0 &&
                  action.sa_handler == SIG_IGN;
        _exit(ok ? 0 : 1);
    }
    sigaction(SIGUSR1, NULL, &action);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    return waitpid((pid_t)child, &status, 0) == child && status == 0 &&
           action.sa_handler == handle;
}

// ---- the signal of a child's end --------------------------------------------

// A child that ends by SIGUSR1 when the program that made it has given way to
// another one, which waits for that.
static int runs_another(void *unused)
{
    char *const arguments[] = {"sh", "-c", "read x <&9; exit 17", NULL};
    int begun[2], over[2];
    char byte;

    (void)unused;
    if (pipe2(begun, O_CLOEXEC) || pipe(over))
        return 1;
    if (syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0) == 0) {
        close(begun[1]);
        close(over[0]);
        _exit(read(begun[0], &byte, 1) != 0); // until the exec
    }
    close(over[1]);
    dup2(over[0], 9);
    execv("/bin/sh", arguments);
    return 2;
}

// ---- thread-local storage of raw threads -----------------------------------

static uint32_t cells[2] = {111, 222};
static volatile int tls_seen[2];

static uint32_t read_gs(void)
{
    uint32_t value;

    __asm__ volatile("movl %%gs:0, %0" : "=r"(value));
    return value;
}

static _Noreturn int read_own_gs(void *argument)
{
    volatile int *out = argument;
    bool ok = true;

    for (int i = 0; i < 100; i++) {
        ok = ok && read_gs() == cells[out - tls_seen];
        __asm__ volatile("int $0x80" : : "a"(SYS_sched_yield) : "memory");
    }
    *out = ok ? 1 : -1;
    for (;;)
        __asm__ volatile("int $0x80" : : "a"(SYS_exit), "b"(0) : "memory");
}

static bool own_segments(void)
{
    // The C library makes a segment that begins there.
    for (int i = 0; i < 2; i++)
        clone(read_own_gs, new_stack() + STACK_BYTES, THREAD | CLONE_SETTLS,
              (void *)&tls_seen[i], NULL, &cells[i], NULL);
    return until(&tls_seen[0], 1) && until(&tls_seen[1], 1);
}

void suite_clone(void)
{
    ktap_enter("clone", 15);
    ktap_result(refused(CLONE_THREAD) && refused(CLONE_SIGHAND) &&
                    refused(CLONE_THREAD | CLONE_VM),
                "flags that do not go together");
    ktap_result(sizes(), "sizes of clone3");
    ktap_result(refused_by_clone3(), "what clone3 refuses");
    ktap_result(words(), "words of the numbers");
    ktap_result(clones(SIGCHLD, 0, false), "like fork");
    ktap_result(clones(CLONE_VM | SIGCHLD, 0, true), "in the same memory");
    ktap_result(clones(CLONE_VM | CLONE_VFORK | SIGCHLD, 0, true),
                "like vfork");
    ktap_result(clones(CLONE_VM | CLONE_SIGHAND, __WCLONE, true),
                "another process, the same handlers");
    ktap_result(silent_child(), "one that tells nothing at its end");
    ktap_result(vfork_in_thread(), "vfork in a thread");
    ktap_result(spawns(), "posix_spawn in a thread");
    ktap_result(clears_handlers(), "CLONE_CLEAR_SIGHAND");
    ktap_result(exits_with(runs_another, NULL, 17),
                "a child's signal is not for another program");
    ktap_result(own_segments(), "each thread's own %%gs");
    ktap_result(waitpid(-1, NULL, __WALL) == -1 && errno == ECHILD,
                "no child is left");
    ktap_leave();
}
