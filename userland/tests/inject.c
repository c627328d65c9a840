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
    unsigned count = 0;

    if (argc == 2 && strcmp(argv[1], "exit") == 0)
        return 0;
    for (unsigned i = 0; i < operation_count; i++)
        count += wanted(operations[i].name, argc, argv);
    ktap_plan(2 * count);
    rule_fd = open(RULE_FILE, O_RDWR);
    if (rule_fd < 0)
        ktap_bail("%s: %s", RULE_FILE, strerror(errno));
    for (int heat = WARM; heat <= COLD; heat++)
        for (unsigned i = 0; i < operation_count; i++)
            if (wanted(operations[i].name, argc, argv))
                walk(&operations[i], (enum heat)heat);
    return ktap_finish();
}
