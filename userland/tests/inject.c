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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "books.h"
#include "inject.h"
#include "ktap.h"

#define RULE_FILE "/proc/faultline/inject"
#define DROP_FILE "/proc/sys/vm/drop_caches"

enum {
    PAGE_BYTES = 4096,
    RUNS_MAX = 3000,
    TRIES = 50,
    STOCK = 20, // more than the kernel stacks that are kept (mm/vmalloc.c)
};

static int rule_fd;

static void set_rule(const char *text)
{
    if (write(rule_fd, text, strlen(text)) < 0)
        _exit(NO_RULE);
}

void inject_off(void)
{
    set_rule("off");
}

// ---- the walk ---------------------------------------------------------------

enum heat {
    WARM,
    COLD
};

// The kernel keeps some stacks of the dead for the next fork, and gives them up
// when memory is short. So how many there are depends on when the dead are
// buried; unless as many are there as can be kept.
static void stock_stacks(void)
{
    pid_t children[STOCK];
    int ends[2];
    char byte;

    if (pipe(ends))
        ktap_bail("pipe: %s", strerror(errno));
    for (int i = 0; i < STOCK; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            close(ends[1]);
            _exit(read(ends[0], &byte, 1) != 0);
        }
        if (children[i] < 0)
            ktap_bail("fork: %s", strerror(errno));
    }
    close(ends[0]);
    close(ends[1]);
    for (int i = 0; i < STOCK; i++)
        if (waitpid(children[i], NULL, 0) != children[i])
            ktap_bail("waitpid: %s", strerror(errno));
}

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

static void call(void (*action)(void))
{
    if (action)
        action();
}

// Return: the wait status.
static int run_child(const struct operation *operation, unsigned nth)
{
    int status;
    pid_t pid;

    call(operation->prepare);
    pid = fork();

    if (pid < 0)
        ktap_bail("fork: %s", strerror(errno));
    if (pid == 0)
        _exit(child(operation, nth));
    if (waitpid(pid, &status, 0) != pid)
        ktap_bail("waitpid: %s", strerror(errno));
    set_rule("off");
    call(operation->clean);
    return status;
}

// How often the rule has hit. *last: where.
static unsigned hits(char *last, size_t size)
{
    char text[512];
    unsigned count = 0;
    ssize_t bytes;
    const char *line;

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

static bool may_be(const struct operation *operation, int status)
{
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGKILL;
    return WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == ENOMEM ||
           (operation->also && WEXITSTATUS(status) == operation->also);
}

static void pause_shortly(void)
{
    const struct timespec pause = {.tv_nsec = 10000000};

    nanosleep(&pause, NULL);
}

// Before what is held is looked at.
static void settle(enum heat heat)
{
    if (heat == WARM)
        stock_stacks();
    else
        cool(heat);
}

// The dead are buried in the background: what it is when that is done.
static void read_at_rest(struct books *books, enum heat heat)
{
    char difference[160] = "";

    for (int i = 0; i < TRIES; i++) {
        settle(heat);
        books_read(books);
        pause_shortly();
        settle(heat);
        if (books_balance(books, difference, sizeof(difference)))
            return;
    }
    ktap_note("never at rest: %s", difference);
}

static bool comes_back(const struct books *before, enum heat heat,
                       char *difference, size_t size)
{
    for (int i = 0; i < TRIES; i++) {
        settle(heat);
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
    if (!may_be(operation, status)) {
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

static bool is_here(const struct operation *operation)
{
    int status = run_child(operation, 0);

    return !WIFEXITED(status) || WEXITSTATUS(status) != NOT_HERE;
}

// What is kept for the next time is there from the second run on.
static bool warm_up(const struct operation *operation, enum heat heat)
{
    for (int i = 0; i < 3; i++) {
        int status;

        cool(heat);
        status = run_child(operation, 0);
        if (status) {
            ktap_note("%s: before any failure: status %#x", operation->name,
                      (unsigned)status);
            return false;
        }
    }
    return true;
}

static void walk(const struct operation *operation, enum heat heat)
{
    const char *how = heat == WARM ? "warm" : "cold";
    struct books before;
    char name[64];
    unsigned nth = 1;
    bool ok;

    snprintf(name, sizeof(name), "%s, %s", operation->name, how);
    if (!is_here(operation)) {
        ktap_skip(name, "not here");
        return;
    }
    ok = warm_up(operation, heat);
    call(operation->arrange);
    read_at_rest(&before, heat);
    while (ok && nth < RUNS_MAX && step(operation, heat, nth, &before, &ok))
        nth++;
    ktap_result(ok && nth < RUNS_MAX, "%s: %u failures", name, nth - 1);
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(name, argv[i]) == 0)
            return true;
    return argc == 1;
}

static const struct operation_set *const sets[] = {
    &memory_operations, &program_operations, &file_operations,
    &user_operations,   &socket_operations,  &swap_operations};

enum {
    SETS = sizeof(sets) / sizeof(sets[0])
};

// Return: how many there are.
static unsigned walk_wanted(enum heat heat, int argc, char **argv, bool count)
{
    unsigned found = 0;

    for (unsigned i = 0; i < SETS; i++) {
        for (unsigned k = 0; k < sets[i]->count; k++) {
            const struct operation *operation = &sets[i]->operations[k];

            if (!wanted(operation->name, argc, argv))
                continue;
            found++;
            if (!count)
                walk(operation, heat);
        }
    }
    return found;
}

int main(int argc, char **argv)
{
    // As a script's interpreter it gets the script's name, too.
    if (argc >= 2 && strcmp(argv[1], "exit") == 0)
        return 0;
    ktap_plan(2 * walk_wanted(WARM, argc, argv, true));
    rule_fd = open(RULE_FILE, O_RDWR);
    if (rule_fd < 0)
        ktap_bail("%s: %s", RULE_FILE, strerror(errno));
    walk_wanted(WARM, argc, argv, false);
    walk_wanted(COLD, argc, argv, false);
    return ktap_finish();
}
