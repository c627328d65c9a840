// userland/tests/races_fork.c - races.c: fork
// SPDX-License-Identifier: MIT

#include "races.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    FORK_STEPS = 12,
    FORK_FIRST_STEPS = 6,
    POLL_NS = 5 * 1000 * 1000,
};

// What the one that is held says of itself.
struct forker {
    volatile pid_t group; // 0: not yet
};

static struct forker *forker;

void fork_prepare(void)
{
    forker = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (forker == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
}

// The child outlives its parent if no signal reaches it.
static int forks_in_group(void *unused)
{
    pid_t pid;

    (void)unused;
    setpgid(0, 0);
    hold_me("slab", held_step);
    forker->group = getpid();
    pid = fork();
    if (pid == 0) {
        wait_for_other();
        _exit(0);
    }
    for (;;)
        pause();
}

static void wait_for_group(void)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};

    while (!forker->group)
        nanosleep(&pause, NULL);
}

static bool kills_group(void *unused)
{
    (void)unused;
    wait_for_group();
    return kill(-forker->group, SIGKILL) == 0;
}

// Nobody escapes: of those who are left here, none has ended in another way.
static bool all_are_killed(pid_t group)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-group, &status, 0)) > 0)
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
            return false;
    return errno == ECHILD;
}

bool fork_and_group_kill(void)
{
    bool ok = true;

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (held_step = 1; ok && held_step <= FORK_STEPS; held_step++) {
        forker->group = 0;
        ok = race(forks_in_group, kills_group, NULL) == -SIGKILL &&
             all_are_killed(forker->group);
        if (!ok)
            ktap_note("held in allocation %u", held_step);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    return ok;
}

// Where nobody is held, the other one comes first.
static int forks_once(void *unused)
{
    // Before the hold: in the midst of a lookup there, the other could not see
    // that it holds.
    bool can_hold = access(RULE_FILE, F_OK) == 0;
    int status;
    pid_t pid;

    (void)unused;
    hold_me("slab", held_step);
    forker->group = getpid();
    if (!can_hold)
        wait_for_other();
    pid = fork();
    if (pid == 0)
        _exit(getpgrp() == getppid() ? 0 : 1);
    while (waitpid(pid, &status, 0) < 0)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static bool sets_group(void *unused)
{
    (void)unused;
    wait_for_group();
    return setpgid(forker->group, forker->group) == 0;
}

// A child is in the group that its parent is in when it begins.
bool fork_and_setpgid(void)
{
    bool ok = true;

    for (held_step = 1; ok && held_step <= FORK_FIRST_STEPS; held_step++) {
        forker->group = 0;
        ok = race(forks_once, sets_group, NULL) == 0;
        if (!ok)
            ktap_note("held in allocation %u", held_step);
    }
    return ok;
}
