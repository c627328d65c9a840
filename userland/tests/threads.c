// userland/tests/threads.c - threads and processes of several threads
// SPDX-License-Identifier: MIT
//
//     threads            all suites
//     threads NAME...    those
//
// Prints KTAP; everything is to be the same on Linux. Linked twice: statically,
// and as `threads-dynamic` with musl's dynamic linker.

#include "threads.h"

#include <dirent.h>
#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "asleep.h"
#include "ktap.h"

enum {
    STEP_MS = 2,
    STEPS = 5000,
    STACK_BYTES = 64 << 10,
};

pthread_t start(void *(*run)(void *), void *argument)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, argument))
        ktap_bail("pthread_create failed");
    return thread;
}

void nap(int milliseconds)
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    while (nanosleep(&left, &left) && errno == EINTR)
        continue;
}

// All threads of @pid but @but.
static bool all_asleep(pid_t pid, pid_t but)
{
    char path[32];
    struct dirent *entry;
    bool ok = true;
    DIR *dir;

    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    dir = opendir(path);
    if (!dir)
        return false;
    while ((entry = readdir(dir)) != NULL) {
        pid_t tid = atoi(entry->d_name); // 0: dots

        if (tid && tid != but && state_of(tid) != 'S')
            ok = false;
    }
    closedir(dir);
    return ok;
}

static void wait_asleep(pid_t pid, pid_t but)
{
    for (int i = 0; i < STEPS; i++) {
        if (all_asleep(pid, but))
            return;
        nap(STEP_MS);
    }
    ktap_bail("threads of %d do not wait", pid);
}

void others_sleep(void)
{
    wait_asleep(getpid(), (pid_t)syscall(SYS_gettid));
}

void all_sleep(pid_t pid)
{
    wait_asleep(pid, 0);
}

bool until(const volatile int *flag, int value)
{
    for (int i = 0; i < STEPS && *flag != value; i++)
        nap(STEP_MS);
    return *flag == value;
}

pid_t spawn(int (*run)(void *), void *argument)
{
    pid_t child = fork();

    if (child < 0)
        ktap_bail("fork failed");
    if (child == 0)
        _exit(run(argument));
    return child;
}

int wait_for(pid_t child)
{
    int status;
    pid_t result;

    do
        result = waitpid(child, &status, 0);
    while (result < 0 && errno == EINTR);
    return result == child ? status : -1;
}

bool exits_with(int (*run)(void *), void *argument, int status)
{
    int got = wait_for(spawn(run, argument));

    if (got == -1 || !WIFEXITED(got) || WEXITSTATUS(got) != status)
        ktap_note("wait status %#x", (unsigned)got);
    return got != -1 && WIFEXITED(got) && WEXITSTATUS(got) == status;
}

bool dies_of(int (*run)(void *), void *argument, int signal)
{
    int got = wait_for(spawn(run, argument));

    if (got == -1 || !WIFSIGNALED(got) || WTERMSIG(got) != signal)
        ktap_note("wait status %#x", (unsigned)got);
    return got != -1 && WIFSIGNALED(got) && WTERMSIG(got) == signal;
}

void *shared_page(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        ktap_bail("no shared memory");
    return page;
}

pid_t own_tid(void)
{
    return (pid_t)syscall(SYS_gettid);
}

long futex_call(volatile uint32_t *word, int op, uint32_t value,
                const void *timeout_or_count, volatile uint32_t *word2,
                uint32_t value3)
{
    return syscall(SYS_futex, word, op, value, timeout_or_count, word2, value3);
}

// ---- raw threads -----------------------------------------------------------

_Noreturn void raw_thread_exit(int status)
{
    for (;;)
        syscall(SYS_exit, status);
}

struct raw_start {
    int (*run)(void *);
    void *argument;
};

static int raw_main(void *argument)
{
    const struct raw_start *raw = argument;

    raw_thread_exit(raw->run(raw->argument));
}

// Neither stack nor start are given back: the process does not last.
pid_t raw_thread(int (*run)(void *), void *argument)
{
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                      CLONE_THREAD | CLONE_SYSVSEM;
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct raw_start *raw = malloc(sizeof(*raw));
    extern int clone(int (*)(void *), void *, int, void *, ...);

    if (stack == MAP_FAILED || !raw)
        ktap_bail("no stack");
    *raw = (struct raw_start){run, argument};
    return clone(raw_main, stack + STACK_BYTES, flags, raw);
}

static const struct {
    const char *name;
    void (*run)(void);
} suites[] = {
    {"sync", suite_sync},       {"robust", suite_robust},
    {"signals", suite_signals}, {"stop", suite_stop},
    {"life", suite_life},       {"exec", suite_exec},
    {"clone", suite_clone},     {"futexes", suite_futexes},
    {"proc", suite_proc},       {"memory", suite_memory},
};

enum {
    SUITES = sizeof(suites) / sizeof(suites[0]),
};

static void run_suite(const char *name)
{
    for (int i = 0; i < SUITES; i++)
        if (strcmp(suites[i].name, name) == 0)
            suites[i].run();
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--child") == 0)
        return exec_child(argc, argv);
    if (argc > 1 && strcmp(argv[1], "--main") == 0)
        return exec_main();
    ktap_plan(argc > 1 ? (unsigned)argc - 1 : SUITES);
    for (int i = 1; i < argc; i++)
        run_suite(argv[i]);
    for (int i = 0; argc == 1 && i < SUITES; i++)
        suites[i].run();
    return ktap_finish();
}
