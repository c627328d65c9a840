// userland/tests/inject.c - every single allocation of an operation fails once
// SPDX-License-Identifier: MIT
//
// For each operation and n = 1, 2, ...: a child makes its own nth allocation
// fail (/proc/faultline/inject) and does the operation, until it gets by with
// fewer than n. Each time it has to fail with an errno that Linux gives, or be
// killed for want of memory, or succeed; and all that the kernel holds has to
// be as before.
//
// warm: caches are as the last run left them. cold: they were emptied first
// (drop_caches), so that names, pages of files, kernel stacks and slabs have to
// be allocated, too.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "books.h"
#include "ktap.h"

#define RULE_FILE "/proc/faultline/inject"
#define DROP_FILE "/proc/sys/vm/drop_caches"

enum {
    PAGE_BYTES = 4096,
    TABLE_SPAN = 4 << 20, // more than one page table's
    RUNS_MAX = 3000,
    TRIES = 50,
    WRONG = 200, // exit code: the operation failed and left damage
    NO_RULE,     // ... the rule could not be set
};

static int rule_fd;
static const char *own_path;

static void set_rule(const char *text)
{
    if (write(rule_fd, text, strlen(text)) < 0)
        _exit(NO_RULE);
}

// ---- operations: 0, an errno, or WRONG
// ---------------------------------------

static int do_fork(void)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(0);
    // Reads no memory that has to be allocated.
    while (waitpid(pid, &status, 0) < 0)
        ;
    return status ? WRONG : 0;
}

static int do_exec(void)
{
    char *arguments[] = {"inject", "exit", NULL};
    char *environment[] = {"A=1", NULL};

    execve(own_path, arguments, environment);
    return errno;
}

static int do_vfork(void)
{
    int status;
    pid_t pid = vfork();

    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(0);
    while (waitpid(pid, &status, 0) < 0)
        ;
    return status ? WRONG : 0;
}

