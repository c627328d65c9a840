// userland/tests/process.c - fork, exec, exit, wait, pipes, time, limits
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "ktap.h"

enum {
    MANY = 300,          // forks, one after the other
    CROWD = 20,          // and at the same time
    BIG_BYTES = 1 << 20, // through a pipe
    CHUNK_BYTES = 3000,  // no divisor of any buffer's size
    EXEC_STATUS = 42,
};

static int exit_with(void *argument)
{
    return *(int *)argument;
}

static bool exit_statuses(void)
{
    static const int values[] = {0, 1, 7, 42, 255, 256, 511};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        int status = run_in_child(exit_with, (void *)&values[i]);

        if (!WIFEXITED(status) || WEXITSTATUS(status) != (values[i] & 255))
            return false;
    }
    return true;
}

static int kill_self(void *argument)
{
    kill(getpid(), *(int *)argument);
    return 0;
}

static bool signal_statuses(void)
{
    static const int signals[] = {SIGHUP,  SIGINT,  SIGKILL,
                                  SIGPIPE, SIGTERM, SIGUSR1};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (!killed_by(run_in_child(kill_self, (void *)&signals[i]),
                       signals[i]))
            return false;
    return true;
}

static int has_parent(void *argument)
{
    return getppid() == *(pid_t *)argument && getpid() != getppid() ? 0 : 1;
}

static bool knows_its_parent(void)
{
    pid_t self = getpid();

    return run_in_child(has_parent, &self) == 0;
}

static bool nothing_to_wait_for(void)
{
    return waitpid(-1, NULL, 0) == -1 && errno == ECHILD;
}

// spin - never enters the kernel: only a time slice ends it.
static _Noreturn void spin(void)
{
    volatile unsigned count = 0;

    for (;;)
        count = count + 1;
}

static bool time_slices(void)
{
    int status;
    pid_t child = fork();

    if (child == 0)
        spin();
    bool ok = child > 0 && waitpid(child, &status, WNOHANG) == 0;
    // A second spinner, which has to get its turn from the first to end.
    pid_t second = fork();
    if (second == 0)
        _exit(kill(child, SIGKILL) == 0 ? 0 : 1);
    ok = ok && waitpid(second, &status, 0) == second && status == 0;
    return waitpid(child, &status, 0) == child && killed_by(status, SIGKILL) &&
           ok;
}

static bool many_forks(void)
{
    int zero = 0;

    for (int i = 0; i < MANY; i++)
        if (run_in_child(exit_with, &zero) != 0)
            return false;
    return true;
}

static bool crowd(void)
{
    pid_t children[CROWD];
    int status;
    bool ok = true;

    for (int i = 0; i < CROWD; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(i);
        ok = ok && children[i] > 0;
    }
    for (int i = 0; i < CROWD; i++)
        ok = waitpid(children[i], &status, 0) == children[i] &&
             WEXITSTATUS(status) == i && ok;
    return ok;
}

static int fill_pipe(void *argument)
{
    int fd = *(int *)argument;
    uint8_t chunk[CHUNK_BYTES];

    for (unsigned done = 0; done < BIG_BYTES;) {
        size_t length =
            BIG_BYTES - done < CHUNK_BYTES ? BIG_BYTES - done : CHUNK_BYTES;

        for (size_t i = 0; i < length; i++)
            chunk[i] = (uint8_t)((done + i) * 7 >> 3);
        ssize_t written = write(fd, chunk, length);
        if (written <= 0)
            return 1;
        done += (unsigned)written;
    }
    return 0;
}

// drain_pipe - read to the end; is it what fill_pipe wrote?
static bool drain_pipe(int fd)
{
    uint8_t chunk[CHUNK_BYTES + 1000];
    unsigned done = 0;
    ssize_t length;

    while ((length = read(fd, chunk, sizeof(chunk))) > 0)
        for (ssize_t i = 0; i < length; i++, done++)
            if (chunk[i] != (uint8_t)(done * 7 >> 3))
                return false;
    return length == 0 && done == BIG_BYTES;
}

static bool big_pipe(void)
{
    int ends[2];
    int status;

    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        _exit(fill_pipe(&ends[1]));
    }
    close(ends[1]); // or the end would never be seen
    bool ok = drain_pipe(ends[0]);
    close(ends[0]);
    return waitpid(child, &status, 0) == child && status == 0 && ok;
}

static int write_unread(void *argument)
{
    int *ends = argument;

    close(ends[0]);
    return write(ends[1], "x", 1) == 1 ? 0 : 1;
}

static bool pipe_without_reader(void)
{
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    close(ends[0]);
    ends[0] = -1;
    bool ok = killed_by(run_in_child(write_unread, ends), SIGPIPE);
    signal(SIGPIPE, SIG_IGN);
    ok = ok && write(ends[1], "x", 1) == -1 && errno == EPIPE;
    signal(SIGPIPE, SIG_DFL);
    close(ends[1]);
    return ok;
}

static int exec_self(void *argument)
{
    char *arguments[] = {"faults", "child", "an argument", argument, NULL};
    char *variables[] = {"FIRST=1", "SECOND=two words", NULL};

    execve(own_path, arguments, variables);
    return 1;
}

int child_main(int argc, char **argv)
{
    const char *variable = getenv("SECOND");
    bool ok = argc == 2 && strcmp(argv[0], "an argument") == 0 &&
              strlen(argv[1]) == CHUNK_BYTES && variable != NULL &&
              strcmp(variable, "two words") == 0 && getenv("PATH") == NULL;

    return ok ? EXEC_STATUS : 1;
}

static bool exec_passes_strings(void)
{
    static char text[CHUNK_BYTES + 1];

    memset(text, 'a', CHUNK_BYTES);
    return WEXITSTATUS(run_in_child(exec_self, text)) == EXEC_STATUS;
}

