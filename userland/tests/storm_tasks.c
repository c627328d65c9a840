// userland/tests/storm_tasks.c - storm.c: processes, and waiting for them
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storm.h"

enum {
    ALIVE = 500,
    WAITERS = 8,
    WAITED_FOR = 40, // of each
    STATUSES = 200,
};

// All are there at the same time: none ends before the last was begun.
bool storm_forks(void)
{
    int begun[2], go[2], status;
    uint32_t sum = 0, expected = 0, alive = 0;
    char byte;

    if (pipe(begun) != 0 || pipe(go) != 0)
        return false;
    for (unsigned i = 0; i < ALIVE; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            close(go[1]);
            if (write(begun[1], "", 1) != 1 || read(go[0], &byte, 1) != 0)
                _exit(255);
            _exit((int)(i % STATUSES));
        }
        if (pid < 0)
            break;
        expected += i % STATUSES;
    }
    close(begun[1]);
    for (; alive < ALIVE && read(begun[0], &byte, 1) == 1; alive++)
        continue;
    close(go[1]); // the end of file is for all of them
    for (unsigned i = 0; i < ALIVE; i++)
        if (wait(&status) > 0 && WIFEXITED(status))
            sum += (uint32_t)WEXITSTATUS(status);
    return alive == ALIVE && sum == expected && wait(NULL) < 0 &&
           errno == ECHILD;
}

// Children end while others are made and waited for, in any order: by any, by
// number, by group, without waiting.
static bool wait_in_turn(void)
{
    pid_t pids[WAITED_FOR];
    unsigned left = 0, tries = 0;
    int status;

    setpgid(0, 0);
    for (unsigned i = 0; i < WAITED_FOR; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit((int)i);
        left++;
    }
    for (unsigned i = 0; i < WAITED_FOR; i += 4, left--)
        if (!storm_wait(pids[i], (int)i))
            return false;
    while (left > WAITED_FOR / 2)
        if (waitpid(0, &status, WNOHANG) > 0)
            left--;
        else
            tries++;
    while (left > WAITED_FOR / 4) {
        siginfo_t info;

        if (waitid(P_PGID, (id_t)getpgrp(), &info, WEXITED) != 0 ||
            info.si_code != CLD_EXITED || info.si_status >= WAITED_FOR)
            return false;
        left--;
    }
    for (; left; left--)
        if (wait(&status) < 0 || !WIFEXITED(status))
            return false;
    return wait(NULL) < 0 && errno == ECHILD;
}

bool storm_waits(void)
{
    pid_t pids[WAITERS];
    bool ok = true;

    for (unsigned i = 0; i < WAITERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(wait_in_turn() ? 0 : 1);
    }
    for (unsigned i = 0; i < WAITERS; i++)
        ok &= storm_wait(pids[i], 0);
    return ok;
}
