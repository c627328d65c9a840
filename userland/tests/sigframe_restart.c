// userland/tests/sigframe_restart.c - sigframe.c: calls that are cut short
// SPDX-License-Identifier: MIT
//
// Each call waits for what comes only later, from a child that first sends
// SIGUSR1 until it was handled. With SA_RESTART it succeeds or gives EINTR, by
// the call; without, always EINTR.

#include "sigframe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"

enum {
    PAUSE_NS = 5 * 1000 * 1000
};

static struct {
    volatile int handled, word, give_up;
} * shared;

static int ends[2];
static int lock_fd, lock_fd_other;
static pid_t sleeper;

static void rest(void)
{
    const struct timespec pause = {0, PAUSE_NS};

    nanosleep(&pause, NULL);
}

static void note(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    (void)context;
    shared->handled = 1;
}

static long wait_pipe(void)
{
    char byte;

    return read(ends[0], &byte, 1);
}
static long wait_child(void)
{
    return waitpid(sleeper, NULL, 0);
}
static long wait_futex(void)
{
    return syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, NULL);
}
static long wait_flock(void)
{
    return flock(lock_fd, LOCK_EX);
}
static long wait_poll(void)
{
    struct pollfd fd = {.fd = ends[0], .events = POLLIN};

    return poll(&fd, 1, -1);
}
static long wait_select(void)
{
    fd_set set;

    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    return select(ends[0] + 1, &set, NULL, NULL, NULL);
}
static long wait_time(void)
{
    const struct timespec long_time = {1000, 0};

    return nanosleep(&long_time, NULL);
}
static long wait_signal(void)
{
    return pause();
}
static long wait_awaited(void)
{
    const unsigned long set[2] = {1ul << (SIGUSR2 - 1)};

    // The C library's would go on by itself.
    return syscall(SYS_rt_sigtimedwait, set, NULL, NULL, 8);
}

static const struct call {
    const char *name;
    long (*wait)(void);
    bool restarts;
} calls[] = {
    {"read-of-a-pipe", wait_pipe, true},
    {"waitpid", wait_child, true},
    {"futex", wait_futex, true},
    {"flock", wait_flock, true},
    {"poll", wait_poll, false},
    {"select", wait_select, false},
    {"nanosleep", wait_time, false},
    {"pause", wait_signal, false},
    {"sigtimedwait", wait_awaited, false},
};

enum {
    CALLS = sizeof(calls) / sizeof(calls[0])
};

// What every call waits for.
static void let_go(void)
{
    shared->word = 1;
    flock(lock_fd_other, LOCK_UN);
    write(ends[1], "x", 1);
    kill(sleeper, SIGKILL);
    syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1);
}

static pid_t start_sender(void)
{
    pid_t parent = getpid(), child = fork();

    if (child != 0)
        return child;
    do {
        rest();
        kill(parent, SIGUSR1);
    } while (!shared->handled);
    rest();
    for (;;) {
        let_go();
        rest();
    }
}

static bool try_call(const struct call *call, int flags)
{
    struct pollfd there = {.fd = ends[0], .events = POLLIN};
    char byte;

    shared->handled = shared->word = 0;
    sleeper = fork();
    if (sleeper == 0)
        for (;;)
            pause();
    flock(lock_fd_other, LOCK_EX);
    handle_with(SIGUSR1, flags, note);
    pid_t sender = start_sender();
    long result = call->wait();
    int error = result < 0 ? errno : 0;
    signal(SIGUSR1, SIG_IGN);
    kill(sender, SIGKILL);
    kill(sleeper, SIGKILL);
    waitpid(sender, NULL, 0);
    waitpid(sleeper, NULL, 0);
    flock(lock_fd, LOCK_UN);
    flock(lock_fd_other, LOCK_UN);
    while (poll(&there, 1, 0) == 1) // empty again
        read(ends[0], &byte, 1);
    bool restarted = call->restarts && (flags & SA_RESTART);

    if (error == (restarted ? 0 : EINTR))
        return true;
    ktap_note("%s, flags %#x: result %ld errno %d", call->name, flags, result,
              error);
    return false;
}

void suite_restart(void)
{
    static const char path[] = "/tmp/sigframe";

    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    lock_fd = open(path, O_RDWR | O_CREAT, 0600);
    lock_fd_other = open(path, O_RDWR);
    unlink(path);
    if (shared == MAP_FAILED || pipe(ends) != 0 || lock_fd < 0)
        ktap_bail("no memory, pipe or file");
    ktap_enter("restart", CALLS);
    for (int i = 0; i < CALLS; i++) {
        bool ok = try_call(&calls[i], 0);

        ok = try_call(&calls[i], SA_RESTART) && ok;
        ktap_result(ok, "%s", calls[i].name);
    }
    ktap_leave();
}