static bool exec_failures(void)
{
    char *arguments[] = {"x", NULL};

    return execve("/no/such/file", arguments, arguments + 1) == -1 &&
           errno == ENOENT && execve("/", arguments, arguments + 1) == -1 &&
           errno == EACCES;
}

static int look_for_descriptor(void *argument)
{
    return fcntl(*(int *)argument, F_GETFD) == -1 && errno == EBADF ? 0 : 1;
}

static bool descriptors(void)
{
    int ends[2];
    char byte;

    if (pipe(ends) != 0)
        return false;
    int copy = dup(ends[1]);
    int closed = ends[1];
    close(ends[1]);
    bool ok = run_in_child(look_for_descriptor, &closed) == 0 &&
              write(copy, "z", 1) == 1 && read(ends[0], &byte, 1) == 1 &&
              byte == 'z' && write(closed, "z", 1) == -1 && errno == EBADF &&
              write(ends[0], "z", 1) == -1 && errno == EBADF;
    close(copy);
    ok = ok && read(ends[0], &byte, 1) == 0; // no writer left
    close(ends[0]);
    return ok;
}

// What SIGXCPU's handler saw, in memory shared with the parent.
struct cpu_signals {
    volatile int count;
    volatile rlim_t soft_seconds;
};

static struct cpu_signals *cpu_signals;

static void on_cpu_limit(int signal)
{
    struct rlimit limit;

    (void)signal;
    getrlimit(RLIMIT_CPU, &limit);
    cpu_signals->soft_seconds = limit.rlim_cur;
    cpu_signals->count++;
}

static int spin_limited(void *argument)
{
    if (setrlimit(RLIMIT_CPU, argument) != 0)
        return EXIT_FAILURE;
    for (;;)
        continue;
}

// The signal comes at the soft limit, moves it on, and does not come again
// before; the hard one kills.
static bool cpu_limit(void)
{
    struct rlimit limit = {1, 2};
    void *memory = mmap(NULL, sizeof(*cpu_signals), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return false;
    cpu_signals = memory;
    signal(SIGXCPU, on_cpu_limit);
    int status = run_in_child(spin_limited, &limit);
    signal(SIGXCPU, SIG_DFL);
    bool moved = cpu_signals->count == 1 && cpu_signals->soft_seconds == 2;
    munmap(memory, sizeof(*cpu_signals));
    return moved && killed_by(status, SIGKILL);
}

// Without a handler; no time at all is a limit, too.
static bool cpu_limit_kills(void)
{
    struct rlimit soft = {0, RLIM_INFINITY};
    struct rlimit both = {0, 0};

    return killed_by(run_in_child(spin_limited, &soft), SIGXCPU) &&
           killed_by(run_in_child(spin_limited, &both), SIGKILL);
}

static bool first_limits(void)
{
    static const struct {
        int resource;
        rlim_t soft, hard;
    } limits[] = {
        {RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY},
        {RLIMIT_STACK, 8 << 20, RLIM_INFINITY},
        {RLIMIT_CORE, 0, RLIM_INFINITY},
        {RLIMIT_MEMLOCK, 8 << 20, 8 << 20},
        {RLIMIT_MSGQUEUE, 819200, 819200},
        {RLIMIT_NOFILE, 1024, 4096},
        {RLIMIT_NICE, 0, 0},
        {RLIMIT_RTPRIO, 0, 0},
        {RLIMIT_RTTIME, RLIM_INFINITY, RLIM_INFINITY},
        {RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY},
    };
    struct rlimit got;

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (getrlimit(limits[i].resource, &got) != 0 ||
            got.rlim_cur != limits[i].soft || got.rlim_max != limits[i].hard) {
            ktap_note("resource %d: %llu %llu", limits[i].resource,
                      (unsigned long long)got.rlim_cur,
                      (unsigned long long)got.rlim_max);
            return false;
        }
    return true;
}

// A child whose own child uses memory, and is waited for.
static int child_uses_memory(void *argument)
{
    size_t bytes = *(size_t *)argument;
    pid_t child = fork();

    if (child == 0) {
        char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        for (size_t i = 0; at != MAP_FAILED && i < bytes; i += 4096)
            at[i] = 1;
        _exit(at == MAP_FAILED);
    }
    return waitpid(child, NULL, 0) == child ? 0 : 1;
}

// What wait4 tells of a child is with the child's own children.
static bool usage_of_descendants(void)
{
    size_t bytes = 8 << 20;
    struct rusage usage;
    int status = -1;
    pid_t child = fork();

    if (child == 0)
        _exit(child_uses_memory(&bytes));
    return wait4(child, &status, 0, &usage) == child && status == 0 &&
           usage.ru_minflt >= (long)(bytes / 4096) &&
           usage.ru_maxrss >= (long)(bytes / 1024);
}

static const struct ktap_test tests[] = {
    {"exit-statuses", exit_statuses},
    {"signal-statuses", signal_statuses},
    {"knows-its-parent", knows_its_parent},
    {"nothing-to-wait-for", nothing_to_wait_for},
    {"time-slices", time_slices},
    {"many-forks", many_forks},
    {"crowd", crowd},
    {"big-pipe", big_pipe},
    {"pipe-without-reader", pipe_without_reader},
    {"exec-passes-strings", exec_passes_strings},
    {"exec-failures", exec_failures},
    {"descriptors", descriptors},
    {"cpu-limit", cpu_limit},
    {"cpu-limit-kills", cpu_limit_kills},
    {"first-limits", first_limits},
    {"usage-of-descendants", usage_of_descendants},
};

void suite_process(void)
{
    ktap_run_suite("process", tests, sizeof(tests) / sizeof(*tests));
}
