// userland/tests/races.c - one is held up in the middle, another goes on
// SPDX-License-Identifier: MIT
//
// A process sleeps in an allocation in the midst of a fault or a fork
// (/proc/faultline/inject, pause=); meanwhile another takes away, or uses, what
// the first one is about. Where there is no such file they do it in any order,
// and what comes out has to be the same.

#include "races.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    PAUSE_MS = 200,
    POLL_NS = 5 * 1000 * 1000,
    POLLS = 200,
    RULE_BYTES = 512, // as it is read
};

unsigned held_step;

static int go[2]; // a pipe: the other one is through

void hold_me(const char *what, unsigned nth)
{
    char rule[64];

    snprintf(rule, sizeof(rule), "%s nth=%u pid=%d pause=%d", what, nth,
             getpid(), PAUSE_MS);
    (void)set_text(RULE_FILE, rule); // not on Linux
}

// Of its own rule: what the one before it counted is still to be read.
static bool is_held(pid_t pid)
{
    char text[RULE_BYTES] = "", whose[32];
    int fd = open(RULE_FILE, O_RDONLY);

    if (fd < 0)
        return true;
    if (read(fd, text, sizeof(text) - 1) < 0)
        ktap_bail("%s: %s", RULE_FILE, strerror(errno));
    close(fd);
    snprintf(whose, sizeof(whose), " pid=%d ", pid);
    return strstr(text, whose) && strstr(text, "hits 1");
}

// Whether @pid, or a child of it, is in the middle; or was, and has ended.
static void wait_until_held(pid_t pid)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};
    siginfo_t info = {.si_pid = 0};

    for (int i = 0; i < POLLS && !is_held(pid) && !info.si_pid; i++) {
        nanosleep(&pause, NULL);
        waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
    }
}

// In the held process, when it is through: so is the other one.
void wait_for_other(void)
{
    char byte;

    while (read(go[0], &byte, 1) != 1)
        ;
}

// @held in a child, which is held in the midst of it, and @other here.
// -> what @held returned; -signal.
int race(int (*held)(void *), bool (*other)(void *), void *argument)
{
    int status;
    pid_t pid;
    bool ok;

    if (pipe(go) || (pid = fork()) < 0)
        ktap_bail("pipe, fork: %s", strerror(errno));
    if (pid == 0)
        _exit(held(argument));
    wait_until_held(pid);
    ok = other(argument) && write(go[1], "", 1) == 1;
    waitpid(pid, &status, 0);
    (void)set_text(RULE_FILE, "off");
    close(go[0]);
    close(go[1]);
    if (!ok)
        return 100;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int main(void)
{
    static const struct {
        const char *name;
        bool (*run)(void);
        bool swaps;
    } tests[] = {
        {"a private copy and truncation", copy_and_truncation, false},
        {"from swap into a hole", swap_in_and_hole, false},
        {"two readers of a slot", two_readers, false},
        {"a reader and swapoff", reader_and_swapoff, true},
        {"fork and swapoff", fork_and_swapoff, true},
        {"two readers of a text", readers_of_a_text, false},
        {"two who watch", one_watch, false},
        {"fork and SIGKILL to the group", fork_and_group_kill, false},
        {"fork and setpgid", fork_and_setpgid, false},
    };
    const unsigned count = sizeof(tests) / sizeof(*tests);
    const bool swaps = is_swapping();

    fork_prepare();
    ktap_plan(count);
    for (unsigned i = 0; i < count; i++) {
        if (tests[i].swaps && !swaps)
            ktap_skip(tests[i].name, "no swap");
        else
            ktap_result(tests[i].run(), "%s", tests[i].name);
    }
    return ktap_finish();
}