static unsigned char *map_pages(int pages)
{
    return mmap(NULL, (size_t)pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

// Touched far apart, so that each touch needs a page table.
static int do_touch(void)
{
    unsigned char *at = map_pages(3 * TABLE_SPAN / PAGE_BYTES);

    if (at == MAP_FAILED)
        return errno;
    for (int i = 0; i < 3; i++)
        at[i * TABLE_SPAN] = 1;
    return munmap(at, 3 * TABLE_SPAN) ? WRONG : 0;
}

static int do_file_map(void)
{
    int fd = open(own_path, O_RDONLY);
    volatile unsigned char *at;

    if (fd < 0)
        return errno;
    at = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return errno;
    if (at[0] != 0x7f)
        return WRONG;
    at[PAGE_BYTES] = 1;
    return munmap((void *)at, 2 * PAGE_BYTES) || close(fd) ? WRONG : 0;
}

static int do_protect(void)
{
    unsigned char *at = map_pages(6);

    if (at == MAP_FAILED)
        return errno;
    memset(at, 0x33, 6 * PAGE_BYTES);
    if (mprotect(at + PAGE_BYTES, 2 * PAGE_BYTES, PROT_READ))
        return errno;
    if (mprotect(at + 4 * PAGE_BYTES, PAGE_BYTES, PROT_NONE))
        return errno;
    return at[PAGE_BYTES] == 0x33 && munmap(at, 6 * PAGE_BYTES) == 0 ? 0
                                                                     : WRONG;
}

// A failed split leaves the mapping as it is.
static int do_unmap_middle(void)
{
    unsigned char *at = map_pages(3);

    if (at == MAP_FAILED)
        return errno;
    memset(at, 0x44, 3 * PAGE_BYTES);
    if (munmap(at + PAGE_BYTES, PAGE_BYTES) == 0)
        return 0;
    for (int i = 0; i < 3 * PAGE_BYTES; i++)
        if (at[i] != 0x44)
            return WRONG;
    return errno;
}

// It has to move, across page tables; if it cannot, all is where it was.
static int do_remap(void)
{
    unsigned char *at = map_pages(4), *to;
    int failed;

    if (at == MAP_FAILED)
        return errno;
    if (mprotect(at + 2 * PAGE_BYTES, 2 * PAGE_BYTES, PROT_NONE))
        return errno;
    memset(at, 0x55, 2 * PAGE_BYTES);
    to = mremap(at, 2 * PAGE_BYTES, TABLE_SPAN, MREMAP_MAYMOVE);
    failed = to == MAP_FAILED ? errno : 0;
    if (failed)
        to = at;
    for (int i = 0; i < 2 * PAGE_BYTES; i++)
        if (to[i] != 0x55)
            return WRONG;
    return failed;
}

static int do_break(void)
{
    // musl's brk() refuses; the call itself gives the break that is now.
    long old = syscall(SYS_brk, 0);

    if (syscall(SYS_brk, old + TABLE_SPAN) == old)
        return ENOMEM;
    *(volatile char *)(old + PAGE_BYTES) = 1;
    return syscall(SYS_brk, old) == old ? 0 : WRONG;
}

static int do_pipe(void)
{
    int fds[2];
    char byte = 'x';

    if (pipe(fds))
        return errno;
    if (write(fds[1], &byte, 1) != 1)
        return errno;
    if (read(fds[0], &byte, 1) != 1 || byte != 'x')
        return WRONG;
    return close(fds[0]) || close(fds[1]) ? WRONG : 0;
}

static int do_open(void)
{
    char bytes[64];
    int fd = open("/etc/../bin/sh", O_RDONLY);

    if (fd < 0)
        return errno;
    if (read(fd, bytes, sizeof(bytes)) < 0)
        return errno;
    return close(fd) ? WRONG : 0;
}

// In memory. What is half done is seen by others: it has to be removed.
static int do_create(void)
{
    static const char name[] = "/tmp/a-name-too-long-to-be-inside-of-a-dentry";
    char bytes[64] = "x";
    int fd = open(name, O_RDWR | O_CREAT, 0600);
    int failed = fd < 0 ? errno : 0;

    if (fd >= 0 && write(fd, bytes, sizeof(bytes)) < 0)
        failed = errno;
    if (fd >= 0)
        close(fd);
    set_rule("off");
    unlink(name);
    access(name, F_OK); // that it is not there is remembered, in any case
    return failed;
}

static int do_proc_read(void)
{
    char bytes[64];
    int fd = open("/proc/self/status", O_RDONLY);

    if (fd < 0)
        return errno;
    if (read(fd, bytes, sizeof(bytes)) < 0)
        return errno;
    return close(fd) ? WRONG : 0;
}

static int do_dup(void)
{
    return fcntl(1, F_DUPFD, 200) < 0 ? errno : 0;
}

static int do_chdir(void)
{
    return chdir("/usr/bin") ? errno : 0;
}

static const struct operation {
    const char *name;
    int (*run)(void);
} operations[] = {
    {"fork", do_fork},
    {"execve", do_exec},
    {"vfork", do_vfork},
    {"mmap and touch", do_touch},
    {"mmap of a file", do_file_map},
    {"mprotect", do_protect},
    {"munmap in the middle", do_unmap_middle},
    {"mremap", do_remap},
    {"brk", do_break},
    {"pipe", do_pipe},
    {"open", do_open},
    {"creating a file", do_create},
    {"read of /proc", do_proc_read},
    {"dup", do_dup},
    {"chdir", do_chdir},
};

// ---- the walk
// ----------------------------------------------------------------

enum heat {
    WARM,
    COLD
};

static void cool(enum heat heat)
{
    int fd;

    if (heat == WARM)
        return;
    fd = open(DROP_FILE, O_WRONLY);
    if (fd < 0 || write(fd, "3", 1) != 1)
        ktap_bail("%s: %s", DROP_FILE, strerror(errno));
    close(fd);
}

static int child(const struct operation *operation, unsigned nth)
{
    volatile char stack[4 * PAGE_BYTES]; // copied before the rule counts
    char rule[64];
    int result;

    for (size_t i = 0; i < sizeof(stack); i += PAGE_BYTES)
        stack[i] = 1;
    if (!nth)
        return operation->run();
    snprintf(rule, sizeof(rule), "all nth=%u pid=%d", nth, getpid());
    set_rule(rule);
    result = operation->run();
    set_rule("off");
    return result;
}

// Return: the wait status.
static int run_child(const struct operation *operation, unsigned nth)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        ktap_bail("fork: %s", strerror(errno));
    if (pid == 0)
        _exit(child(operation, nth));
    if (waitpid(pid, &status, 0) != pid)
        ktap_bail("waitpid: %s", strerror(errno));
    return status;
}

// How often the rule has hit; it is off afterwards. *last: where.
static unsigned hits(char *last, size_t size)
{
    char text[512];
    unsigned count = 0;
    ssize_t bytes;
    const char *line;

    set_rule("off");
    bytes = pread(rule_fd, text, sizeof(text) - 1, 0);
    text[bytes > 0 ? bytes : 0] = '\0';
    line = strstr(text, "hits ");
    if (!line || sscanf(line, "hits %u", &count) != 1)
        ktap_bail("%s: %s", RULE_FILE, text);
    line = strstr(text, "from=");
    snprintf(last, size, "%.*s", line ? (int)strcspn(line, "\n") : 1,
             line ? line : "?");
    return count;
}

static bool may_be(int status)
{
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGKILL;
    return WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == ENOMEM ||
           WEXITSTATUS(status) == EAGAIN;
}

static void pause_shortly(void)
{
    const struct timespec pause = {.tv_nsec = 10000000};

    nanosleep(&pause, NULL);
}

// The dead are buried in the background: what it is when that is done.
static void read_at_rest(struct books *books, enum heat heat)
{
    char unused[160];

    for (int i = 0; i < TRIES; i++) {
        cool(heat);
        books_read(books);
        pause_shortly();
        cool(heat);
        if (books_balance(books, unused, sizeof(unused)))
            return;
    }
}

static bool comes_back(const struct books *before, enum heat heat,
                       char *difference, size_t size)
{
    for (int i = 0; i < TRIES; i++) {
        cool(heat);
        if (books_balance(before, difference, size))
            return true;
        pause_shortly();
    }
    return false;
}

// One n. Return: false at the end: the operation got by without a failure.
static bool step(const struct operation *operation, enum heat heat,
                 unsigned nth, const struct books *before, bool *ok)
{
    char where[96], difference[160];
    int status;

    cool(heat);
    status = run_child(operation, nth);
    if (!hits(where, sizeof(where))) {
        *ok = *ok && status == 0;
        if (status)
            ktap_note("%s: without a failure: status %#x", operation->name,
                      (unsigned)status);
        return false;
    }
    if (!may_be(status)) {
        ktap_note("%s: n=%u %s: status %#x", operation->name, nth, where,
                  (unsigned)status);
        *ok = false;
    }
    if (!comes_back(before, heat, difference, sizeof(difference))) {
        ktap_note("%s: n=%u %s: %s", operation->name, nth, where, difference);
        *ok = false;
    }
    return true;
}

static void walk(const struct operation *operation, enum heat heat)
{
    struct books before;
    char unused[160];
    unsigned nth = 1;
    bool ok = true;

    // What is kept for the next time is there from the second run on.
    for (int i = 0; i < 3; i++) {
        cool(heat);
        ok = ok && run_child(operation, 0) == 0;
        hits(unused, sizeof(unused));
    }
    read_at_rest(&before, heat);
    while (ok && nth < RUNS_MAX && step(operation, heat, nth, &before, &ok))
        nth++;
    ktap_result(ok && nth < RUNS_MAX, "%s, %s: %u failures", operation->name,
                heat == WARM ? "warm" : "cold", nth - 1);
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(name, argv[i]) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv)
{
    enum {
        OPERATIONS = sizeof(operations) / sizeof(operations[0])
    };
    unsigned count = 0;

    own_path = "/bin/inject";
    if (argc == 2 && strcmp(argv[1], "exit") == 0)
        return 0;
    for (int i = 0; i < OPERATIONS; i++)
        count += wanted(operations[i].name, argc, argv);
    ktap_plan(2 * count);
    rule_fd = open(RULE_FILE, O_RDWR);
    if (rule_fd < 0)
        ktap_bail("%s: %s", RULE_FILE, strerror(errno));
    for (int heat = WARM; heat <= COLD; heat++)
        for (int i = 0; i < OPERATIONS; i++)
            if (wanted(operations[i].name, argc, argv))
                walk(&operations[i], (enum heat)heat);
    return ktap_finish();
}
