// userland/tests/abuse.c - what the fuzzer has found, one row each
// SPDX-License-Identifier: MIT
//
// Calls that did something else than Linux, or harm, until fuzz.c met them.
// Each row is done in a child of its own; true is good.

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abuse.h"
#include "ktap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static volatile sig_atomic_t counted;

static void count(int signal)
{
    (void)signal;
    counted++;
}

// A child of @flags that ends at once; no memory shared.
static pid_t clone_end(unsigned long flags)
{
    pid_t pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);

    if (pid == 0)
        _exit(0);
    return pid;
}

// A sibling's end is told as its maker's: nobody sends a signal of his choice
// to his parent.
static bool sibling_signal(void)
{
    int status, ended = 0;

    signal(SIGUSR1, count);
    if (fork() == 0)
        _exit(clone_end(CLONE_PARENT | SIGUSR1) < 0);
    while (wait(&status) > 0)
        ended += status == 0;
    return ended == 2 && counted == 0;
}

// A program's end is told by SIGCHLD, however its process was made.
static bool program_signal(void)
{
    static char *argv[] = {"true", NULL};
    int status;
    pid_t pid;

    signal(SIGUSR1, count);
    pid = (pid_t)syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0);
    if (pid == 0) {
        execv("/bin/true", argv);
        _exit(1);
    }
    while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
        continue;
    return status == 0 && counted == 0;
}

// A pipe whose last writer is closed has ended: signalfd, refused, keeps none.
static bool signalfd_of_pipe(void)
{
    uint64_t none = 0;
    int ends[2];
    char byte;

    return pipe2(ends, O_NONBLOCK) == 0 &&
           syscall(SYS_signalfd4, ends[1], &none, sizeof(none), 0) == -1 &&
           errno == EINVAL && close(ends[1]) == 0 &&
           read(ends[0], &byte, 1) == 0;
}

static const struct {
    const char *name;
    bool (*run)(void);
} rows[] = {
    {"clone, the exit signal of a sibling", sibling_signal},
    {"execve, the exit signal of a program", program_signal},
    {"signalfd, a descriptor that is none", signalfd_of_pipe},
    {"mounts over files of a process end with it", abuse_mounts_of_dead},
    {"mounts that have ended can be used where open", abuse_mounts_kept_open},
    {"mounts over files of a process, by hand", abuse_mounts_by_hand},
    {"mounts in a directory of a process seen elsewhere",
     abuse_mounts_of_bound},
    {"mounts over files of a thread end with it", abuse_mounts_of_thread},
    {"mounts on names that have gone", abuse_mounts_on_dead},
    {"mounts in, of and from what is out of the tree", abuse_mounts_on_loose},
    {"mounts of a file that has been removed", abuse_mounts_of_removed},
};

static bool in_child(bool (*run)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(run() ? EXIT_SUCCESS : EXIT_FAILURE);
    return waitpid(pid, &status, 0) == pid && status == 0;
}

int main(void)
{
    ktap_plan(COUNT(rows));
    for (unsigned i = 0; i < COUNT(rows); i++)
        ktap_result(in_child(rows[i].run), "%s", rows[i].name);
    return ktap_finish();
}
