// userland/tests/threads_exec.c - exec in a process of several threads
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "threads.h"

static volatile int *flags; // shared with children

// What the program checks that was run: number and parent are those of old,
// there is one thread, its name is the program's.
int exec_child(int argc, char **argv)
{
    int wanted = argc > 2 ? atoi(argv[2]) : 0;
    char entry[64];

    snprintf(entry, sizeof(entry), "/proc/self/task/%d", wanted);
    if (getpid() != wanted || own_tid() != wanted)
        return 1;
    if (argc > 3 && getppid() != atoi(argv[3]))
        return 2;
    if (access(entry, F_OK) || access("/proc/self/task/1", F_OK) == 0)
        return 3;
    return 33;
}

static void run_program(void)
{
    char pid[16], parent[16];

    snprintf(pid, sizeof(pid), "%d", getpid());
    snprintf(parent, sizeof(parent), "%d", getppid());
    execl(OWN_PATH, "threads", "--child", pid, parent, NULL);
    _exit(100);
}

static void *exec_soon(void *argument)
{
    (void)argument;
    nap(5);
    run_program();
    return NULL;
}

static _Noreturn void *wait_for_ever(void *argument)
{
    (void)argument;
    for (;;)
        pause();
}

static _Noreturn void *spin(void *argument)
{
    (void)argument;
    for (;;)
        continue;
}

static int by_leader(void *argument)
{
    (void)argument;
    start(spin, NULL);
    start(wait_for_ever, NULL);
    nap(5);
    run_program();
    return 0;
}

static int by_second(void *argument)
{
    (void)argument;
    start(spin, NULL);
    start(exec_soon, NULL);
    wait_for_ever(NULL);
    return 0;
}

static int exec_raw(void *argument)
{
    (void)argument;
    nap(10);
    run_program();
    return 0;
}

static int by_second_alone(void *argument)
{
    (void)argument;
    raw_thread(exec_raw, NULL);
    raw_thread_exit(7);
}

static int by_all(void *argument)
{
    (void)argument;
    for (int i = 0; i < 5; i++)
        start(exec_soon, NULL);
    nap(5);
    run_program();
    return 0;
}

static void *exec_nothing(void *argument)
{
    (void)argument;
    *(int *)argument = execl("/no/such/program", "x", NULL) == -1 ? errno : 0;
    return NULL;
}

// A failed one does no harm to the others.
static int by_none(void *argument)
{
    int error = 0;

    (void)argument;
    pthread_join(start(exec_nothing, &error), NULL);
    return error == ENOENT ? 44 : 1;
}

static volatile int child_status;

static void *make_child_and_exec(void *argument)
{
    // The child of another thread is still this process's afterwards.
    (void)argument;
    execl("/bin/sh", "sh", "-c", "wait; exit 12", NULL);
    return NULL;
}

static int end_later(void *argument)
{
    (void)argument;
    nap(20);
    return 0;
}

static int keeps_children(void *argument)
{
    (void)argument;
    spawn(end_later, NULL);
    start(make_child_and_exec, NULL);
    wait_for_ever(NULL);
    return 0;
}

// The descriptors that threads share are one program's afterwards.
static void *exec_without(void *argument)
{
    char path[64];

    snprintf(path, sizeof(path), "[ ! -e /proc/self/fd/%d ] && exit 13",
             *(int *)argument);
    execl("/bin/sh", "sh", "-c", path, NULL);
    return NULL;
}

static int closes_on_exec(void *argument)
{
    static int fd;

    (void)argument;
    fd = open("/", O_RDONLY | O_CLOEXEC);
    start(exec_without, &fd);
    wait_for_ever(NULL);
    return 0;
}

static int with_clone_files(void *argument)
{
    (void)argument;
    execl("/bin/true", "true", NULL);
    return 1;
}

// One that shares descriptors with another process gets its own: what is closed
// on exec stays open for the other one.
static bool shared_descriptors(void)
{
    extern int clone(int (*)(void *), void *, int, void *, ...);
    static char stack[32 << 10] __attribute__((aligned(16)));
    const int clone_files = 0x400;
    int fd = open("/", O_RDONLY | O_CLOEXEC);
    pid_t child = clone(with_clone_files, stack + sizeof(stack),
                        clone_files | SIGCHLD, NULL);
    bool ok = wait_for(child) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC;

    close(fd);
    return ok;
}

void suite_exec(void)
{
    flags = shared_page();
    ktap_enter("exec", 8);
    ktap_result(exits_with(by_leader, NULL, 33), "by the leader");
    ktap_result(exits_with(by_second, NULL, 33), "by a second thread");
    ktap_result(exits_with(by_second_alone, NULL, 33),
                "by a second thread, the leader has ended");
    ktap_result(exits_with(by_all, NULL, 33), "by all threads at once");
    ktap_result(exits_with(by_none, NULL, 44), "one that fails");
    ktap_result(exits_with(keeps_children, NULL, 12),
                "children of other threads stay");
    ktap_result(exits_with(closes_on_exec, NULL, 13), "close on exec");
    ktap_result(shared_descriptors(), "descriptors shared with a process");
    ktap_leave();
}
